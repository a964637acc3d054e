"""150 good feeds are polled on time beside 50 that hang, swell, drip, bomb, lead inside or never resolve (HT-8)."""

from __future__ import annotations

import asyncio
import gzip
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import deaf_daemon
import pytest
from loopback import Handler, Request, answer, says, serving
from loops import in_loop
from polling import item, rss
from processes import MB, memory_mb, tree_mb

from monitor.http.memory import SMALL_BYTES

EVERY = 30
SECONDS = 5 * EVERY
CONFIG = """
database = "feeds.db"
rules = "{rules}"
[polling]
every_seconds = {every}
host_delay_seconds = 1
allow_private_addresses = true
"""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 9000001\r\n"


@dataclass(slots=True)
class Good:
    """A feed in order, and when it was asked."""

    body: bytes
    asked: list[float] = field(default_factory=list)

    async def handle(self, _request: Request, writer: asyncio.StreamWriter) -> None:
        self.asked.append(time.monotonic())
        writer.write(answer(200, self.body, Content_Type="application/rss+xml"))
        await writer.drain()

    @property
    def intervals(self) -> list[float]:
        """Seconds between two polls; the first interval is shorter, so that feeds do not stay in step."""
        return [after - before for before, after in zip(self.asked[1:], self.asked[2:], strict=False)]


async def hang(_request: Request, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(SECONDS)


async def swell(_request: Request, writer: asyncio.StreamWriter) -> None:
    """Nearly as large as a feed may be, and then nothing more."""
    writer.write(HEAD + b"\r\n" + b"x" * (9 * MB))
    await asyncio.sleep(SECONDS)


async def drip(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.5)


bomb = says(HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(200 * MB)))
inside = says(answer(302, Location="http://169.254.169.254/latest/meta-data"))
# Eight of each; with ten names that never resolve, fifty.
HOSTILE: list[Handler] = [hang, swell, drip, bomb, inside] * 8
SILENT = [f"http://name{number}.silent/feed" for number in range(10)]


def good_feeds() -> list[Good]:
    """150, ten of them so large that a body needs a place in memory."""
    small = rss([item(number) for number in range(40)])
    large = rss([item(number, extra=f"<description>{'word ' * 8000}</description>") for number in range(20)])
    assert len(small) < SMALL_BYTES < len(large)
    return [Good(small) for _ in range(140)] + [Good(large) for _ in range(10)]


async def watch_memory(pid: int, peaks: Counter[str]) -> None:
    """Keep the most that the daemon and its whole tree ever held."""
    while True:
        peaks["daemon"] = max(peaks["daemon"], round(memory_mb(pid, "VmHWM")))
        peaks["tree"] = max(peaks["tree"], round(tree_mb(pid)))
        await asyncio.sleep(0.25)


@pytest.mark.soak
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.fault("HT-8")
@in_loop
async def test_fifty_hostile_feeds_make_no_other_late_and_take_little_memory(tmp_path, root):
    feeds, peaks = good_feeds(), Counter()
    async with AsyncExitStack() as stack:
        urls = [
            (await stack.enter_async_context(serving(handler, f"127.0.{net}.{number}", backlog=512))).url + "/feed"
            for net, handlers in ((3, HOSTILE), (4, [feed.handle for feed in feeds]))
            for number, handler in enumerate(handlers, 1)
        ]
        config = tmp_path / "basewatch.toml"
        listed = "".join(f'[[feed]]\nurl = "{url}"\n' for url in [*urls, *SILENT])
        config.write_text(CONFIG.format(rules=root / "rules", every=EVERY) + listed, encoding="utf-8")
        command = [sys.executable, str(Path(deaf_daemon.__file__)), "run", "--config", str(config)]
        log = stack.enter_context((tmp_path / "daemon.log").open("wb"))
        process = await asyncio.create_subprocess_exec(*command, stderr=log)
        watching = asyncio.create_task(watch_memory(process.pid, peaks))
        try:
            await asyncio.sleep(SECONDS)
            assert process.returncode is None
        finally:
            watching.cancel()
            process.terminate()
            process.kill()
            await process.wait()
    intervals = sorted(interval for feed in feeds for interval in feed.intervals)
    print(
        f"{len(urls) + len(SILENT)} feeds, {len(intervals)} intervals of {EVERY} s of the {len(feeds)} good ones: "
        f"median {intervals[len(intervals) // 2]:.2f} s, {intervals[0]:.2f} s to {intervals[-1]:.2f} s; "
        f"the daemon {peaks['daemon']} MB, with its children {peaks['tree']} MB"
    )
    assert min(len(feed.asked) for feed in feeds) >= SECONDS // EVERY - 1
    assert 0.9 * EVERY <= intervals[0] <= intervals[-1] <= 1.1 * EVERY
    assert 0 < peaks["daemon"] < 300
    assert 0 < peaks["tree"] < 700
