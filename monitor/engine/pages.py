"""Pages: fetch what is wanted, have it extracted, store the text. Advice only: an entry is judged without it first."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from monitor.articles.extract import Page, extract_page
from monitor.articles.fetch import fetch_page
from monitor.children import Children
from monitor.engine.gate import HostGate
from monitor.errors import BadStatus, ChildFailed, FetchError
from monitor.feeds.politeness import host_rest_seconds
from monitor.feeds.result import PollingSettings
from monitor.feeds.source import host_of
from monitor.http import Http
from monitor.store import pages as store
from monitor.store.db import Database
from monitor.store.pages import WantedPage

log = structlog.get_logger()

# The host is asked too much, or it is down: both speak of all its pages.
BUSY = (429, 503)
Extract = Callable[[bytes, str, str], Awaitable[Page]]


class PageFetcher:
    """Fetches the pages that decisions asked for. `on_stored` is called with each entry id that got a text."""

    def __init__(
        self,
        db: Database,
        http: Http,
        extract: Extract,
        settings: PollingSettings,
        gate: HostGate,
        *,
        clock: Callable[[], datetime],
        on_stored: Callable[[str], None] = lambda _entry_id: None,
    ) -> None:
        self._db = db
        self._http = http
        self._extract = extract
        self._settings = settings
        self._gate = gate
        self._clock = clock
        self._on_stored = on_stored
        self._tasks: dict[asyncio.Task[None], WantedPage] = {}

    def start_wanted(self) -> int:
        """Start as many fetches as there are free slots and free hosts, and return at once: one tick."""
        free = self._settings.pages_at_once - len(self._tasks)
        if free <= 0:
            return 0
        under_way = {page.entry_id for page in self._tasks.values()}
        with self._db.writing() as tx:
            pages = store.claim_pages(tx, self._clock(), free, self._gate.busy() | self._hosts(), under_way)
        for page in pages:
            task = asyncio.create_task(self._fetch(page), name=f"page {page.entry_id}")
            self._tasks[task] = page
            task.add_done_callback(lambda done: self._tasks.pop(done, None))
        return len(pages)

    async def fetch_wanted(self) -> None:
        """Fetch everything that is wanted now, and wait for the end."""
        while self.start_wanted() or self._tasks:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    async def finish(self) -> None:
        """Wait for the fetches that are under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _hosts(self) -> frozenset[str]:
        return frozenset(host_of(page.url) for page in self._tasks.values())

    async def _fetch(self, page: WantedPage) -> None:
        """One try; a page's trouble is its own."""
        try:
            async with self._http.large_bodies.room() as room:
                async with self._gate.turn(host_of(page.url)):
                    response = await fetch_page(self._http, page.url, self._settings, room)
                found = await self._extract(response.body, response.url, response.headers.get("content-type", ""))
        except (FetchError, ChildFailed) as error:
            log.info("page not used", entry=page.entry_id, tries=page.tries, error=str(error))
            with self._db.writing() as tx:
                store.fail_page(tx, page.entry_id, page.tries)
                if isinstance(error, BadStatus) and error.status in BUSY:
                    self._let_rest(tx, error)
        except Exception:
            log.exception("page failed", entry=page.entry_id)
        else:
            self._store(page.entry_id, found)

    def _let_rest(self, tx: sqlite3.Connection, busy: BadStatus) -> None:
        now = self._clock()
        if seconds := host_rest_seconds(busy.url, busy.headers, now):
            store.rest(tx, host_of(busy.url), now, seconds)

    def _store(self, entry_id: str, found: Page) -> None:
        with self._db.writing() as tx:
            stored = store.save_page(tx, entry_id, found.text)
        if stored:
            self._on_stored(entry_id)


def extracting_in(children: Children, seconds: float) -> Extract:
    """Extract pages in child processes that are killed after `seconds`."""

    async def extract(body: bytes, url: str, content_type: str) -> Page:
        return await children.call(extract_page, body, url, content_type, wall_seconds=seconds)

    return extract
