"""Is it the same day? Evidence between the days of two mentions, as far as they say them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from monitor.model import Mention

_SAME_DAY, _OVERLAP, _NEXT_DAY_VAGUE, _NEXT_DAY_EXACT, OTHER_DAY = 2.0, 1.2, -0.6, -1.2, -4.0
_ONE_NIGHT = 0.8
_OVERLAP_UNSAID = 1.0
_DAYS_UNSAID = {1: -0.3, 2: -0.9, 3: -1.6}  # by days apart, where a report names no day: news is told for days

# Where a day was found that a text states of the attack.
_SAID = frozenset({"sentence", "inherited"})


def score_days(one: Mention, other: Mention) -> float:
    """Evidence from two intervals of days; 0 where one is unknown."""
    if one.date_from is None or one.date_to is None or other.date_from is None or other.date_to is None:
        return 0.0
    unsaid = one.date_source == "publication" or other.date_source == "publication"
    if one.date_from <= other.date_to and other.date_from <= one.date_to:
        both_exact = one.date_from == one.date_to and other.date_from == other.date_to
        return _SAME_DAY if both_exact else _OVERLAP_UNSAID if unsaid else _OVERLAP
    gap = max((one.date_from - other.date_to).days, (other.date_from - one.date_to).days)
    if unsaid:
        return _DAYS_UNSAID.get(gap, OTHER_DAY)
    return _score_next_day(one, other) if gap == 1 else OTHER_DAY


def _score_next_day(one: Mention, other: Mention) -> float:
    if _straddle_midnight(one, other):
        return _ONE_NIGHT
    both_exact = one.date_from == one.date_to and other.date_from == other.date_to
    both_said = {one.date_source, other.date_source} <= _SAID
    return _NEXT_DAY_EXACT if both_exact or both_said else _NEXT_DAY_VAGUE


def _straddle_midnight(one: Mention, other: Mention) -> bool:
    """True where neighbouring days are one night: the earlier one ends in it or the later one begins in it.

    "Tuesday night" in one time zone is "early Wednesday" in another.
    """
    first, second = sorted((one, other), key=lambda told: told.date_from or date.min)
    told = (first.time_of_day, second.time_of_day)
    return told != ("", "") and told[0] in ("", "night") and told[1] in ("", "morning")


def that_say_the_day(mention: Mention, reports: Sequence[Mention]) -> Sequence[Mention]:
    """The reports that state a day, where the mention does; all where none does.

    A vague report overlaps with the days around it and would hide that the stated ones contradict.
    """
    stated = [report for report in reports if report.date_source in _SAID] if mention.date_source in _SAID else []
    return stated or reports


def score_days_retold(one: Mention, other: Mention) -> float:
    """Evidence from two intervals of days, of which one may be that of a story of the dead, told days later."""
    days = score_days(one, other)
    return max(days, _OVERLAP_UNSAID) if one.killed and _is_same_dead_retold(one, other) else days


def _is_same_dead_retold(one: Mention, other: Mention) -> bool:
    """True where an undated report names as many dead as another: the dead are told of for days."""
    return one.killed == other.killed and "publication" in (one.date_source, other.date_source)
