"""What is new about an incident: facts with their sources, and the changes worth a word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from monitor.incidents.sources import have_two_sources
from monitor.incidents.stated import sentence_of
from monitor.matching.factwords import FactWords, WeaponKinds
from monitor.model import Article, Confidence, Fact, Incident, Mention
from monitor.urls import site_of

Change = tuple[str, str, str]

_CORRECTED = re.compile(
    r"\b(?:correct(?:s|ed|ing|ion)|revis(?:es|ed|ion)|amend(?:s|ed)|earlier\s+(?:said|reported|report|put)|previously\s+(?:said|reported)|"
    r"lower(?:s|ed)\s+(?:the\s+)?(?:toll|number|figure)|down\s+from|up\s+from|not\s+\w+,?\s+as)\b",
    re.IGNORECASE,
)
_FIRST_WORDS = ("claimed_by", "confirmed_by", "denied_by", "response")


def facts_of(mention: Mention, article: Article, now: datetime, *, copy: bool = False) -> tuple[Fact, ...]:
    """What a mention states, slot by slot. Slot "report" counts the article as a source, which a copy is not."""
    values = {
        "report": "" if copy else article.title or article.id,
        "base": mention.base,
        "weapons": ",".join(mention.weapons),
        "count": _text(mention.count),
        "killed": _text(mention.killed),
        "wounded": _text(mention.wounded),
        "intercepted": "yes" if mention.intercepted else "",
        "claimed_by": mention.claimed_by,
        "confirmed_by": mention.confirmed_by,
        "denied_by": mention.denied_by,
        "response": mention.response,
    }
    host = site_of(article.url)
    return tuple(
        Fact(slot, value, article.id, article.source, sentence_of(mention, slot), now, host)
        for slot, value in values.items()
        if value
    )


def news_of(
    before: Incident, mention: Mention, article: Article, now: datetime, kinds: WeaponKinds, *, copy: bool = False
) -> tuple[tuple[Fact, ...], tuple[Change, ...]]:
    """The facts that a mention adds to an incident, and those of them that change what was known: (slot, old, new)."""
    facts = tuple(fact for fact in facts_of(mention, article, now, copy=copy) if not _said_by(before.facts, fact))
    corrected = _CORRECTED.search(f"{article.title} {mention.sentence}") is not None
    changes = [
        *_first_words(before, mention),
        *_casualties(before, mention, corrected=corrected),
        *_corrections(before, mention, kinds),
        *_base(before, mention),
    ]
    return facts, tuple(changes)


def _said_by(facts: Iterable[Fact], new: Fact) -> bool:
    """True where the same source has said the same already: a source repeating itself adds nothing."""
    return any((fact.slot, fact.value, fact.source) == (new.slot, new.value, new.source) for fact in facts)


def known(incident: Incident, slot: str) -> list[str]:
    """The values stated for a slot, in the order in which they were stated."""
    return [fact.value for fact in incident.facts if fact.slot == slot]


def _first_words(before: Incident, mention: Mention) -> list[Change]:
    """The first claim, the first official confirmation, the first denial, the first response."""
    return [
        (slot, "", str(getattr(mention, slot)))
        for slot in _FIRST_WORDS
        if getattr(mention, slot) and not known(before, slot)
    ]


def _casualties(before: Incident, mention: Mention, *, corrected: bool) -> list[Change]:
    """A higher toll is news; a lower one only where the article says that it corrects, else it is an older report."""
    changes: list[Change] = []
    for slot, new in (("killed", mention.killed), ("wounded", mention.wounded)):
        stated = [int(value) for value in known(before, slot)]
        if new is None:
            continue
        latest = list(dict.fromkeys(stated))[-1:]  # older tolls are repeated behind it
        since = stated[stated.index(latest[0]) :] if latest else []
        current = latest[0] if corrected and latest else max(stated, default=0)
        if new > current or (corrected and stated and new not in since):
            changes.append((slot, str(current) if stated else "", str(new)))
    return changes


def _corrections(before: Incident, mention: Mention, kinds: WeaponKinds) -> list[Change]:
    """Another count or another kind of weapon than any report before."""
    changes: list[Change] = []
    counts = known(before, "count")
    if mention.count is not None and counts and str(mention.count) not in counts:
        changes.append(("count", counts[-1], str(mention.count)))
    weapons = {weapon for value in known(before, "weapons") for weapon in value.split(",")}
    new = [weapon for weapon in mention.weapons if weapon != "other"]
    if new and weapons and not weapons & set(new) and not kinds.are_alike(weapons, new):
        changes.append(("weapons", ",".join(sorted(weapons)), ",".join(new)))
    return changes


def _base(before: Incident, mention: Mention) -> list[Change]:
    if mention.base and mention.base != before.base and mention.base not in known(before, "base"):
        return [("base", before.base, mention.base)]
    return []


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def confidence(incident: Incident, words: FactWords) -> Confidence:
    """confirmed: an official source says so; claim: two independent sources tell of it; rumour: one does."""
    if known(incident, "confirmed_by"):
        return "confirmed"
    return "claim" if have_two_sources(incident.facts, words) else "rumour"
