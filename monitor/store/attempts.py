"""One attempt, from its intent to its outcome.

The intent to send is on disk before a socket opens (`claim`), and only the holder of the newest fence can record what
came of it (`record`). What a dead run left is found again (`interrupted`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.alerts.states import Held
from monitor.model import Delivery, Outcome
from monitor.store.db import now_text
from monitor.store.outbox import ALLOWED, DUE, LONGEST_WAIT, stored_error, to_delivery


def claim(tx: sqlite3.Connection, sink: str, boot_id: str, now: datetime, lease_seconds: float) -> Delivery | None:
    """Take the oldest due delivery of a sink, or None."""
    row = tx.execute(
        f"SELECT id FROM delivery WHERE sink = ?3 AND state = 'pending' AND {DUE} "  # noqa: S608 - ours
        "ORDER BY created_at, rowid LIMIT 1",
        (now_text(now), now_text(now + LONGEST_WAIT), sink),
    ).fetchone()
    return claim_rows(tx, [row["id"]], boot_id, now, lease_seconds)[0] if row else None


def claim_probe(
    tx: sqlite3.Connection, sink: str, boot_id: str, now: datetime, lease_seconds: float
) -> Delivery | None:
    """Take a waiting delivery, its retry due or not, to see whether a failing sink works again; None where none waits.

    The one tried least: were it the oldest, a delivery that is itself refused would keep all others waiting.
    """
    row = tx.execute(
        f"SELECT id FROM delivery WHERE sink = ?3 AND state = 'pending' AND {ALLOWED} "  # noqa: S608 - ours
        "ORDER BY attempts, created_at, rowid LIMIT 1",
        (now_text(now), now_text(now + LONGEST_WAIT), sink),
    ).fetchone()
    return claim_rows(tx, [row["id"]], boot_id, now, lease_seconds)[0] if row else None


def thread_of(db: sqlite3.Connection, delivery: Delivery) -> str:
    """The receipt of the first message that this sink accepted of the same incident, merged ones included, or ""."""
    row = db.execute(
        "SELECT d.receipt FROM alert mine JOIN incident i ON i.id = mine.incident_id "
        "JOIN incident s ON s.id = coalesce(nullif(i.merged_into, ''), i.id) "
        "JOIN alert a ON a.incident_id IN (SELECT s.id UNION ALL SELECT id FROM incident WHERE merged_into = s.id "
        "AND merged_into <> '') JOIN delivery d ON d.alert_id = a.id AND d.sink = ? "
        "WHERE mine.id = ? AND d.state = 'sent' AND d.receipt <> '' ORDER BY d.sent_at, d.rowid LIMIT 1",
        (delivery.sink, delivery.alert_id),
    ).fetchone()
    return row["receipt"] if row else ""


def claim_rows(
    tx: sqlite3.Connection, ids: Sequence[str], boot_id: str, now: datetime, lease_seconds: float, digest_id: str = ""
) -> list[Delivery]:
    """Take these waiting deliveries; where they go out together, `digest_id` names the message that carries them."""
    claimed = []
    for wanted in ids:
        row = tx.execute(
            "UPDATE delivery SET state = 'sending', attempts = attempts + 1, fence = fence + 1, boot_id = ?, "
            "lease_expires_at = ?, first_attempt_at = coalesce(first_attempt_at, ?), digest_id = ? "
            "WHERE id = ? AND state = 'pending' RETURNING *",
            (
                boot_id,
                now_text(now + timedelta(seconds=lease_seconds)),
                now_text(now),
                digest_id or None,
                wanted,
            ),
        ).fetchone()
        if row is None:
            continue
        tx.execute(
            "INSERT INTO attempt (delivery_id, number, started_at) VALUES (?, ?, ?)",
            (wanted, row["attempts"], now_text(now)),
        )
        claimed.append(to_delivery(row))
    return claimed


def record(tx: sqlite3.Connection, delivery: Delivery, outcome: Outcome, now: datetime, held_why: Held = "") -> bool:
    """Write what became of a claimed delivery; False where its lease was lost, and then nothing is written."""
    done = tx.execute(
        "UPDATE delivery SET state = ?, next_attempt_at = ?, sent_at = ?, last_code = ?, last_error = ?, "
        "repeat_possible = ?, minimal = ?, held_why = ?, receipt = ?, boot_id = NULL, lease_expires_at = NULL "
        "WHERE id = ? AND fence = ? AND state IN ('sending', 'unknown')",
        (
            delivery.state,
            now_text(delivery.next_attempt_at) if delivery.next_attempt_at else None,
            now_text(delivery.sent_at) if delivery.sent_at else None,
            delivery.last_code,
            stored_error(delivery.last_error),
            int(delivery.repeat_possible),
            int(delivery.minimal),
            held_why,
            outcome.receipt,
            delivery.id,
            delivery.fence,
        ),
    )
    if done.rowcount != 1:
        return False
    tx.execute(
        "UPDATE attempt SET ended_at = ?, outcome = ?, code = ?, error = ? "
        "WHERE delivery_id = ? AND number = ? AND outcome IS NULL",
        (now_text(now), outcome.kind, outcome.code, stored_error(outcome.error), delivery.id, delivery.attempts),
    )
    return True


def interrupted(tx: sqlite3.Connection, boot_id: str, now: datetime, *, alone: bool) -> list[Delivery]:
    """Mark as unknown what another run was sending when it ended, and return it, oldest first.

    `alone` says that the lock of the database is ours, so no other run lives; else only expired leases are taken, and
    their fence is raised, so that a late record of theirs changes nothing.
    """
    rows = tx.execute(
        "UPDATE delivery SET state = 'unknown', fence = fence + 1 "
        "WHERE state = 'unknown' OR (state = 'sending' AND boot_id IS NOT ? AND (? OR lease_expires_at <= ?)) "
        "RETURNING *",
        (boot_id, alone, now_text(now)),
    ).fetchall()
    return [to_delivery(row) for row in sorted(rows, key=lambda row: (row["created_at"], row["id"]))]
