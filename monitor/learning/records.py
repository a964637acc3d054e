"""How often rules, contexts and words were right, by verdicts. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from monitor.learning.beta import Share, share

LEAST_WRONG = 3
EVEN = 0.5
Kind = Literal["rule", "context", "term"]


@dataclass(frozen=True, slots=True)
class Record:
    """How often a rule, a context or a term was right: a rule fired rightly, a context took away rightly."""

    kind: Kind
    id: str
    right: int
    wrong: int
    share: Share


def records_of(kind: Kind, seen: Iterable[tuple[str, bool]]) -> list[Record]:
    """The records of things seen as (name, was it right), by name."""
    counts = Counter(seen)
    names = sorted({name for name, _ in counts})
    return [
        Record(kind, name, counts[name, True], counts[name, False], share(counts[name, True], counts[name, False]))
        for name in names
    ]


def is_doubtful(record: Record) -> bool:
    """True where it was wrong several times, and more often than right."""
    return record.wrong >= LEAST_WRONG and record.share.mean < EVEN


def told_record(record: Record) -> str:
    """A record in words: counts, and the 90 % interval of the share of right ones."""
    low, high = record.share.low, record.share.high
    return f"{record.right} right, {record.wrong} wrong, share {low:.2f} to {high:.2f}"
