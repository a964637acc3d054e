"""The memory that bodies take together is bounded, and those who take much do not delay the others (HT-8, R19)."""

from __future__ import annotations

import asyncio
import gzip
import sys
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest
from loopback import Handler, Request, Server, answer, open_http, says, serving
from loops import comes_true, in_loop
from polling import item, rss
from station import PROGRAM

from monitor.errors import FetchError
from monitor.http.memory import PLACES, SMALL_BYTES

MB = 1_000_000
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
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)

    return handler


async def small(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(200, b"small"))
    await writer.drain()


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


def peak_mb(pid: int) -> float:
    """The most memory that a process ever held, in MB."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) * 1024 / MB


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
            held, peak = sum(server.open_now for server in hostile), peak_mb(process.pid)
        finally:
            process.terminate()
            process.kill()
            await process.wait()
    print(f"{held} hostile feeds held at once, the daemon took {peak:.0f} MB at most")
    assert held > HOSTILE / 2
    assert peak < 300
    # A feed that had to wait for the hostile ones would not be polled at all in this time.
    assert all(after - before >= 2 for before, after in zip(polls, later, strict=True))
