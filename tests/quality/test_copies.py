"""Near-duplicates by kind of edit, on real articles and real feed items."""

from __future__ import annotations

import gzip
import itertools
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.articles.sketch import COMMON, best_copy, is_copy, sketch

BOILERPLATE = """Subscribe to our newsletter. Sign up now to get the latest news delivered to your inbox every morning.
By clicking you agree to the terms of use. All rights reserved. This material may not be published, broadcast, rewritten
or redistributed. Follow us on social media for more. """
RECALL_FLOOR = 0.99
MOST_FALSE = 0.001


def articles(corpus: Path) -> list[dict[str, str]]:
    with gzip.open(corpus / "clusters" / "basil.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def feed_items(corpus: Path, limit: int = 6000) -> list[dict[str, str]]:
    with gzip.open(corpus / "stream_2023-03.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = (json.loads(line) for line in lines)
        long = (row for row in rows if len(row["text"].split()) >= 25)
        return list(itertools.islice(long, limit))


def edits(text: str, other: list[str], dice: random.Random) -> Iterator[tuple[str, str]]:
    words = text.split()
    yield "boilerplate", BOILERPLATE + text + BOILERPLATE
    yield "brief", " ".join(words[:120])
    yield "truncation", " ".join(words[: len(words) // 2])
    yield "update", " ".join(other[:80]) + " " + text
    for name, percent in (("copy-edit", 3), ("15 % edit", 15)):
        edited = list(words)
        for position in dice.sample(range(len(words)), max(1, len(words) * percent // 100)):
            edited[position] = dice.choice(other)
        yield name, " ".join(edited)


@pytest.mark.corpus
def test_every_kind_of_edit_is_recognised(corpus: Path):
    dice = random.Random(7)
    texts = [row["text"] for row in articles(corpus)]
    texts += [f"{row['title']}\n{row['text']}" for row in dice.sample(feed_items(corpus), 500)]
    others = [text.split() for text in texts[:50]]
    found: Counter[str] = Counter()
    for text in texts:
        for name, edited in edits(text, dice.choice(others), dice):
            found[name] += is_copy(sketch(text), sketch(edited))
    recall = {name: count / len(texts) for name, count in found.items()}
    print(f"copies of {len(texts)} texts: {recall}")
    assert min(recall.values()) >= RECALL_FLOOR


@pytest.mark.corpus
def test_reports_of_other_events_are_no_copies(corpus: Path):
    rows = articles(corpus)
    sketches = [sketch(row["text"]) for row in rows]
    pairs = [
        (one, other)
        for one, other in itertools.combinations(range(len(rows)), 2)
        if rows[one]["event"] != rows[other]["event"]
    ]
    false = sum(is_copy(sketches[one], sketches[other]) for one, other in pairs)
    print(f"false copies: {false} of {len(pairs)} pairs")
    assert false == 0


@pytest.mark.corpus
def test_texts_of_other_years_are_no_copies(corpus: Path):
    """BASIL's articles end in 2019, the feed items are of 2023: whatever is found between them is false."""
    old = {row["id"]: sketch(row["text"]) for row in articles(corpus)}
    postings = defaultdict(list)
    for name, hashes in old.items():
        for value in hashes:
            postings[value].append(name)
    items = feed_items(corpus)
    false = 0
    for row in items:
        hashes = sketch(f"{row['title']}\n{row['text']}")
        shared = Counter(name for value in hashes if len(postings[value]) <= COMMON for name in postings[value])
        false += best_copy(hashes, {name: old[name] for name, _count in shared.most_common(10)}) is not None
    print(f"false copies among texts of other years: {false} of {len(items)}")
    assert false <= MOST_FALSE * len(items)
