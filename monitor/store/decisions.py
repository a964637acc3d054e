"""Everything one decision writes: judgement, incidents, mentions, facts, alert, sketch.

All functions take the connection of the caller's write transaction, so that one decision is one transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from monitor.model import Alert, Article, Fact, Incident, Judgement, Link, Reason
from monitor.store.codec import day_text, mention_to_json, plain, to_json
from monitor.store.db import now_text


def save_rule_set(tx: sqlite3.Connection, version: str, files: dict[str, str], now: datetime) -> None:
    """Keep the text of the rules that judge from now on, so that any judgement can be repeated."""
    tx.execute(
        "INSERT INTO rule_set (version, first_used_at, files) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (version, now_text(now), to_json(files)),
    )


def accept_rules(tx: sqlite3.Connection, version: str, now: datetime) -> None:
    """Keep that somebody wants this version of the rules, whatever the floors say."""
    tx.execute("INSERT INTO accepted_rules VALUES (?, ?) ON CONFLICT DO NOTHING", (version, now_text(now)))


def save_judgement(
    tx: sqlite3.Connection, article: Article, judgement: Judgement, reason: Reason, why: str, now: datetime
) -> None:
    """Append the judgement of one article and mark its entry as decided."""
    tx.execute(
        "INSERT INTO judgement (entry_id, judged_at, flagged, label, score, rule, missing, evidence, rules_version, "
        "text_source, reason, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            article.id,
            now_text(now),
            int(judgement.flagged),
            judgement.label,
            judgement.score,
            judgement.rule,
            judgement.missing,
            to_json([plain(evidence) for evidence in judgement.evidence]),
            judgement.rules_version,
            article.text_source,
            reason,
            why,
        ),
    )
    tx.execute("UPDATE entry SET state = 'decided' WHERE id = ?", (article.id,))


def save_incidents(tx: sqlite3.Connection, incidents: Iterable[Incident], first_entry_id: str) -> None:
    """Insert new incidents and bring known ones up to date."""
    for value in incidents:
        tx.execute(
            "INSERT INTO incident (id, base, area, country, date_from, date_to, weapons, first_seen_at, "
            "last_report_at, spoken, first_entry_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET base = excluded.base, area = excluded.area, country = excluded.country, "
            "date_from = excluded.date_from, date_to = excluded.date_to, weapons = excluded.weapons, "
            "last_report_at = max(last_report_at, excluded.last_report_at), spoken = max(spoken, excluded.spoken)",
            (
                value.id,
                value.base,
                value.area,
                value.country,
                day_text(value.date_from),
                day_text(value.date_to),
                to_json(value.weapons),
                now_text(value.first_seen_at),
                now_text(value.last_report_at),
                int(value.spoken),
                first_entry_id,
            ),
        )


def save_links(tx: sqlite3.Connection, entry_id: str, links: Iterable[Link], now: datetime) -> None:
    """Replace what this entry mentions: an entry judged again tells its attacks anew, it does not add reports."""
    tx.execute("DELETE FROM mention WHERE entry_id = ?", (entry_id,))
    for link in links:
        tx.execute(
            "INSERT INTO mention (entry_id, incident_id, how, score, why, seen_at, background, sentence, data) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                entry_id,
                link.incident_id or None,
                link.how,
                link.score,
                link.why,
                now_text(now),
                int(link.mention.background),
                link.mention.sentence,
                mention_to_json(link.mention),
            ),
        )


def save_fact(tx: sqlite3.Connection, incident_id: str, fact: Fact) -> None:
    """Append a fact, unless this entry already gave it."""
    tx.execute(
        "INSERT INTO fact (incident_id, slot, value, entry_id, source, sentence, seen_at) "
        "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (SELECT 1 FROM fact WHERE incident_id = ?1 "
        "AND slot = ?2 AND value = ?3 AND entry_id = ?4)",
        (incident_id, fact.slot, fact.value, fact.entry_id, fact.source, fact.sentence, now_text(fact.seen_at)),
    )


def save_alert(tx: sqlite3.Connection, alert: Alert, body: str) -> bool:
    """Insert an alert; False where the same decision was already taken."""
    done = tx.execute(
        "INSERT INTO alert (id, incident_id, entry_id, reason, confidence, severity, created_at, changes, body) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            alert.id,
            alert.incident_id,
            alert.entry_id,
            alert.reason,
            alert.confidence,
            alert.severity,
            now_text(alert.created_at),
            to_json(alert.changes),
            body,
        ),
    )
    return done.rowcount == 1


def save_sketch(tx: sqlite3.Connection, entry_id: str, hashes: frozenset[int], now: datetime) -> None:
    """Keep the sketch of a flagged article so that copies of it are recognised."""
    tx.execute("DELETE FROM sketch WHERE entry_id = ?", (entry_id,))
    seen_at = now_text(now)
    tx.executemany(
        "INSERT INTO sketch (hash, entry_id, seen_at) VALUES (?, ?, ?)",
        [(value, entry_id, seen_at) for value in sorted(hashes)],
    )


def forget_sketches(tx: sqlite3.Connection, before: datetime) -> None:
    """Drop the sketches of articles seen before `before`."""
    tx.execute("DELETE FROM sketch WHERE seen_at < ?", (now_text(before),))


def count_failed_try(tx: sqlite3.Connection, entry_id: str) -> None:
    """One more decision of this entry failed."""
    tx.execute("UPDATE entry SET decide_tries = decide_tries + 1 WHERE id = ?", (entry_id,))


def want_page(tx: sqlite3.Connection, entry_id: str) -> None:
    """Ask for the entry's page, unless it was asked for before."""
    tx.execute("UPDATE entry SET page_state = 'wanted' WHERE id = ? AND page_state = 'none'", (entry_id,))


def add_given(tx: sqlite3.Connection, article: Article, canonical_url: str, seen_at: datetime) -> None:
    """Store an article that was given, not polled (a replay): the same id again is the same entry, edited."""
    tx.execute(
        "INSERT INTO entry (id, feed_id, url, canonical_url, title, summary, text, text_source, language, source, "
        "published_at, first_seen_at, last_seen_at, content_hash) "
        "VALUES (?, 'given', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '') "
        "ON CONFLICT (id) DO UPDATE SET title = excluded.title, text = excluded.text, state = 'undecided'",
        (
            article.id,
            article.url or None,
            canonical_url or None,
            article.title,
            article.summary,
            article.text,
            article.text_source,
            article.language,
            article.source,
            now_text(article.published_at) if article.published_at else None,
            now_text(seen_at),
            now_text(seen_at),
        ),
    )


def set_aside(tx: sqlite3.Connection, entry_id: str, error: str, rules_version: str, now: datetime) -> None:
    """Close an entry that cannot be decided, and tell the operator: it is not lost, `explain` shows it."""
    tx.execute(
        "INSERT INTO judgement (entry_id, judged_at, flagged, label, score, rule, missing, evidence, rules_version, "
        "text_source, reason, why) VALUES (?, ?, 0, 'undecidable', 0, '', ?, '[]', ?, 'feed', 'none', ?)",
        (entry_id, now_text(now), error, rules_version, "the decision failed twice"),
    )
    tx.execute("UPDATE entry SET state = 'decided' WHERE id = ?", (entry_id,))
    tx.execute(
        "INSERT INTO notice (kind, subject, text, at) VALUES ('undecidable', ?, ?, ?)",
        (entry_id, f"entry {entry_id} could not be decided ({error}); read it with `basewatch explain`", now_text(now)),
    )


def forget_entry(tx: sqlite3.Connection, entry_id: str) -> None:
    """Take away the traces of one entry's decision. Only for a rehearsal, which is rolled back."""
    tx.execute("PRAGMA defer_foreign_keys = ON")
    for table in ("mention", "judgement", "sketch"):
        tx.execute(f"DELETE FROM {table} WHERE entry_id = ?", (entry_id,))  # noqa: S608 - the names above
    tx.execute(
        "DELETE FROM incident WHERE first_entry_id = ? AND id NOT IN "
        "(SELECT incident_id FROM mention WHERE incident_id IS NOT NULL "
        "UNION SELECT incident_id FROM incident_edit UNION SELECT other_id FROM incident_edit)",
        (entry_id,),
    )
