"""Count in how many background articles each word and each pair of words stands: numbers only, no texts.

    python benchmarks/make_background.py ../shared/corpus/background_2022.jsonl.gz rules/background.tsv

The file's first line is the number of articles; each further line is a term and its document frequency, sorted.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

from monitor.text import words_of

LEAST_WORD, LEAST_PAIR = 6, 22


def count_terms(source: Path) -> tuple[int, Counter[str]]:
    """(articles, document frequency of words and word pairs) of a gzipped JSON-lines file."""
    counts: Counter[str] = Counter()
    articles = 0
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            words = words_of(f"{record['title']} . {record['text']}")
            counts.update(set(words) | {f"{first} {second}" for first, second in pairwise(words)})
            articles += 1
    return articles, counts


def main() -> None:
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    articles, counts = count_terms(source)
    kept = sorted(
        (term, count)
        for term, count in counts.items()
        if count >= (LEAST_PAIR if " " in term else LEAST_WORD) and term.isascii() and not any(map(str.isdigit, term))
    )
    rows = [str(articles), *(f"{term}\t{count}" for term, count in kept)]
    target.write_text("\n".join(rows) + "\n", encoding="utf-8")
    print(f"{articles} articles, {len(kept)} terms, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
