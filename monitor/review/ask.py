"""Which entries are worth a verdict: where the rules were least sure, where a name may be new, and a few of the rest.

Choosing is pure: the few of the rest are those with the smallest hash of their id, so that the same database gives the
same questions until they are answered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from monitor.learning.grammar import Grammar
from monitor.learning.nearby import names_of
from monitor.matching import RuleSet
from monitor.matching.spelling import Spellings
from monitor.store.db import Database
from monitor.text import sentences

Why = Literal["near the threshold", "a new name", "a sample of the rest"]
REST = 10  # one in so many questions is about an entry that seemed to tell of nothing
NAMES = 4  # one in so many may be about a new name
NEAR = 0.5  # farther from the threshold the rules count as sure
LOOKED_AT = 5000  # the latest entries without a verdict that are considered

WAITING = """
SELECT e.id, e.title, e.summary, e.source, j.flagged, j.score, j.reason, j.rule FROM entry e
JOIN judgement j ON j.id = (SELECT max(id) FROM judgement WHERE entry_id = e.id)
WHERE j.reason NOT IN ('repeat', 'baseline') AND j.label <> 'undecidable'
AND NOT EXISTS (SELECT 1 FROM verdict v WHERE v.entry_id = e.id)
ORDER BY e.first_seen_at DESC, e.id LIMIT ?"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry without a verdict, and what was decided of it."""

    id: str
    title: str
    summary: str
    source: str
    flagged: bool
    score: float
    reason: str
    rule: str


@dataclass(frozen=True, slots=True)
class Question:
    """An entry worth a verdict, and why; `about` is the new name, where that is why."""

    entry: Waiting
    why: Why
    about: str = ""


def waiting_for_verdict(db: Database, limit: int = LOOKED_AT) -> list[Waiting]:
    """The latest decided entries that have no verdict; repeats are left out, they ask the same again."""
    rows = db.rows(WAITING, limit)
    return [
        Waiting(
            row["id"], row["title"], row["summary"], row["source"], bool(row["flagged"]), row["score"], row["reason"],
            row["rule"],
        )
        for row in rows
    ]  # fmt: skip


def questions(
    waiting: Sequence[Waiting], threshold: float, new_name: Callable[[Waiting], str], limit: int
) -> list[Question]:
    """At most `limit` entries worth a verdict, each title once: unsure ones first, then new names, then a sample.

    One in REST is of the sample, at least one; one in NAMES may be a new name; unsure ones take what is left, and
    what one kind cannot fill the others get. Pure.
    """
    sample = [Question(one, "a sample of the rest") for one in by_hash(waiting) if not one.flagged and one.score <= 0]
    unsure = [Question(one, "near the threshold") for one in by_doubt(waiting, threshold)]
    named = [Question(one, "a new name", name) for one in waiting if (name := new_name(one))]
    of_sample = min(len(sample), max(1, limit // REST))
    of_names = min(len(named), (limit - of_sample) // NAMES)
    first = [*unsure[: limit - of_sample - of_names], *named[:of_names], *sample[:of_sample]]
    return _each_once([*first, *unsure, *named, *sample])[:limit]


def by_doubt(waiting: Iterable[Waiting], threshold: float) -> list[Waiting]:
    """Entries whose best mention stands near the threshold, the nearest first; equal ones the latest first."""
    near = [one for one in waiting if one.rule and abs(one.score - threshold) <= NEAR]
    return sorted(near, key=lambda one: round(abs(one.score - threshold), 3))


def by_hash(waiting: Iterable[Waiting]) -> list[Waiting]:
    """Entries in an order that has nothing to do with what they say, and is always the same."""
    return sorted(waiting, key=lambda one: hashlib.sha256(one.id.encode()).digest())


def _each_once(found: Iterable[Question]) -> list[Question]:
    """Each title once, for its first reason."""
    once: dict[str, Question] = {}
    for one in found:
        once.setdefault(one.entry.title.casefold().strip(), one)
    return list(once.values())


def new_name_in(rules: RuleSet, grammar: Grammar) -> Callable[[Waiting], str]:
    """What finds a name in an entry that may be a new spelling of a known base: "" where there is none."""
    spellings = Spellings(rules.aliases, rules.not_aliases)

    def find(entry: Waiting) -> str:
        for part in (entry.title, entry.summary):
            for start, end in sentences(part):
                for name in names_of(part[start:end], rules, grammar):
                    suggestion = spellings.suggest(name)
                    if suggestion:
                        return f"{name} (like {suggestion.alias})"
        return ""

    return find
