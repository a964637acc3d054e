"""Notices to the operator: raised once for each kind and subject, cleared when the cause is gone, never deleted."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime

from monitor.model import Notice
from monitor.store.codec import to_json
from monitor.store.db import now_text, to_time


def raise_notice(tx: sqlite3.Connection, notice: Notice) -> bool:
    """Store a notice unless one of its kind and subject is open; True where it is new."""
    known = tx.execute(
        "SELECT 1 FROM notice WHERE kind = ? AND subject = ? AND cleared_at IS NULL", (notice.kind, notice.subject)
    ).fetchone()
    if known:
        return False
    tx.execute(
        "INSERT INTO notice (kind, subject, text, at, details) VALUES (?, ?, ?, ?, ?)",
        (notice.kind, notice.subject, notice.text, now_text(notice.at), to_json(notice.details)),
    )
    return True


def clear_notice(tx: sqlite3.Connection, kind: str, subject: str, now: datetime) -> bool:
    """Clear the open notice of this kind and subject; True where there was one."""
    done = tx.execute(
        "UPDATE notice SET cleared_at = ? WHERE kind = ? AND subject = ? AND cleared_at IS NULL",
        (now_text(now), kind, subject),
    )
    return done.rowcount > 0


def open_notices(db: sqlite3.Connection, kinds: Iterable[str] = ()) -> list[Notice]:
    """Open notices, oldest first; of some kinds only where they are given."""
    wanted = set(kinds)
    rows = db.execute("SELECT * FROM notice WHERE cleared_at IS NULL ORDER BY at, id").fetchall()
    return [_notice(row) for row in rows if not wanted or row["kind"] in wanted]


def untold_notices(db: sqlite3.Connection, kinds: Iterable[str], limit: int) -> list[tuple[int, Notice]]:
    """Open notices of these kinds that no sink has been given yet, with their row ids, oldest first."""
    wanted = to_json(sorted(kinds))
    rows = db.execute(
        "SELECT * FROM notice WHERE cleared_at IS NULL AND told_at IS NULL "
        "AND kind IN (SELECT value FROM json_each(?)) ORDER BY at, id LIMIT ?",
        (wanted, limit),
    )
    return [(row["id"], _notice(row)) for row in rows]


def mark_told(tx: sqlite3.Connection, row_id: int, now: datetime) -> None:
    """A sink has accepted this notice."""
    tx.execute("UPDATE notice SET told_at = ? WHERE id = ?", (now_text(now), row_id))


def _notice(row: sqlite3.Row) -> Notice:
    at = to_time(row["at"])
    assert at is not None  # noqa: S101 - the column is NOT NULL
    details = tuple((str(name), str(value)) for name, value in json.loads(row["details"]))
    return Notice(row["kind"], row["subject"], row["text"], at, details)
