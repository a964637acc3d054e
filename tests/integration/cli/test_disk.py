"""A full disk stops the work and loses nothing; a database that is gone ends it in one sentence (DB-1, DB-4)."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from disk import can_mount, can_trace, on_disk
from station import CONFIG, PROGRAM, ROOT, configure, daemon, environment, on_air, until

from monitor.cli.main import code_of
from monitor.errors import StoreError, StoreFull

ATTACK = "Two drones hit the US military base at al-Tanf in Syria, injuring three soldiers"
OTHER = "Rockets hit the Ain al-Asad air base in Iraq housing US troops, wounding two soldiers"


def events(log):
    return [json.loads(line)["event"] for line in log.read_text().splitlines() if line.startswith("{")]


@contextmanager
def on_small_disk(tmp_path, station):
    """A daemon whose database lies on 8 MB; gives its process and its folder, seen from outside."""
    disk, log = tmp_path / "disk", (tmp_path / "daemon.log").open("wb")
    disk.mkdir()
    text = CONFIG.replace("{rules}", str(ROOT / "rules")).replace("{url}", station.url)
    (tmp_path / "basewatch.toml").write_text(text)
    command = ["sh", "-c", 'cp "$0" . && exec "$@"', str(tmp_path / "basewatch.toml")]
    command += [*PROGRAM, "run", "--log", "json", "--config", "basewatch.toml"]
    process = subprocess.Popen(on_disk(disk, "8m", *command), env=environment(station), stderr=log)
    try:
        yield process, Path(f"/proc/{process.pid}/root{disk}")
    finally:
        process.kill()
        process.wait()
        log.close()


def fill(folder):
    """Take all room there is."""
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


@pytest.mark.slow
@pytest.mark.skipif(not can_mount(), reason="needs the right to mount a small file system")
@pytest.mark.fault("DB-1")
def test_db_1_a_full_disk_stops_polling_and_sending_and_nothing_is_lost(tmp_path):
    log = tmp_path / "daemon.log"
    with on_air() as station, on_small_disk(tmp_path, station) as (process, folder):
        station.add(ATTACK)
        until(lambda: len(station.posts) == 1)
        stop = threading.Event()

        def keep_full():
            while not stop.wait(0.2):
                fill(folder)

        filling = threading.Thread(target=keep_full)
        filling.start()
        try:
            until(lambda: any(event.startswith("the disk is full") for event in events(log)))
            station.add(OTHER)
            assert not stop.wait(6)
            assert process.poll() is None
            assert len(station.posts) == 1, "an alert was sent that cannot have been recorded"
        finally:
            stop.set()
            filling.join()
        (folder / "filler").unlink()
        until(lambda: "there is room on the disk again; work goes on" in events(log))
        until(lambda: len(station.posts) == 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    told = events(log)
    assert sum(event.startswith("the disk is full") for event in told) == 1
    assert len(station.posts) == 2


@pytest.mark.skipif(not can_mount(), reason="needs the right to mount a small file system")
@pytest.mark.parametrize("before", ["true", '"$@" --once 2>&1', '"$@" --once 2>&1; rm -f *.ballast'])
@pytest.mark.fault("DB-1")
def test_db_1_a_start_on_a_full_disk_ends_with_one_sentence_and_a_code_that_is_tried_again(tmp_path, before):
    disk = tmp_path / "disk"
    disk.mkdir()
    with on_air() as station:
        config = configure(tmp_path, station)
        script = f'cp "$0" . && {{ {before}; }} >&2; cat /dev/zero >filler 2>/dev/null; echo now full >&2; exec "$@"'
        command = ["sh", "-c", script, str(config), *PROGRAM, "run", "--config", "basewatch.toml"]
        done = subprocess.run(
            on_disk(disk, "4m", *command), env=environment(station), capture_output=True, text=True, check=False
        )
    told = done.stderr.partition("now full\n")[2]
    assert done.returncode == 1, done.stderr
    assert "no room on the disk" in told
    assert "Traceback" not in told
    assert "bug" not in told
    assert '"started"' not in told


def test_the_unit_tries_again_after_a_full_disk(root):
    unit = (root / "deploy" / "basewatch.service").read_text()
    (never,) = [line.partition("=")[2].split() for line in unit.splitlines() if line.startswith("RestartPrevent")]
    assert str(code_of(StoreFull("a.db: no room on the disk"))) not in never
    assert str(code_of(StoreError("a.db: is no database"))) in never


@pytest.mark.slow
@pytest.mark.skipif(not can_mount(), reason="needs the right to mount a small file system")
@pytest.mark.fault("DB-3")
def test_db_3_what_was_sent_while_the_disk_ran_full_is_recorded_once_there_is_room(tmp_path):
    stop, full = threading.Event(), threading.Event()
    with on_air() as station, on_small_disk(tmp_path, station) as (process, folder):

        def keep_full():
            while not stop.wait(0.05):
                fill(folder)
                full.set()

        inside = ["nsenter", "--mount", "--target", str(process.pid)]
        filling = threading.Thread(target=keep_full)
        station.before_answer = lambda: (filling.start(), full.wait())
        try:
            station.add(ATTACK)
            until(lambda: any(event.startswith("the disk is full") for event in events(tmp_path / "daemon.log")))
            assert deliveries(tmp_path / "disk", *inside) == [["sending", 1]]
            assert process.poll() is None
        finally:
            stop.set()
            filling.join()
        (folder / "filler").unlink()
        until(lambda: deliveries(tmp_path / "disk", *inside) == [["sent", 1]])
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert len(station.posts) == 1


@pytest.mark.slow
@pytest.mark.skipif(not can_trace(), reason="strace is absent or may not trace here")
@pytest.mark.parametrize("call", ["pwrite64", "fdatasync"])
@pytest.mark.fault("DB-3")
def test_db_3_what_was_sent_and_the_disk_failed_to_record_is_never_sent_again_unmarked(tmp_path, call):
    """An error of fdatasync may come when all is written: then the next start finds it recorded."""
    with on_air() as station, ExitStack() as stack:
        config, log = configure(tmp_path, station), tmp_path / "daemon.log"
        with daemon(config, station) as process:
            station.before_answer = lambda: stack.enter_context(failing(call, process.pid))
            station.add(ATTACK)
            assert process.wait(60) == 1
        assert "the database can no longer be written" in log.read_text()
        station.before_answer = lambda: None
        with daemon(config, station) as process:
            until(lambda: events(log).count("started") == 2 and deliveries(tmp_path)[0][0] == "sent")
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
    ((_, tries),) = deliveries(tmp_path)
    first, *again = [json.dumps(message) for _, message in station.posts]
    assert "Possible repeat" not in first
    assert len(again) == tries - 1
    assert all("Possible repeat" in text for text in again)
    assert call == "fdatasync" or again, "the disk never failed"


@contextmanager
def failing(call, pid):
    """Meanwhile every such call of a running process reports an error of the disk."""
    inject = ["-e", f"trace={call}", "-e", f"inject={call}:error=EIO"]
    tracing = subprocess.Popen(["strace", "-f", "-qq", "-o", "/dev/null", *inject, "-p", str(pid)])
    until(lambda: "TracerPid:\t0\n" not in Path(f"/proc/{pid}/status").read_text())
    try:
        yield
    finally:
        tracing.terminate()
        tracing.wait()


DELIVERIES = """
import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=10)
print(json.dumps(db.execute("SELECT state, attempts FROM delivery").fetchall()))
"""


def deliveries(folder, *inside):
    """The state of each delivery and how often it was tried; `inside` leads to the disk on which the folder is."""
    command = [*inside, sys.executable, "-c", DELIVERIES, str(folder / "basewatch.db")]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


@pytest.mark.parametrize("what", ["gone", "replaced"])
@pytest.mark.fault("DB-4")
def test_db_4_a_database_that_is_gone_ends_the_daemon_in_one_sentence(tmp_path, what):
    with on_air() as station:
        config = configure(tmp_path, station)
        file = tmp_path / "basewatch.db"
        with daemon(config, station) as process:
            until(lambda: "started" in events(tmp_path / "daemon.log"))
            if what == "replaced":
                (tmp_path / "other").write_bytes(b"")
                (tmp_path / "other").replace(file)
            else:
                file.unlink()
            assert process.wait(30) == 1
    last = (tmp_path / "daemon.log").read_text()
    assert "the database file is gone or was replaced" in last
    assert "Traceback" not in last


@pytest.mark.fault("DB-4")
def test_db_4_a_database_that_turns_read_only_is_lost(tmp_path):
    from monitor.health.disk import DiskWatch
    from monitor.store.db import Database

    db = Database(tmp_path / "a.db", durable=False)
    disk = DiskWatch(db, lambda: datetime.now(UTC))
    assert (disk.lost, disk.full) == ("", False)
    db.reading.execute("PRAGMA query_only = 1")
    with pytest.raises(sqlite3.OperationalError, match="readonly"), db.writing() as tx:
        tx.execute("DELETE FROM heartbeat")
    assert "can no longer be written" in disk.lost
    assert disk.full
    db.close()


@pytest.mark.fault("DB-3")
def test_a_failed_commit_leaves_no_transaction_open(tmp_path):
    from monitor.store.db import Database
    from monitor.store.trouble import Trouble

    db = Database(tmp_path / "a.db", durable=False)
    pages = db.rows("PRAGMA page_count")[0][0]
    db.reading.execute(f"PRAGMA max_page_count = {pages}")
    for _ in range(2):
        with pytest.raises(sqlite3.OperationalError, match="full"), db.writing() as tx:
            tx.execute("INSERT INTO heartbeat (name, at, value) VALUES ('a', 'b', ?)", ("x" * 100_000,))
    assert db.trouble is Trouble.FULL
    db.reading.execute("PRAGMA max_page_count = 100000")
    with db.writing() as tx:
        tx.execute("INSERT INTO heartbeat (name, at) VALUES ('a', 'b')")
    db.close()


def test_a_locked_database_or_a_wrong_statement_is_no_trouble(tmp_path):
    from monitor.store.db import Database
    from monitor.store.trouble import Trouble

    db = Database(tmp_path / "a.db", durable=False)
    db.reading.execute("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="locked"), db.writing():
        pass
    other.close()
    with pytest.raises(sqlite3.OperationalError, match="no such table"), db.writing() as tx:
        tx.execute("DELETE FROM nowhere")
    assert db.trouble is Trouble.NONE
    db.close()
