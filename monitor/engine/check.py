"""One poll of a feed that stores nothing: what came, what is wrong, and which feed a web page would have us read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.children import Children
from monitor.engine.gate import HostGate
from monitor.engine.poll import reading_in
from monitor.errors import ChildFailed, FetchError
from monitor.feeds.autodiscover import announced_feeds, likely_feeds
from monitor.feeds.fetch import poll_feed
from monitor.feeds.result import PollingSettings, PollResult
from monitor.feeds.source import feed_at, host_of
from monitor.http import Http
from monitor.model import Feed, FeedState, PollJob

AT_ONCE = 16
# A site without an announced feed is asked for this many common paths, and no more.
TRIED = 5


@dataclass(frozen=True, slots=True)
class FeedCheck:
    """What one poll of `feed` brought; `proposed` are feeds that were read at other addresses of the same page."""

    feed: Feed
    result: PollResult
    proposed: tuple[str, ...] = ()


class Checker:
    """Checks feeds over `http`, one request at a time to one host. `logins` are "user:password" by feed id."""

    def __init__(
        self,
        http: Http,
        children: Children,
        settings: PollingSettings,
        logins: Mapping[str, str],
        clock: Callable[[], datetime],
    ) -> None:
        self._http = http
        self._children = children
        self._read = reading_in(children, settings.parse_seconds)
        self._settings = settings
        self._logins = logins
        self._clock = clock
        self._gate = HostGate(settings.host_delay_seconds)
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def check_all(self, feeds: Sequence[Feed]) -> list[FeedCheck]:
        """Check each feed once; the findings come in the order of the feeds."""
        return list(await asyncio.gather(*(self._check(feed) for feed in feeds)))

    async def _check(self, feed: Feed) -> FeedCheck:
        async with self._slots:
            result = await self._poll(feed)
            proposed = await self._look_around(feed.url) if result.failure in ("not_a_feed", "client") else ()
        return FeedCheck(feed, result, proposed)

    async def _poll(self, feed: Feed) -> PollResult:
        now = self._clock()
        job = PollJob(feed, FeedState(feed.id), now)
        async with self._gate.turn(host_of(feed.url)):
            return await poll_feed(
                self._http, self._read, job, self._settings, now, login=self._logins.get(feed.id, "")
            )

    async def _look_around(self, url: str) -> tuple[str, ...]:
        """The feeds that the page at `url` announces; without any, the first that lies where feeds often lie."""
        announced = [place for place in (await self._announced(url))[:TRIED] if await self._is_feed(place)]
        if announced:
            return tuple(announced)
        for place in likely_feeds(url)[:TRIED]:
            if await self._is_feed(place):
                return (place,)
        return ()

    async def _announced(self, url: str) -> tuple[str, ...]:
        settings = self._settings
        try:
            async with self._gate.turn(host_of(url)):
                page = await self._http.get(
                    url,
                    user_agent=settings.user_agent,
                    max_bytes=settings.max_page_bytes,
                    deadline_seconds=settings.deadline_seconds,
                    allow_private=settings.allow_private_addresses,
                )
            kind = page.headers.get("content-type", "")
            return await self._children.call(
                announced_feeds, page.body, page.url, kind, wall_seconds=settings.parse_seconds
            )
        except (FetchError, ChildFailed):
            return ()

    async def _is_feed(self, url: str) -> bool:
        return not (await self._poll(feed_at(url))).failure
