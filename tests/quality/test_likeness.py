"""General news grouped by words and time: articles of one event, hidden among a month of other news.

The events are of other years: each is moved as a whole to a day of the month. BCubed (Bagga, Baldwin 1998) over the
hidden articles; a group that also holds articles of the month loses precision for each of them.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.likeness import Vector, likeness, vector

BCUBED_FLOOR = 0.95
JOIN = 0.25  # mean likeness from which an article belongs to a group
FADING = 0.01  # likeness lost with each day since the group's last article
DAYS = 5
INDEXED = 12  # heaviest words of an article by which others are found
POSTINGS = 400  # the latest articles that are found by one word
LARGEST = 60  # a group as large as this is a stream of routine items and takes no more
EVERY = 5  # of the month's entries, one in so many


Document = tuple[date, str, str, str]
Groups = dict[str, list[str]]


def rows_of(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def text_of(row: dict[str, Any]) -> str:
    """Title, which counts twice, and text."""
    return f"{row['title']}\n{row['title']}\n{row['text']}"


def documents(corpus: Path) -> list[Document]:
    """(day, id, event or "", text) in time order."""
    hidden = rows_of(corpus / "clusters" / "basil.jsonl.gz")
    first: dict[str, str] = {}
    for row in hidden:
        first[row["event"]] = min(first.get(row["event"], "9"), row["published"])
    starts = {event: date(2023, 3, 1) + timedelta(days=number % 26) for number, event in enumerate(sorted(first))}
    found = [
        (
            starts[row["event"]] + (date.fromisoformat(row["published"]) - date.fromisoformat(first[row["event"]])),
            row["id"],
            row["event"],
            text_of(row),
        )
        for row in hidden
    ]
    found += [
        (date.fromisoformat(row["published"][:10]), row["id"], "", text_of(row))
        for number, row in enumerate(rows_of(corpus / "stream_2023-03.jsonl.gz"))
        if number % EVERY == 0 and row.get("published")
    ]
    return sorted(found)


def background(root: Path) -> tuple[dict[str, int], int]:
    """In how many texts of other years each word stands, and how many texts there are."""
    lines = (root / "rules" / "background.tsv").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines[1:])
    return {word: int(count) for word, count in pairs if " " not in word}, int(lines[0])


def grouped(docs: list[Document], known: dict[str, int], total: int) -> tuple[dict[str, str], Groups]:
    """The group of each article, and its members: that of highest mean likeness in the last days, or its own."""
    group: dict[str, str] = {}
    members: Groups = defaultdict(list)
    vectors: dict[str, Vector] = {}
    days: dict[str, date] = {}
    index: dict[str, list[str]] = defaultdict(list)
    for day, key, _event, text in docs:
        weights = vector(text, known, total)
        top = sorted(weights, key=lambda word: -weights[word])[:INDEXED]
        near = {other for word in top for other in index[word] if (day - days[other]).days <= DAYS}
        sums = {
            name: sum(likeness(weights, vectors[one]) for one in members[name]) / len(members[name])
            - FADING * min((day - days[one]).days for one in members[name])
            for name in {group[other] for other in near}
            if len(members[name]) < LARGEST
        }
        best = max(sums, key=lambda name: sums[name], default=None)
        group[key] = best if best is not None and sums[best] >= JOIN else key
        members[group[key]].append(key)
        vectors[key], days[key] = weights, day
        for word in top:
            index[word].append(key)
            if len(index[word]) > POSTINGS:
                del index[word][: POSTINGS // 2]
    return group, members


def bcubed(docs: list[Document], group: dict[str, str], members: Groups) -> tuple[float, float, float]:
    """BCubed precision, recall and F1 over the hidden articles."""
    event = {key: name for _day, key, name, _text in docs}
    size: dict[str, int] = defaultdict(int)
    for name in event.values():
        size[name] += bool(name)
    precision = recall = 0.0
    hidden = [key for key, name in event.items() if name]
    for key in hidden:
        same = [other for other in members[group[key]] if event[other] == event[key]]
        precision += len(same) / len(members[group[key]])
        recall += len(same) / size[event[key]]
    precision, recall = precision / len(hidden), recall / len(hidden)
    return precision, recall, 2 * precision * recall / (precision + recall)


@pytest.mark.corpus
def test_articles_of_one_event_are_found_among_other_news(corpus: Path, root: Path):
    docs = documents(corpus)
    precision, recall, score = bcubed(docs, *grouped(docs, *background(root)))
    print(f"BCubed P {precision:.3f} R {recall:.3f} F1 {score:.3f}; 300 articles among {len(docs) - 300}")
    assert score >= BCUBED_FLOOR


def test_likeness_is_one_for_the_same_words_and_nothing_for_others():
    same = vector("Rain in the north", {"in": 90, "the": 99}, 100)
    assert likeness(same, same) == pytest.approx(1)
    assert likeness(same, vector("Shares fell", {}, 100)) == 0
    assert likeness(vector("", {}, 100), same) == 0
