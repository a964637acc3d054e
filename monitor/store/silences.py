"""Silences as stored, and what was silenced by them.

Functions that write take the connection of the caller's write transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from monitor.model import Silence
from monitor.redact import one_line
from monitor.store.codec import to_json
from monitor.store.db import now_text, to_time

MAX_WHY = 500


def save(tx: sqlite3.Connection, silence: Silence) -> None:
    """Store a new silence."""
    tx.execute(
        "INSERT INTO silence (id, base, incident_id, country, why, created_at, until_at, deliver_after) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            silence.id,
            silence.base,
            silence.incident_id,
            silence.country,
            one_line(silence.why, MAX_WHY),
            now_text(silence.created_at),
            now_text(silence.until_at),
            int(silence.deliver_after),
        ),
    )


def active(db: sqlite3.Connection, now: datetime) -> list[Silence]:
    """The silences that are neither over nor ended, oldest first; one of a merged incident is about the survivor."""
    rows = db.execute(
        "SELECT s.*, coalesce(nullif(i.merged_into, ''), s.incident_id) AS about FROM silence s "
        "LEFT JOIN incident i ON i.id = s.incident_id WHERE s.ended_at IS NULL AND s.until_at > ? "
        "ORDER BY s.created_at, s.id",
        (now_text(now),),
    )
    return [replace(to_silence(row), incident_id=row["about"]) for row in rows]


def listed(db: sqlite3.Connection) -> list[Silence]:
    """All silences there ever were, oldest first."""
    return [to_silence(row) for row in db.execute("SELECT * FROM silence ORDER BY created_at, id")]


def silenced_alerts(db: sqlite3.Connection) -> dict[str, int]:
    """How many alerts each silence has silenced, by its id."""
    rows = db.execute("SELECT silenced_by, count(*) AS n FROM alert WHERE silenced_by <> '' GROUP BY silenced_by")
    return {row["silenced_by"]: row["n"] for row in rows}


def mark(tx: sqlite3.Connection, alert_id: str, silence: Silence, sinks: Collection[str]) -> None:
    """Say that an alert was silenced, and close its deliveries to `sinks` unless they only wait for its end."""
    tx.execute("UPDATE alert SET silenced_by = ? WHERE id = ?", (silence.id, alert_id))
    if not silence.deliver_after:
        tx.execute(
            "UPDATE delivery SET state = 'cancelled', held_why = 'silenced', last_error = ? "
            "WHERE alert_id = ? AND state = 'pending' AND sink IN (SELECT value FROM json_each(?))",
            (f"silenced by {silence.id}: {silence.why}", alert_id, to_json(sorted(sinks))),
        )


def end(tx: sqlite3.Connection, silence_id: str, now: datetime) -> int:
    """End a silence. What only waited for its end is due now; how many deliveries that are."""
    tx.execute("UPDATE silence SET ended_at = ? WHERE id = ? AND ended_at IS NULL", (now_text(now), silence_id))
    return tx.execute(
        "UPDATE delivery SET not_before_at = NULL WHERE state = 'pending' AND not_before_at > ? "
        "AND alert_id IN (SELECT id FROM alert WHERE silenced_by = ?)",
        (now_text(now), silence_id),
    ).rowcount


def deliver(tx: sqlite3.Connection, silence_id: str) -> int:
    """Send what a silence has closed, but for what was sent since by hand; how many deliveries."""
    return tx.execute(
        "UPDATE delivery SET state = 'pending', held_why = '', last_error = '' "
        "WHERE state = 'cancelled' AND held_why = 'silenced' "
        "AND alert_id IN (SELECT id FROM alert WHERE silenced_by = ?) AND NOT EXISTS (SELECT 1 FROM delivery o "
        "WHERE o.alert_id = delivery.alert_id AND o.sink = delivery.sink AND o.generation > delivery.generation)",
        (silence_id,),
    ).rowcount


def to_silence(row: sqlite3.Row) -> Silence:
    """A row as a value."""
    created_at, until_at = (datetime.fromisoformat(row[name]) for name in ("created_at", "until_at"))
    return Silence(
        id=row["id"],
        why=row["why"],
        created_at=created_at,
        until_at=until_at,
        base=row["base"],
        incident_id=row["incident_id"],
        country=row["country"],
        deliver_after=bool(row["deliver_after"]),
        ended_at=to_time(row["ended_at"]),
    )
