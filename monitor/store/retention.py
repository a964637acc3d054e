"""What is kept and for how long: entry ids outlive texts, and whatever was spoken of is kept for good."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.store.db import now_text

# A feed brought entries back after up to 110 days; an id forgotten too early is an alert twice.
ENTRY_DAYS = 400
TEXT_DAYS = 60
ATTEMPT_DAYS = 90


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows a clean-up touched."""

    entries: int
    texts: int


def prune(tx: sqlite3.Connection, now: datetime, limit: int = 2000) -> Pruned:
    """Drop old texts, then old entries that no feed shows any more and that no incident, alert or verdict needs.

    At most `limit` of each in one call, so that no clean-up holds the writer for long.
    """
    texts = tx.execute(
        "UPDATE entry SET text = '' WHERE id IN (SELECT id FROM entry WHERE text <> '' AND state = 'decided' "
        "AND last_seen_at < ? AND id NOT IN (SELECT entry_id FROM mention) LIMIT ?)",
        (now_text(now - timedelta(days=TEXT_DAYS)), limit),
    ).rowcount
    old = [
        (row["id"],)
        for row in tx.execute(
            "SELECT e.id FROM entry e WHERE e.last_seen_at < ? AND e.state = 'decided' "
            "AND NOT EXISTS (SELECT 1 FROM mention m WHERE m.entry_id = e.id) "
            "AND NOT EXISTS (SELECT 1 FROM verdict v WHERE v.entry_id = e.id) "
            "AND NOT EXISTS (SELECT 1 FROM alert a WHERE a.entry_id = e.id) "
            "AND NOT EXISTS (SELECT 1 FROM incident i WHERE i.first_entry_id = e.id) "
            "AND NOT EXISTS (SELECT 1 FROM fact f WHERE f.entry_id = e.id) LIMIT ?",
            (now_text(now - timedelta(days=ENTRY_DAYS)), limit),
        )
    ]
    for statement in (
        "DELETE FROM judgement WHERE entry_id = ?",
        "DELETE FROM entry_alias WHERE entry_id = ?",
        "DELETE FROM entry WHERE id = ?",
    ):
        tx.executemany(statement, old)
    tx.execute("DELETE FROM attempt WHERE started_at < ?", (now_text(now - timedelta(days=ATTEMPT_DAYS)),))
    return Pruned(entries=len(old), texts=texts)
