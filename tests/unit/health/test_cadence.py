"""Is the silence of a feed a fault, or just its weekend?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.health.cadence import HISTORY, expected, learn, too_silent

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def weekday_paper(weeks=4, per_day=24):
    """Entries through the office hours of weekdays only."""
    days = (MONDAY + timedelta(days=day) for day in range(7 * weeks))
    return [
        day + timedelta(hours=8, minutes=number * 600 / per_day)
        for day in days
        if day.weekday() < 5
        for number in range(per_day)
    ]


NEXT_MONDAY = MONDAY + HISTORY


def test_a_quiet_weekend_is_no_alarm():
    seen = weekday_paper()
    cadence = learn(seen, NEXT_MONDAY)
    friday = max(seen)
    assert too_silent(cadence, friday, NEXT_MONDAY + timedelta(hours=7)) is None


def test_a_quiet_monday_is_an_alarm_by_the_afternoon_and_says_since_when():
    seen = weekday_paper()
    cadence = learn(seen, NEXT_MONDAY)
    friday = max(seen)
    found = too_silent(cadence, friday, NEXT_MONDAY + timedelta(hours=16))
    assert found is not None
    assert found.since_at == friday
    assert 12 <= found.missing <= 24


def test_a_feed_known_too_little_has_no_cadence():
    assert learn([], NEXT_MONDAY) is None
    assert learn(weekday_paper(weeks=1), MONDAY + timedelta(days=7)) is None
    assert learn(weekday_paper()[:20], NEXT_MONDAY) is None


def test_a_feed_that_comes_in_bursts_is_judged_by_its_own_record():
    bursts = [MONDAY + timedelta(days=3 * day, minutes=minute) for day in range(10) for minute in range(30)]
    cadence = learn(bursts, NEXT_MONDAY)
    last = max(bursts)
    assert too_silent(cadence, last, last + timedelta(days=4)) is None
    assert too_silent(cadence, last, last + timedelta(days=12)) is not None


def test_one_outage_does_not_hide_the_next_for_weeks():
    seen = [MONDAY + timedelta(hours=hour) for hour in range(28 * 24) if not 100 <= hour < 172]
    cadence = learn(seen, NEXT_MONDAY)
    last = max(seen)
    assert too_silent(cadence, last, last + timedelta(hours=10)) is None
    assert too_silent(cadence, last, last + timedelta(hours=24)) is not None


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 5000))
def test_expected_entries_add_up_over_any_split(one, two, three):
    rates = [float(hour % 7) for hour in range(168)]
    start = MONDAY + timedelta(minutes=one)
    middle = start + timedelta(minutes=two)
    end = middle + timedelta(minutes=three)
    whole = expected(rates, start, end)
    assert whole == pytest.approx(expected(rates, start, middle) + expected(rates, middle, end))


def test_a_week_brings_the_sum_of_its_hours():
    rates = [1.0] * 168
    assert expected(rates, MONDAY, MONDAY + timedelta(days=7)) == pytest.approx(168)
    assert expected(rates, MONDAY, MONDAY) == 0
