"""A poller on a fresh database with a clock that stands still until it is moved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from loopback import Handler, Request, Server, answer, serving

from monitor.engine.gate import HostGate
from monitor.engine.poll import Polled, Poller
from monitor.feeds.document import ParsedFeed
from monitor.feeds.read import read_feed
from monitor.feeds.result import PollingSettings
from monitor.feeds.source import feed_at
from monitor.http import Http, Resolve
from monitor.model import Entry, Feed
from monitor.store import feeds as store
from monitor.store.db import Database

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
OPEN = PollingSettings(allow_private_addresses=True, host_delay_seconds=0)


class Clock:
    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **how: float) -> None:
        self.at += timedelta(**how)


async def read_here(body: bytes, headers: dict[str, str], url: str, feed: Feed) -> tuple[ParsedFeed, tuple[Entry, ...]]:
    """Read a feed in this process: the tests of polling need no child."""
    return read_feed(body, headers, url, feed)


class Desk:
    """One database, one poller, one clock."""

    def __init__(self, db: Database, http: Http, settings: PollingSettings, **options: Any) -> None:
        self.db = db
        self.http = http
        self.clock = Clock()
        self.polled: list[Polled] = []
        options = {"chance": lambda: 0.5, "read": read_here} | options
        read = options.pop("read")
        gate = HostGate(settings.host_delay_seconds)
        self.poller = Poller(
            db, http, read, settings, gate, clock=self.clock, on_recorded=self.polled.append, **options
        )

    def watch(self, *urls: str) -> None:
        with self.db.writing() as tx:
            store.set_feeds(tx, [feed_at(url) for url in urls], self.clock())

    async def poll(self, **after: float) -> None:
        """Move the clock by `after` (else to when the first feed is due), and poll what is due."""
        if after:
            self.clock.move(**after)
        elif self.polled:
            self.clock.at = max(self.clock.at, min(filter(None, (at.next_poll_at for at in self.states()))))
        await self.poller.poll_due()

    def states(self) -> list[Any]:
        return [state for _, state in store.feeds(self.db.reading)]

    @property
    def state(self) -> Any:
        return self.states()[0]

    @property
    def wait_seconds(self) -> float:
        return (self.state.next_poll_at - self.clock()).total_seconds()

    def entries(self, columns: str = "*") -> list[Any]:
        return self.db.rows(f"SELECT {columns} FROM entry ORDER BY first_seen_at, id")

    def open_notices(self) -> set[str]:
        return {row["kind"] for row in self.db.rows("SELECT kind FROM notice WHERE cleared_at IS NULL")}


@asynccontextmanager
async def desk(
    tmp_path: Path, settings: PollingSettings = OPEN, resolve: Resolve | None = None, **options: Any
) -> AsyncIterator[Desk]:
    """A desk with an empty database."""
    db = Database(tmp_path / "basewatch.db", durable=False)
    async with Http(resolve=resolve) as http:
        try:
            yield Desk(db, http, settings, **options)
        finally:
            db.close()


@asynccontextmanager
async def watching(tmp_path: Path, handler: Handler, **options: Any) -> AsyncIterator[tuple[Desk, Server]]:
    """A desk that watches one feed, served by `handler`."""
    async with serving(handler) as server, desk(tmp_path, **options) as made:
        made.watch(server.url + "/feed")
        yield made, server


def script(*answers: bytes) -> Handler:
    """A handler that gives one answer after the other; the last one for ever."""
    left = list(answers)

    async def handler(request: Request, writer: asyncio.StreamWriter) -> None:  # noqa: ARG001 - same for all
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        await writer.drain()

    return handler


def item(number: int | str, title: str = "", date: datetime | None = START, extra: str = "") -> str:
    stamp = f"<pubDate>{date:%a, %d %b %Y %H:%M:%S GMT}</pubDate>" if date else ""
    return (
        f"<item><guid isPermaLink='false'>id-{number}</guid><title>{title or f'Story {number}'}</title>"
        f"<link>https://news.example/story/{number}</link>{stamp}{extra}</item>"
    )


def rss(items: Iterable[str], channel: str = "") -> bytes:
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">'
        f"<channel><title>News</title><link>https://news.example/</link>{channel}{''.join(items)}</channel></rss>"
    ).encode()


def feed(*numbers: int, channel: str = "", **headers: str) -> bytes:
    """A whole 200 answer with an RSS feed of these stories."""
    body = rss([item(number) for number in numbers], channel)
    return answer(200, body, **{"Content_Type": "application/rss+xml", **headers})
