"""What a decision looks at: undecided entries, what was decided before, live incidents, copies. Reads only."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.model import Article, Fact, Incident, Mention, Reason
from monitor.store.codec import mention_from_json, to_day, to_json
from monitor.store.db import now_text, to_time

# Identity looks at the latest reports of an incident (see incidents.evolve); older ones add nothing but cost.
REPORTS_KEPT = 12


@dataclass(frozen=True, slots=True)
class Undecided:
    """An entry that waits for its decision, as an article; `tries` counts the decisions that failed."""

    article: Article
    baseline: bool
    tries: int
    page_state: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was decided of an entry before, primary incident first: judged again, it speaks only of something new."""

    reason: Reason
    incident_ids: tuple[str, ...]
    text_source: str


def undecided(db: sqlite3.Connection, limit: int, before: datetime | None = None) -> list[Undecided]:
    """The oldest undecided entries, at most `limit`, first seen at or before `before` where that is given."""
    rows = db.execute(
        "SELECT * FROM entry WHERE state = 'undecided' AND first_seen_at <= ? ORDER BY first_seen_at, id LIMIT ?",
        (now_text(before) if before else "9999", limit),
    )
    return [Undecided(article_of(row), bool(row["baseline"]), row["decide_tries"], row["page_state"]) for row in rows]


def article_of(row: sqlite3.Row) -> Article:
    """A row of `entry` as the article that is judged."""
    return Article(
        id=row["id"],
        title=row["title"],
        summary=row["summary"],
        text=row["text"],
        url=row["url"] or "",
        source=row["source"] or row["feed_id"],
        language=row["language"],
        published_at=to_time(row["published_at"]),
        seen_at=to_time(row["first_seen_at"]),
        text_source=row["text_source"],
    )


def earlier_decision(db: sqlite3.Connection, entry_id: str) -> Earlier | None:
    """The last flagged decision of this entry and the incidents it was tied to, if there were any."""
    rows = db.execute(
        "SELECT j.reason, j.text_source, m.incident_id FROM mention m, (SELECT reason, text_source FROM judgement "
        "WHERE entry_id = ?1 AND flagged = 1 ORDER BY id DESC LIMIT 1) j "
        "WHERE m.entry_id = ?1 AND m.how IN ('opens', 'joins') ORDER BY m.id",
        (entry_id,),
    ).fetchall()
    if not rows:
        return None
    return Earlier(rows[0]["reason"], tuple(row["incident_id"] for row in rows), rows[0]["text_source"])


def live_incidents(db: sqlite3.Connection, since: datetime) -> list[Incident]:
    """Incidents with a report at or after `since`, each with its latest reports and all its facts."""
    rows = db.execute("SELECT * FROM incident WHERE last_report_at >= ? ORDER BY id", (now_text(since),)).fetchall()
    return _with_reports_and_facts(db, rows)


def incident(db: sqlite3.Connection, incident_id: str) -> Incident | None:
    """One incident with its latest reports and all its facts."""
    rows = db.execute("SELECT * FROM incident WHERE id = ?", (incident_id,)).fetchall()
    return next(iter(_with_reports_and_facts(db, rows)), None)


def _with_reports_and_facts(db: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> list[Incident]:
    ids = to_json([row["id"] for row in rows])
    reports = defaultdict(list)
    for mention in db.execute(
        "SELECT incident_id, data FROM (SELECT incident_id, data, id, row_number() OVER "
        "(PARTITION BY incident_id ORDER BY id DESC) AS place FROM mention "
        "WHERE how IN ('opens', 'joins') AND incident_id IN "
        "(SELECT value FROM json_each(?))) WHERE place <= ? ORDER BY id",
        (ids, REPORTS_KEPT),
    ):
        reports[mention["incident_id"]].append(mention_from_json(mention["data"]))
    facts = defaultdict(list)
    for fact in db.execute(
        "SELECT * FROM fact WHERE incident_id IN (SELECT value FROM json_each(?)) ORDER BY id", (ids,)
    ):
        facts[fact["incident_id"]].append(_fact(fact))
    return [_incident(row, reports[row["id"]], facts[row["id"]]) for row in rows]


def _fact(row: sqlite3.Row) -> Fact:
    seen_at = to_time(row["seen_at"])
    assert seen_at is not None  # noqa: S101 - the column is NOT NULL
    return Fact(row["slot"], row["value"], row["entry_id"], row["source"], row["sentence"], seen_at)


def _incident(row: sqlite3.Row, reports: Sequence[Mention], facts: Sequence[Fact]) -> Incident:
    values = {name: row[name] for name in ("id", "base", "area", "country")}
    return Incident(
        **values,
        date_from=to_day(row["date_from"]),
        date_to=to_day(row["date_to"]),
        weapons=tuple(json.loads(row["weapons"])),
        first_seen_at=datetime.fromisoformat(row["first_seen_at"]),
        last_report_at=datetime.fromisoformat(row["last_report_at"]),
        spoken=bool(row["spoken"]),
        reports=tuple(reports),
        facts=tuple(facts),
    )


def similar(
    db: sqlite3.Connection, hashes: Iterable[int], entry_id: str, since: datetime, common: int
) -> dict[str, frozenset[int]]:
    """The sketches of the ten entries seen since `since` that share most hashes with these, by entry id.

    Hashes that more than `common` entries have are boilerplate and find nobody.
    """
    rows = db.execute(
        "WITH mine AS (SELECT value AS hash FROM json_each(?)), "
        "rare AS (SELECT s.hash FROM sketch s JOIN mine USING (hash) GROUP BY s.hash HAVING count(*) <= ?), "
        "near AS (SELECT s.entry_id FROM sketch s JOIN rare USING (hash) WHERE s.entry_id <> ? AND s.seen_at >= ? "
        "GROUP BY s.entry_id ORDER BY count(*) DESC, s.entry_id LIMIT 10) "
        "SELECT entry_id, hash FROM sketch JOIN near USING (entry_id)",
        (to_json(list(hashes)), common, entry_id, now_text(since)),
    )
    found = defaultdict(set)
    for row in rows:
        found[row["entry_id"]].add(row["hash"])
    return {name: frozenset(values) for name, values in found.items()}


def same_address(db: sqlite3.Connection, canonical_url: str, entry_id: str) -> str | None:
    """Another entry that was flagged under the same canonical URL, the earliest, or None."""
    row = db.execute(
        "SELECT e.id FROM entry e WHERE e.canonical_url = ? AND e.id <> ? AND EXISTS "
        "(SELECT 1 FROM judgement j WHERE j.entry_id = e.id AND j.flagged = 1) ORDER BY e.first_seen_at LIMIT 1",
        (canonical_url, entry_id),
    ).fetchone()
    return row["id"] if row else None


def judgements(db: sqlite3.Connection, entry_id: str) -> list[dict[str, object]]:
    """All judgements stored of one entry, oldest first, as plain values."""
    rows = db.execute(
        "SELECT judged_at, reason, flagged, label, score, rule, missing, why, rules_version, text_source "
        "FROM judgement WHERE entry_id = ? ORDER BY id",
        (entry_id,),
    )
    return [dict(row) for row in rows]
