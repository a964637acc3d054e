"""The database file: opening, migrating, refusing, and many writers at once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import StoreError
from monitor.store import schema
from monitor.store.db import Database, now_text, to_time
from monitor.store.views import VIEWS


def test_a_new_file_gets_the_schema_the_views_and_durable_settings(tmp_path):
    db = Database(tmp_path / "a.db")
    assert db.row("PRAGMA journal_mode")[0] == "wal"
    assert db.row("PRAGMA synchronous")[0] == 2  # FULL
    assert db.row("PRAGMA application_id")[0] == schema.APPLICATION_ID
    for name in VIEWS:
        assert db.rows(f"SELECT * FROM {name}") == []
    tables = db.rows("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
    assert {row["name"] for row in tables if not row["strict"]} <= {"sqlite_schema", "sqlite_sequence"}


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_a_time_comes_back_to_the_millisecond_and_sorts_as_text(one, other):
    assert to_time(now_text(one)) == one.replace(microsecond=one.microsecond // 1000 * 1000)
    assert (now_text(one) <= now_text(other)) or one > other


def test_opening_again_changes_nothing(tmp_path):
    Database(tmp_path / "a.db").close()
    before = schema_of(tmp_path / "a.db")
    Database(tmp_path / "a.db").close()
    assert schema_of(tmp_path / "a.db") == before


def test_another_programs_database_is_refused_and_untouched(tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (x)")
    with pytest.raises(StoreError, match="another program"):
        Database(path)
    assert [row[0] for row in sqlite3.connect(path).execute("SELECT name FROM sqlite_schema")] == ["theirs"]


@pytest.mark.fault("UP-2")
def test_a_newer_schema_is_refused_with_its_number(tmp_path):
    path = tmp_path / "a.db"
    db = Database(path)
    with db.writing() as tx:
        tx.execute("INSERT INTO migration (number, applied_at) VALUES (999, '')")
    db.close()
    with pytest.raises(StoreError, match=r"newer Basewatch \(schema 999"):
        Database(path)


@pytest.mark.parametrize("content", [b"this is no database, " * 100, b"SQLite format 3\x00" + b"\xff" * 4000])
@pytest.mark.fault("DB-5")
def test_a_file_that_is_no_database_is_one_sentence(tmp_path, content):
    path = tmp_path / "broken.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"broken\.db: cannot be opened"):
        Database(path)
    assert path.read_bytes() == content


@pytest.mark.fault("DB-4")
def test_a_folder_in_place_of_the_file_is_one_sentence(tmp_path):
    with pytest.raises(StoreError, match="cannot be opened"):
        Database(tmp_path)


@pytest.mark.fault("UP-1")
def test_a_migration_that_fails_at_any_statement_leaves_no_trace(tmp_path, monkeypatch):
    """UP-1: all or nothing; the next start finds the file as it was and finishes."""
    whole = schema.statements(schema.FIRST)
    for cut in range(1, len(whole)):
        path = tmp_path / f"{cut}.db"
        with monkeypatch.context() as patch:
            patch.setattr(schema, "MIGRATIONS", ("\n".join([*whole[:cut], "CREATE BROKEN;"]),))
            with pytest.raises(StoreError):
                Database(path)
        assert schema_of(path) == []
        Database(path).close()
        assert len(schema_of(path)) > len(whole) / 2


def test_a_database_of_the_first_release_is_brought_up_and_keeps_what_it_holds(tmp_path, monkeypatch):
    path = tmp_path / "a.db"
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        patch.setattr("monitor.store.schema.VIEWS", {})
        old = Database(path)
        with old.writing() as tx:
            tx.execute("INSERT INTO feed (id, url, added_at) VALUES ('f', 'https://a.example/', '2026-01-01')")
            tx.execute("INSERT INTO feed_state (feed_id, etag) VALUES ('f', 'v')")
            tx.execute("INSERT INTO notice (kind, subject, text, at) VALUES ('possible_missed_entries', 'f', '', '')")
        old.close()
    db = Database(path)
    assert [dict(row) for row in db.rows("SELECT etag, last_failure, overflowed_at FROM feed_state")] == [
        {"etag": "v", "last_failure": "", "overflowed_at": None}
    ]
    assert [row["kind"] for row in db.rows("SELECT kind FROM notice")] == ["overflow"]
    assert db.row("SELECT max(number) FROM migration")[0] == len(schema.MIGRATIONS)


def test_a_failed_transaction_leaves_nothing_and_the_next_one_works(tmp_path):
    db = Database(tmp_path / "a.db")
    with pytest.raises(sqlite3.OperationalError), db.writing() as tx:
        tx.executemany("INSERT INTO heartbeat (name, at) VALUES (?, abs(?))", [("a", 1), ("b", -(2**63)), ("c", "")])
    assert db.rows("SELECT * FROM heartbeat") == []
    with db.writing() as tx:
        tx.execute("INSERT INTO heartbeat (name, at) VALUES ('b', '')")
    assert len(db.rows("SELECT * FROM heartbeat")) == 1


WRITER = """
    import sqlite3, sys, time
    from monitor.store.db import Database, now_text, to_time
    db, errors = Database(sys.argv[1], durable=False), 0
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(100):
        try:
            if sys.argv[2] == "immediate":
                with db.writing() as tx:
                    n = tx.execute("SELECT value FROM heartbeat WHERE name = 'n'").fetchone()[0]
                    tx.execute("UPDATE heartbeat SET value = ? WHERE name = 'n'", (str(int(n) + 1),))
            else:
                tx = db.reading
                tx.execute("BEGIN")
                n = tx.execute("SELECT value FROM heartbeat WHERE name = 'n'").fetchone()[0]
                time.sleep(0.001)
                tx.execute("UPDATE heartbeat SET value = ? WHERE name = 'n'", (str(int(n) + 1),))
                tx.execute("COMMIT")
        except sqlite3.OperationalError:
            errors += 1
            if db.reading.in_transaction:
                db.reading.execute("ROLLBACK")
    print(errors)
"""


@pytest.mark.fault("CC-3")
def test_four_processes_read_then_write_without_error(tmp_path):
    assert errors_of_four(tmp_path, "immediate") == 0


@pytest.mark.control("CC-3")
def test_a_deferred_begin_would_fail_for_some_of_the_four(tmp_path):
    assert errors_of_four(tmp_path, "deferred") > 0


def errors_of_four(tmp_path, how):
    """The errors of four processes that each add 1 a hundred times; what had no error is counted."""
    path = tmp_path / "a.db"
    db = Database(path)
    with db.writing() as tx:
        tx.execute("INSERT INTO heartbeat (name, at, value) VALUES ('n', '', '0')")
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(path), how]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    running = [subprocess.Popen(command, **pipes) for _ in range(4)]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    errors = sum(int(process.communicate()[0]) for process in running)
    counted = int(db.row("SELECT value FROM heartbeat")["value"])
    assert counted == 400 - errors
    return errors


def schema_of(path):
    with sqlite3.connect(path) as db:
        return db.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name").fetchall()
