"""When a feed is polled again, rule by rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.politeness import (
    after,
    freshness_seconds,
    host_rest_seconds,
    http_date,
    moved_for_good,
    out_of_skipped,
    retry_after_seconds,
    wants_full,
)
from monitor.feeds.result import Failure, Hints, PollingSettings, PollResult
from monitor.feeds.source import feed_at
from monitor.model import FeedState

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
SETTINGS = PollingSettings()
URL = "https://news.example/feed"
STATE = FeedState(
    feed_at(URL).id,
    etag='"old"',
    last_modified="Sun, 01 Mar 2026 00:00:00 GMT",
    validators_url=URL,
    last_polled_at=NOW - timedelta(minutes=15),
    last_ok_at=NOW - timedelta(minutes=15),
    last_full_at=NOW - timedelta(minutes=15),
    entry_count=20,
)
FAILURES: tuple[Failure, ...] = (
    "network", "refused", "busy", "server", "client", "gone", "not_a_feed", "unreadable", "cut", "emptied", "unasked",
    "crowded",
)  # fmt: skip


def ok(unchanged: bool = False, hints: Hints = Hints(), **headers: str) -> PollResult:  # noqa: B008 - a frozen value
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return PollResult(status=304 if unchanged else 200, unchanged=unchanged, url=URL, headers=named, hints=hints)


def wait(
    result: PollResult, state: FeedState = STATE, settings: PollingSettings = SETTINGS, chance: float = 1
) -> float:
    due = after(state, result, settings, NOW, chance).next_poll_at
    assert due is not None
    return (due - NOW).total_seconds()


# --- R1 R2 R3 R4 R6: validators -----------------------------------------------------------------


@pytest.mark.parametrize("date", ["Tue, 31 Feb 2041 25:00:00 GMT", "yesterday", "2026-03-02", "\xe9"])
def test_r1_validators_are_opaque(date: str):
    state = after(STATE, ok(etag='W/"a, b"', last_modified=date), SETTINGS, NOW, 0.5)
    assert (state.etag, state.last_modified, state.validators_url) == ('W/"a, b"', date, URL)


@pytest.mark.parametrize(
    ("headers", "kept"),
    [({"etag": '"new"'}, ('"new"', None)), ({"last_modified": "x"}, (None, "x")), ({}, (None, None))],
)
def test_r2_a_whole_answer_stores_each_validator_independently(headers: dict[str, str], kept: tuple[str | None, ...]):
    state = after(STATE, ok(**headers), SETTINGS, NOW, 0.5)
    assert (state.etag, state.last_modified) == kept


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ({"etag": '"new"'}, ('"new"', STATE.last_modified)),
        ({"last_modified": "x"}, ('"old"', "x")),
        ({}, ('"old"', STATE.last_modified)),
    ],
)
def test_r3_a_304_updates_what_it_carries_and_keeps_the_rest(headers: dict[str, str], kept: tuple[str | None, ...]):
    state = after(STATE, ok(unchanged=True, **headers), SETTINGS, NOW, 0.5)
    assert (state.etag, state.last_modified) == kept
    assert state.last_full_at == STATE.last_full_at


@pytest.mark.parametrize("failure", FAILURES)
def test_r4_a_failure_never_clears_state(failure: Failure):
    result = replace(ok(etag='"new"'), failure=failure, error="it failed", status=200)
    state = after(STATE, result, SETTINGS, NOW, 0.5)
    kept = ("etag", "last_modified", "validators_url", "last_ok_at", "last_full_at", "entry_count", "moved_to")
    assert [getattr(state, name) for name in kept] == [getattr(STATE, name) for name in kept]
    assert (state.failures, state.last_error, state.last_polled_at) == (1, "it failed", NOW)


def test_r6_a_day_without_a_whole_feed_asks_unconditionally():
    assert not wants_full(STATE, NOW)
    assert wants_full(STATE, NOW + timedelta(days=1))
    assert wants_full(replace(STATE, last_full_at=None), NOW)
    assert wants_full(replace(STATE, last_full_at=NOW + timedelta(days=3650)), NOW), "written by a wrong clock"


# --- R8 R9 R10 R11: pace ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "seconds"),
    [
        (ok(), 900),
        (ok(hints=Hints(60)), 900),
        (ok(hints=Hints(1800)), 1800),
        (ok(hints=Hints(86_400)), 3600),
        (ok(cache_control="public, max-age=1200"), 1200),
        (ok(cache_control="max-age=504911232"), 3600),
        (ok(cache_control="max-age=1200", age="600"), 900),
        (ok(cache_control="max-age=-1, no-cache"), 900),
        (ok(cache_control="s-maxage=1200"), 900),
        (ok(expires="Mon, 02 Mar 2026 10:30:00 GMT", date="Mon, 02 Mar 2026 10:00:00 GMT"), 1800),
        (ok(expires="0"), 900),
        (ok(expires="Mon, 02 Mar 2026 10:30:00 GMT", cache_control="max-age=60"), 900),
        (ok(unchanged=True, cache_control="max-age=1500"), 1500),
    ],
)
def test_r8_r9_the_interval_is_raised_by_what_the_feed_asks_up_to_an_hour(result: PollResult, seconds: float):
    assert wait(result) == seconds


def test_r8_what_the_document_asks_holds_for_the_304s_after_it():
    state = after(STATE, ok(hints=Hints(1800)), SETTINGS, NOW, 0.5)
    assert wait(ok(unchanged=True), state) == 1800


def test_r8_a_longer_interval_of_our_own_stays():
    assert wait(ok(hints=Hints(1800)), settings=PollingSettings(every_seconds=7200)) == 7200


@pytest.mark.parametrize(
    ("hints", "due"),
    [
        (Hints(skip_hours=frozenset({9, 10})), NOW.replace(hour=11)),
        (Hints(skip_hours=frozenset(range(24))), NOW),
        (Hints(skip_days=frozenset({1})), NOW.replace(day=3, hour=0)),
        (Hints(skip_days=frozenset(range(1, 8))), NOW),
        (Hints(skip_days=frozenset({1, 2, 3})), NOW + timedelta(days=1)),
        (Hints(skip_hours=frozenset({8, 10})), NOW),
    ],
)
def test_r10_skipped_hours_and_days_are_gmt_and_last_a_day_at_most(hints: Hints, due: datetime):
    assert out_of_skipped(NOW, hints) == due


@given(
    st.datetimes(timezones=st.just(UTC)).filter(lambda at: at.year < 9999),
    st.sets(st.integers(0, 23)),
    st.sets(st.integers(1, 7)),
)
def test_r10_a_poll_is_never_moved_back_nor_by_more_than_a_day(at: datetime, hours: set[int], days: set[int]):
    moved = out_of_skipped(at, Hints(None, frozenset(hours), frozenset(days)))
    assert at <= moved <= at + timedelta(days=1)


def test_r11_feeds_that_start_together_do_not_stay_in_step():
    waits = {wait(ok(), FeedState(feed_at(f"https://news.example/{number}").id)) for number in range(100)}
    assert len(waits) > 80
    assert all(450 <= seconds < 900 for seconds in waits)


# --- R12 R13: Retry-After -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("0", None),
        ("-1", None),
        ("1000000000", 86_400),
        ("9" * 400, 86_400),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("²", None),
        ("Mon, 02 Mar 2026 09:10:00 GMT", 300),
        ("Mon, 02 Mar 2026 08:00:00 GMT", None),
        ("Mon, 02 Mar 2099 08:00:00 GMT", 86_400),
    ],
)
@pytest.mark.fault("HT-9", "CK-3")
def test_r12_retry_after_in_both_forms_relative_to_date_and_capped(value: str, seconds: float | None):
    headers = {"retry-after": value, "date": "Mon, 02 Mar 2026 09:05:00 GMT"}
    assert retry_after_seconds(headers, NOW) == seconds


@pytest.mark.parametrize("status", [429, 503])
def test_r12_a_busy_server_is_left_alone_as_long_as_it_asks(status: int):
    busy = PollResult("busy", "busy", status=status, headers={"retry-after": "5000"})
    assert wait(busy) == 5000
    assert wait(replace(busy, headers={"retry-after": "5"})) == 900


def test_r13_only_a_public_host_that_says_how_long_rests_as_a_whole():
    headers = {"retry-after": "600"}
    assert host_rest_seconds(URL, headers, NOW) == 600
    assert host_rest_seconds(URL, {}, NOW) is None
    for private in ("http://127.0.0.1/feed", "http://10.0.0.7:1200/a", "http://rsshub:1200/a", "http://nas.local/a"):
        assert host_rest_seconds(private, headers, NOW) is None


# --- R14 R15 R16: errors ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "failures", "most"),
    [
        ("network", 0, 1800),
        ("network", 2, 7200),
        ("server", 9, 6 * 3600),
        ("unreadable", 50, 6 * 3600),
        ("not_a_feed", 1, 3600),
        ("client", 0, 3600),
        ("client", 1, 14_400),
        ("client", 99, 86_400),
        ("cut", 9, 900),
        ("emptied", 9, 900),
        ("crowded", 9, 900),
    ],
)
def test_r14_back_off_doubles_harder_for_4xx_with_full_jitter_and_a_cap(failure: Failure, failures: int, most: float):
    state = replace(STATE, failures=failures)
    result = PollResult(failure, "it failed")
    assert wait(result, state, chance=0) == 900
    assert wait(result, state, chance=1) == most


def test_r14_success_resets():
    state = after(replace(STATE, failures=9), ok(), SETTINGS, NOW, 0.5)
    assert (state.failures, state.last_error) == (0, None)


@pytest.mark.fault("DN-5")
def test_r14_an_outage_of_ours_makes_no_feed_wait_longer():
    failed = after(replace(STATE, failures=9), PollResult("network", "x"), SETTINGS, NOW, 1, alone=True)
    assert failed.next_poll_at == NOW + timedelta(seconds=900)


def test_r15_410_ends_polling_and_404_does_not():
    gone = after(STATE, PollResult("gone", "410", status=410), SETTINGS, NOW, 0.5)
    assert (gone.gone, gone.next_poll_at) == (True, None)
    assert not after(STATE, PollResult("client", "404", status=404), SETTINGS, NOW, 0.5).gone


def test_r16_a_move_is_proposed_after_many_times_over_some_days():
    moved = replace(ok(), permanent_url="https://new.example/feed")
    state, now = STATE, NOW
    for _ in range(5):
        assert not moved_for_good(state, now)
        state = after(state, moved, SETTINGS, now, 0.5)
        now += timedelta(days=1)
    assert moved_for_good(state, now)
    elsewhere = after(state, replace(moved, permanent_url="https://other.example/"), SETTINGS, now, 0.5)
    assert (elsewhere.moved_to, elsewhere.moved_count) == ("https://other.example/", 1)
    assert after(state, ok(), SETTINGS, now, 0.5).moved_to is None


def test_r16_a_burst_of_redirects_in_one_hour_is_no_move():
    moved = replace(ok(), permanent_url="https://portal.example/")
    state = STATE
    for _ in range(50):
        state = after(state, moved, SETTINGS, NOW, 0.5)
    assert not moved_for_good(state, NOW)


# --- anything a server can say ------------------------------------------------------------------

HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "cache-control", "expires", "date", "age", "etag", "last-modified"]),
    st.one_of(
        st.text(st.characters(max_codepoint=255), max_size=40),
        st.integers(-(10**15), 10**15).map(str),
        st.datetimes().map(lambda at: f"{at:%a, %d %b %Y %H:%M:%S GMT}"),
        st.sampled_from(["max-age=99999999999", "Mon, 01 Jan 0000 00:00:00 GMT", "Mon, 99 Foo 99999 99:99:99 IST"]),
    ),
)


@given(HEADERS, st.sampled_from([*FAILURES, ""]), st.integers(0, 10_000), st.floats(0, 1))
def test_no_answer_can_stop_polling_for_more_than_two_days(
    headers: dict[str, str], failure: Failure, failures: int, chance: float
):
    state = after(
        replace(STATE, failures=failures),
        PollResult(failure, "x", 200, url=URL, headers=headers),
        SETTINGS,
        NOW,
        chance,
    )
    if failure == "gone":
        assert state.next_poll_at is None
    else:
        assert state.next_poll_at is not None
        assert timedelta(seconds=900) <= state.next_poll_at - NOW <= timedelta(days=1)


@given(st.text(max_size=60))
def test_any_text_is_a_date_or_none(text: str):
    at = http_date(text)
    assert at is None or at.tzinfo is UTC


@given(HEADERS)
def test_freshness_is_never_negative(headers: dict[str, str]):
    assert freshness_seconds(headers, NOW) >= 0
