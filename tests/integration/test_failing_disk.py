"""A disk that reports errors, and another program that keeps the database to itself for a while."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import killed
import pytest
from alerts import SECRET
from disk import can_trace
from killed import SINK
from receiver import Receiver, in_thread

from monitor.store import outbox
from monitor.store.db import Database

TOTAL = 5


def deliver(path: Path, url: str, *tracing: str, seconds: float = 60) -> int | None:
    """Run the small delivering daemon to its end; None where it had to be stopped."""
    command = [*tracing, sys.executable, str(Path(killed.__file__)), str(path), url, str(TOTAL)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.terminate()
        process.wait()
        return None


@pytest.mark.soak
@pytest.mark.fault("DB-2")
@pytest.mark.parametrize("numbers", ["3", "8", "13", "9..14"])
@pytest.mark.parametrize("call", ["fdatasync", "pwrite64"])
def test_an_error_of_the_disk_makes_nothing_sent_that_was_not(tmp_path, call, numbers):
    if not can_trace():
        pytest.skip("strace is absent or may not trace here")
    path, receiver = tmp_path / "a.db", Receiver(SECRET, rolls=random.Random(1))
    trace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
    with in_thread(receiver.handle) as url:
        deliver(path, url, *trace, "-e", f"inject={call}:error=EIO:when={numbers}", seconds=20)
        db = Database(path)
        sent = {row["id"] for row in db.rows("SELECT id FROM delivery WHERE state = 'sent'")}
        db.close()
        assert sent <= set(receiver.accepted)
        assert deliver(path, url) == 0
    db = Database(path)
    assert set(receiver.accepted) == {outbox.delivery_id(f"alert-{one}", SINK, 0) for one in range(TOTAL)}
    assert sum(receiver.accepted.values()) - TOTAL <= outbox.counts(db.reading)["possible repeats"]
    assert db.row("PRAGMA integrity_check")[0] == "ok"
    db.close()


@pytest.mark.fault("DB-6")
def test_a_reader_that_never_ends_keeps_no_writer_waiting(tmp_path):
    db = Database(tmp_path / "a.db", checkpoints=True)
    reader = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM heartbeat").fetchone() == (0,)
    add(db, 300)
    assert reader.execute("SELECT count(*) FROM heartbeat").fetchone() == (0,)
    reader.close()
    assert db.row("SELECT count(*) FROM heartbeat")[0] == 300
    db.close()


@pytest.mark.fault("DB-6")
def test_a_writer_waits_for_another_program_that_writes(tmp_path):
    db = Database(tmp_path / "a.db")
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO heartbeat (name, at, value) VALUES ('other', '', '')")
    ending = threading.Timer(0.5, other.execute, ["COMMIT"])
    ending.start()
    add(db, 1)
    ending.join()
    assert {row["name"] for row in db.rows("SELECT name FROM heartbeat")} == {"other", "n0"}
    other.close()
    db.close()


def add(db: Database, count: int) -> None:
    for number in range(count):
        with db.writing() as tx:
            tx.execute("INSERT INTO heartbeat (name, at, value) VALUES (?, '', ?)", (f"n{number}", "x" * 500))
