"""Whether 150 good feeds are polled on time beside 50 that hang, drip, bomb, lead inside or never resolve.

Run: python benchmarks/poll_two_hundred.py [SECONDS]. Exit 1 where a good feed was late by more than a tenth of its
interval, or the memory promised (300 MB, 700 MB with the children) was exceeded.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from monitor.children import Children
from monitor.engine.gate import HostGate
from monitor.engine.poll import Polled, Poller, reading_in
from monitor.feeds.result import PollingSettings
from monitor.feeds.source import feed_at
from monitor.http import Http, Resolver
from monitor.store import feeds as store
from monitor.store.db import Database

EVERY = 20.0
GOOD, BAD = 150, 50
ITEMS = "".join(
    f"<item><guid>{number}</guid><title>Story {number}</title><link>https://news.example/{number}</link></item>"
    for number in range(40)
)
FEED = f"<rss version='2.0'><channel><title>News</title>{ITEMS}</channel></rss>".encode()
BOMB = gzip.compress(gzip.compress(bytes(200_000_000)))
HEAD = b"HTTP/1.1 200 X\r\nConnection: close\r\n"

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


async def good(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % len(FEED) + FEED)


async def hang(writer: asyncio.StreamWriter) -> None:  # noqa: ARG001 - says nothing
    await asyncio.sleep(600)


async def drip(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Content-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.5)


async def bomb(writer: asyncio.StreamWriter) -> None:
    body = gzip.decompress(BOMB)
    writer.write(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    await writer.drain()


async def inside(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 302 X\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n")


BAD_ANSWERS: tuple[Answer, ...] = (hang, drip, bomb, inside)


async def serve(answer: Answer) -> int:
    async def on_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await answer(writer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(on_connection, "0.0.0.0", 0, backlog=512)
    return int(server.sockets[0].getsockname()[1])


def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
    if host.startswith("silent"):
        time.sleep(40)
        raise socket.gaierror(socket.EAI_AGAIN, "no answer")
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


def memory_mb(pid: int | str) -> float:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def tree_mb() -> float:
    """Resident memory of this process and its children."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return memory_mb("self") + sum(memory_mb(child) for child in listed if Path(f"/proc/{child}").exists())


async def measure(seconds: float) -> None:
    ports = [await serve(answer) for answer in BAD_ANSWERS]
    good_port = await serve(good)
    urls = [f"http://good{number}.example:{good_port}/feed" for number in range(GOOD)]
    urls += [f"http://bad{number}.example:{ports[number % 4]}/feed" for number in range(BAD - 10)]
    urls += [f"http://silent{number}.example/feed" for number in range(10)]
    due: dict[str, datetime] = {}
    late: list[float] = []
    failed: dict[str, int] = {}
    peak = peak_tree = 0.0

    def on_recorded(polled: Polled) -> None:
        name = polled.feed.id
        row = db.row("SELECT last_polled_at, next_poll_at FROM feed_state WHERE feed_id = ?", name)
        if row is None:
            return
        if polled.result.failure:
            failed[polled.result.failure] = failed.get(polled.result.failure, 0) + 1
        elif name in due:
            late.append((datetime.fromisoformat(row["last_polled_at"]) - due[name]).total_seconds())
        due[name] = datetime.fromisoformat(row["next_poll_at"])

    settings = PollingSettings(every_seconds=EVERY, allow_private_addresses=True)
    with tempfile.TemporaryDirectory() as folder:
        db = Database(Path(folder) / "basewatch.db")
        with db.writing() as tx:
            store.set_feeds(tx, [feed_at(url) for url in urls], datetime.now(UTC))
        async with Http(resolve=Resolver(look_up=look_up)) as http, Children(2) as children:
            poller = Poller(
                db, http, reading_in(children, 10), settings, HostGate(1.0),
                clock=lambda: datetime.now(UTC), on_recorded=on_recorded,
            )  # fmt: skip
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                poller.start_due()
                await asyncio.sleep(1)
                peak, peak_tree = max(peak, memory_mb("self")), max(peak_tree, tree_mb())
        db.close()
    late.sort()
    worst, middle = late[-1], late[len(late) // 2]
    print(f"{len(late)} polls of {GOOD} good feeds beside {BAD} bad ones in {seconds:g} s, every {EVERY:g} s")
    print(f"late: median {middle:.2f} s, 99 % {late[len(late) * 99 // 100]:.2f} s, worst {worst:.2f} s")
    print(f"failures of the bad ones: {failed}")
    print(f"memory: {peak:.0f} MB, with children {peak_tree:.0f} MB (the servers of this benchmark included)")
    sys.stdout.flush()
    # The hanging servers and look-ups have nothing to say any more: leave without waiting for them.
    os._exit(0 if worst <= EVERY / 10 and peak < 300 and peak_tree < 700 else 1)


if __name__ == "__main__":
    asyncio.run(measure(float(sys.argv[1]) if len(sys.argv) > 1 else 120))
