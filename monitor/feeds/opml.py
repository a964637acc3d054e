"""An OPML file becomes feeds. Pure; a broken file gives what can be read of it and one sentence about the rest."""

from __future__ import annotations

import listparser

from monitor.feeds.source import feed_at
from monitor.model import Feed
from monitor.urls import split_login


def read_opml(data: bytes) -> tuple[tuple[Feed, ...], str]:
    """The feeds of an OPML document, each address once, and what is wrong with it or "".

    Addresses are given as they stand, but without user info; whoever polls them vets them.
    """
    found = listparser.parse(data)
    feeds: dict[str, Feed] = {}
    for outline in found.feeds:
        url, _ = split_login((outline.url or "").strip())
        if url:
            feeds[url] = feed_at(url, outline.title.strip())
    problem = f"is not well-formed OPML ({found.bozo_exception})" if found.bozo else ""
    return tuple(feeds.values()), problem


def logins_in(data: bytes) -> dict[str, str]:
    """The user info ("user:password") that addresses of an OPML document hold, by feed id."""
    split = [split_login((outline.url or "").strip()) for outline in listparser.parse(data).feeds]
    return {feed_at(url).id: login for url, login in split if login}
