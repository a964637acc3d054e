"""Alarms are raised once and clear themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.health.watch import TICK, watch
from monitor.store import signs
from monitor.store.db import Database, now_text
from monitor.store.notices import open_notices

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
