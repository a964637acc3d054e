"""The daemon is stopped for longer than a send may last, and then goes on (CR-8)."""

from __future__ import annotations

import json
import signal
import sqlite3
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from station import CONFIG, configure, daemon, on_air, until

ATTACK = "Two drones hit the US military base at al-Tanf in Syria, injuring three soldiers"
OTHER = "Rockets hit the Ain al-Asad air base in Iraq housing US troops, wounding two soldiers"
EVERY = 5


def query(path: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(path, timeout=10)) as db:
        return db.execute(sql).fetchall()


@pytest.mark.soak
@pytest.mark.parametrize("answered", [True, False], ids=["answered meanwhile", "answered late"])
@pytest.mark.fault("CR-8")
def test_a_daemon_stopped_over_a_send_says_nothing_twice_unmarked_and_catches_up_once(tmp_path, answered):
    """Its lease of the delivery ends while it sleeps, and seven polls are missed."""
    with on_air() as station:
        config = configure(tmp_path, station, CONFIG.replace("every_seconds = 1", f"every_seconds = {EVERY}"))
        path, answering = tmp_path / "basewatch.db", threading.Event()
        station.before_answer = answering.wait
        station.add(ATTACK)
        with daemon(config, station) as process:
            until(lambda: station.posts)
            process.send_signal(signal.SIGSTOP)
            ((lease,),) = query(path, "SELECT lease_expires_at FROM delivery WHERE state = 'sending'")
            station.add(OTHER)
            polls = station.polls
            if answered:
                answering.set()
            time.sleep((datetime.fromisoformat(lease) - datetime.now(UTC)).total_seconds() + 2)
            assert station.polls <= polls + 1, "it is not stopped"
            assert len(station.posts) == 1
            process.send_signal(signal.SIGCONT)
            polls, answered_at = station.polls, time.monotonic()
            until(lambda: told_of(station, "al-Asad"))
            time.sleep(2 * EVERY)
            assert station.polls - polls <= (time.monotonic() - answered_at) / EVERY + 2, "missed polls are made up for"
            answering.set()
            until(lambda: query(path, "SELECT DISTINCT state FROM delivery") == [("sent",)])
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
    ((unknown,),) = query(path, "SELECT count(*) FROM attempt WHERE outcome = 'unknown'")
    first, *again = told_of(station, "al-Tanf")
    assert "Possible repeat" not in first
    assert len(again) <= unknown <= 1
    assert all("Possible repeat" in text for text in again)
    assert len(told_of(station, "al-Asad")) == 1
    assert query(path, "SELECT count(*) FROM alert") == [(2,)]


def told_of(station, name: str) -> list[str]:
    """The posts that tell of a base."""
    texts = [json.dumps(message) for _, message in station.posts]
    return [text for text in texts if name in text]
