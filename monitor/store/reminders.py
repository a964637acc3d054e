"""Incidents that were told and that nobody has reviewed. Reads only."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from monitor.store.db import now_text
from monitor.store.memory import OF_FAMILY

# The last news of each incident (of merged ones together) where nothing was told since ?2 and no report has a verdict.
UNREVIEWED = """
WITH told AS (
  SELECT coalesce(nullif(i.merged_into, ''), i.id) AS survivor, a.entry_id, a.reason, a.confidence,
         max(a.created_at) FILTER (WHERE a.reason <> 'reminder') AS news_at, max(a.created_at) AS last_at
  FROM alert a JOIN incident i ON i.id = a.incident_id WHERE a.created_at > ?1 GROUP BY survivor
)
SELECT survivor FROM told WHERE news_at IS NOT NULL AND last_at <= ?2 AND NOT EXISTS (
  SELECT 1 FROM mention m JOIN incident f ON f.id = m.incident_id JOIN verdict v ON v.entry_id = m.entry_id
  WHERE m.how IN ('opens', 'joins') AND (f.id = survivor OR f.merged_into = survivor))
ORDER BY survivor
"""


def unreviewed(db: sqlite3.Connection, news_since: datetime, told_before: datetime) -> list[str]:
    """The incidents with news since then of which nothing was told after `told_before` and that nobody has reviewed."""
    return [row["survivor"] for row in db.execute(UNREVIEWED, (now_text(news_since), now_text(told_before)))]


def last_news(db: sqlite3.Connection, incident_id: str) -> sqlite3.Row:
    """The last alert of an incident that was no reminder, with the article that it told of."""
    found: sqlite3.Row = db.execute(
        "SELECT e.*, a.id AS alert_id, a.reason, a.confidence, a.severity FROM alert a "  # noqa: S608 - a constant
        f"JOIN entry e ON e.id = a.entry_id WHERE {OF_FAMILY} AND a.reason <> 'reminder' "
        "ORDER BY a.created_at DESC, a.rowid DESC LIMIT 1",
        (incident_id,),
    ).fetchone()
    return found


def last_told(db: sqlite3.Connection, incident_id: str) -> tuple[str, dict[str, datetime]]:
    """The id of the last alert of an incident, and by sink when it was last told; not where something still waits."""
    last = db.execute(
        f"SELECT id FROM alert WHERE {OF_FAMILY} ORDER BY created_at DESC, rowid DESC LIMIT 1",  # noqa: S608 - a constant
        (incident_id,),
    ).fetchone()
    rows = db.execute(
        "SELECT d.sink, max(coalesce(d.sent_at, d.created_at)) AS at FROM alert a "  # noqa: S608 - a constant
        f"JOIN delivery d ON d.alert_id = a.id WHERE {OF_FAMILY} AND d.state <> 'cancelled' GROUP BY d.sink "
        "HAVING sum(d.state IN ('pending', 'sending', 'unknown', 'held')) = 0",
        (incident_id,),
    )
    return last["id"], {row["sink"]: datetime.fromisoformat(row["at"]) for row in rows}
