"""The memory that bodies take together is bounded, and those who take much do not delay the others (HT-8, R19)."""

from __future__ import annotations

import asyncio
import gzip
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import pytest
from loopback import Handler, Request, Server, answer, open_http, says, serving
from loops import comes_true, in_loop
from polling import OPEN, item, rss, watching
from processes import MB, memory_mb
from station import PROGRAM

from monitor.errors import FetchError
from monitor.http import Http
from monitor.http.memory import PLACES, SMALL_BYTES

HOSTILE = 60
SECONDS = 8
CONFIG = """
database = "memory.db"
rules = "{rules}"
[polling]
every_seconds = 1
host_delay_seconds = 0
allow_private_addresses = true
"""


def never_ending(body: bytes, **headers: str) -> Handler:
    """Sends these bytes at once and never the rest."""

    async def handler(_request: Request, writer: asyncio.StreamWriter) -> None:
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body) + 1}\r\n{lines}\r\n".encode() + body)
        await asyncio.sleep(60)

    return handler


async def small(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(200, b"small"))
    await writer.drain()


@in_loop
async def test_who_gave_a_good_answer_last_time_waits_for_no_one_else(tmp_path):
    """A good feed above the size of a small one, and more hostile ones than there are places."""
    large = rss([item(number, extra=f"<description>{'word ' * 8000}</description>") for number in range(20)])
    assert len(large) > SMALL_BYTES
    async with watching(tmp_path, says(answer(200, large, Content_Type="application/rss+xml"))) as (made, _):
        await made.poll()
        async with all_places_taken(made.http, 2 * PLACES):
            await asyncio.wait_for(made.poll(), 5)
    assert [polled.result.failure for polled in made.polled] == ["", ""]


@in_loop
async def test_a_feed_for_which_there_was_no_place_keeps_its_pace(tmp_path):
    settings = replace(OPEN, deadline_seconds=1)
    async with watching(tmp_path, says(answer(200, b"x" * MB)), settings=settings) as (made, _):
        async with all_places_taken(made.http, PLACES):
            await made.poll()
        assert made.wait_seconds == settings.every_seconds
    assert made.polled[0].result.failure == "crowded"


@asynccontextmanager
async def all_places_taken(http: Http, takers: int) -> AsyncIterator[None]:
    """Meanwhile so many large bodies are held that never end."""
    async with serving(never_ending(b"x" * MB)) as hostile:
        held = [asyncio.create_task(http.get(hostile.url, allow_private=True)) for _ in range(takers)]
        await comes_true(lambda: hostile.open_now == takers)
        await asyncio.sleep(0.3)
        yield
        for task in held:
            task.cancel()
        await asyncio.wait(held)


@in_loop
async def test_more_large_bodies_than_places_take_turns_and_all_arrive():
    body = b"x" * (3 * MB)

    async def handler(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(200, body))
        await writer.drain()

    async with serving(handler) as server, open_http() as http:
        answers = await asyncio.gather(*(http.get(f"{server.url}/{n}") for n in range(3 * PLACES)))
    assert [len(response.body) for response in answers] == [len(body)] * 3 * PLACES


@pytest.mark.parametrize("coding", ["identity", "gzip"])
@in_loop
async def test_when_all_places_are_taken_small_bodies_pass_and_large_ones_say_why_they_failed(coding):
    body = b"x" * (4 * SMALL_BYTES)
    sent = gzip.compress(body) if coding == "gzip" else body
    async with AsyncExitStack() as stack:
        hostile = await stack.enter_async_context(serving(never_ending(sent, Content_Encoding=coding)))
        good = await stack.enter_async_context(serving(small))
        http = await stack.enter_async_context(open_http())
        slow = [asyncio.create_task(http.get(hostile.url, deadline_seconds=3)) for _ in range(PLACES)]
        await comes_true(lambda: hostile.open_now == PLACES)
        await asyncio.sleep(0.3)
        with pytest.raises(FetchError, match="no place for a large body"):
            await http.get(hostile.url, deadline_seconds=0.5)
        assert (await http.get(good.url, deadline_seconds=1)).body == b"small"
        for task in slow:
            with pytest.raises(FetchError, match="no whole answer"):
                await task
        # The places are free again.
        with pytest.raises(FetchError, match="no whole answer"):
            await http.get(hostile.url, deadline_seconds=0.5)


def feeds(servers: list[Server]) -> str:
    return "".join(f'[[feed]]\nurl = "{server.url}/feed"\n' for server in servers)


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@in_loop
@pytest.mark.fault("HT-8")
async def test_sixty_hostile_feeds_leave_the_daemon_below_300_mb_and_the_others_on_time(tmp_path, root):
    plain, coded = b"<rss>" + b"x" * (9 * MB), gzip.compress(b"<rss>" + bytes(9 * MB))
    news = says(answer(200, rss([item(1)]), Content_Type="application/rss+xml"))
    async with AsyncExitStack() as stack:
        kinds = (never_ending(plain), never_ending(coded, Content_Encoding="gzip"))
        hostile = [
            await stack.enter_async_context(serving(kinds[number % 2], f"127.0.1.{number + 1}"))
            for number in range(HOSTILE)
        ]
        good = [await stack.enter_async_context(serving(news, f"127.0.2.{number + 1}")) for number in range(4)]
        config = tmp_path / "basewatch.toml"
        config.write_text(CONFIG.format(rules=root / "rules") + feeds(hostile + good), encoding="utf-8")
        log = stack.enter_context((tmp_path / "daemon.log").open("wb"))
        process = await asyncio.create_subprocess_exec(*PROGRAM, "run", "--config", str(config), stderr=log)
        try:
            await comes_true(lambda: all(server.connections for server in hostile))
            polls = [server.connections for server in good]
            await asyncio.sleep(SECONDS)
            later = [server.connections for server in good]
            held, peak = sum(server.open_now for server in hostile), memory_mb(process.pid, "VmHWM")
        finally:
            process.terminate()
            process.kill()
            await process.wait()
    print(f"{held} hostile feeds held at once, the daemon took {peak:.0f} MB at most")
    assert held > HOSTILE / 2
    assert peak < 300
    # A feed that had to wait for the hostile ones would not be polled at all in this time.
    assert all(after - before >= 2 for before, after in zip(polls, later, strict=True))
