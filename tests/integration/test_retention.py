"""What a clean-up may take, and what it must never take."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.model import Article
from monitor.store import decisions
from monitor.store.db import Database
from monitor.store.retention import ENTRY_DAYS, TEXT_DAYS, prune

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def db(tmp_path):
    return Database(tmp_path / "a.db", durable=False)


def add(db, name, days_ago, state="decided"):
    with db.writing() as tx:
        decisions.add_given(tx, Article(name, "title", text="text"), "", NOW - timedelta(days=days_ago))
        tx.execute("UPDATE entry SET state = ? WHERE id = ?", (state, name))


def left(db):
    return {row["id"]: row["text"] for row in db.rows("SELECT id, text FROM entry")}


def clean(db):
    with db.writing() as tx:
        return prune(tx, NOW)


def test_texts_go_before_entries_and_young_ones_stay(db):
    add(db, "young", TEXT_DAYS - 1)
    add(db, "middle", TEXT_DAYS + 1)
    add(db, "old", ENTRY_DAYS + 1)
    clean(db)
    assert left(db) == {"young": "text", "middle": ""}


def test_an_undecided_entry_is_never_taken(db):
    add(db, "waiting", 10_000, state="undecided")
    clean(db)
    assert left(db) == {"waiting": "text"}


def test_what_an_incident_rests_on_is_kept(db):
    add(db, "first", 10_000)
    with db.writing() as tx:
        tx.execute(
            "INSERT INTO incident (id, first_seen_at, last_report_at, first_entry_id) VALUES ('i', '', '', 'first')"
        )
    clean(db)
    assert "first" in left(db)


@pytest.mark.fault("FD-10")
def test_an_entry_still_shown_by_its_feed_is_kept(db):
    add(db, "old", 10_000)
    with db.writing() as tx:
        tx.execute("UPDATE entry SET last_seen_at = ?", (NOW.isoformat(),))
    clean(db)
    assert "old" in left(db)


def test_a_second_clean_up_finds_nothing(db):
    add(db, "old", ENTRY_DAYS + 1)
    assert clean(db).entries == 1
    assert clean(db).entries == 0
