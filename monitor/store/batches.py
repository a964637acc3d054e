"""What the outbox knows of deliveries that go out together. Reads only."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from monitor.alerts.gathering import Seen
from monitor.store.db import now_text, to_time
from monitor.store.outbox import LONGEST_WAIT


def seen(db: sqlite3.Connection, sink: str, batch: str, now: datetime) -> Seen:
    """When what waits in a batch of a sink is due, and when something of it was last tried."""
    row = db.execute(
        "SELECT min(CASE WHEN state = 'pending' AND not_before_at BETWEEN ?1 AND ?2 THEN not_before_at END) AS due_at, "
        "max(CASE WHEN state <> 'cancelled' THEN first_attempt_at END) AS last_at FROM delivery "
        "WHERE batch = ?3 AND batch <> '' AND sink = ?4 AND created_at > ?5",
        (now_text(now), now_text(now + LONGEST_WAIT), batch, sink, now_text(now - LONGEST_WAIT)),
    ).fetchone()
    return Seen(to_time(row["due_at"]), to_time(row["last_at"]))


def places_told(db: sqlite3.Connection, sink: str, since: datetime) -> set[str]:
    """The places, or incidents without a named one, of which a sink was told for the first time since then."""
    rows = db.execute(
        "SELECT DISTINCT coalesce(nullif(i.base, ''), i.id) AS place FROM alert a "
        "JOIN incident i ON i.id = a.incident_id JOIN delivery d ON d.alert_id = a.id AND d.sink = ?1 "
        "WHERE a.created_at > ?2 AND a.reason = 'new' AND d.state <> 'cancelled'",
        (sink, now_text(since)),
    )
    return {row["place"] for row in rows}
