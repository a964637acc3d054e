"""How often a feed brings something new, by hour of the week, and whether it has been silent for too long. Pure.

A feed is taken as a Poisson process whose rate depends on the hour of the week. Its silence is measured in entries that
should have come: a weekend without any costs a weekday paper nothing, two quiet hours on a weekday cost it much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

HOURS = 168
HISTORY = timedelta(days=28)
# Below this many entries there is no cadence to speak of.
ENOUGH = 30
# e^-12: once in 160,000 such gaps for a feed without bursts. Feeds do come in bursts, so their own record counts too.
SURE = 12.0
RECORD = 2.0
SHORTEST = timedelta(hours=6)
# A feed learned for less than two weeks has shown each hour of the week but once.
LEARNED = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Cadence:
    """Entries an hour for each hour of the week (Monday 00 UTC first), and the longest silence but one, in entries.

    The longest may have been an outage, of ours or theirs: for four weeks it would hide the next one.
    """

    rates: tuple[float, ...]
    longest: float


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence that is too long: since when, and how many entries should have come."""

    since_at: datetime
    missing: float


def learn(seen: Sequence[datetime], now: datetime) -> Cadence | None:
    """The cadence of a feed from the times at which entries were first seen; None where that is too little to tell."""
    recent = sorted(at for at in seen if now - HISTORY <= at <= now)
    if len(recent) < ENOUGH or now - recent[0] < LEARNED:
        return None
    weeks = (now - recent[0]) / timedelta(days=7)
    counts = [0.0] * HOURS
    for at in recent:
        hour = hour_of_week(at)
        # A quarter to each neighbour: four weeks are few for 168 hours.
        for step, part in ((-1, 0.25), (0, 0.5), (1, 0.25)):
            counts[(hour + step) % HOURS] += part
    rates = tuple(count / weeks for count in counts)
    *_, longest_but_one, _ = sorted(expected(rates, start, end) for start, end in pairwise(recent))
    return Cadence(rates, longest_but_one)


def too_silent(cadence: Cadence, last_new_at: datetime, now: datetime) -> Silence | None:
    """Whether the silence since `last_new_at` is longer than chance and the feed's own record allow."""
    missing = expected(cadence.rates, last_new_at, now)
    if now - last_new_at < SHORTEST or missing < max(SURE, RECORD * cadence.longest):
        return None
    return Silence(last_new_at, missing)


def expected(rates: Sequence[float], start: datetime, end: datetime) -> float:
    """How many entries should come between two times; whole weeks at once, so that a long silence costs no time."""
    if end <= start:
        return 0.0
    weeks, rest = divmod(end - start, timedelta(days=7))
    total = weeks * sum(rates)
    at, stop = start, start + rest
    while at < stop:
        next_hour = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        total += rates[hour_of_week(at)] * ((min(next_hour, stop) - at) / timedelta(hours=1))
        at = next_hour
    return total


def hour_of_week(at: datetime) -> int:
    """0 for Monday 00 to 167 for Sunday 23."""
    return at.weekday() * 24 + at.hour
