"""kill -9 of the daemon at random moments of its work: every attack is alerted, under one stable id."""

from __future__ import annotations

import multiprocessing
import random
import sqlite3
import time
from contextlib import closing
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from alerts import SECRET
from killed_daemon import run_daemon
from receiver import Receiver, in_thread
from wire import Wire

from monitor.store import outbox
from monitor.store.db import Database

FORKS = multiprocessing.get_context("forkserver")
CONFIG = """
database = "kill.db"
rules = "{rules}"
[polling]
every_seconds = 1
host_delay_seconds = 0
backfill_hours = 87600
allow_private_addresses = true
[[feed]]
url = "{feed}/wire.xml"
[[sink]]
name = "ops"
kind = "webhook"
url_env = "KILL_URL"
secret_env = "KILL_SECRET"
allow_private_addresses = true
[delivery]
backoff_seconds = {waits}
circuit_failures = 1000
"""
# After the last of these comes half a day, which chance must not reach.
WAITS = [0, 0.05, 0.1] + 40 * [0.2]
# A start takes two; a machine with much else to do takes its time.
START_SECONDS = 120
# What the daemon has just stored when it is killed: it is then about to decide, to send, or waiting for an answer.
STEPS = ("entry", "alert", "attempt")


class Watched:
    """What the daemon has on disk, read between its writes; no connection is open when it is killed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def count(self, table: str) -> int:
        if not self.path.exists():
            return 0
        try:
            with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=10)) as db:
                return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        except sqlite3.OperationalError:  # the tables are not there yet
            return 0

    def wait_for_more(self, table: str, before: int, process: ForkServerProcess) -> None:
        end = time.monotonic() + START_SECONDS
        while self.count(table) <= before:
            assert process.is_alive(), f"the daemon ended by itself: {process.exitcode}"
            assert time.monotonic() < end, f"no new {table}"
            time.sleep(0.002)

    def let_an_interval_pass(self) -> None:
        """A feed is polled at its time only, whoever restarts; here its time is now."""
        if self.count("feed_state"):
            with closing(sqlite3.connect(self.path, timeout=10, isolation_level=None)) as db:
                db.execute("UPDATE feed_state SET next_poll_at = '2020-01-01T00:00:00.000Z'")


def run_killed(config: Path, environ: dict[str, str], wire: Wire, kills: int) -> None:
    """Kill the daemon again and again, each time a moment after it has stored a poll, an alert or a try to send.

    Before each start there are three more attacks to tell. At last it runs until all is delivered.
    """
    rolls, watched = random.Random(3), Watched(config.with_name("kill.db"))
    for number in range(kills):
        wire.attacks += 3
        watched.let_an_interval_pass()
        entries, alerts = watched.count("entry"), watched.count("alert")
        process = FORKS.Process(target=run_daemon, args=(config, environ), daemon=True)
        process.start()
        watched.wait_for_more("entry", entries, process)
        if (step := STEPS[number % len(STEPS)]) == "alert":
            watched.wait_for_more("alert", alerts, process)
        elif step == "attempt":
            watched.wait_for_more("attempt", watched.count("attempt"), process)
        process.join(rolls.uniform(0, 0.06))
        assert process.is_alive(), f"the daemon ended by itself: {process.exitcode}"
        process.kill()
        process.join()
    process = FORKS.Process(target=run_daemon, args=(config, environ), daemon=True)
    process.start()
    try:
        wait_for_end(watched.path, wire.attacks)
    finally:
        process.terminate()
        process.join(30)
    assert process.exitcode == 0


def wait_for_end(path: Path, attacks: int, seconds: float = 60) -> None:
    db = Database(path)
    end = time.monotonic() + seconds
    while outbox.counts(db.reading).get("sent", 0) < attacks:
        assert time.monotonic() < end, outbox.counts(db.reading)
        time.sleep(0.1)
    db.close()


@pytest.mark.slow
@pytest.mark.parametrize("kills", [50, pytest.param(500, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])])
@pytest.mark.fault("CR-1", "CR-4")
def test_every_attack_is_alerted_whenever_the_daemon_is_killed(tmp_path, root, kills):
    """CR-1, CR-4: feed, decision, outbox, receiver; 30 % of the requests fail."""
    FORKS.set_forkserver_preload(["killed", "killed_daemon"])
    wire, receiver = Wire(), Receiver(SECRET, failing=0.3, rolls=random.Random(5))
    config = tmp_path / "basewatch.toml"
    with in_thread(wire.handle) as feed, in_thread(receiver.handle) as url:
        config.write_text(CONFIG.format(rules=root / "rules", feed=feed, waits=WAITS), encoding="utf-8")
        run_killed(config, {"KILL_URL": url + "/hook", "KILL_SECRET": SECRET}, wire, kills)
    db = Database(tmp_path / "kill.db")
    delivered = {row["id"] for row in db.rows("SELECT id FROM delivery WHERE state = 'sent'")}
    unknown = db.rows("SELECT delivery_id AS id, count(*) AS n FROM attempt WHERE outcome = 'unknown' GROUP BY 1")
    known = {row["id"]: row["n"] for row in unknown}
    repeats = {name: count - 1 for name, count in receiver.accepted.items() if count > 1}

    assert db.rows("SELECT count(DISTINCT incident_id) AS n FROM alert")[0]["n"] == wire.attacks
    assert len(delivered) == wire.attacks, "an attack was alerted twice, or not at all"
    assert set(receiver.accepted) == delivered
    assert receiver.faults == []
    assert {len(bodies) for bodies in receiver.bodies.values()} == {1}
    assert all(count <= known.get(name, 0) for name, count in repeats.items())
    assert db.row("PRAGMA integrity_check")[0] == "ok"
    print(
        f"{kills} kills, {wire.attacks} attacks: 0 lost, {sum(repeats.values())} repeats, {sum(known.values())} unknown"
    )
    db.close()
