"""An article's mentions meet the incidents that are known: which they join, which they open, and what they change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from monitor.incidents.evolve import opened, updated
from monitor.incidents.identity import JOIN, Begun
from monitor.incidents.link import link
from monitor.incidents.mentions import extract_mentions
from monitor.incidents.updates import Change, facts_of, news_of
from monitor.matching.factwords import WeaponKinds
from monitor.matching.ruleset import RuleSet
from monitor.model import Article, Fact, Incident, Judgement, Link, Mention

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Consideration:
    """What one article means for the incidents. Whether that is worth an alert, `alerts.policy` decides.

    `incidents` are the new and updated values, the primary one first; `facts` pairs each with an incident's id,
    `changes` the new facts of an incident worth a word.
    `flagged` means that the article tells of a fresh attack.
    """

    flagged: bool
    mentions: tuple[Mention, ...] = ()
    links: tuple[Link, ...] = ()
    incidents: tuple[Incident, ...] = ()
    facts: tuple[tuple[str, Fact], ...] = ()
    changes: tuple[tuple[str, tuple[Change, ...]], ...] = ()


def moment_of(article: Article) -> datetime:
    """When the article is considered: when it was seen, else when it says that it was published."""
    return article.seen_at or article.published_at or _EPOCH


def consider(
    article: Article, judgement: Judgement, rules: RuleSet, candidates: Sequence[Incident], copy_of: str | None = None
) -> Consideration:
    """Decide one article. `candidates` are the live incidents; `copy_of` is the incident of the text that it copies."""
    mentions = extract_mentions(article, judgement, rules)
    kinds = rules.facts.weapons
    links = tie(article, judgement, mentions, candidates, kinds, copy_of)
    return conclude(article, mentions, links, candidates, kinds, (copy_of,) if copy_of else ())


def tie(
    article: Article,
    judgement: Judgement,
    mentions: Sequence[Mention],
    candidates: Sequence[Incident],
    kinds: WeaponKinds,
    copy_of: str | None = None,
    apart: Collection[str] = (),
    begun: Begun | None = None,
) -> tuple[Link, ...]:
    """Tie an article's mentions to incidents; the candidates need their reports, not their facts. See `link`."""
    links = link(
        mentions,
        candidates,
        moment_of(article),
        kinds,
        entry_id=article.id,
        copy_of=copy_of,
        apart=apart,
        begun=begun,
    )
    answered = {incident.id for incident in candidates if any(report.response for report in incident.reports)}
    if judgement.flagged:
        return tuple(_silenced(found, answered) if found.how == "background" else found for found in links)
    return tuple(_silenced(found, answered) for found in links if found.how in ("joins", "background"))


def conclude(
    article: Article,
    mentions: tuple[Mention, ...],
    links: tuple[Link, ...],
    known: Sequence[Incident],
    kinds: WeaponKinds,
    copies: Collection[str] = (),
) -> Consideration:
    """What an article's links make of the incidents: `known` holds at least all that they join, with their facts.

    `copies` are the incidents of the text that it copies: it is no further source of those.
    """
    by_id = {incident.id: incident for incident in known}
    originals = frozenset(by_id[key].survivor_id if key in by_id else key for key in copies)
    return _Outcome(article, moment_of(article), kinds, by_id, originals).decide(mentions, links)


def _silenced(found: Link, answered: Collection[str]) -> Link:
    """A link of what is not told as fresh: only a denial or the first response still counts as a report."""
    tells = found.mention.denied_by or (found.mention.response and found.incident_id not in answered)
    return replace(found, how="joins" if tells and found.score >= JOIN else "background")


@dataclass(slots=True)
class _Outcome:
    """The incidents as this one decision changes them."""

    article: Article
    now: datetime
    kinds: WeaponKinds
    incidents: dict[str, Incident]
    originals: frozenset[str]

    def decide(self, mentions: tuple[Mention, ...], links: tuple[Link, ...]) -> Consideration:
        touched: dict[str, None] = {}
        facts: list[tuple[str, Fact]] = []
        changes: dict[str, tuple[Change, ...]] = {}
        for found in links:
            if found.how in ("opens", "joins"):
                new_facts, new_changes = self._apply(found)
                touched.setdefault(found.incident_id)
                facts.extend((found.incident_id, fact) for fact in new_facts)
                changes[found.incident_id] = changes.get(found.incident_id, ()) + new_changes
        return Consideration(
            flagged=bool(touched),
            mentions=mentions,
            links=links,
            incidents=tuple(self.incidents[key] for key in touched),
            facts=tuple(facts),
            changes=tuple((key, found) for key, found in changes.items() if found),
        )

    def _apply(self, found: Link) -> tuple[tuple[Fact, ...], tuple[Change, ...]]:
        before = self.incidents.get(found.incident_id)
        copy = found.incident_id in self.originals
        if before is None:
            facts = facts_of(found.mention, self.article, self.now)
            self.incidents[found.incident_id] = opened(found.incident_id, found.mention, facts, self.now)
            return facts, ()
        facts, changes = news_of(before, found.mention, self.article, self.now, self.kinds, copy=copy)
        self.incidents[found.incident_id] = updated(before, found.mention, facts, self.now)
        return facts, changes if found.how == "joins" else ()
