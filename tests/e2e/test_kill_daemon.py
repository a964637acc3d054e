"""kill -9 of the daemon at random moments, from feed to receiver: every attack is alerted, under one stable id."""

from __future__ import annotations

import multiprocessing
import random
import time
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


def run_killed(config: Path, environ: dict[str, str], wire: Wire, kills: int) -> None:
    """Start and kill the daemon, with three more attacks each time; then let it run until all is delivered."""
    rolls = random.Random(3)
    for _ in range(kills):
        wire.attacks += 3
        process = FORKS.Process(target=run_daemon, args=(config, environ))
        process.start()
        process.join(rolls.uniform(0.05, 0.8))
        assert process.is_alive(), f"the daemon ended by itself: {process.exitcode}"
        process.kill()
        process.join()
    process = FORKS.Process(target=run_daemon, args=(config, environ))
    process.start()
    try:
        wait_for_end(config.with_name("kill.db"), wire.attacks)
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
@pytest.mark.parametrize("kills", [50, pytest.param(500, marks=[pytest.mark.soak, pytest.mark.timeout(1200)])])
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
