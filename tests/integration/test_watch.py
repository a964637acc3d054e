"""Alarms are raised once and clear themselves."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from monitor.health.watch import TICK, alarms_now, habits_now, watch, watch_habits
from monitor.model import Feed, Notice
from monitor.store import signs
from monitor.store.db import Database, now_text
from monitor.store.feeds import set_feeds
from monitor.store.notices import open_notices, raise_notice

NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)


@pytest.fixture
def db(tmp_path):
    db = Database(tmp_path / "a.db", durable=False)
    with db.writing() as tx:
        for name in "abcdefgh":
            tx.execute(
                "INSERT INTO feed (id, url, added_at) VALUES (?, ?, ?)",
                (name, f"https://{name}.example/", now_text(NOW - timedelta(days=30))),
            )
            tx.execute("INSERT INTO feed_state (feed_id, last_ok_at) VALUES (?, ?)", (name, now_text(NOW)))
    return db


def fail(db, names, failures, ok_at):
    with db.writing() as tx:
        for name in names:
            tx.execute(
                "UPDATE feed_state SET failures = ?, last_ok_at = ?, last_error = 'HTTP 503' WHERE feed_id = ?",
                (failures, now_text(ok_at), name),
            )


def test_an_alarm_is_raised_once_and_clears_itself(db):
    assert watch(db, NOW).raised == ()
    fail(db, "a", 9, NOW - timedelta(hours=5))
    assert [notice.kind for notice in watch(db, NOW).raised] == ["failing"]
    assert watch(db, NOW).raised == ()
    fail(db, "a", 0, NOW)
    assert watch(db, NOW).cleared == (("failing", "a"),)
    assert open_notices(db.reading) == []


def test_the_troubles_of_a_feed_that_is_taken_out_end_with_it(db):
    with db.writing() as tx:
        for name in "ab":
            raise_notice(tx, Notice("feed_gone", name, "answered 410", NOW))
        set_feeds(tx, [Feed("b", "https://b.example/")], NOW)
    assert [notice.subject for notice in open_notices(db.reading)] == ["b"]


def test_an_outage_of_all_feeds_is_one_alarm_that_clears_once(db):
    fail(db, "abcdefgh", 9, NOW - timedelta(hours=5))
    assert [notice.kind for notice in watch(db, NOW).raised] == ["outage"]
    fail(db, "abcdefgh", 0, NOW)
    assert watch(db, NOW).cleared == (("outage", "feeds"),)


def test_a_scheduler_that_stands_still_is_seen(db):
    with db.writing() as tx:
        signs.beat(tx, TICK, NOW - timedelta(hours=1))
    assert [notice.kind for notice in watch(db, NOW).raised] == ["stalled"]
    with db.writing() as tx:
        signs.beat(tx, TICK, NOW)
    assert watch(db, NOW).cleared == (("stalled", "scheduler"),)


@pytest.mark.fault("DB-9")
def test_the_look_of_each_half_minute_reads_no_entries(db):
    def steps():
        """How many steps of SQLite's machine one look takes."""
        count = 0

        def step():
            nonlocal count
            count += 1

        db.reading.set_progress_handler(step, 1)
        alarms_now(db, NOW)
        db.reading.set_progress_handler(None, 1)
        return count

    few = steps()
    add_entries(db, "a", 2000)
    assert steps() == few > 100


def add_entries(db, feed_id, number, until=NOW):
    rows = [
        (f"{feed_id}{one}", feed_id, now_text(at := until - timedelta(hours=number - one)), now_text(at), now_text(at))
        for one in range(number)
    ]
    with db.writing() as tx:
        tx.executemany(
            "INSERT INTO entry (id, feed_id, title, summary, language, published_at, first_seen_at, last_seen_at, "
            "content_hash) VALUES (?, ?, 'A title', 'A summary', 'en', ?, ?, ?, '')",
            rows,
        )


def test_habits_are_learned_from_what_is_stored_and_their_alarms_clear_themselves(db):
    add_entries(db, "a", 600, until=NOW - timedelta(hours=40))
    add_entries(db, "b", 600)
    assert watch(db, NOW).raised == ()
    first = asyncio.run(watch_habits(db, NOW))
    assert [(notice.kind, notice.subject) for notice in first.raised] == [("frozen", "a")]
    assert asyncio.run(watch_habits(db, NOW)).raised == ()
    assert watch(db, NOW).cleared == (), "the quick look knows nothing of habits"
    with db.writing() as tx:
        tx.execute("UPDATE entry SET first_seen_at = ?, last_seen_at = ? WHERE id = 'a599'", (now_text(NOW),) * 2)
    assert asyncio.run(watch_habits(db, NOW)).cleared == (("frozen", "a"),)


def test_a_feed_that_no_longer_matches_is_found_by_its_judgements_and_language(db):
    def flag(feed_id, days_ago, language):
        entry_id, at = f"{feed_id}-{days_ago}", now_text(NOW - timedelta(days=days_ago))
        tx.execute(
            "INSERT INTO entry (id, feed_id, title, summary, language, first_seen_at, last_seen_at, content_hash) "
            "VALUES (?, ?, '', '', ?, ?, ?, '')",
            (entry_id, feed_id, language, at, at),
        )
        tx.execute(
            "INSERT INTO judgement (entry_id, judged_at, flagged, label, score, rule, missing, evidence, "
            "rules_version, text_source, reason) VALUES (?, ?, 1, '', 1, '', '', '[]', 'v', 'feed', 'repeat')",
            (entry_id, at),
        )

    with db.writing() as tx:
        tx.execute("UPDATE feed SET added_at = ?", (now_text(NOW - timedelta(days=200)),))
        tx.execute("UPDATE feed SET language = 'de' WHERE id = 'd'")
        for day in range(1, 60):
            for name in "bc":
                flag(name, day, "en-GB")
            for name in "ad":
                if day >= 10:
                    flag(name, day, "en-US")
    found = asyncio.run(habits_now(db, NOW))
    assert [(alarm.kind, alarm.subject) for alarm in found] == [("no_matches", "a")]
