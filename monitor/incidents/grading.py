"""How grave an incident is by the facts that are known of it, and whether it is graver than was told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from monitor.matching.grades import LEVELS, USUAL, Grade
from monitor.model import Fact, Severity


def severity(grades: Sequence[Grade], facts: Iterable[Fact], bases: int = 1) -> Severity:
    """The level of the first grade that fits these facts, else the usual one.

    Of several numbers stated for one fact the greatest counts. `bases` is how many places one article tells of at once.
    """
    stated: dict[str, list[str]] = {}
    for fact in facts:
        stated.setdefault(fact.slot, []).append(fact.value)
    reached = {slot: _greatest(values) for slot, values in stated.items()} | {"bases": bases}
    for grade in grades:
        enough = all(reached.get(slot, 0) >= least for slot, least in grade.at_least)
        if enough and all(slot in stated for slot in grade.stated):
            return grade.level
    return USUAL


def gravest(levels: Iterable[Severity]) -> Severity:
    """The gravest of these levels, of which there is at least one."""
    return max(levels, key=LEVELS.index)


def grave(level: Severity, least: Severity) -> bool:
    """True where `level` is at least `least`."""
    return LEVELS.index(level) >= LEVELS.index(least)


def _greatest(values: Iterable[str]) -> int:
    return max((int(value) for value in values if value.isdecimal()), default=0)
