"""How the service is, for the programs that watch it: daemon, feeds, alarms, outbox, last alert. Reads only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from monitor.health.doctor import Check, is_alive
from monitor.health.watch import KINDS
from monitor.model import Notice
from monitor.store import notices, outbox, signs
from monitor.store.db import Database, to_time
from monitor.store.signs import CanarySign

# What keeps the service itself from its work; the other alarms are about single feeds.
SERVICE_KINDS = ("outage", "stalled", "outbox", "sink", "canary", "disk_full")


@dataclass(frozen=True, slots=True)
class LastAlert:
    """The latest alert there is."""

    at: datetime
    reason: str
    title: str


@dataclass(frozen=True, slots=True)
class Status:
    """How the service is. `feeds` counts watched feeds by state, `outbox` deliveries by state."""

    daemon: Check
    feeds: dict[str, int]
    notices: tuple[Notice, ...]
    outbox: dict[str, int]
    undecided: int = 0
    last_alert: LastAlert | None = None
    canary: CanarySign | None = None

    @property
    def alarms(self) -> tuple[Notice, ...]:
        """The open notices that are alarms."""
        return tuple(notice for notice in self.notices if notice.kind in (*KINDS, *SERVICE_KINDS))

    @property
    def ready(self) -> bool:
        """True where the daemon is at work and nothing keeps it from polling and delivering."""
        return self.daemon.state == "ok" and not any(notice.kind in SERVICE_KINDS for notice in self.notices)


def last_alert(db: Database) -> LastAlert | None:
    """The latest alert, or None."""
    row = db.row("SELECT at, reason, title FROM alerts_recent LIMIT 1")
    at = to_time(row["at"]) if row else None
    return LastAlert(at, row["reason"], row["title"]) if row and at else None


def check_last_alert(db: Database) -> Check:
    """The latest alert as a line."""
    last = last_alert(db)
    return Check("alert", "ok", f"{last.at:%Y-%m-%d %H:%M} UTC, {last.reason}: {last.title}" if last else "none yet")


def status_of(db: Database, now: datetime) -> Status:
    """How the service on this database is."""
    states = (row["state"] for row in db.rows("SELECT state FROM feeds_health WHERE state <> 'paused'"))
    return Status(
        daemon=is_alive(db, now),
        feeds=dict(Counter(states)),
        notices=tuple(notices.open_notices(db.reading)),
        outbox=outbox.counts(db.reading),
        undecided=db.rows("SELECT count(*) FROM entry WHERE state = 'undecided'")[0][0],
        last_alert=last_alert(db),
        canary=signs.canary_sign(db.reading),
    )
