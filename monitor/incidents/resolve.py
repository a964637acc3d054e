"""An article's mentions meet the incidents that are known: which they join, which they open, and whether to speak."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from monitor.incidents.identity import (
    JOIN,
    POSSIBLE,
    is_remembered,
    place_of,
    score_days,
    score_incident,
    score_place,
    score_weapons,
)
from monitor.incidents.mentions import extract_mentions
from monitor.incidents.updates import Change, facts_of, news_of
from monitor.matching.ruleset import RuleSet
from monitor.model import Article, Fact, Incident, Judgement, Link, Mention, Reason

_KEPT_REPORTS = 12
_OLD_AFTER = timedelta(hours=72)
_NEARLY_AS_GOOD = 1.0
_AS_GOOD = (
    0.3  # an attack told without its base may be each of the incidents that fit it this nearly as well as the best
)
_VOTE = {"sentence": 1.0, "inherited": 0.8, "reporting": 0.4, "publication": 0.2}
_DIVIDED = 0.5  # a neighbouring day with half the votes of the best one stays possible
_LATE_HOUR = 20  # UTC; further east the next day has begun
_MOST_DAYS = 31
_ONE_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Consideration:
    """What one article means for the incidents; the whole of a decision but the alert's text.

    `incidents` are the new and updated values, the primary one first; `facts` pairs each with an incident's id,
    `changes` the new facts of an incident worth a word. `flagged` means that the article tells of a fresh attack.
    """

    reason: Reason
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
    now = moment_of(article)
    mentions = extract_mentions(article, judgement, rules)
    links = link(mentions, candidates, now, entry_id=article.id, copy_of=copy_of)
    if not judgement.flagged:
        links = tuple(_silenced(found) for found in links if found.how in ("joins", "background"))
    return _Outcome(article, now, {incident.id: incident for incident in candidates}, copy_of).decide(mentions, links)


def _silenced(found: Link) -> Link:
    """A link of an article that tells of no fresh attack: only a denial still counts as a report."""
    return replace(found, how="joins" if found.mention.denied_by and found.score >= JOIN else "background")


# --- linking ---------------------------------------------------------------------------------------


def link(
    mentions: Sequence[Mention],
    candidates: Sequence[Incident],
    now: datetime,
    *,
    entry_id: str = "",
    copy_of: str | None = None,
) -> tuple[Link, ...]:
    """Tie each mention to incidents: another report of one, possibly one, or the first report of a new one."""
    live = [incident for incident in candidates if is_remembered(incident, now)]
    links: list[Link] = []
    for mention in mentions:
        links.extend(_link_one(mention, live, now, entry_id, copy_of))
    return tuple(links)


def _link_one(
    mention: Mention, live: Sequence[Incident], now: datetime, entry_id: str, copy_of: str | None
) -> list[Link]:
    original = next((incident for incident in live if incident.id == copy_of), None)
    if original is not None and _does_not_contradict(mention, original):
        return [
            Link(mention, original.id, "background" if mention.background else "joins", JOIN, "copy of a report of it")
        ]
    scored = sorted(
        ((score_incident(mention, incident, live, now), incident) for incident in live),
        key=lambda pair: (-pair[0], pair[1].id),
    )
    best = scored[0][0] if scored else 0.0
    if mention.background:
        return [Link(mention, scored[0][1].id, "background", best, "tells of it as background")] if best >= JOIN else []
    old = _old_story(mention, scored, now)
    if old is not None:
        return [Link(mention, old.id, "background", best, "no date of its own, and fits an attack reported days ago")]
    if best >= JOIN:
        fitting = _wave(mention, scored)
        return [
            Link(mention, incident.id, "joins", score, "same place, day and weapons as its reports")
            for score, incident in fitting
        ]
    opened = Link(mention, incident_id(entry_id, mention), "opens", best, "no known incident fits")
    if best >= POSSIBLE:
        return [opened, Link(mention, scored[0][1].id, "possible", best, "may be a report of it")]
    return [opened]


def _wave(mention: Mention, scored: Sequence[tuple[float, Incident]]) -> list[tuple[float, Incident]]:
    """The best incident and, for a mention without a base, those told of with it.

    They are bases struck in one wave with it, or the attacks of "a series of drone and rocket attacks".
    """
    best, first = scored[0]
    if mention.base:
        return [scored[0]]
    return [scored[0]] + [
        (score, other)
        for score, other in scored[1:]
        if score >= JOIN
        and (
            (best - score <= _AS_GOOD and _is_one_wave(first, other))
            or (best - score <= _NEARLY_AS_GOOD and _is_series(mention, first, other))
        )
    ]


def _is_series(mention: Mention, one: Incident, other: Incident) -> bool:
    """True where a mention names the different weapons of two attacks."""
    shared = [set(mention.weapons) & set(incident.weapons) for incident in (one, other)]
    return all(shared) and score_weapons(one.weapons, other.weapons) < 0


def _is_one_wave(one: Incident, other: Incident) -> bool:
    """Two bases of one country struck on the same day with weapons that do not differ."""
    return (
        one.country == other.country
        and any(score_days(report, told) > 0 for report in one.reports for told in other.reports)
        and score_weapons(one.weapons, other.weapons) >= 0
    )


def _does_not_contradict(mention: Mention, incident: Incident) -> bool:
    """A copy inherits its incident unless its base or its day say otherwise."""
    days = max((score_days(mention, report) for report in incident.reports), default=0.0)
    return score_place(place_of(mention), place_of(incident)) >= 0 and days >= 0


def _old_story(mention: Mention, scored: Sequence[tuple[float, Incident]], now: datetime) -> Incident | None:
    """The incident of days ago that an undated mention retells: same place, same dead."""
    if mention.date_source == "sentence" or mention.again or not mention.killed:
        return None
    if scored and scored[0][0] >= JOIN and now - scored[0][1].first_seen_at <= _OLD_AFTER:
        return None
    for _score, incident in scored:
        old = now - incident.first_seen_at > _OLD_AFTER
        same_dead = any(report.killed == mention.killed for report in incident.reports)
        if old and same_dead and score_place(place_of(mention), place_of(incident)) > 0:
            return incident
    return None


def incident_id(entry_id: str, mention: Mention) -> str:
    """The id of the incident that this entry opens with this mention: the same however often it is decided."""
    key = "|".join(
        (entry_id, mention.base or mention.area or mention.country, str(mention.date_from), str(mention.date_to))
    )
    return hashlib.sha256(key.encode()).hexdigest()[:16]


# --- outcome ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Outcome:
    """The incidents as this one decision changes them."""

    article: Article
    now: datetime
    incidents: dict[str, Incident]
    copy_of: str | None

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
        reason = _reason(links, changes)
        return Consideration(
            reason=reason,
            flagged=reason != "none",
            mentions=mentions,
            links=links,
            incidents=tuple(self.incidents[key] for key in touched),
            facts=tuple(facts),
            changes=tuple((key, found) for key, found in changes.items() if found),
        )

    def _apply(self, found: Link) -> tuple[tuple[Fact, ...], tuple[Change, ...]]:
        before = self.incidents.get(found.incident_id)
        copy = found.incident_id == self.copy_of
        if before is None:
            facts = facts_of(found.mention, self.article, self.now)
            self.incidents[found.incident_id] = opened(found.incident_id, found.mention, facts, self.now)
            return facts, ()
        facts, changes = news_of(before, found.mention, self.article, self.now, copy=copy)
        self.incidents[found.incident_id] = updated(before, found.mention, facts, self.now)
        return facts, changes if found.how == "joins" else ()


def _reason(links: Sequence[Link], changes: dict[str, tuple[Change, ...]]) -> Reason:
    how = {found.how for found in links}
    if "opens" in how:
        possible = {id(found.mention) for found in links if found.how == "possible"}
        certain = any(found.how == "opens" and id(found.mention) not in possible for found in links)
        return "new" if certain else "possible_update"
    if "joins" in how:
        return "update" if any(changes.values()) else "repeat"
    return "none"


def opened(key: str, mention: Mention, facts: tuple[Fact, ...], now: datetime) -> Incident:
    """The incident that a mention opens."""
    date_from, date_to = _until_tomorrow(mention.date_from, mention.date_to, now)
    return Incident(
        id=key,
        base=mention.base,
        area=mention.area,
        country=mention.country,
        date_from=date_from,
        date_to=date_to,
        weapons=mention.weapons,
        first_seen_at=now,
        last_report_at=now,
        reports=(mention,),
        facts=facts,
    )


def updated(before: Incident, mention: Mention, facts: tuple[Fact, ...], now: datetime) -> Incident:
    """The incident after another report: better placed, better dated, its reports and facts longer by what is new."""
    reports = (*before.reports, mention)[-_KEPT_REPORTS:]
    date_from, date_to = _until_tomorrow(*days_of(reports), now)
    return replace(
        before,
        base=before.base or mention.base,
        area=before.area or mention.area,
        country=before.country or mention.country,
        date_from=date_from,
        date_to=date_to,
        weapons=before.weapons or mention.weapons,
        last_report_at=max(before.last_report_at, now),
        reports=reports,
        facts=(*before.facts, *facts),
    )


def _until_tomorrow(date_from: date | None, date_to: date | None, now: datetime) -> tuple[date | None, date | None]:
    """Days that may end tomorrow: "today" said late, or on a day without an hour, may be tomorrow where it happened."""
    if date_from is None or date_from != date_to or date_from != now.date():
        return date_from, date_to
    without_hour = (now.hour, now.minute, now.second) == (0, 0, 0)
    return date_from, date_from + _ONE_DAY if without_hour or now.hour >= _LATE_HOUR else date_to


def days_of(reports: Sequence[Mention]) -> tuple[date | None, date | None]:
    """The day that the reports agree on, or two neighbouring ones between which they are divided.

    Each report votes for its days, one that dates the attack itself most. Time zones divide honest reports by a day.
    """
    votes: dict[date, float] = {}
    for report in reports:
        for day, weight in _votes(report):
            votes[day] = votes.get(day, 0.0) + weight
    if not votes:
        return None, None
    best = max(sorted(votes), key=lambda day: votes[day])
    beside = max((best - _ONE_DAY, best + _ONE_DAY), key=lambda day: votes.get(day, 0.0))
    if votes.get(beside, 0.0) >= _DIVIDED * votes[best]:
        return min(best, beside), max(best, beside)
    return best, best


def _votes(report: Mention) -> list[tuple[date, float]]:
    if report.date_from is None or report.date_to is None:
        return []
    days = (report.date_to - report.date_from).days + 1
    weight = _VOTE.get(report.date_source, 0.0) / days
    return [(report.date_from + timedelta(days=step), weight) for step in range(min(days, _MOST_DAYS))]
