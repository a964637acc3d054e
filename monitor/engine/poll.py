"""Polling: lease what is due, ask, and record what came in one transaction. Due times live in the database."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from monitor.children import Children
from monitor.engine.gate import HostGate
from monitor.feeds.arrivals import Arrivals, notices_after, overflowed_at, passed, sort_out
from monitor.feeds.document import ParsedFeed
from monitor.feeds.fetch import Read, poll_feed
from monitor.feeds.politeness import after, host_rest_seconds, with_more_to_take
from monitor.feeds.read import read_feed
from monitor.feeds.result import PollingSettings, PollResult
from monitor.feeds.source import host_of
from monitor.http import Http
from monitor.model import Entry, Feed, PollJob
from monitor.store import feeds as store
from monitor.store import pages
from monitor.store.db import Database
from monitor.urls import public_url

log = structlog.get_logger()

# What a lease allows besides fetching and reading: waiting for a page of the same host, and for a free child.
LEASE_SLACK_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Polled:
    """One poll that was recorded: what the server said and what was stored."""

    feed: Feed
    result: PollResult
    arrivals: Arrivals


class Poller:
    """Polls the feeds of one database. `clock` gives the time, `chance` numbers in [0, 1) for jitter.

    `logins` are "user:password" by feed id, for the feeds that ask for one; they are never stored.
    `on_recorded` is called after each recorded poll, so that new entries are decided without waiting for a tick.
    """

    def __init__(
        self,
        db: Database,
        http: Http,
        read: Read,
        settings: PollingSettings,
        gate: HostGate,
        *,
        clock: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
        on_recorded: Callable[[Polled], None] = lambda _polled: None,
        logins: Mapping[str, str] | None = None,
    ) -> None:
        self._db = db
        self._http = http
        self._read = read
        self._settings = settings
        self._gate = gate
        self._clock = clock
        self._chance = chance
        self._on_recorded = on_recorded
        self._logins = logins or {}
        self._tasks: dict[asyncio.Task[None], str] = {}
        self._answered_at: datetime | None = None

    def start_due(self, due_by: datetime | None = None) -> int:
        """Start a poll of each feed that is due, as far as there are free slots, and return at once: one tick."""
        free = self._settings.feeds_at_once - len(self._tasks)
        now, seconds = self._clock(), self._lease_seconds
        if free <= 0 or not store.due(self._db.reading, now, now + timedelta(seconds=seconds), due_by):
            return 0  # most ticks: then nobody is asked for the write lock
        with self._db.writing() as tx:
            jobs = store.lease(tx, now, free, seconds, set(self._tasks.values()), due_by)
        for job in jobs:
            task = asyncio.create_task(self._poll(job), name=f"poll {job.feed.id}")
            self._tasks[task] = host_of(job.feed.url)
            task.add_done_callback(lambda done: self._tasks.pop(done, None))
        return len(jobs)

    async def finish(self) -> None:
        """Wait for the polls that are under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def poll_due(self) -> None:
        """Poll everything that is due now, each feed once, and wait for the end."""
        started = self._clock()
        while self.start_due(started) or self._tasks:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    @property
    def _lease_seconds(self) -> float:
        settings = self._settings
        return (
            2 * (settings.deadline_seconds + settings.host_delay_seconds) + settings.parse_seconds + LEASE_SLACK_SECONDS
        )

    async def _poll(self, job: PollJob) -> None:
        """One poll; whatever goes wrong costs this feed one turn and no other feed anything."""
        try:
            async with self._gate.turn(host_of(job.feed.url)):
                login = self._logins.get(job.feed.id, "")
                result = await poll_feed(self._http, self._read, job, self._settings, self._clock(), login)
            polled = self.record(job, result)
            if polled:
                self._on_recorded(polled)
        except Exception:
            log.exception("poll failed", feed=public_url(job.feed.url))

    def record(self, job: PollJob, result: PollResult) -> Polled | None:
        """Store one poll: entries, state and notices together. None where the lease has passed to another poller."""
        now = self._clock()
        alone = self._nobody_answers(result, now)
        with self._db.writing() as tx:
            if not store.holds(tx, job):
                return None
            known = store.known_entries(tx, job.feed.id, result.entries)
            arrivals = sort_out(result.entries, known, job.state, self._settings, now)
            state = after(job.state, result, self._settings, now, self._chance(), alone=alone)
            state = replace(state, overflowed_at=overflowed_at(job.state, result, arrivals, now))
            if arrivals.left_over:
                state = with_more_to_take(state, self._settings, now)
            store.save_arrivals(tx, arrivals, result.source, now)
            store.save_state(tx, state)
            # 429 counts us, so it is the host's word; 503 may be one broken route.
            rest = host_rest_seconds(result.url, result.headers, now) if result.status == 429 else None
            if rest:
                store.pause_host(tx, host_of(result.url), now + timedelta(seconds=rest))
                pages.rest(tx, host_of(result.url), now, rest)
            merged = bool(state.moved_to) and store.is_watched(tx, str(state.moved_to))
            notices = notices_after(job.feed, state, result, arrivals, now, merged=merged)
            opened = store.save_notices(tx, job.feed.id, notices, passed(result), now)
        for notice in opened:
            log.warning("notice", kind=notice.kind, text=notice.text)
        return Polled(job.feed, result, arrivals)

    def _nobody_answers(self, result: PollResult, now: datetime) -> bool:
        """True where no server has answered for a while: the fault is on our side."""
        if result.status is not None:
            self._answered_at = now
        recent = timedelta(seconds=self._settings.every_seconds)
        return self._answered_at is None or not -recent <= now - self._answered_at <= recent


def reading_in(children: Children, seconds: float) -> Read:
    """Read feeds in child processes that are killed after `seconds`."""

    async def read(body: bytes, headers: dict[str, str], url: str, feed: Feed) -> tuple[ParsedFeed, tuple[Entry, ...]]:
        return await children.call(read_feed, body, headers, url, feed, wall_seconds=seconds)

    return read
