"""Explain: the way of one article through the house, as it would go now, without leaving a trace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.engine.decide import Decision, settle, silent_desk
from monitor.matching import RuleSet, judge
from monitor.model import Article
from monitor.store import decisions, edits, memory
from monitor.store.db import Database
from monitor.urls import canonical_url


@dataclass(frozen=True, slots=True)
class Explanation:
    """`decision` is what these rules would decide now; `told` are the judgements stored before, oldest first.

    `edits` are the merges and splits by which reviewers moved its reports.
    """

    decision: Decision
    told: tuple[dict[str, object], ...] = ()
    edits: tuple[dict[str, object], ...] = ()


def explain(db: Database, rules: RuleSet, article: Article, now: datetime) -> Explanation:
    """Rehearse the decision of an article, known to the database or not; nothing is written."""
    told = memory.judgements(db.reading, article.id)
    row = db.row("SELECT baseline, page_state FROM entry WHERE id = ?", article.id)
    with db.rehearsing() as tx:
        if row is None:
            decisions.add_given(tx, article, canonical_url(article.url) if article.url else "", now)
        else:
            decisions.forget_entry(tx, article.id)
        entry = memory.Undecided(article, bool(row and row["baseline"]), 0, "done")
        decision = settle(tx, silent_desk(rules), entry, judge(article, rules), now)
    return Explanation(decision, tuple(told), tuple(edits.edits_of_entry(db.reading, article.id)))
