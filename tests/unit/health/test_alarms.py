"""What is wrong now, told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.health.alarms import grouped, is_failing, service_alarms, state_alarms
from monitor.health.habits import habit_alarms
from monitor.store.signs import EntrySign, FeedSigns, ServiceSigns

NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)


def feed(name="a", *, failures=0, ok_hours_ago=0.1, entries=()):
    return FeedSigns(
        feed_id=name,
        url=f"https://{name}.example/feed",
        failures=failures,
        last_ok_at=NOW - timedelta(hours=ok_hours_ago),
        added_at=NOW - timedelta(days=90),
        last_error="HTTP 500",
        entries=tuple(entries),
    )


def hourly(count=600, *, until_hours_ago=0, length=300, dated=True):
    start = NOW - timedelta(hours=until_hours_ago)
    return [EntrySign(start - timedelta(hours=number), length, dated) for number in reversed(range(count))]


def feed_alarms(feeds):
    habits = [alarm for one in feeds if not is_failing(one, NOW) for alarm in habit_alarms(one, feeds, NOW)]
    return state_alarms(feeds, NOW) + grouped(habits, len(feeds))


def kinds(feeds):
    return [alarm.kind for alarm in feed_alarms(feeds)]


def test_healthy_feeds_raise_nothing():
    assert kinds([feed(entries=hourly()), feed("b")]) == []


def test_a_feed_that_fails_for_hours_is_named_with_its_cause():
    (alarm,) = feed_alarms([feed(failures=5, ok_hours_ago=4), feed("b")])
    assert (alarm.kind, alarm.subject) == ("failing", "a")
    assert "HTTP 500" in alarm.text


def test_a_short_failure_is_weather():
    assert kinds([feed(failures=2, ok_hours_ago=9), feed("b", failures=9, ok_hours_ago=0.5)]) == []


def test_all_feeds_failing_at_once_is_one_outage():
    assert kinds([feed(name, failures=5, ok_hours_ago=4) for name in "abcdef"]) == ["outage"]


def test_two_feeds_of_many_failing_are_two_alarms():
    bad = [feed(name, failures=5, ok_hours_ago=4) for name in "ab"]
    assert kinds([*bad, *(feed(name) for name in "cdefg")]) == ["failing", "failing"]


def test_several_feeds_of_one_host_failing_are_one_alarm():
    bad = [replace(feed(name, failures=5, ok_hours_ago=4), url=f"https://paper.example/{name}") for name in "abc"]
    (alarm,) = feed_alarms([*bad, *(feed(name) for name in "defgh")])
    assert (alarm.kind, alarm.subject) == ("failing", "paper.example")
    assert alarm.text.startswith("3 feeds of paper.example fail; https://paper.example/a: 5 polls failed")
    assert kinds([*bad[:2], *(feed(name) for name in "defgh")]) == ["failing", "failing"]


def test_a_feed_that_answers_and_stands_still_is_frozen():
    assert kinds([feed(entries=hourly(until_hours_ago=40))]) == ["frozen"]
    assert kinds([feed(entries=hourly(until_hours_ago=3))]) == []


def test_a_failing_feed_is_not_also_frozen():
    assert kinds([feed(failures=9, ok_hours_ago=40, entries=hourly(until_hours_ago=40)), feed("b")]) == ["failing"]


def test_texts_that_shrink_and_dates_that_vanish_are_seen():
    before = hourly(until_hours_ago=25, count=500)
    assert kinds([feed(entries=before + hourly(count=25, length=20))]) == ["shrunken"]
    assert kinds([feed(entries=before + hourly(count=25, dated=False))]) == ["undated"]


def test_a_feed_that_never_had_dates_raises_nothing():
    assert kinds([feed(entries=hourly(dated=False))]) == []


def test_the_service_watches_itself():
    ago = NOW - timedelta(hours=2)
    found = service_alarms(ServiceSigns(ago, ago, 7, ("desk",)), NOW)
    assert [alarm.kind for alarm in found] == ["stalled", "outbox", "sink"]
    assert service_alarms(ServiceSigns(NOW, None), NOW) == []
    assert service_alarms(ServiceSigns(None, None), NOW) == []


def test_a_feed_without_entries_where_there_were_some_is_empty_and_not_failing():
    emptied = replace(feed(failures=4, ok_hours_ago=3), last_failure="emptied", last_error="no entries")
    assert kinds([emptied, feed("b")]) == ["empty"]
    assert kinds([replace(emptied, failures=2), feed("b")]) == []


def test_polls_that_do_not_overlap_are_told_and_a_pause_of_ours_is_one_alarm():
    lost = [replace(feed(name), overflowed_at=NOW) for name in "abc"]
    calm = [feed(name) for name in "defghijk"]
    assert kinds([*lost[:2], *calm]) == ["overflow", "overflow"]
    (alarm,) = feed_alarms([*lost, *calm])
    assert (alarm.kind, alarm.subject) == ("overflow", "feeds")
    assert alarm.text.startswith("3 of 11 feeds; https://a.example/feed:")


def test_most_feeds_frozen_at_once_are_one_alarm():
    stuck = [feed(name, entries=hourly(until_hours_ago=40)) for name in "abc"]
    assert [(alarm.kind, alarm.subject) for alarm in feed_alarms([*stuck, feed("d")])] == [("frozen", "feeds")]
    assert kinds([*stuck, *(feed(name) for name in "defgh")]) == ["frozen"] * 3
