"""A feed that no longer matches while its peers do; and none of those that never did."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.health.habits import habit_alarms
from monitor.health.peers import CHANCE, none_of, unmatched
from monitor.store.signs import EntrySign, FeedSigns

NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)
TODAY = NOW.date()


def days_ago(*numbers):
    return frozenset(TODAY - timedelta(days=number) for number in numbers)


def feed(name, hits=(), language="en", added_days_ago=200, **values):
    return FeedSigns(
        name, f"https://{name}.example/feed", 0, NOW, NOW - timedelta(days=added_days_ago), "",
        language=language, hit_days=days_ago(*hits), **values,
    )  # fmt: skip


PEERS = [feed(name, range(1, 60)) for name in "pqr"]


@pytest.mark.parametrize(
    ("one", "peers", "since"),
    [
        pytest.param(feed("a", range(10, 60)), PEERS, 10, id="it told each day and then nothing for nine"),
        pytest.param(feed("a", range(3, 60)), PEERS, None, id="two days are chance"),
        pytest.param(feed("a", range(20, 60, 2)), PEERS, 20, id="it told every other day"),
        pytest.param(feed("a", range(8, 60, 2)), PEERS, None, id="and seven days are not enough for that"),
        pytest.param(feed("a"), PEERS, None, id="it never matched"),
        pytest.param(feed("a", (30, 40, 50, 55)), PEERS, None, id="it seldom matched"),
        pytest.param(feed("a", (*range(10, 20), *range(40, 60))), PEERS, None, id="it has been as silent before"),
        pytest.param(feed("a", range(10, 60)), PEERS[:1], None, id="one peer alone"),
        pytest.param(feed("a", range(10, 60)), [], None, id="no peer"),
        pytest.param(feed("a", range(10, 60)), [feed(n, range(10, 60)) for n in "pq"], None, id="the topic rests"),
        pytest.param(feed("a", range(10, 60), "fr"), PEERS, None, id="peers speak another language"),
        pytest.param(feed("a", range(10, 60), "en-GB"), PEERS, 10, id="a region is the same language"),
        pytest.param(feed("a", range(10, 60), added_days_ago=13), PEERS, None, id="too new to have a habit"),
        pytest.param(feed("a", (0, *range(10, 60))), PEERS, None, id="it has matched today"),
    ],
)
def test_silence_on_the_topic(one, peers, since):
    found = unmatched(one, [one, *peers], NOW)
    assert (found and found.since) == (TODAY - timedelta(days=since) if since else None)
    assert found is None or found.days == since - 1


def test_the_day_that_is_not_over_does_not_count():
    one, peers = feed("a", range(1, 60)), [feed(name, range(60)) for name in "pq"]
    assert unmatched(one, [one, *peers], NOW) is None


def test_it_is_an_alarm_and_what_explains_it_is_told_instead():
    one = feed("a", range(10, 60))
    (alarm,) = habit_alarms(one, [one, *PEERS], NOW)
    assert (alarm.kind, alarm.subject) == ("no_matches", "a")
    assert "since 2026-03-20" in alarm.text
    signs = [EntrySign(NOW - timedelta(hours=hour), 300 if hour > 25 else 20, dated=True) for hour in range(500, 0, -1)]
    shortened = feed("a", range(10, 60), entries=tuple(signs))
    assert [alarm.kind for alarm in habit_alarms(shortened, [shortened, *PEERS], NOW)] == ["shrunken"]


@given(st.sets(st.integers(0, 80)), st.sets(st.integers(0, 80)), st.sets(st.integers(0, 80)))
def test_a_feed_that_matched_yesterday_or_never_raises_nothing(hits, one, other):
    peers = [feed("p", one), feed("q", other)]
    for found in (feed("a", {1, *hits}), feed("a")):
        assert unmatched(found, [found, *peers], NOW) is None


@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 200))
def test_the_likelihood_of_silence_falls_with_each_day_and_each_hit(told, untold, days):
    assert none_of(0, told=told, untold=untold) == pytest.approx(1)
    assert none_of(days + 1, told=told, untold=untold) < none_of(days, told=told, untold=untold) + 1e-12
    assert none_of(days, told=told + 1, untold=untold) <= none_of(days, told=told, untold=untold) + 1e-12
    assert none_of(1, told=told, untold=untold) == pytest.approx((untold + 1) / (told + untold + 2))


def test_feeds_that_match_by_chance_raise_next_to_nothing():
    """Two thousand feeds of every share of the topic, each looked at on one day."""
    dice, raised = random.Random(7), 0
    for _ in range(2000):
        share = dice.random()
        one = feed("a", [day for day in range(1, 90) if dice.random() < share])
        raised += unmatched(one, [one, *PEERS], NOW) is not None
    assert raised <= max(1, round(2000 * CHANCE * 10))
