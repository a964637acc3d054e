"""What a hit costs with 10,000 and with 1,000,000 stored entries: the whole decision, side by side.

    python benchmarks/decide_scale.py [LARGE [LIVE [REPORTS]]]

Both databases hold the same last thirty days (10,000 entries, LIVE live incidents with REPORTS reports each, sketches
of what was flagged); the large one holds a longer history before them, one entry in a hundred of it flagged. Each hit
of the labelled corpus is settled in both in turn, as of today, and rolled back; its cost is the least CPU time of
some rounds, everything after the judgement. Before each hit the words of a fixed text are counted: the same work on
any day, so that costs in yardsticks can be compared where milliseconds cannot. Bars: 5 ms at the 95th percentile;
ratio of the means at most 1.1.
"""

from __future__ import annotations

import itertools
import os
import re
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from incidents import hits

from monitor.articles.sketch import sketch
from monitor.engine.decide import settle, silent_desk
from monitor.incidents import consider
from monitor.matching import load_rules
from monitor.model import Article, Judgement, Mention
from monitor.store import decisions
from monitor.store.codec import day_text, mention_to_json
from monitor.store.db import Database, now_text
from monitor.store.memory import Undecided

ROOT = Path(__file__).resolve().parents[1]
CORPUS = Path(os.environ.get("BASEWATCH_CORPUS", ROOT.parent / "shared" / "corpus"))
NOW = datetime(2023, 3, 24, 13, tzinfo=UTC)
SMALL = 10_000
ROUNDS = 3
WORD = re.compile(r"\w+")
FIXED_TEXT = " ".join(f"Word{number * number % 397} of a fixed text" for number in range(400))


def entries(first: int, last: int, newest: datetime, step: timedelta) -> Iterator[tuple[object, ...]]:
    for number in range(first, last):
        at = now_text(newest - step * (number - first))
        url = f"https://outlet.example/{number}"
        yield f"e{number}", url, url, f"Story {number}", "A summary of some length. " * 8, at, at, at


def add_entries(tx: sqlite3.Connection, first: int, last: int, newest: datetime, step: timedelta) -> None:
    tx.executemany(
        "INSERT INTO entry (id, feed_id, url, canonical_url, title, summary, published_at, first_seen_at, "
        "last_seen_at, content_hash, state, page_state) VALUES (?, 'f', ?, ?, ?, ?, ?, ?, ?, '', 'decided', 'done')",
        entries(first, last, newest, step),
    )


def add_incident(tx: sqlite3.Connection, key: str, mention: Mention, entry_ids: list[str], at: datetime) -> None:
    """An incident with its reports, facts and judgements."""
    day = at.date()
    told = replace(mention, date_from=day, date_to=day, date_source="sentence", background=False)
    tx.execute(
        "INSERT INTO incident (id, base, area, country, date_from, date_to, first_seen_at, last_report_at, spoken, "
        "first_entry_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
        (
            key,
            told.base,
            told.area,
            told.country,
            day_text(day),
            day_text(day),
            now_text(at),
            now_text(at),
            entry_ids[0],
        ),
    )
    data = mention_to_json(told)
    for entry_id in entry_ids:
        tx.execute(
            "INSERT INTO mention (entry_id, incident_id, how, score, why, seen_at, background, sentence, data) "
            "VALUES (?, ?, 'joins', 3, '', ?, 0, ?, ?)",
            (entry_id, key, now_text(at), told.sentence, data),
        )
        tx.execute(
            "INSERT INTO judgement (entry_id, judged_at, flagged, label, score, rule, missing, evidence, "
            "rules_version, text_source, reason) VALUES (?, ?, 1, 'attack', 3, 'r', '', '[]', 'v', 'feed', 'repeat')",
            (entry_id, now_text(at)),
        )
        for slot in ("report", "base", "weapons"):
            tx.execute(
                "INSERT INTO fact (incident_id, slot, value, entry_id, source, sentence, seen_at) "
                "VALUES (?, ?, 'x', ?, ?, ?, ?)",
                (key, slot, entry_id, entry_id, told.sentence, now_text(at)),
            )


def build(
    path: Path,
    size: int,
    live: int,
    reports: int,
    found: list[tuple[Article, Judgement]],
    mentions: list[Mention],
) -> Database:
    """A database of `size` entries, whose last thirty days are the same whatever the size."""
    db = Database(path, durable=False)
    recent, step = SMALL, timedelta(days=30) / SMALL
    with db.writing() as tx:
        add_entries(tx, 0, recent, NOW, step)
        source = itertools.cycle(mentions)
        for number in range(live):
            at = NOW - timedelta(days=20) * number / live - timedelta(hours=1)
            ids = [f"e{(number * reports + report) % recent}" for report in range(reports)]
            add_incident(tx, f"live{number}", next(source), ids, at)
        for number, (article, _judgement) in enumerate(found):
            hashes = sketch(f"{article.title}\n{article.text}")
            decisions.save_sketch(tx, f"e{number}", frozenset(value ^ 1 for value in hashes), NOW)
    with db.writing() as tx:
        add_entries(tx, recent, size, NOW - timedelta(days=31), timedelta(minutes=4))
        for number in range(recent, size, 100 * reports):
            at = NOW - timedelta(days=31) - timedelta(minutes=4) * (number - recent)
            ids = [f"e{min(number + report * 100, size - 1)}" for report in range(reports)]
            add_incident(tx, f"old{number}", next(source), ids, at)
    db.reading.execute("ANALYZE")
    return db


def cost(db: Database, desk: object, article: Article, judgement: Judgement) -> float:
    """CPU milliseconds of one decision, which is rolled back."""
    with db.rehearsing() as tx:
        decisions.add_given(tx, article, article.url, NOW)
        entry = Undecided(article, baseline=False, tries=0, page_state="done")
        started = time.process_time()
        settle(tx, desk, entry, judgement, NOW)
        return (time.process_time() - started) * 1000


def yardstick() -> float:
    """CPU milliseconds of counting the words of a fixed text."""
    started = time.process_time()
    Counter(WORD.findall(FIXED_TEXT.lower())).most_common(10)
    return (time.process_time() - started) * 1000


def told(name: str, costs: list[float], measure: float) -> None:
    """One line: how many hits, and their median, 95th percentile and maximum in milliseconds and in yardsticks."""
    costs = sorted(costs)
    marks = (costs[len(costs) // 2], costs[int(len(costs) * 0.95)], costs[-1])
    figures = "  ".join(f"{mark:6.2f} ({mark / measure:4.1f})" for mark in marks)
    print(f"{name:22s} {len(costs):4d}  {figures}")


def main() -> None:
    large = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    live = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    reports = int(sys.argv[3]) if len(sys.argv) > 3 else 12
    rules = load_rules(ROOT / "rules")
    desk = silent_desk(rules)
    found = hits(CORPUS, rules)
    mentions = [mention for article, judgement in found for mention in consider(article, judgement, rules, []).mentions]
    today = [
        (replace(article, id=f"new{number}", published_at=NOW, seen_at=NOW), judgement)
        for number, (article, judgement) in enumerate(found)
    ]
    with tempfile.TemporaryDirectory() as folder:
        sizes = (SMALL, large)
        databases = [build(Path(folder) / f"{size}.db", size, live, reports, found, mentions) for size in sizes]
        best = [[float("inf")] * len(today) for _ in sizes]
        measures = [float("inf")] * len(today)
        for _ in range(ROUNDS):
            for number, (article, judgement) in enumerate(today):
                measures[number] = min(measures[number], yardstick())
                for which, db in enumerate(databases):
                    best[which][number] = min(best[which][number], cost(db, desk, article, judgement))
        for db in databases:
            db.close()
    measure = statistics.median(measures)
    print(f"{live} live incidents with {reports} reports each; a yardstick is {measure:.3f} ms")
    print("CPU ms (yardsticks)    hits         median       95th pct        maximum")
    for size, costs in zip(sizes, best, strict=True):
        pairs = list(zip(costs, today, strict=True))
        print(f"{size:,} entries, mean {sum(costs) / len(costs):.2f}")
        told("  titles, summaries", [one for one, (article, _) in pairs if article.text_source == "feed"], measure)
        told("  full texts", [one for one, (article, _) in pairs if article.text_source == "page"], measure)
        told("  all", costs, measure)
    print(f"ratio of the means {sum(best[1]) / sum(best[0]):.3f}")


if __name__ == "__main__":
    main()
