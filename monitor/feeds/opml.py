"""An OPML file becomes feeds. Pure; a broken file gives what can be read of it and one sentence about the rest."""

from __future__ import annotations

import listparser

from monitor.feeds.source import feed_at
from monitor.model import Feed


def read_opml(data: bytes) -> tuple[tuple[Feed, ...], str]:
    """The feeds of an OPML document, each address once, and what is wrong with it or "".

    Addresses are given as they stand; whoever polls them vets them.
    """
    found = listparser.parse(data)
    feeds = {feed.url.strip(): feed_at(feed.url.strip(), feed.title.strip()) for feed in found.feeds if feed.url}
    problem = f"is not well-formed OPML ({found.bozo_exception})" if found.bozo else ""
    return tuple(feeds.values()), problem
