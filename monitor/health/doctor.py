"""The doctor: what is fine, what deserves a look and what is broken, one line each. Reads only."""

from __future__ import annotations

import platform
import pyexpat
import shutil
import sqlite3
import ssl
import stat
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from lxml import etree

from monitor.health.watch import TICK, alarms_now
from monitor.store import notices, outbox, signs, silences
from monitor.store.db import Database
from monitor.store.lock import is_held
from monitor.store.lookup import feed_rows

State = Literal["ok", "look", "bad"]

# The daemon beats every 30 seconds; a container's health check may look at any moment between.
ALIVE_FOR = timedelta(seconds=120)
LEAST_FREE_BYTES = 500_000_000
LARGE_WAL_BYTES = 200_000_000
# From 3.7.0 on, two connections that write and checkpoint at once can damage a write-ahead log (sqlite.org/wal.html).
# Only the daemon checkpoints, so that this cannot happen here; it is said all the same.
SAFE_SQLITE = (3, 51, 3)


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: what was looked at, how it is, and one sentence."""

    name: str
    state: State
    text: str


def is_alive(db: Database, now: datetime) -> Check:
    """Is the daemon at work: does it hold the database and has it ticked lately."""
    beat = signs.last_beat(db.reading, TICK)
    if beat is None:
        return Check("daemon", "look", "has never run on this database; `basewatch run` starts it")
    if not is_held(db.path):
        return Check("daemon", "look", f"is not running; it was last seen {beat:%Y-%m-%d %H:%M} UTC")
    if abs(now - beat) <= ALIVE_FOR:
        return Check("daemon", "ok", f"is at work, last seen {beat:%H:%M:%S} UTC")
    text = f"runs but has not done its work since {beat:%Y-%m-%d %H:%M} UTC; see its log, and restart it"
    return Check("daemon", "bad", text)


def check_database(db: Database, now: datetime) -> list[Check]:
    """The file, the disk below it, and how the service on it is."""
    return [check_file(db), check_disk(db.path), *check_service(db, now)]


def check_service(db: Database, now: datetime) -> list[Check]:
    """The daemon, the feeds, the outbox, and everything that is wrong now."""
    open_now = {(notice.kind, notice.subject): notice.text for notice in notices.open_notices(db.reading)}
    open_now |= {(alarm.kind, alarm.subject): alarm.text for alarm in alarms_now(db, now)}
    # That nothing is polled is what the line of the daemon says.
    told = {of: text for of, text in open_now.items() if of[0] != "stalled"}
    return [
        is_alive(db, now),
        check_feeds(db),
        check_outbox(db),
        *check_arrival(db),
        *check_silences(db, now),
        *[Check(kind, "look", text) for (kind, _), text in told.items()],
    ]


def check_feeds(db: Database) -> Check:
    """How many feeds answer."""
    states = Counter(row["state"] for row in feed_rows(db).values())
    text = ", ".join(f"{number} {state}" for state, number in states.most_common()) or "none was polled yet"
    return Check("feeds", "ok" if set(states) <= {"ok", "paused"} and states else "look", text)


def check_file(db: Database) -> Check:
    """Every page of the database file."""
    found = db.rows("PRAGMA quick_check(1)")[0][0]
    if found != "ok":
        return Check("database", "bad", f"{db.path} is damaged ({found}); restore a backup")
    entries = db.rows("SELECT count(*) FROM entry")[0][0]
    incidents = db.rows("SELECT count(*) FROM incident")[0][0]
    return Check("database", "ok", f"{db.path}: {entries:,} entries, {incidents:,} incidents")


def check_disk(database: Path) -> Check:
    """Room for the database, and a write-ahead log that does not grow without end."""
    free = shutil.disk_usage(database.resolve().parent).free
    wal = database.with_name(database.name + "-wal")
    if free < LEAST_FREE_BYTES:
        return Check("disk", "bad", f"only {free / 1e6:,.0f} MB are free beside {database}; make room")
    if wal.exists() and wal.stat().st_size > LARGE_WAL_BYTES:
        return Check("disk", "look", f"{wal} has grown to {wal.stat().st_size / 1e6:,.0f} MB; a reader holds it open")
    return Check("disk", "ok", f"{free / 1e9:,.1f} GB free")


def check_outbox(db: Database) -> Check:
    """Deliveries that need a person, and those that wait."""
    counts = outbox.counts(db.reading)
    stuck = {state: counts[state] for state in ("dead", "held") if counts.get(state)}
    if stuck:
        what = " and ".join(f"{number} {state}" for state, number in stuck.items())
        return Check("outbox", "bad", f"{what}; see `basewatch outbox list`")
    waiting = sum(counts.get(state, 0) for state in ("pending", "sending", "unknown"))
    return Check("outbox", "ok", f"{counts.get('sent', 0):,} sent, {waiting:,} waiting")


def check_arrival(db: Database) -> list[Check]:
    """When the canary arrived last; that it did not is an alarm."""
    sign = signs.canary_sign(db.reading)
    if sign is None or sign.problem or sign.arrived_at is None:
        return []
    return [Check("canary", "ok", f"arrived {sign.arrived_at:%Y-%m-%d %H:%M} UTC")]


def check_silences(db: Database, now: datetime) -> list[Check]:
    """What the operator chose not to hear now."""
    found = []
    for one in silences.active(db.reading, now):
        about = one.base or one.country or one.incident_id
        found.append(Check("silence", "ok", f"{one.id}: {about} until {one.until_at:%Y-%m-%d %H:%M} UTC ({one.why})"))
    return found


def check_secret_files(files: Sequence[Path]) -> list[Check]:
    """Files with secrets that every user of the machine can read."""
    found = []
    for file in files:
        try:
            open_to_all = bool(file.stat().st_mode & stat.S_IROTH)
        except OSError:
            continue
        if open_to_all:
            found.append(Check("secret", "look", f"{file} can be read by every user; chmod 600 it"))
    return found


def check_versions() -> list[Check]:
    """Versions of what parses other people's bytes and keeps ours."""
    sqlite = sqlite3.sqlite_version
    checks = [
        Check("python", "ok", platform.python_version()),
        Check("openssl", "ok", ssl.OPENSSL_VERSION),
        Check("expat", "ok", pyexpat.EXPAT_VERSION),
        Check("libxml2", "ok", ".".join(map(str, etree.LIBXML_VERSION))),
    ]
    safe = sqlite3.sqlite_version_info >= SAFE_SQLITE
    text = sqlite if safe else f"{sqlite}; let no other program checkpoint the database (safe from 3.51.3 on)"
    return [Check("sqlite", "ok" if safe else "look", text), *checks]


def attempt(name: str, look: Callable[[], str], *errors: type[Exception]) -> Check:
    """A check that is fine where `look` answers, and broken where it raises one of `errors`."""
    try:
        return Check(name, "ok", look())
    except errors as error:
        return Check(name, "bad", str(error))
