"""An incident as a reviewer reads it: its timeline of reports, its facts, its alerts; and the list of all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from monitor.errors import InputError
from monitor.store.db import Database
from monitor.store.memory import OF_FAMILY

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Everything known of one incident, oldest first."""

    incident: Row
    reports: tuple[Row, ...]
    facts: tuple[Row, ...]
    alerts: tuple[Row, ...]
    edits: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which incidents to list; an empty field does not filter. Days are compared with the incident's interval."""

    base: str = ""
    country: str = ""
    since: date | None = None
    until: date | None = None
    limit: int = 50


def incident_page(db: Database, incident_id: str) -> Page:
    """The page of the incident whose id starts with `incident_id`; of a merged one, that of the survivor.

    Raises InputError where none or several do.
    """
    whole = incident_id_of(db, incident_id)
    incident = _rows(db, "SELECT * FROM incident WHERE id = ?", whole)[0]
    incident["weapons"] = json.loads(incident["weapons"])
    return Page(
        incident=incident,
        reports=_rows(
            db,
            "SELECT m.seen_at, e.source, e.title, e.url, m.sentence, m.how, m.background, m.why, e.id AS entry_id "  # noqa: S608 - made of constants
            f"FROM mention m JOIN entry e ON e.id = m.entry_id WHERE {OF_FAMILY} ORDER BY m.seen_at, m.id",
            whole,
        ),
        facts=_rows(
            db,
            f"SELECT seen_at, slot, value, source, sentence FROM fact WHERE {OF_FAMILY} ORDER BY id",  # noqa: S608 - made of constants
            whole,
        ),
        alerts=_rows(
            db,
            "SELECT created_at, reason, confidence, severity, changes, silenced_by, id FROM alert "  # noqa: S608 - made of constants
            f"WHERE {OF_FAMILY} ORDER BY created_at, id",
            whole,
        ),
        edits=_rows(
            db,
            "SELECT at AS edited_at, kind, incident_id, other_id, entry_ids, why FROM incident_edit "  # noqa: S608 - made of constants
            f"WHERE {OF_FAMILY} OR {OF_FAMILY.replace('incident_id IN', 'other_id IN')} ORDER BY id",
            whole,
        ),
    )


def incident_id_of(db: Database, start: str) -> str:
    """The id of the incident whose id, or an alias of which, starts with `start`. Raises InputError."""
    found = db.rows(
        "SELECT id, coalesce(nullif(merged_into, ''), id) AS survivor FROM incident "
        "WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id <> ?1, id LIMIT 2",
        start,
    )
    is_exact = bool(found) and found[0]["id"] == start
    if not start or not (is_exact or len({row["survivor"] for row in found}) == 1):
        what = "several incidents start" if found else "no incident starts"
        raise InputError(f"{what} with {start!r}; `basewatch incident list` shows their ids")
    survivor: str = found[0]["survivor"]
    return survivor


def incident_list(db: Database, wanted: Filter) -> list[Row]:
    """Rows of the view `incidents_board`, newest report first."""
    rows = _rows(
        db,
        "SELECT * FROM incidents_board WHERE (?1 = '' OR base = ?1 OR area = ?1) AND (?2 = '' OR country = ?2) "
        "AND (?3 IS NULL OR coalesce(date_to, date_from, first_seen_at) >= ?3) "
        "AND (?4 IS NULL OR coalesce(date_from, first_seen_at) <= ?4 || 'T24') LIMIT ?5",
        wanted.base,
        wanted.country,
        wanted.since.isoformat() if wanted.since else None,
        wanted.until.isoformat() if wanted.until else None,
        wanted.limit,
    )
    for row in rows:
        row["weapons"] = json.loads(row["weapons"])
    return list(rows)


def _rows(db: Database, sql: str, *values: object) -> tuple[Row, ...]:
    return tuple(dict(row) for row in db.rows(sql, *values))
