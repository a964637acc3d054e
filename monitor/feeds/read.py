"""From the bytes of a feed to its entries in one step, made to run in a child process."""

from __future__ import annotations

from dataclasses import replace

from monitor.feeds.autodiscover import announced_feeds
from monitor.feeds.document import ParsedFeed
from monitor.feeds.identity import entries_of
from monitor.feeds.parse import parse_feed
from monitor.model import Entry, Feed
from monitor.urls import public_url


def read_feed(body: bytes, headers: dict[str, str], url: str, feed: Feed) -> tuple[ParsedFeed, tuple[Entry, ...]]:
    """The document (without its entries) and the entries with their ids. `url` is where the body was found.

    Of a web page in place of the feed, `problem_text` names the feed that the page announces.
    """
    parsed = parse_feed(body, headers, url)
    if parsed.problem == "html":
        announced = announced_feeds(body, url, headers.get("content-type", ""))
        hint = f" It announces {public_url(announced[0])} as its feed." if announced else ""
        parsed = replace(parsed, problem_text=parsed.problem_text + hint)
    entries = entries_of(feed.id, parsed.entries, feed.language or parsed.language)
    return replace(parsed, entries=()), entries
