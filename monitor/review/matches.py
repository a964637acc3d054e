"""What was decided of entries, as rows for people and machines. Reads only."""

from __future__ import annotations

import json
from typing import Any

from monitor.store.db import Database
from monitor.store.lookup import whole_id

Row = dict[str, Any]

MATCHES = """
SELECT r.*, (SELECT json_group_array(place) FROM (SELECT DISTINCT coalesce(nullif(i.base, ''), nullif(i.area, ''),
         i.country) AS place FROM mention m JOIN incident i ON i.id = m.incident_id
         WHERE m.entry_id = r.entry_id AND m.background = 0 ORDER BY m.id)) AS places,
       (SELECT min(i.date_from) FROM mention m JOIN incident i ON i.id = m.incident_id
         WHERE m.entry_id = r.entry_id AND m.background = 0) AS date_from,
       (SELECT max(i.date_to) FROM mention m JOIN incident i ON i.id = m.incident_id
         WHERE m.entry_id = r.entry_id AND m.background = 0) AS date_to
FROM matches_review r WHERE (?1 = '' OR r.reason = ?1) LIMIT ?2"""


def match_list(db: Database, reason: str = "", limit: int = 20) -> list[Row]:
    """Rows of the view `matches_review` with the places and days of their incidents, newest first."""
    rows = [dict(row) for row in db.rows(MATCHES, reason, limit)]
    for row in rows:
        row["places"] = [place for place in json.loads(row["places"]) if place]
    return rows


def entry_page(db: Database, entry_id: str) -> Row:
    """Everything about one entry: itself, its judgements, mentions, alerts and deliveries. Raises InputError."""
    whole = whole_id(db, entry_id)
    judgements = _rows(
        db,
        "SELECT judged_at, reason, flagged, label, score, rule, missing, why, evidence, rules_version, text_source "
        "FROM judgement WHERE entry_id = ? ORDER BY id",
        whole,
    )
    for judgement in judgements:
        judgement["evidence"] = json.loads(judgement["evidence"])
    return {
        "entry": _rows(
            db,
            "SELECT id, title, summary, url, source, language, published_at, first_seen_at, baseline, state, "
            "page_state, text_source, length(text) AS text_length FROM entry WHERE id = ?",
            whole,
        )[0],
        "judgements": judgements,
        "mentions": _rows(
            db,
            "SELECT m.how, m.incident_id, coalesce(nullif(i.base, ''), nullif(i.area, ''), i.country) AS place, "
            "i.date_from || iif(i.date_to > i.date_from, ' to ' || i.date_to, '') AS days, m.why, m.sentence, "
            "m.background FROM mention m LEFT JOIN incident i ON i.id = m.incident_id "
            "WHERE m.entry_id = ? ORDER BY m.id",
            whole,
        ),
        "alerts": _rows(
            db,
            "SELECT created_at, reason, confidence, severity, incident_id, silenced_by, id FROM alert "
            "WHERE entry_id = ? ORDER BY id",
            whole,
        ),
        "deliveries": _rows(
            db,
            "SELECT d.sink, d.state, d.attempts, d.sent_at, d.last_code, d.last_error, d.alert_id, d.id "
            "FROM delivery d JOIN alert a ON a.id = d.alert_id WHERE a.entry_id = ? ORDER BY d.created_at, d.sink",
            whole,
        ),
    }


def _rows(db: Database, sql: str, *values: object) -> list[Row]:
    return [dict(row) for row in db.rows(sql, *values)]
