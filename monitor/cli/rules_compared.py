"""Two folders of rules on the same articles: what would change for the people who get the alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from monitor import app as house
from monitor.cli.bars import progress, tick
from monitor.cli.show import Column, print_json, print_table, say, tell
from monitor.engine.compare import Comparison, Score, compare
from monitor.engine.intake import read_lines
from monitor.engine.replay import days_of, decide_all
from monitor.model import Article
from monitor.redact import one_line

SHOWN = 40
COLUMNS = [
    Column("what", "change", fixed=True),
    Column("published", "published", fixed=True),
    Column("title", "article", ratio=1),
    Column("id", "id", style="dim", fixed=True),
]


def print_comparison(source: Path, folders: tuple[Path, Path], labels: Mapping[str, bool], *, as_json: bool) -> None:
    """Replay the articles by both rule sets and print gained, lost and changed alerts, and the scores."""
    lines = list(read_lines(source))
    for line in lines:
        if line.problem:
            tell(f"basewatch: {line.problem}", style="yellow")
    articles = [line.article for line in lines if line.article]
    rules = [house.rules_in(folder) for folder in folders]
    with progress("Replaying") as bar:
        before, after = (
            decide_all(articles, one, progress=tick(bar, str(folder)))
            for one, folder in zip(rules, folders, strict=True)
        )
    found = compare(before, after, labels or None)
    if as_json:
        scores = [in_figures(one) for one in found.scores or ()]
        print_json({**asdict(found), "scores": scores, "days": days_of(articles)})
        return
    print_found(found, {article.id: article for article in articles}, folders, days_of(articles))


def print_found(found: Comparison, articles: Mapping[str, Article], folders: tuple[Path, Path], days: int) -> None:
    """What two rule sets decide differently, for people."""
    rows = [
        *(_row("gained", articles[name]) for name in found.gained),
        *(_row("lost", articles[name]) for name in found.lost),
        *(_row(f"{old} → {new}", articles[name]) for name, old, new in found.changed),
    ]
    print_table(rows[:SHOWN], COLUMNS, "Both rule sets alert on the same articles.")
    if len(rows) > SHOWN:
        say(f"… and {len(rows) - SHOWN} more; --json prints all", style="dim")
    say(f"{len(found.gained)} gained, {len(found.lost)} lost, {len(found.changed)} changed")
    for place, folder in enumerate(folders):
        scored = f": {in_words(found.scores[place])}" if found.scores else ""
        say(f"{folder}: {found.alerts[place]} alerts, {found.alerts[place] / days:.2f} a day{scored}")


def _row(what: str, article: Article) -> dict[str, Any]:
    published = article.published_at.date().isoformat() if article.published_at else ""
    return {"what": what, "published": published, "title": one_line(article.title), "id": article.id}


def in_figures(score: Score | None) -> dict[str, Any] | None:
    """A score for machines."""
    if score is None:
        return None
    return {**asdict(score), "precision": score.precision, "recall": score.recall, "f1": score.f1}


def in_words(score: Score) -> str:
    """A score for people."""

    def share(value: float | None) -> str:
        return "–" if value is None else f"{value:.3f}"

    return (
        f"precision {share(score.precision)}, recall {share(score.recall)}, F1 {share(score.f1)} "
        f"({score.right} right, {score.wrong} wrong, {score.missed} missed)"
    )
