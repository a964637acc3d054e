"""What a poll brought, sorted: new, edited, seen, baseline, left over; and the notices after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.arrivals import (
    FLOOD,
    MOST_NEW,
    Arrivals,
    Known,
    content_hash,
    notices_after,
    overflowed_at,
    passed,
    sort_out,
)
from monitor.feeds.result import PollingSettings, PollResult
from monitor.feeds.source import feed_at
from monitor.model import Entry, FeedState

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FEED = feed_at("https://user:hidden@news.example/feed?key=hidden")
SETTINGS = PollingSettings(backfill_hours=24)
FIRST = FeedState(FEED.id)
LATER = FeedState(FEED.id, last_ok_at=NOW - timedelta(minutes=15), entry_count=20)


def entry(number: int, published_at: datetime | None = NOW, title: str = "") -> Entry:
    aliases = (f"guid:{number}", f"link:{number}")
    return Entry(f"e{number}", FEED.id, title or f"Story {number}", "", published_at=published_at, aliases=aliases)


def known(*entries: Entry) -> dict[str, Known]:
    return {alias: Known(at.id, content_hash(at)) for at in entries for alias in at.aliases}


def sort(entries: list[Entry], before: FeedState = LATER, stored: dict[str, Known] | None = None) -> Arrivals:
    return sort_out(tuple(entries), stored or {}, before, SETTINGS, NOW)


def hours_ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("published_at", "baseline"),
    [(NOW, False), (hours_ago(23), False), (hours_ago(25), True), (None, True), (NOW + timedelta(days=9000), False)],
)
def test_r24_on_the_first_poll_old_and_undated_entries_are_baseline(published_at: datetime | None, baseline: bool):
    assert [flag for _, flag in sort([entry(1, published_at)], FIRST).new] == [baseline]


@pytest.mark.parametrize("published_at", [NOW, hours_ago(25), hours_ago(24 * 365), None])
def test_r24_later_a_new_entry_is_news_whatever_its_date(published_at: datetime | None):
    assert [flag for _, flag in sort([entry(1, published_at)]).new] == [False]


@pytest.mark.fault("FD-13")
def test_r25_a_date_in_the_future_is_when_it_was_seen():
    ((stored, _),) = sort([entry(1, NOW + timedelta(days=5000))]).new
    assert stored.published_at == NOW


def test_r25_a_missing_date_stays_unknown():
    ((stored, _),) = sort([entry(1, None)]).new
    assert stored.published_at is None


@pytest.mark.fault("FD-7")
def test_an_archive_published_again_is_baseline_and_its_fresh_entries_are_not():
    archive = [entry(number, hours_ago(100 + number)) for number in range(500)]
    fresh = [entry(1000, NOW), entry(1001, None), entry(1002, hours_ago(20))]
    found = sort(archive + fresh)
    assert found.flood == 500
    assert {at.id for at, flag in found.new if not flag} == {"e1000", "e1001", "e1002"}
    assert len(found.new) == 503
    assert not found.overflow


def test_what_was_published_while_the_service_was_down_is_news():
    before = replace(LATER, last_ok_at=hours_ago(24 * 7))
    missed = [entry(number, hours_ago(2 * number)) for number in range(80)]
    found = sort(missed, before)
    assert not [at for at, flag in found.new if flag]
    assert found.overflow


def test_a_few_old_entries_are_no_flood():
    assert not sort([entry(number, hours_ago(999)) for number in range(FLOOD - 1)]).flood


def test_r18_missing_entries_change_nothing_and_known_ones_are_seen():
    one, two = entry(1), entry(2)
    assert sort([one], stored=known(one, two)) == Arrivals(seen=(("e1", one),))


def test_an_edited_entry_is_found_by_any_alias():
    before = entry(1)
    after = replace(entry(1, title="Story 1, corrected"), id="other", aliases=("guid:new", "link:1"))
    assert sort([after], stored=known(before)).edited == (("e1", after),)


def test_two_entries_behind_one_stored_entry_do_not_edit_it_to_and_fro():
    stored = entry(1)
    double = replace(entry(1, title="Twin"), id="twin", aliases=("link:1",))
    found = sort([stored, double], stored=known(stored))
    assert (found.seen, found.edited, found.new) == ((("e1", stored),), (), ())


def test_more_than_a_thousand_new_entries_are_taken_in_turns():
    entries = [entry(number) for number in range(2500)]
    stored: dict[str, Known] = {}
    for turn, left in enumerate((1500, 500, 0), start=1):
        found = sort(entries, stored=stored)
        assert (len(found.new), found.left_over) == (min(MOST_NEW, 2500 - MOST_NEW * (turn - 1)), left)
        stored |= known(*[at for at, _ in found.new])
    assert len(stored) == 2 * 2500


def test_all_entries_new_since_the_last_poll_may_hide_missed_ones():
    assert sort([entry(1), entry(2)]).overflow
    assert not sort([entry(1), entry(2)], stored=known(entry(2))).overflow
    assert not sort([entry(1)], FIRST).overflow
    assert not sort([entry(1)], replace(LATER, entry_count=0)).overflow


def test_notices_say_what_to_do_and_hold_no_secret():
    state = FeedState(
        FEED.id, moved_to="https://u:hidden@new.example/f?hidden", moved_count=9, moved_since_at=hours_ago(99)
    )  # fmt: skip
    arrivals = Arrivals(flood=30, left_over=5)
    notices = notices_after(FEED, state, PollResult(flaw="line 3"), arrivals, NOW, merged=False)
    gone = notices_after(FEED, replace(state, gone=True), PollResult(), Arrivals(), NOW, merged=True)
    assert {at.kind for at in notices + gone} == {
        "feed_malformed", "feed_gone", "feed_moved", "feed_flood", "feed_too_large",
    }  # fmt: skip
    assert not [at.text for at in notices + gone if "hidden" in at.text]
    assert "remove one of them" in gone[-1].text
    assert not notices_after(FEED, LATER, PollResult(), Arrivals(), NOW, merged=False)


def test_a_failed_poll_ends_no_notice():
    assert passed(PollResult("network")) == ()
    assert "feed_moved" in passed(PollResult(unchanged=True))
    assert "feed_flood" not in passed(PollResult(unchanged=True))
    assert "feed_flood" in passed(PollResult())


def test_polls_overlap_again_with_the_first_good_poll_that_does():
    lost, since = Arrivals(overflow=True), hours_ago(3)
    overflowing = replace(LATER, overflowed_at=since)
    assert overflowed_at(LATER, PollResult(), lost, NOW) == NOW
    assert overflowed_at(overflowing, PollResult(), lost, NOW) == since
    assert overflowed_at(overflowing, PollResult("network"), Arrivals(), NOW) == since
    assert overflowed_at(overflowing, PollResult("cut"), lost, NOW) == since
    assert overflowed_at(overflowing, PollResult(unchanged=True), Arrivals(), NOW) is None
    assert overflowed_at(overflowing, PollResult(), Arrivals(), NOW) is None


@given(
    st.lists(st.builds(entry, st.integers(0, 30), st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))))),
    st.booleans(),
)
def test_nothing_is_lost_and_nothing_is_new_twice(entries: list[Entry], first: bool):
    stored = known(entry(3), entry(4))
    found = sort(entries, FIRST if first else LATER, stored)
    sorted_ids = [at.id for at, _ in found.new] + [at for at, _ in (*found.edited, *found.seen)]
    assert sorted(sorted_ids) == sorted({at.id for at in entries})
