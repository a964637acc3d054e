"""Quiet hours keep to the wall clock, through every change of it; CK-2."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.alerts.quiet import Quiet, held_until, quiet_until

BAGHDAD = ZoneInfo("Asia/Baghdad")
BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Quiet(time(22), time(7), BAGHDAD)


def at(text: str, zone: ZoneInfo = BAGHDAD) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2024-05-01T21:59:59", None),
        ("2024-05-01T22:00", "2024-05-02T07:00"),
        ("2024-05-01T23:59", "2024-05-02T07:00"),
        ("2024-05-02T00:00", "2024-05-02T07:00"),
        ("2024-05-02T06:59:59", "2024-05-02T07:00"),
        ("2024-05-02T07:00", None),
        ("2024-05-02T12:00", None),
    ],
)
def test_a_night_lasts_from_its_first_second_to_before_its_end(moment, until):
    assert quiet_until(NIGHT, at(moment)) == (at(until) if until else None)


def test_quiet_hours_may_lie_within_one_day():
    noon = Quiet(time(12), time(14), BAGHDAD)
    assert quiet_until(noon, at("2024-05-01T13:00")) == at("2024-05-01T14:00")
    assert quiet_until(noon, at("2024-05-01T11:59")) is None
    assert quiet_until(noon, at("2024-05-01T23:00")) is None


@pytest.mark.parametrize(("day", "hours"), [("2024-03-30", 8), ("2024-06-01", 9), ("2024-10-26", 10)])
@pytest.mark.fault("CK-2")
def test_the_night_in_which_clocks_change_ends_when_the_wall_says_so(day, hours):
    """CK-2."""
    quiet = Quiet(time(22), time(7), BERLIN)
    start = at(f"{day}T22:00", BERLIN)
    end = quiet_until(quiet, start)
    assert end == start + timedelta(hours=hours)
    assert end.astimezone(BERLIN).time() == time(7)


def test_an_end_that_the_wall_never_shows_comes_as_long_after_and_one_shown_twice_the_first_time():
    """CK-2."""
    quiet = Quiet(time(22), time(2, 30), BERLIN)
    assert quiet_until(quiet, at("2024-03-30T23:00", BERLIN)) == datetime(2024, 3, 31, 1, 30, tzinfo=UTC)
    assert quiet_until(quiet, at("2024-10-26T23:00", BERLIN)) == datetime(2024, 10, 27, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("loud_from", "confidence", "held"),
    [
        (None, "confirmed", True),
        ("confirmed", "confirmed", False),
        ("confirmed", "claim", True),
        ("claim", "claim", False),
        ("claim", "rumour", True),
    ],
)
def test_what_is_sure_enough_comes_at_any_hour(loud_from, confidence, held):
    quiet = Quiet(time(22), time(7), BAGHDAD, loud_from)
    assert (held_until(quiet, confidence, "low", at("2024-05-01T23:00")) is not None) is held
    assert held_until(quiet, confidence, "low", at("2024-05-01T12:00")) is None


@pytest.mark.parametrize(
    ("grave_from", "severity", "held"),
    [(None, "critical", True), ("high", "critical", False), ("high", "high", False), ("high", "medium", True)],
)
def test_what_is_grave_enough_comes_at_any_hour_however_unsure(grave_from, severity, held):
    quiet = Quiet(time(22), time(7), BAGHDAD, "confirmed", grave_from)
    assert (held_until(quiet, "rumour", severity, at("2024-05-01T23:00")) is not None) is held


ZONES = st.sampled_from(
    ["Asia/Baghdad", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu",
     "Africa/Casablanca", "Asia/Tehran", "UTC"]
).map(ZoneInfo)  # fmt: skip
TIMES = st.times().map(lambda one: one.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
LONGEST = timedelta(hours=20)


def length(begins: time, ends: time) -> timedelta:
    span = timedelta(hours=ends.hour - begins.hour, minutes=ends.minute - begins.minute)
    return span if span > timedelta() else span + timedelta(days=1)


@given(ZONES, TIMES, TIMES, MOMENTS)
def test_quiet_hours_always_end_and_are_over_then(zone, begins, ends, moment):
    """CK-2: nothing is held for longer than the night and the change of a clock, nothing is held twice."""
    assume(begins != ends and length(begins, ends) <= LONGEST)
    quiet = Quiet(begins, ends, zone)
    until = quiet_until(quiet, moment)
    if until is not None:
        assert moment < until <= moment + length(begins, ends) + timedelta(hours=1)
        assert quiet_until(quiet, until) is None


@given(ZONES, TIMES, TIMES, MOMENTS)
def test_away_from_a_change_of_the_clock_quiet_is_what_the_wall_says(zone, begins, ends, moment):
    assume(begins != ends and length(begins, ends) <= LONGEST)
    offsets = {(moment + timedelta(hours=hours)).astimezone(zone).utcoffset() for hours in range(-30, 31, 3)}
    assume(len(offsets) == 1)
    wall = moment.astimezone(zone).time()
    inside = begins <= wall < ends if begins < ends else wall >= begins or wall < ends
    assert (quiet_until(Quiet(begins, ends, zone), moment) is not None) is inside
