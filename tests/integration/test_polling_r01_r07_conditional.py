"""Conditional requests over real HTTP: R1 to R7 of docs/polling.md."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from loopback import Handler, Request, answer
from polling import Desk, desk, feed, item, rss, script, watching

from monitor.feeds.read import read_feed
from monitor.feeds.result import PollResult
from monitor.feeds.source import feed_at
from monitor.model import PollJob
from monitor.store import feeds as store

OLD = {"ETag": '"v1"', "Last_Modified": "Sun, 01 Mar 2026 00:00:00 GMT"}


def asked(request: Request) -> tuple[str | None, str | None]:
    return request.headers.get("if-none-match"), request.headers.get("if-modified-since")


def questions(tmp_path: Path, *answers: bytes, polls: int | None = None) -> list[tuple[str | None, str | None]]:
    """The validators of each request while the server gives these answers in turn."""

    async def main() -> list[tuple[str | None, str | None]]:
        async with watching(tmp_path, script(*answers)) as (made, server):
            for _ in range(polls or len(answers)):
                await made.poll()
            return [asked(request) for request in server.requests]

    return asyncio.run(main())


def test_r1_both_validators_go_back_byte_for_byte(tmp_path: Path):
    odd = {"ETag": 'W/"\xe9, x"', "Last_Modified": "Thu, 31 Feb 2041 25:61:00 CEST"}
    assert questions(tmp_path, feed(1, **odd), answer(304), answer(304)) == [
        (None, None),
        (odd["ETag"], odd["Last_Modified"]),
        (odd["ETag"], odd["Last_Modified"]),
    ]


def test_r1_a_missing_validator_is_not_made_up(tmp_path: Path):
    assert questions(tmp_path, feed(1), feed(1, ETag='"x"'), answer(304)) == [(None, None), (None, None), ('"x"', None)]


def test_r2_the_same_body_with_a_new_etag_stores_the_new_etag(tmp_path: Path):
    new = {"ETag": '"v2"', "Last_Modified": OLD["Last_Modified"]}
    asked_with = questions(tmp_path, feed(1, **OLD), feed(1, **new), answer(304))
    assert asked_with[2] == ('"v2"', OLD["Last_Modified"])


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ({}, ('"v1"', OLD["Last_Modified"])),
        ({"ETag": '"v2"'}, ('"v2"', OLD["Last_Modified"])),
        ({"Last_Modified": "later"}, ('"v1"', "later")),
        ({"ETag": '"v2"', "Last_Modified": "later"}, ('"v2"', "later")),
    ],
)
def test_r3_a_304_updates_the_validators_it_carries(tmp_path: Path, headers: dict[str, str], kept: tuple[str, str]):
    assert questions(tmp_path, feed(1, **OLD), answer(304, **headers), answer(304))[2] == kept


BAD = {
    "html": answer(200, b"<html><body>Sign in</body></html>", Content_Type="text/html", ETag='"bad"'),
    "empty": answer(200, b"", ETag='"bad"'),
    "junk": answer(200, b"/etc/passwd", ETag='"bad"'),
    "cut": b'HTTP/1.1 200 X\r\nETag: "bad"\r\nContent-Length: 9999\r\n\r\n' + rss([item(1), item(2)])[:-60],
    "no entries": feed(ETag='"bad"'),
    "500": answer(500, b"", ETag='"bad"'),
    "206": answer(206, rss([item(1)]), ETag='"bad"'),
    "226": answer(226, rss([item(1)]), ETag='"bad"'),
}


@pytest.mark.parametrize("name", BAD)
def test_r4_validators_are_stored_only_with_the_entries_they_stand_for(tmp_path: Path, name: str):
    assert questions(tmp_path, feed(1, **OLD), BAD[name], answer(304))[2] == ('"v1"', OLD["Last_Modified"])


def test_r4_r5_a_304_to_an_unconditional_request_is_an_error(tmp_path: Path):
    async def main() -> None:
        async with watching(tmp_path, script(answer(304, ETag='"x"'), feed(1))) as (made, server):
            await made.poll()
            assert made.polled[0].result.failure == "unasked"
            assert made.state.last_ok_at is None
            await made.poll()
            assert asked(server.requests[1]) == (None, None)
            assert len(made.entries()) == 1

    asyncio.run(main())


@pytest.mark.fault("FD-4")
def test_r5_an_empty_body_is_an_error(tmp_path: Path):
    async def main() -> None:
        async with watching(tmp_path, script(answer(200), answer(204))) as (made, _):
            await made.poll()
            await made.poll()
            assert [at.result.failure for at in made.polled] == ["not_a_feed", "client"]

    asyncio.run(main())


def sticks_to_304() -> Handler:
    """A server with a stuck ETag: whoever asks with it never sees anything new."""
    stories = [1]

    async def handler(request: Request, writer: asyncio.StreamWriter) -> None:
        stories.append(len(stories) + 1)
        stuck = "if-none-match" in request.headers
        writer.write(answer(304) if stuck else feed(*stories, ETag='"stuck"'))
        await writer.drain()

    return handler


@pytest.mark.fault("FD-15")
def test_r6_a_server_that_sticks_to_304_is_asked_unconditionally_once_a_day(tmp_path: Path):
    async def main() -> None:
        async with watching(tmp_path, sticks_to_304()) as (made, server):
            for _ in range(200):
                await made.poll(minutes=15)
            full = [number for number, request in enumerate(server.requests) if asked(request) == (None, None)]
            assert full == [0, 96, 192]
            assert len(made.entries()) == len(server.requests[: 192 + 1]) + 1

    asyncio.run(main())


@pytest.mark.fault("FD-15")
def test_r6_a_200_with_the_stored_etag_is_read(tmp_path: Path):
    async def main() -> None:
        async with watching(tmp_path, script(feed(1, **OLD), feed(1, 2, **OLD))) as (made, _):
            await made.poll()
            await made.poll()
            assert len(made.entries()) == 2

    asyncio.run(main())


def test_r7_full_bodies_every_time_change_nothing(tmp_path: Path):
    async def main() -> None:
        async with watching(tmp_path, script(feed(1, 2, **OLD))) as (made, _):
            await made.poll()
            columns = "id, state, edited_at, first_seen_at, content_hash, baseline"
            before = made.entries(columns)
            for _ in range(5):
                await made.poll()
                assert made.polled[-1].arrivals.new == made.polled[-1].arrivals.edited == ()
            assert made.entries(columns) == before

    asyncio.run(main())


def test_validators_are_bound_to_the_url_that_gave_them(tmp_path: Path):
    """A redirect's target gives the validators: the first URL is asked without, the target with them."""

    async def moved(request: Request, writer: asyncio.StreamWriter) -> None:
        if request.target == "/feed":
            writer.write(answer(302, Location="/real"))
        else:
            writer.write(answer(304) if "if-none-match" in request.headers else feed(1, **OLD))

    async def main() -> list[tuple[str, bool]]:
        async with watching(tmp_path, moved) as (made, server):
            await made.poll()
            await made.poll()
            assert made.polled[1].result.unchanged
            return [(request.target, "if-none-match" in request.headers) for request in server.requests]

    assert asyncio.run(main()) == [("/feed", False), ("/real", False), ("/feed", False), ("/real", True)]


def test_recording_the_same_poll_twice_leaves_identical_rows(tmp_path: Path):
    async def main() -> None:
        async with desk(tmp_path) as made:
            job, result = leased(made), whole_feed(3)
            assert made.poller.record(job, result)
            before = list(made.db.reading.iterdump())
            made.clock.move(seconds=5)
            assert made.poller.record(job, result) is None
            assert list(made.db.reading.iterdump()) == before

    asyncio.run(main())


@pytest.mark.fault("FD-8")
def test_r4_entries_and_validators_are_one_transaction(tmp_path: Path):
    async def main() -> None:
        async with desk(tmp_path) as made:
            job = leased(made)
            failing = "SELECT RAISE(ABORT, 'disk full');"
            made.db.reading.execute(f"CREATE TEMP TRIGGER full BEFORE UPDATE ON feed_state BEGIN {failing} END")
            with pytest.raises(sqlite3.IntegrityError, match="disk full"):
                made.poller.record(job, whole_feed(3))
            assert made.entries() == []
            made.db.reading.execute("DROP TRIGGER full")
            assert made.poller.record(job, whole_feed(3))
            assert len(made.entries()) == 3
            assert made.state.etag == '"v1"'

    asyncio.run(main())


def leased(made: Desk) -> PollJob:
    made.watch("https://news.example/feed")
    with made.db.writing() as tx:
        (job,) = store.lease(tx, made.clock(), 1, 60)
    return job


def whole_feed(stories: int) -> PollResult:
    feed_of_it = feed_at("https://news.example/feed")
    _, entries = read_feed(rss([item(number) for number in range(stories)]), {}, feed_of_it.url, feed_of_it)
    return PollResult(status=200, url=feed_of_it.url, headers={"etag": '"v1"'}, entries=entries)
