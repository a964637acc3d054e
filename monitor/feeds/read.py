"""From the bytes of a feed to its entries in one step, made to run in a child process."""

from __future__ import annotations

from dataclasses import replace

from monitor.feeds.document import ParsedFeed
from monitor.feeds.identity import entries_of
from monitor.feeds.parse import parse_feed
from monitor.model import Entry, Feed


def read_feed(body: bytes, headers: dict[str, str], url: str, feed: Feed) -> tuple[ParsedFeed, tuple[Entry, ...]]:
    """The document (without its entries) and the entries with their ids. `url` is where the body was found."""
    parsed = parse_feed(body, headers, url)
    entries = entries_of(feed.id, parsed.entries, feed.language or parsed.language)
    return replace(parsed, entries=()), entries
