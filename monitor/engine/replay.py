"""Replay: articles of a file through the whole decision, in the order of publication, by a virtual clock.

No network and no delivery: a replay has no sinks. It is how quality is measured and how a change of rules is tried
on history before it goes live.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.engine.compare import is_flagged
from monitor.engine.decide import Decision, settle, silent_desk
from monitor.engine.intake import read_lines
from monitor.errors import InputError
from monitor.matching import RuleSet, judge
from monitor.model import Article
from monitor.store import decisions
from monitor.store.codec import day_text
from monitor.store.db import Database
from monitor.store.memory import Undecided
from monitor.urls import canonical_url

# The clock of a replay that has no dated article at all: any fixed time will do, and the output stays the same.
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
BATCH = 500

Progress = Callable[[int, int], None]
OutputLine = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What a replay did: counts, one sentence for each line that was skipped, and the output lines."""

    articles: int
    flagged: int
    alerts: int
    problems: tuple[str, ...]
    days: int
    lines: tuple[OutputLine, ...]


def replay(
    source: Path, target: Path, rules: RuleSet, database: Path | None = None, progress: Progress | None = None
) -> ReplayReport:
    """Replay the lines of `source` into `target`, one output line for each article, in input order.

    `database` is kept where given (it must not exist yet); else a throw-away file is used, never the live one.
    Raises InputError where a file cannot be read or written.
    """
    lines = list(read_lines(source))
    articles = [line.article for line in lines if line.article]
    write(target, ())
    found = decide_all(articles, rules, database, progress)
    write(target, found)
    return ReplayReport(
        articles=len(articles),
        flagged=sum(is_flagged(line) for line in found),
        alerts=sum(line["alert"] for line in found),
        problems=tuple(line.problem for line in lines if line.problem),
        days=days_of(articles),
        lines=tuple(found),
    )


def decide_all(
    articles: Sequence[Article], rules: RuleSet, database: Path | None = None, progress: Progress | None = None
) -> list[OutputLine]:
    """Decide all articles on a new database; the output lines come back in input order."""
    if database and database.exists():
        raise InputError(f"{database}: exists already; a replay writes a new database, give another path")
    with tempfile.TemporaryDirectory(prefix="basewatch-replay-") as folder:
        db = Database(database or Path(folder) / "replay.db", durable=False)
        try:
            return replay_articles(db, articles, rules, progress or (lambda _done, _all: None))
        finally:
            db.close()


def replay_articles(db: Database, articles: Sequence[Article], rules: RuleSet, progress: Progress) -> list[OutputLine]:
    """Decide the articles in order of publication; the output lines come back in input order."""
    desk = silent_desk(rules)
    found: list[OutputLine] = [{}] * len(articles)
    order = in_order(articles)
    now = next((article.published_at for article in articles if article.published_at), EPOCH)
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        with db.writing() as tx:
            for position in batch:
                article = articles[position]
                now = article.published_at or now
                decisions.add_given(tx, article, canonical_url(article.url) if article.url else "", now)
                entry = Undecided(article, baseline=False, tries=0, page_state="done")
                found[position] = output_line(settle(tx, desk, entry, judge(article, rules), now), rules)
        progress(start + len(batch), len(order))
    return found


def days_of(articles: Sequence[Article]) -> int:
    """How many days the dated articles span, at least one."""
    days = [article.published_at.date() for article in articles if article.published_at]
    return (max(days) - min(days)).days + 1 if days else 1


def in_order(articles: Sequence[Article]) -> list[int]:
    """Positions in order of publication; equal times keep the order of input, undated articles come last."""
    dated = [position for position, article in enumerate(articles) if article.published_at]
    dated.sort(key=lambda position: articles[position].published_at or EPOCH)
    return dated + [position for position, article in enumerate(articles) if not article.published_at]


def output_line(decision: Decision, rules: RuleSet) -> OutputLine:
    """A decision as the documented output line."""
    incidents = [
        {
            "id": incident.id,
            "base": incident.base or incident.area or None,
            "country": incident.country,
            "date_from": day_text(incident.date_from),
            "date_to": day_text(incident.date_to),
            "weapons": list(incident.weapons),
        }
        for incident in decision.incidents
    ]
    return {
        "id": decision.article.id,
        "alert": bool(decision.speech.alerts),
        "reason": decision.speech.reason,
        "score": round(decision.judgement.score, 3),
        "label": decision.judgement.label,
        "incidents": incidents,
        "evidence": [
            {"rule": item.rule, "concept": item.concept, "text": item.text, "sentence": item.sentence}
            for item in decision.judgement.evidence
        ],
        "rules_version": rules.version,
    }


def write(target: Path, lines: Sequence[OutputLine]) -> None:
    """Write the output lines. Raises InputError where the file cannot be written."""
    try:
        with target.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    except OSError as error:
        raise InputError(f"{target}: cannot be written ({error}); give --output a path you may write to") from error
