"""Replay speed on real entries: articles a second, and how much of it the decision costs.

    python benchmarks/replay.py [ENTRIES]

In one run, in turn: storing the entries alone, and the whole replay. The ratio is what can be compared between
machines; the articles a second hold for this one.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from monitor.engine.intake import read_lines
from monitor.engine.replay import decide_all
from monitor.matching import load_rules
from monitor.model import Article
from monitor.store import decisions
from monitor.store.db import Database
from monitor.urls import canonical_url

ROOT = Path(__file__).resolve().parents[1]
CORPUS = Path(os.environ.get("BASEWATCH_CORPUS", ROOT.parent / "shared" / "corpus"))
ROUNDS = 5


def store_only(articles: list[Article]) -> None:
    """What any replay must do: give each article a row."""
    with tempfile.TemporaryDirectory() as folder:
        db = Database(Path(folder) / "a.db", durable=False)
        with db.writing() as tx:
            for article in articles:
                url = canonical_url(article.url) if article.url else ""
                decisions.add_given(tx, article, url, article.published_at)
        db.close()


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    lines = islice(read_lines(CORPUS / "stream_2023-03.jsonl.gz"), count)
    articles = [line.article for line in lines if line.article]
    rules = load_rules(ROOT / "rules")
    pairs = [
        (seconds(lambda: store_only(articles)), seconds(lambda: decide_all(articles, rules))) for _ in range(ROUNDS)
    ]
    ratios = [whole / stored for stored, whole in pairs]
    rates = [len(articles) / whole for _, whole in pairs]
    print(f"{len(articles)} articles, {ROUNDS} rounds (minimum, median, maximum)")
    print(f"replay / storing alone: {min(ratios):.2f}, {statistics.median(ratios):.2f}, {max(ratios):.2f}")
    print(f"articles a second:      {min(rates):.0f}, {statistics.median(rates):.0f}, {max(rates):.0f}")


if __name__ == "__main__":
    main()
