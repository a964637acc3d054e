"""Backup while writing, and a restore that neither loses nor repeats (DB-5, DB-7)."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime

import pytest

from monitor.errors import StoreError
from monitor.model import Article
from monitor.store import backup, decisions
from monitor.store.db import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def fill(path, count, first=0):
    db = Database(path, durable=False)
    for number in range(first, first + count):
        with db.writing() as tx:
            decisions.add_given(tx, Article(str(number), f"title {number}"), "", NOW)
    db.close()


def add_waiting_delivery(path):
    db = Database(path, durable=False)
    with db.writing() as tx:
        tx.execute("INSERT INTO incident (id, first_seen_at, last_report_at, first_entry_id) VALUES ('i', '', '', '0')")
        tx.execute(
            "INSERT INTO alert (id, incident_id, entry_id, reason, confidence, created_at, body) "
            "VALUES ('a', 'i', '0', 'new', 'claim', '', '{}')"
        )
        tx.execute(
            "INSERT INTO delivery (id, alert_id, sink, generation, payload, state, created_at) "
            "VALUES ('d', 'a', 'desk', 0, '{}', 'pending', '')"
        )
    db.close()


@pytest.mark.fault("DB-7")
def test_a_backup_taken_while_another_thread_writes_is_consistent(tmp_path):
    fill(tmp_path / "live.db", 50)
    writing = threading.Thread(target=fill, args=(tmp_path / "live.db", 200, 1000))
    writing.start()
    backup.backup(tmp_path / "live.db", tmp_path / "copy.db")
    writing.join()
    backup.verify(tmp_path / "copy.db")
    copied = sqlite3.connect(tmp_path / "copy.db").execute("SELECT count(*) FROM entry").fetchone()[0]
    assert 50 <= copied <= 250


@pytest.mark.fault("DB-7")
def test_restore_brings_back_the_entries_and_holds_what_may_have_been_sent(tmp_path):
    fill(tmp_path / "live.db", 5)
    add_waiting_delivery(tmp_path / "live.db")
    backup.backup(tmp_path / "live.db", tmp_path / "copy.db")
    fill(tmp_path / "live.db", 5, 100)
    result = backup.restore(tmp_path / "copy.db", tmp_path / "live.db")
    assert (result.entries, result.incidents, result.held) == (5, 1, 1)
    live = Database(tmp_path / "live.db")
    assert live.row("SELECT state FROM delivery")["state"] == "held"
    before = Database(tmp_path / "live.db.before-restore")
    assert before.row("SELECT count(*) FROM entry")[0] == 10


def test_restore_may_be_told_to_send_what_was_waiting(tmp_path):
    fill(tmp_path / "live.db", 1)
    add_waiting_delivery(tmp_path / "live.db")
    backup.backup(tmp_path / "live.db", tmp_path / "copy.db")
    assert backup.restore(tmp_path / "copy.db", tmp_path / "live.db", resend=True).held == 0
    assert Database(tmp_path / "live.db").row("SELECT state FROM delivery")["state"] == "pending"


@pytest.mark.fault("DB-5")
def test_a_damaged_backup_is_refused_and_the_live_file_untouched(tmp_path):
    fill(tmp_path / "live.db", 200)
    backup.backup(tmp_path / "live.db", tmp_path / "copy.db")
    damaged = bytearray((tmp_path / "copy.db").read_bytes())
    damaged[20_000:60_000] = b"\x00" * 40_000
    (tmp_path / "copy.db").write_bytes(damaged)
    before = (tmp_path / "live.db").read_bytes()
    with pytest.raises(StoreError):
        backup.restore(tmp_path / "copy.db", tmp_path / "live.db")
    assert (tmp_path / "live.db").read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"nothing like a database" * 100])
def test_a_file_that_is_no_backup_is_refused(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(StoreError, match="x: is not"):
        backup.verify(tmp_path / "x")


def test_a_failed_backup_keeps_the_one_before(tmp_path):
    fill(tmp_path / "live.db", 3)
    backup.backup(tmp_path / "live.db", tmp_path / "copy.db")
    good = (tmp_path / "copy.db").read_bytes()
    (tmp_path / "live.db").write_bytes(b"broken" * 1000)
    with pytest.raises(StoreError, match="the database is untouched"):
        backup.backup(tmp_path / "live.db", tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_bytes() == good
    assert not (tmp_path / "copy.db.part").exists()


def test_backing_up_nothing_is_one_sentence(tmp_path):
    with pytest.raises(StoreError, match="no database to back up"):
        backup.backup(tmp_path / "absent.db", tmp_path / "copy.db")
    assert not (tmp_path / "absent.db").exists()
