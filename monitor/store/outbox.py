"""The outbox: every delivery from its decision to its end, and what is known of the sinks.

Functions that write take the connection of the caller's write transaction. Claiming and recording stand in `attempts`.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from monitor.alerts.gathering import Plan
from monitor.alerts.states import Held, SinkState
from monitor.model import Alert, Delivery
from monitor.redact import redact
from monitor.store.db import now_text, to_time
from monitor.store.notices import clear_notice

# No wait of ours is longer; a row due later than this was dated by a clock that was wrong.
LONGEST_WAIT = timedelta(days=10)
MAX_ERROR = 500
# What may go out as far as time is concerned. ?1 is now, ?2 the furthest time that a right clock can have written.
ALLOWED = "(not_before_at IS NULL OR not_before_at <= ?1 OR not_before_at > ?2)"
DUE = f"(next_attempt_at IS NULL OR next_attempt_at <= ?1 OR next_attempt_at > ?2) AND {ALLOWED}"
OPEN = ("pending", "sending", "unknown", "held", "dead")


def delivery_id(alert_id: str, sink: str, generation: int) -> str:
    """The id of a delivery, which is also its webhook-id: the same decision always gives the same one."""
    return hashlib.sha256(f"{alert_id}|{sink}|{generation}".encode()).hexdigest()


def enqueue(
    tx: sqlite3.Connection,
    alert: Alert,
    payloads: Mapping[str, str],
    now: datetime,
    plans: Mapping[str, Plan] | None = None,
) -> int:
    """Put one delivery for each sink into the outbox; the number of new ones. The same decision again adds none.

    `plans` say, by sink, when a delivery goes out and in which batch; at once and alone where there is none.
    """
    added = 0
    for sink, payload in payloads.items():
        planned = (plans or {}).get(sink, Plan(now))
        added += tx.execute(
            "INSERT INTO delivery (id, alert_id, sink, generation, payload, state, created_at, not_before_at, batch) "
            "VALUES (?, ?, ?, 0, ?, 'pending', ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                delivery_id(alert.id, sink, 0),
                alert.id,
                sink,
                payload,
                now_text(now),
                now_text(planned.at) if planned.at > now else None,
                planned.batch,
            ),
        ).rowcount
    return added


# --- what waits ----------------------------------------------------------------------------------


def waiting(db: sqlite3.Connection, sink: str, now: datetime, limit: int) -> list[tuple[Delivery, datetime]]:
    """The due deliveries of a sink with the times of their making, oldest first."""
    rows = db.execute(
        f"SELECT * FROM delivery WHERE sink = ?3 AND state = 'pending' AND minimal = 0 AND {DUE} "  # noqa: S608 - ours
        "ORDER BY created_at, rowid LIMIT ?4",
        (now_text(now), now_text(now + LONGEST_WAIT), sink, limit),
    ).fetchall()
    return [(to_delivery(row), datetime.fromisoformat(row["created_at"])) for row in rows]


def waiting_in(db: sqlite3.Connection, sink: str, batch: str, now: datetime, limit: int) -> list[Delivery]:
    """The due deliveries of a sink that belong to a batch, oldest first."""
    rows = db.execute(
        f"SELECT * FROM delivery WHERE sink = ?3 AND batch = ?5 AND state = 'pending' AND minimal = 0 AND {DUE} "  # noqa: S608 - ours
        "ORDER BY created_at, rowid LIMIT ?4",
        (now_text(now), now_text(now + LONGEST_WAIT), sink, limit, batch),
    )
    return [to_delivery(row) for row in rows]


def next_due_at(db: sqlite3.Connection, sink: str, now: datetime) -> datetime | None:
    """When the next waiting delivery of a sink is due; None where none waits. Without a time of its own: `now`."""
    row = db.execute(
        "SELECT count(*) AS n, min(max(CASE WHEN next_attempt_at > ?1 THEN ?2 ELSE coalesce(next_attempt_at, ?2) END, "
        "CASE WHEN not_before_at > ?1 THEN '' ELSE coalesce(not_before_at, '') END)) "
        "AS at FROM delivery WHERE sink = ?3 AND state = 'pending'",
        (now_text(now + LONGEST_WAIT), now_text(now), sink),
    ).fetchone()
    return to_time(row["at"]) if row["n"] else None


def next_allowed_at(db: sqlite3.Connection, sink: str, now: datetime) -> datetime | None:
    """When the next waiting delivery of a sink may be tried, its own retries aside; None where none waits."""
    row = db.execute(
        "SELECT count(*) AS n, min(CASE WHEN not_before_at > ?1 THEN ?2 ELSE coalesce(not_before_at, ?2) END) AS at "
        "FROM delivery WHERE sink = ?3 AND state = 'pending'",
        (now_text(now + LONGEST_WAIT), now_text(now), sink),
    ).fetchone()
    return to_time(row["at"]) if row["n"] else None


def holds(db: sqlite3.Connection, sink: str, now: datetime) -> bool:
    """True where deliveries that could be tried now are held because the sink is broken."""
    found = db.execute(
        f"SELECT 1 FROM delivery WHERE sink = ?3 AND state = 'held' AND held_why = 'sink' AND {ALLOWED} LIMIT 1",  # noqa: S608 - ours
        (now_text(now), now_text(now + LONGEST_WAIT), sink),
    )
    return found.fetchone() is not None


def wake(tx: sqlite3.Connection, sink: str) -> int:
    """The sink answers again: everything that waits for it is due now."""
    return tx.execute(
        "UPDATE delivery SET next_attempt_at = NULL WHERE sink = ? AND state = 'pending'", (sink,)
    ).rowcount


# --- sinks ---------------------------------------------------------------------------------------


def sink_state(db: sqlite3.Connection, sink: str) -> SinkState:
    """What is known of a sink; a new one is healthy."""
    row = db.execute("SELECT * FROM sink_state WHERE sink = ?", (sink,)).fetchone()
    if row is None:
        return SinkState(sink)
    return SinkState(
        sink=sink,
        failures=row["failures"],
        next_slot_at=to_time(row["next_slot_at"]),
        paused_until_at=to_time(row["paused_until_at"]),
        circuit_open_at=to_time(row["circuit_open_at"]),
        broken_at=to_time(row["broken_at"]),
        broken_why=row["broken_why"],
    )


def save_sink_state(tx: sqlite3.Connection, state: SinkState) -> None:
    """Write what is known of a sink."""
    times = (state.next_slot_at, state.paused_until_at, state.circuit_open_at, state.broken_at)
    tx.execute(
        "INSERT INTO sink_state (sink, failures, next_slot_at, paused_until_at, circuit_open_at, broken_at, "
        "broken_why) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sink) DO UPDATE SET failures = excluded.failures, "
        "next_slot_at = excluded.next_slot_at, paused_until_at = excluded.paused_until_at, "
        "circuit_open_at = excluded.circuit_open_at, broken_at = excluded.broken_at, broken_why = excluded.broken_why",
        (state.sink, state.failures, *(now_text(at) if at else None for at in times), stored_error(state.broken_why)),
    )


def hold(tx: sqlite3.Connection, sink: str, held_why: Held, error: str) -> int:
    """Hold everything that waits for a sink that is broken or no longer configured; how many."""
    return tx.execute(
        "UPDATE delivery SET state = 'held', held_why = ?, next_attempt_at = NULL, last_error = ? "
        "WHERE sink = ? AND state = 'pending'",
        (held_why, stored_error(error), sink),
    ).rowcount


def release(tx: sqlite3.Connection, sink: str, held_why: Held) -> int:
    """Let what was held for this reason wait again, due at once and with its whole time before it; how many."""
    return tx.execute(
        "UPDATE delivery SET state = 'pending', held_why = '', next_attempt_at = NULL, first_attempt_at = NULL "
        "WHERE sink = ? AND state = 'held' AND held_why = ?",
        (sink, held_why),
    ).rowcount


def release_one(tx: sqlite3.Connection, sink: str, now: datetime) -> int:
    """Let the oldest delivery that a broken sink holds wait again, if one could be tried now; how many."""
    found = tx.execute(
        f"SELECT id FROM delivery WHERE sink = ?3 AND state = 'held' AND held_why = 'sink' AND {ALLOWED} "  # noqa: S608 - ours
        "ORDER BY created_at, rowid LIMIT 1",
        (now_text(now), now_text(now + LONGEST_WAIT), sink),
    ).fetchone()
    return int(retry(tx, found["id"])) if found else 0


def fix_sink(tx: sqlite3.Connection, sink: str) -> int:
    """The sink is repaired: forget its failures and send what was held because of it; how many."""
    save_sink_state(tx, SinkState(sink))
    return release(tx, sink, "sink")


def sinks_with_work(db: sqlite3.Connection) -> tuple[str, ...]:
    """The sinks that have deliveries waiting."""
    rows = db.execute("SELECT DISTINCT sink FROM delivery WHERE state IN ('pending', 'sending', 'unknown')")
    return tuple(sorted(row["sink"] for row in rows))


# --- what the operator asks ----------------------------------------------------------------------


def retry(tx: sqlite3.Connection, found_id: str) -> bool:
    """Send again at once what waits, is held or is dead; the id stays. False where there is no such delivery."""
    return (
        tx.execute(
            "UPDATE delivery SET state = 'pending', held_why = '', next_attempt_at = NULL, not_before_at = NULL, "
            "first_attempt_at = NULL, minimal = 0 WHERE id = ? AND state IN ('pending', 'held', 'dead')",
            (found_id,),
        ).rowcount
        == 1
    )


def resend(tx: sqlite3.Connection, found_id: str, now: datetime) -> str | None:
    """A deliberate second sending of what was sent or cancelled: a new generation with an id of its own, or None."""
    row = tx.execute(
        "SELECT alert_id, sink, payload, (SELECT max(generation) FROM delivery o WHERE o.alert_id = d.alert_id "
        "AND o.sink = d.sink) + 1 AS generation FROM delivery d WHERE id = ? AND state IN ('sent', 'cancelled')",
        (found_id,),
    ).fetchone()
    if row is None:
        return None
    new_id = delivery_id(row["alert_id"], row["sink"], row["generation"])
    tx.execute(
        "INSERT INTO delivery (id, alert_id, sink, generation, payload, state, created_at) "
        "VALUES (?, ?, ?, ?, ?, 'pending', ?)",
        (new_id, row["alert_id"], row["sink"], row["generation"], row["payload"], now_text(now)),
    )
    return new_id


def cancel(tx: sqlite3.Connection, found_id: str, now: datetime) -> bool:
    """Close what waits, is held or is dead, and what was said of it; False where there is no such delivery."""
    done = tx.execute(
        "UPDATE delivery SET state = 'cancelled', held_why = '', next_attempt_at = NULL "
        "WHERE id = ? AND state IN ('pending', 'held', 'dead', 'unknown')",
        (found_id,),
    ).rowcount
    if done:
        clear_notice(tx, "delivery_dead", found_id, now)
        clear_notice(tx, "delivery_held", found_id, now)
    return done == 1


def find(db: sqlite3.Connection, start: str) -> list[Delivery]:
    """The deliveries whose id begins with `start`, at most two: one is an answer, two are a question."""
    escaped = start.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = db.execute("SELECT * FROM delivery WHERE id LIKE ? ESCAPE '\\' LIMIT 2", (escaped + "%",)).fetchall()
    return [to_delivery(row) for row in rows]


def listed(db: sqlite3.Connection, states: Iterable[str] = OPEN, limit: int = 1000) -> list[Delivery]:
    """Deliveries in these states, oldest first; open ones unless told otherwise."""
    wanted = tuple(states)
    marks = ", ".join("?" * len(wanted))
    rows = db.execute(
        f"SELECT * FROM delivery WHERE state IN ({marks}) ORDER BY created_at, rowid LIMIT ?",  # noqa: S608 - marks only
        (*wanted, limit),
    ).fetchall()
    return [to_delivery(row) for row in rows]


def attempts(db: sqlite3.Connection, found_id: str) -> list[sqlite3.Row]:
    """The attempts of one delivery, oldest first."""
    return db.execute("SELECT * FROM attempt WHERE delivery_id = ? ORDER BY id", (found_id,)).fetchall()


def counts(db: sqlite3.Connection) -> dict[str, int]:
    """How many deliveries stand in each state, and under "possible repeats" how many attempts ended as unknown."""
    found = {row["state"]: row["n"] for row in db.execute("SELECT state, count(*) AS n FROM delivery GROUP BY state")}
    unknown = db.execute("SELECT count(*) AS n FROM attempt WHERE outcome = 'unknown'").fetchone()
    return found | {"possible repeats": unknown["n"]}


def to_delivery(row: sqlite3.Row) -> Delivery:
    """A row of the outbox as a value."""
    return Delivery(
        id=row["id"],
        alert_id=row["alert_id"],
        sink=row["sink"],
        generation=row["generation"],
        payload=row["payload"],
        state=row["state"],
        attempts=row["attempts"],
        next_attempt_at=to_time(row["next_attempt_at"]),
        fence=row["fence"],
        first_attempt_at=to_time(row["first_attempt_at"]),
        sent_at=to_time(row["sent_at"]),
        last_code=row["last_code"],
        last_error=row["last_error"],
        repeat_possible=bool(row["repeat_possible"]),
        minimal=bool(row["minimal"]),
        not_before_at=to_time(row["not_before_at"]),
        batch=row["batch"],
        created_at=to_time(row["created_at"]),
    )


def stored_error(text: str) -> str:
    """An error as it may be stored: no secret, no control character, not long."""
    return redact(text)[:MAX_ERROR]
