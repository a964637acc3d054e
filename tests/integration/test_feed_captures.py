"""554 real, broken and oddly encoded feed documents, against an independent count of their entries."""

from __future__ import annotations

import json
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest

from monitor.feeds.document import ParsedFeed
from monitor.feeds.identity import entries_of
from monitor.feeds.parse import parse_feed

pytestmark = pytest.mark.corpus

NOT_CONTENT = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)
OPENING = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(?:item|entry)(?=[\s>])", re.IGNORECASE)
# The documents that cannot be read whole, by what is wrong with them: the bodies are what they are.
DAMAGED = {"cut": 4, "not_a_feed": 2}


@pytest.fixture(scope="module")
def captures(corpus: Path) -> list[tuple[dict[str, Any], bytes]]:
    folder = corpus / "feed_captures"
    lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    with tarfile.open(folder / "captures.tar.xz") as archive:
        bodies = {member.name: file.read() for member in archive if (file := archive.extractfile(member))}
    return [(row, bodies[row["path"]]) for row in map(json.loads, lines)]


@pytest.fixture(scope="module")
def parsed(captures: list[tuple[dict[str, Any], bytes]]) -> list[tuple[dict[str, Any], bytes, ParsedFeed]]:
    return [(row, body, parse_feed(body, {}, "https://example.com/feed")) for row, body in captures]


def entries_in(body: bytes) -> int:
    """How many entries a document opens, counted without any feed library."""
    if body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return len(json.loads(body.decode("utf-8-sig"), strict=False).get("items", []))
    return len(OPENING.findall(NOT_CONTENT.sub(b"", body.replace(b"\0", b""))))


@pytest.mark.fault("FD-18")
def test_every_document_gives_its_entries_or_a_named_problem(parsed: list[tuple[dict[str, Any], bytes, ParsedFeed]]):
    wrong = []
    damaged: dict[str, int] = {}
    for row, body, feed in parsed:
        if feed.complete:
            if len(feed.entries) != entries_in(body):
                wrong.append((row["path"], len(feed.entries), entries_in(body)))
            continue
        damaged[feed.problem] = damaged.get(feed.problem, 0) + 1
        assert feed.problem_text.endswith(".")
        if feed.problem == "cut" and feed.format != "json":
            assert 0 <= entries_in(body) - len(feed.entries) <= 1
        elif feed.problem != "cut":
            assert feed.entries == ()
    assert wrong == []
    assert damaged == DAMAGED
    assert len(parsed) == 554
    assert sum(row["kind"] == "real" for row, _, _ in parsed) == 454


def test_the_format_is_the_one_that_the_manifest_names(parsed: list[tuple[dict[str, Any], bytes, ParsedFeed]]):
    named = {"rss", "atom", "rdf", "json"}
    wrong = [
        (row["path"], row["fmt"], feed.format)
        for row, _, feed in parsed
        if feed.is_feed and row["fmt"] in named and row["fmt"] != feed.format
    ]
    assert wrong == []


def test_entries_say_something_and_hold_no_markup(parsed: list[tuple[dict[str, Any], bytes, ParsedFeed]]):
    entries = [entry for row, _, feed in parsed if row["kind"] == "real" for entry in feed.entries]
    silent = [entry for entry in entries if not (entry.title or entry.summary or entry.guid or entry.url)]
    tagged = [entry for entry in entries if re.search(r"</?(?:p|div|br|span|img)\b", entry.summary)]
    undated = [entry for entry in entries if entry.published_at is None]
    assert len(entries) > 8_900
    assert len(silent) <= len(entries) * 0.002
    assert len(tagged) <= len(entries) * 0.003  # tutorials quote tags
    assert len(undated) <= len(entries) * 0.03


def test_every_entry_keeps_an_identity_of_its_own(parsed: list[tuple[dict[str, Any], bytes, ParsedFeed]]):
    lost = 0
    for _, _, feed in parsed:
        entries = entries_of("feed", feed.entries)
        owners = [alias for entry in entries for alias in entry.aliases]
        assert len(owners) == len(set(owners))
        lost += len(set(feed.entries)) - len(entries)
    assert lost <= 5, "entries that differ in more than their text were held to be one"
