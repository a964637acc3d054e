"""What matching and judging cost: a title with its summary, a 5 kB article, and growth with the number of terms.

Usage: python benchmarks/matching.py [CORPUS]. CPU time of one process. Bars: title + summary ≤ 0.15 ms on ordinary
news, a 5 kB article ≤ 1.0 ms, and 100,000 terms at most twice as dear as 100.
"""

from __future__ import annotations

import gzip
import itertools
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from monitor.matching import judge, load_rules
from monitor.matching.matcher import Entry, Matcher
from monitor.model import Article

ROOT = Path(__file__).resolve().parents[1]
ENTRIES = 8000


def milliseconds(work: Callable[[str], object], items: Sequence[str], rounds: int = 3) -> float:
    """The least CPU time for one item over some rounds."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        for item in items:
            work(item)
        best = min(best, (time.process_time() - started) / len(items) * 1000)
    return best


def terms(count: int) -> Matcher:
    """A matcher of that many two-word names that no text holds."""
    letters = "abcdefghij"
    words = ("".join(combination) for combination in itertools.product(letters, repeat=5))
    return Matcher(Entry((f"zq{word}", "base"), "base", word, word) for word in itertools.islice(words, count))


def main() -> None:
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "corpus"
    rules = load_rules(ROOT / "rules")
    with gzip.open(corpus / "stream_2023-03.jsonl.gz", "rt", encoding="utf-8") as lines:
        entries = [json.loads(line) for line in itertools.islice(lines, ENTRIES)]
    short = [f"{entry['title']}\n{entry['text'][:400]}" for entry in entries]
    pages = [
        json.loads(line)["text"][:5000] for line in (corpus / "pages" / "gold.jsonl").read_text("utf-8").splitlines()
    ]
    long = [page for page in pages if len(page) > 4000]

    def judge_short(text: str) -> object:
        title, _, summary = text.partition("\n")
        return judge(Article("x", title, summary), rules)

    print(f"title + summary     {milliseconds(judge_short, short):7.3f} ms")
    print(f"5 kB article        {milliseconds(lambda text: judge(Article('x', '', text=text), rules), long):7.3f} ms")
    costs = {count: milliseconds(terms(count).concepts_in, short) for count in (100, 10_000, 100_000)}
    for count, cost in costs.items():
        print(f"{count:7,} terms       {cost:7.3f} ms")
    print(f"growth              {costs[100_000] / costs[100]:7.2f} x from 100 to 100,000 terms")


if __name__ == "__main__":
    main()
