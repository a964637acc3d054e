"""Stored entries as articles: those with a verdict, and all of them as history. Reads only."""

from __future__ import annotations

import dataclasses

from monitor.learning.verdicts import Case
from monitor.model import Article
from monitor.review.verdicts import verdicts
from monitor.store.db import Database
from monitor.store.memory import article_of


def verdict_cases(db: Database) -> list[Case]:
    """Each entry that has a verdict, with its event (or itself, where it is tied to none)."""
    cases = []
    for verdict in verdicts(db):
        row = db.row(
            "SELECT e.*, (SELECT m.incident_id FROM mention m WHERE m.entry_id = e.id AND m.incident_id IS NOT NULL "
            "ORDER BY m.background, m.id LIMIT 1) AS incident_id FROM entry e WHERE e.id = ?",
            verdict.entry_id,
        )
        if row is not None:
            cases.append(Case(article_of(row), verdict.label, row["incident_id"] or row["id"]))
    return cases


def stored_articles(db: Database) -> list[Article]:
    """All decided entries in the order in which they came in; an undated one counts as published when first seen."""
    rows = db.rows("SELECT * FROM entry WHERE state = 'decided' ORDER BY first_seen_at, id")
    articles = (article_of(row) for row in rows)
    return [dataclasses.replace(one, published_at=one.published_at or one.seen_at) for one in articles]
