"""What a decision looks at: undecided entries, what was decided before, live incidents, copies. Reads only."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from monitor.incidents.identity import Begun, Reach
from monitor.model import Alert, Article, Fact, Incident, Mention, Reason, Severity
from monitor.store.codec import day_text, mention_from_json, to_day, to_json
from monitor.store.db import now_text, to_time
from monitor.urls import site_of

# Identity looks at the latest reports of an incident (see incidents.evolve); older ones add nothing but cost.
REPORTS_KEPT = 12

# A merged incident lives for as long as the one that it was merged into, and is reported when that one is.
INCIDENTS = (
    "SELECT i.*, coalesce(s.last_report_at, i.last_report_at) AS last_heard_at, "
    "EXISTS (SELECT 1 FROM incident a WHERE a.merged_into = i.id AND a.merged_into <> '') AS has_aliases "
    "FROM incident i LEFT JOIN incident s ON s.id = i.merged_into AND i.merged_into <> ''"
)
LIVE = f"{INCIDENTS} WHERE last_heard_at >= ? ORDER BY i.id"
# As incidents.identity.is_within.
WITHIN = (
    "(i.base = :base AND :base <> '' OR (:base = '' OR i.base = '') AND (:country = '' OR i.country IN ('', :country)) "
    "AND (:area = '' OR i.area IN ('', :area))) AND (i.date_from IS NULL OR i.date_to IS NULL OR "
    "(:first IS NULL OR i.date_to >= :first) AND (:last IS NULL OR i.date_from <= :last))"
)
LIVE_WITHIN = (
    f"{INCIDENTS} WHERE i.last_report_at >= :since AND i.merged_into = '' AND {WITHIN} UNION ALL "
    f"{INCIDENTS} WHERE i.merged_into <> '' AND s.last_report_at >= :since AND {WITHIN}"
)
# The mentions and facts of an incident are its own and those of the incidents merged into it.
OF_FAMILY = "incident_id IN (SELECT ?1 UNION ALL SELECT id FROM incident WHERE merged_into = ?1 AND merged_into <> '')"
REPORTS = "SELECT data FROM mention WHERE incident_id = ? AND how IN ('opens', 'joins') ORDER BY id DESC LIMIT ?"
# The plus keeps SQLite from walking the whole table in the order of its ids.
FAMILY_REPORTS = (
    f"SELECT data FROM mention WHERE {OF_FAMILY} AND how IN ('opens', 'joins') "  # noqa: S608 - made of constants
    "ORDER BY +id DESC LIMIT ?2"
)
FACTS = (
    f"SELECT fact.*, entry.url FROM fact JOIN entry ON entry.id = fact.entry_id "  # noqa: S608 - made of constants
    f"WHERE {OF_FAMILY} ORDER BY +fact.id"
)


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
        "SELECT j.reason, j.text_source, m.incident_id, i.merged_into FROM (SELECT reason, text_source FROM judgement "
        "WHERE entry_id = ?1 AND flagged = 1 ORDER BY id DESC LIMIT 1) j, mention m LEFT JOIN incident i "
        "ON i.id = m.incident_id WHERE m.entry_id = ?1 AND m.how IN ('opens', 'joins') ORDER BY m.id",
        (entry_id,),
    ).fetchall()
    if not rows:
        return None
    ids = [row["incident_id"] for row in rows] + [row["merged_into"] for row in rows if row["merged_into"]]
    return Earlier(rows[0]["reason"], tuple(dict.fromkeys(ids)), rows[0]["text_source"])


def live_incidents(
    db: sqlite3.Connection, since: datetime, reaches: Collection[Reach] | None = None, also: str | None = None
) -> list[Incident]:
    """Incidents with a report at or after `since`, each with its latest reports, without facts.

    Where `reaches` are given, only those within one of them (see `incidents.identity.is_within`), and the incident
    `also`. Merged incidents are among them for as long as those that they were merged into.
    """
    if reaches is None:
        return [_with_reports(db, row) for row in db.execute(LIVE, (now_text(since),))]
    found: dict[str, sqlite3.Row] = {}
    for reach in reaches:
        values = {
            "since": now_text(since),
            "base": reach.place.base,
            "area": reach.place.area,
            "country": reach.place.country,
            "first": day_text(reach.first),
            "last": day_text(reach.last),
        }
        found.update((row["id"], row) for row in db.execute(LIVE_WITHIN, values))
    if also:
        rows = db.execute(f"{INCIDENTS} WHERE i.id = ? AND last_heard_at >= ?", (also, now_text(since)))
        found.update((row["id"], row) for row in rows)
    return [_with_reports(db, found[key]) for key in sorted(found)]


def begun(db: sqlite3.Connection, since: datetime) -> Begun:
    """By day of an attack, when the first incident of that day with a report at or after `since` was first seen."""
    rows = db.execute(
        "SELECT date_from, min(first_seen_at) AS first FROM incident WHERE last_report_at >= ? "
        "AND date_from IS NOT NULL AND merged_into = '' GROUP BY date_from",
        (now_text(since),),
    )
    return {date.fromisoformat(row["date_from"]): datetime.fromisoformat(row["first"]) for row in rows}


def incident(db: sqlite3.Connection, incident_id: str) -> Incident | None:
    """One incident with its latest reports and all its facts."""
    row = db.execute(f"{INCIDENTS} WHERE i.id = ?", (incident_id,)).fetchone()
    return with_facts(db, [_with_reports(db, row)])[0] if row else None


def told_severities(db: sqlite3.Connection, incident_id: str) -> list[Severity]:
    """The severities with which an incident, or one merged into it, was told; none where nothing was told."""
    rows = db.execute(
        f"SELECT DISTINCT severity FROM alert WHERE {OF_FAMILY} AND severity <> ''",  # noqa: S608 - a constant
        (incident_id,),
    )
    return [row["severity"] for row in rows]


def first_alert(db: sqlite3.Connection, incident_id: str) -> Alert | None:
    """The first alert of an incident, or of one merged into it."""
    row = db.execute(
        f"SELECT * FROM alert WHERE {OF_FAMILY} ORDER BY created_at, +id LIMIT 1",  # noqa: S608 - a constant
        (incident_id,),
    ).fetchone()
    if row is None:
        return None
    return Alert(
        id=row["id"],
        incident_id=incident_id,
        entry_id=row["entry_id"],
        reason=row["reason"],
        confidence=row["confidence"],
        created_at=datetime.fromisoformat(row["created_at"]),
        severity=row["severity"] or "medium",
    )


def with_facts(db: sqlite3.Connection, incidents: Iterable[Incident]) -> list[Incident]:
    """The incidents with all their facts, those of incidents merged into them included."""
    return [dataclasses.replace(known, facts=tuple(map(_fact, db.execute(FACTS, (known.id,))))) for known in incidents]


def _with_reports(db: sqlite3.Connection, row: sqlite3.Row) -> Incident:
    latest = db.execute(FAMILY_REPORTS if row["has_aliases"] else REPORTS, (row["id"], REPORTS_KEPT)).fetchall()
    return _incident(row, [_report(report["data"]) for report in reversed(latest)])


# The reports of live incidents are read for every hit, and are the same for weeks.
@lru_cache(maxsize=4096)
def _report(data: str) -> Mention:
    return mention_from_json(data)


# An incident's facts name the same few articles again and again.
_site = lru_cache(maxsize=4096)(site_of)


def _fact(row: sqlite3.Row) -> Fact:
    seen_at = to_time(row["seen_at"])
    assert seen_at is not None  # noqa: S101 - the column is NOT NULL
    host = _site(row["url"] or "")
    return Fact(row["slot"], row["value"], row["entry_id"], row["source"], row["sentence"], seen_at, host)


def _incident(row: sqlite3.Row, reports: Sequence[Mention]) -> Incident:
    values = {name: row[name] for name in ("id", "base", "area", "country", "merged_into")}
    return Incident(
        **values,
        date_from=to_day(row["date_from"]),
        date_to=to_day(row["date_to"]),
        weapons=tuple(json.loads(row["weapons"])),
        first_seen_at=datetime.fromisoformat(row["first_seen_at"]),
        last_report_at=datetime.fromisoformat(row["last_heard_at"]),
        spoken=bool(row["spoken"]),
        reports=tuple(reports),
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
