"""What dates, mentions and identity cost: a date-rich report, a hit with few and with many live incidents, a sketch.

Usage: python benchmarks/incidents.py [CORPUS]. CPU time of one process. Bars: dates ≤ 1 ms a document; a hit ≤ 5 ms at
the 95th percentile. The cost of identity grows with the live incidents of three weeks, not with what is stored.
"""

from __future__ import annotations

import gzip
import itertools
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.articles.sketch import sketch
from monitor.incidents import consider, resolve_days
from monitor.incidents.evolve import opened
from monitor.matching import RuleSet, judge, load_rules
from monitor.model import Article, Incident, Judgement

ROOT = Path(__file__).resolve().parents[1]


def costs(work: Callable[[Any], object], items: Sequence[Any], rounds: int = 3) -> list[float]:
    """The least CPU milliseconds of each item over some rounds, sorted."""
    best = [float("inf")] * len(items)
    for _ in range(rounds):
        for number, item in enumerate(items):
            started = time.process_time()
            work(item)
            best[number] = min(best[number], (time.process_time() - started) * 1000)
    return sorted(best)


def told(name: str, values: Sequence[float]) -> None:
    print(f"{name:34s} mean {sum(values) / len(values):6.3f}  p95 {values[int(len(values) * 0.95)]:6.3f} ms")


def hits(corpus: Path, rules: RuleSet) -> list[tuple[Article, Judgement]]:
    """The labelled items in which the rules find a hit."""
    found = []
    for line in (corpus / "labelled.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        at = datetime.fromisoformat(row["published"] or "2023-01-01").replace(tzinfo=UTC)
        article = Article(
            row["id"],
            row["title"],
            text=row["text"],
            source=row["source"],
            published_at=at,
            seen_at=at,
            text_source="page" if row["text_kind"] == "full_text" else "feed",
        )
        judgement = judge(article, rules)
        if judgement.hits:
            found.append((article, judgement))
    return found


def live_incidents(found: Sequence[tuple[Article, Judgement]], rules: RuleSet, count: int) -> list[Incident]:
    """Incidents of today's date for every article, as many as asked for."""
    mentions = [mention for article, judgement in found for mention in consider(article, judgement, rules, []).mentions]
    return [
        opened(f"i{number}", replace(mention, background=False), (), datetime(2023, 3, 24, tzinfo=UTC))
        for number, mention in enumerate(itertools.islice(itertools.cycle(mentions), count))
    ]


def main() -> None:
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "corpus"
    rules = load_rules(ROOT / "rules")
    reports = [json.loads(line) for line in (corpus / "dates" / "muc4.jsonl").read_text("utf-8").splitlines()]
    told(
        "dates, one MUC-4 report", costs(lambda r: resolve_days(r["text"], date.fromisoformat(r["published"])), reports)
    )

    found = hits(corpus, rules)
    few, many = (live_incidents(found, rules, count) for count in (10, 300))
    told("one hit, no incidents", costs(lambda hit: consider(*hit, rules, []), found))
    told("one hit, 10 live incidents", costs(lambda hit: consider(*hit, rules, few), found))
    today = [
        (replace(article, published_at=incident_day, seen_at=incident_day), judgement)
        for article, judgement in found
        for incident_day in (datetime(2023, 3, 24, 12, tzinfo=UTC) + timedelta(hours=1),)
    ]
    told("one hit, 300 live incidents", costs(lambda hit: consider(*hit, rules, many), today, rounds=1))

    with gzip.open(corpus / "clusters" / "basil.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    told("sketch of an article", costs(sketch, texts))


if __name__ == "__main__":
    main()
