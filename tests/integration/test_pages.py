"""Pages of entries: fetched within bounds, at most twice, and never in the way of anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from loopback import Handler, Request, Server, answer, says, serving
from polling import OPEN, START, Clock

from monitor.articles.extract import Page
from monitor.engine.gate import HostGate
from monitor.engine.pages import Extract, PageFetcher
from monitor.errors import ChildFailed
from monitor.http import Http, Resolve
from monitor.store import pages
from monitor.store.db import Database, now_text

HTML = answer(200, b"<p>The page's own words.</p>", Content_Type="text/html")


async def words_of(body: bytes, url: str, content_type: str) -> Page:  # noqa: ARG001 - the shape of an extractor
    return Page(text=body.decode())


@asynccontextmanager
async def fetching(
    tmp_path: Path, handler: Handler, extract: Extract = words_of, resolve: Resolve | None = None
) -> AsyncIterator[tuple[PageFetcher, Database, Server, Clock, list[str]]]:
    db, clock, stored = Database(tmp_path / "b.db", durable=False), Clock(), []
    async with serving(handler) as server, Http(resolve=resolve) as http:
        fetcher = PageFetcher(db, http, extract, OPEN, HostGate(0), clock=clock, on_stored=stored.append)
        try:
            yield fetcher, db, server, clock, stored
        finally:
            db.close()


def want(db: Database, entry_id: str, url: str, text: str = "") -> None:
    with db.writing() as tx:
        tx.execute(
            "INSERT INTO entry (id, feed_id, url, title, summary, text, first_seen_at, last_seen_at, content_hash, "
            "state, page_state) VALUES (?, 'f', ?, 't', 's', ?, ?, ?, '', 'decided', 'wanted')",
            (entry_id, url, text, now_text(START), now_text(START)),
        )


def row(db: Database) -> tuple[str, int, str, str, str]:
    found = db.row("SELECT page_state, page_tries, text_source, text, state FROM entry")
    assert found is not None
    return tuple(found)


def test_a_wanted_page_becomes_the_text_and_the_entry_is_judged_again(tmp_path: Path):
    async def main() -> None:
        async with fetching(tmp_path, says(HTML)) as (fetcher, db, server, _, stored):
            want(db, "e1", server.url + "/story")
            await fetcher.fetch_wanted()
            assert row(db) == ("done", 1, "page", "<p>The page's own words.</p>", "undecided")
            assert stored == ["e1"]

    asyncio.run(main())


def test_a_page_that_says_less_than_the_feed_changes_nothing(tmp_path: Path):
    async def main() -> None:
        async with fetching(tmp_path, says(HTML)) as (fetcher, db, server, _, stored):
            want(db, "e1", server.url + "/story", text="The feed gave the whole story. " * 9)
            await fetcher.fetch_wanted()
            assert row(db)[:3] == ("done", 1, "feed")
            assert row(db)[4] == "decided"
            assert stored == []

    asyncio.run(main())


async def poison(body: bytes, url: str, content_type: str) -> Page:  # noqa: ARG001 - the shape of an extractor
    raise ChildFailed("killed", "timeout")


async def surprise(body: bytes, url: str, content_type: str) -> Page:  # noqa: ARG001 - the shape of an extractor
    raise RuntimeError("nobody thought of this")


@pytest.mark.parametrize(
    ("handler", "extract"),
    [
        (says(answer(404)), words_of),
        (says(answer(200, b"%PDF", Content_Type="application/pdf")), words_of),
        (says(answer(200, bytes(2_100_000), Content_Type="text/html")), words_of),
        (says(b"HTTP/1.1 200 X\r\nContent-Length: 99\r\n\r\ncut"), words_of),
        (says(answer(200, b"x", cf_mitigated="challenge")), words_of),
        (says(answer(302, Location="http://169.254.169.254/")), words_of),
        (says(HTML), poison),
        (says(HTML), surprise),
    ],
)
@pytest.mark.fault("HC-9")
def test_a_page_is_tried_twice_and_no_more(tmp_path: Path, handler: Handler, extract: Extract):
    async def main() -> None:
        async with fetching(tmp_path, handler, extract) as (fetcher, db, server, clock, _):
            want(db, "e1", server.url + "/story")
            for _ in range(3):
                await fetcher.fetch_wanted()
            assert len(server.requests) == 1, "the second try waits"
            for _ in range(3):
                clock.move(minutes=10)
                await fetcher.fetch_wanted()
            assert len(server.requests) == 2
            assert row(db)[:3] == ("failed", 2, "feed")
            assert row(db)[4] == "decided"

    asyncio.run(main())


@pytest.mark.fault("CR-6")
def test_a_crash_during_a_try_counts_as_one(tmp_path: Path):
    async def hang(request: Request, writer: asyncio.StreamWriter) -> None:  # noqa: ARG001
        await asyncio.sleep(30)

    async def main() -> None:
        async with fetching(tmp_path, hang) as (fetcher, db, server, clock, _):
            want(db, "e1", server.url + "/story")
            for _ in range(4):
                fetcher.start_wanted()
                for task in list(fetcher._tasks):
                    task.cancel()
                await fetcher.finish()
                clock.move(minutes=10)
            assert row(db)[:2] == ("failed", 2)

    asyncio.run(main())


def test_one_page_of_a_host_at_a_time(tmp_path: Path):
    async def main() -> None:
        async with fetching(tmp_path, says(HTML)) as (fetcher, db, server, _, stored):
            for number in range(6):
                want(db, f"e{number}", f"{server.url}/{number}")
            await fetcher.fetch_wanted()
            assert len(stored) == 6
            assert server.open_at_most == 1

    asyncio.run(main())


async def everybody_is_here(host: str, port: int) -> list[str]:  # noqa: ARG001 - the shape of a resolver
    return ["127.0.0.1"]


@pytest.mark.parametrize(
    ("status", "retry_after", "rests_for"),
    [(429, "3600", 3600), (503, "3600", 3600), (429, "99999999", 86_400), (429, "soon", 0), (500, "3600", 0)],
)
@pytest.mark.fault("HT-9")
def test_r12_r13_a_host_that_says_how_long_is_asked_for_no_page_meanwhile(
    tmp_path: Path, status: int, retry_after: str, rests_for: int
):
    async def busy(request: Request, writer: asyncio.StreamWriter) -> None:
        first = request.target == "/busy"
        writer.write(answer(status, Retry_After=retry_after) if first else HTML)

    async def main() -> None:
        async with fetching(tmp_path, busy, resolve=everybody_is_here) as (fetcher, db, server, clock, stored):
            port = server.url.rpartition(":")[2]
            want(db, "busy", f"http://one.example:{port}/busy")
            await fetcher.fetch_wanted()
            want(db, "same", f"http://one.example:{port}/same")
            want(db, "sister", f"http://www.one.example:{port}/sister")
            await fetcher.fetch_wanted()
            assert stored == (["sister"] if rests_for else ["same", "sister"])
            clock.move(seconds=max(0, rests_for - 1))
            await fetcher.fetch_wanted()
            assert ("same" in stored) == (not rests_for)
            clock.move(seconds=2)
            await fetcher.fetch_wanted()
            assert sorted(stored) == ["same", "sister"]

    asyncio.run(main())


def test_r13_it_is_the_host_that_answered_that_rests(tmp_path: Path):
    async def busy(request: Request, writer: asyncio.StreamWriter) -> None:
        there = f"http://busy.example:{request.headers['host'].rpartition(':')[2]}/"
        ways = {"/1": answer(302, Location=there), "/": answer(429, Retry_After="3600")}
        writer.write(ways.get(request.target, HTML))

    async def main() -> None:
        async with fetching(tmp_path, busy, resolve=everybody_is_here) as (fetcher, db, server, _, stored):
            port = server.url.rpartition(":")[2]
            want(db, "e1", f"http://links.example:{port}/1")
            await fetcher.fetch_wanted()
            want(db, "e2", f"http://links.example:{port}/2")
            want(db, "e3", f"http://busy.example:{port}/3")
            await fetcher.fetch_wanted()
            assert stored == ["e2"]

    asyncio.run(main())


def test_a_rest_that_a_wrong_clock_has_written_is_none(tmp_path: Path):
    db = Database(tmp_path / "b.db", durable=False)
    with db.writing() as tx:
        pages.rest(tx, "one.example", START + timedelta(days=3650), 3600)
    assert pages.resting_hosts(db.reading, START) == set()
    db.close()
