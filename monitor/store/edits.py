"""Incidents as reviewers put them right: merged, split, and the record of it.

What articles say is never changed, nor what was sent: a merge is a pointer from the merged incident to the one that it
became part of, a split re-points mentions and facts. Writes take the connection of the caller's transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.incidents.evolve import rebuilt
from monitor.model import Incident, Mention
from monitor.store import decisions, memory
from monitor.store.codec import mention_from_json, to_json
from monitor.store.db import now_text


@dataclass(frozen=True, slots=True)
class Placed:
    """Where reviewers put an entry: into the incident `incident_id` ("" where they did not), away from `apart`."""

    incident_id: str = ""
    apart: frozenset[str] = frozenset()


def family(db: sqlite3.Connection, incident_id: str) -> list[str]:
    """The incident and those merged into it."""
    return [incident_id] + [
        row["id"]
        for row in db.execute(
            "SELECT id FROM incident WHERE merged_into = ? AND merged_into <> '' ORDER BY id", (incident_id,)
        )
    ]


def reporting_entries(db: sqlite3.Connection, ids: Collection[str]) -> list[str]:
    """The entries that report one of these incidents, the first one first."""
    rows = db.execute(
        "SELECT entry_id, min(id) AS first FROM mention WHERE how IN ('opens', 'joins') "
        "AND incident_id IN (SELECT value FROM json_each(?)) GROUP BY entry_id ORDER BY first",
        (to_json(list(ids)),),
    )
    return [row["entry_id"] for row in rows]


def merge(tx: sqlite3.Connection, survivor: str, merged: str, why: str, now: datetime) -> None:
    """Let one incident live on as an alias of another; both are told of by themselves now."""
    aliases = family(tx, merged)
    _record(tx, "merge", (survivor, merged), reporting_entries(tx, aliases), aliases[1:], why, now)
    tx.execute(
        "UPDATE incident SET merged_into = ? WHERE id IN (SELECT value FROM json_each(?))", (survivor, to_json(aliases))
    )
    _rebuild(tx, survivor)


def split(tx: sqlite3.Connection, source: str, target: str, entry_ids: Sequence[str], why: str, now: datetime) -> None:
    """Move the mentions and facts of these entries to `target`: a new incident, or an alias that lives again."""
    revived = memory.incident(tx, target)
    if revived is None:
        _insert_like(tx, source, target, entry_ids[0])
    aliases = [alias for alias in merged_with(tx, target) if alias in family(tx, source)]
    _record(tx, "split", (source, target), entry_ids, aliases, why, now)
    tx.execute("UPDATE incident SET merged_into = '' WHERE id = ?", (target,))
    tx.execute(
        "UPDATE incident SET merged_into = ? WHERE id IN (SELECT value FROM json_each(?))", (target, to_json(aliases))
    )
    moved = (target, to_json(entry_ids), to_json(family(tx, source)))
    for table, only in (("mention", "AND how <> 'possible'"), ("fact", "")):
        tx.execute(
            f"UPDATE {table} SET incident_id = ? WHERE entry_id IN (SELECT value FROM json_each(?)) "  # noqa: S608 - the names above
            f"AND incident_id IN (SELECT value FROM json_each(?)) {only}",
            moved,
        )
    _rebuild(tx, source)
    _rebuild(tx, target)
    tx.execute("UPDATE incident SET spoken = 1 WHERE id = ?", (target,))


def merged_with(db: sqlite3.Connection, incident_id: str) -> list[str]:
    """The aliases that the incident had when it was merged last."""
    row = db.execute(
        "SELECT aliases FROM incident_edit WHERE kind = 'merge' AND other_id = ? ORDER BY id DESC LIMIT 1",
        (incident_id,),
    ).fetchone()
    aliases: list[str] = json.loads(row["aliases"]) if row else []
    return aliases


def merged_whole(db: sqlite3.Connection, survivor: str, entry_ids: Collection[str]) -> str | None:
    """The incident merged into `survivor` that had exactly these entries, or None: splitting them revives it."""
    rows = db.execute(
        "SELECT e.other_id, e.entry_ids FROM incident_edit e JOIN incident i ON i.id = e.other_id "
        "WHERE e.kind = 'merge' AND i.merged_into = ? ORDER BY e.id DESC",
        (survivor,),
    )
    return next((row["other_id"] for row in rows if set(json.loads(row["entry_ids"])) == set(entry_ids)), None)


def placed_by_reviewer(db: sqlite3.Connection, entry_id: str) -> Placed:
    """Where the splits that hold today put this entry; one whose sides were merged again holds no more."""
    rows = db.execute(
        "SELECT coalesce(nullif(a.merged_into, ''), a.id) AS source, "
        "coalesce(nullif(b.merged_into, ''), b.id) AS target "
        "FROM incident_edit_entry n JOIN incident_edit e ON e.id = n.edit_id AND e.kind = 'split' "
        "JOIN incident a ON a.id = e.incident_id JOIN incident b ON b.id = e.other_id WHERE n.entry_id = ? "
        "ORDER BY e.id",
        (entry_id,),
    ).fetchall()
    holding = [(row["source"], row["target"]) for row in rows if row["source"] != row["target"]]
    if not holding:
        return Placed()
    target = holding[-1][1]
    apart = {alias for source, _ in holding if source != target for alias in family(db, source)}
    return Placed(target, frozenset(apart))


def edits_of_entry(db: sqlite3.Connection, entry_id: str) -> list[dict[str, object]]:
    """The edits that moved this entry's reports, oldest first, as plain values."""
    rows = db.execute(
        "SELECT e.at, e.kind, e.incident_id, e.other_id, e.why FROM incident_edit_entry n "
        "JOIN incident_edit e ON e.id = n.edit_id WHERE n.entry_id = ? ORDER BY e.id",
        (entry_id,),
    )
    return [dict(row) for row in rows]


def _record(
    tx: sqlite3.Connection, kind: str, sides: tuple[str, str], entry_ids: Sequence[str], aliases: Sequence[str],
    why: str, now: datetime,
) -> None:  # fmt: skip
    done = tx.execute(
        "INSERT INTO incident_edit (kind, incident_id, other_id, entry_ids, aliases, why, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (kind, *sides, to_json(entry_ids), to_json(aliases), why, now_text(now)),
    )
    tx.executemany(
        "INSERT INTO incident_edit_entry (entry_id, edit_id) VALUES (?, ?)",
        [(entry_id, done.lastrowid) for entry_id in entry_ids],
    )


def _insert_like(tx: sqlite3.Connection, source: str, target: str, first_entry_id: str) -> None:
    tx.execute(
        "INSERT INTO incident (id, first_seen_at, last_report_at, first_entry_id) "
        "SELECT ?, first_seen_at, last_report_at, ? FROM incident WHERE id = ?",
        (target, first_entry_id, source),
    )


def _rebuild(tx: sqlite3.Connection, incident_id: str) -> None:
    """Bring place, days and weapons up to date with the reports that the incident has now, its own ones first."""
    before = memory.incident(tx, incident_id)
    assert before is not None  # noqa: S101 - the caller found it
    reports = _reports(tx, before)
    if not reports:
        return
    after = rebuilt(before, reports)
    decisions.save_incidents(tx, [after], "")
    times = [at for _, at in reports]
    tx.execute(
        "UPDATE incident SET first_seen_at = ?, last_report_at = ? WHERE id = ?",
        (now_text(min(times)), now_text(max(times)), incident_id),
    )


def _reports(tx: sqlite3.Connection, incident: Incident) -> list[tuple[Mention, datetime]]:
    rows = tx.execute(
        f"SELECT data, seen_at FROM mention WHERE {memory.OF_FAMILY} AND how IN ('opens', 'joins') "  # noqa: S608 - a constant
        "ORDER BY incident_id <> ?1, id",
        (incident.id,),
    )
    return [(mention_from_json(row["data"]), datetime.fromisoformat(row["seen_at"])) for row in rows]
