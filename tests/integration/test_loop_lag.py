"""While children read documents, the event loop goes on (CC-7)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable

import pytest
from loops import in_loop
from polling import item, rss

from monitor.children import Children
from monitor.engine.pages import extracting_in
from monitor.engine.poll import reading_in
from monitor.feeds.read import read_feed
from monitor.feeds.source import feed_at

FEED = feed_at("https://news.example/feed")
HEADERS = {"content-type": "application/rss+xml"}
LARGE = rss([item(number, extra=f"<description>{'word ' * 1800}</description>") for number in range(400)])
# A page whose extraction takes more than its share: it is quadratic in its siblings.
SLOW = b"<html><body><article>" + b"<p>One sentence. <span>word</span></p>" * 3000 + b"</article></body></html>"
BEAT = 0.005


async def lags_while(work: Awaitable[object]) -> list[float]:
    """How much later than asked a sleeper woke up, again and again until the work is done; seconds, in order."""
    running, lags = asyncio.ensure_future(work), []
    while not running.done():
        before = time.monotonic()
        await asyncio.sleep(BEAT)
        lags.append(time.monotonic() - before - BEAT)
    await running
    return sorted(lags)


def worst_of_99(lags: list[float]) -> float:
    return lags[len(lags) * 99 // 100]


def seconds_here() -> float:
    """How long this process would be held up by the large feed."""
    before = time.monotonic()
    read_feed(LARGE, HEADERS, FEED.url, FEED)
    return time.monotonic() - before


@pytest.mark.slow
@pytest.mark.fault("CC-7")
@in_loop
async def test_the_loop_goes_on_while_children_read_large_feeds_and_slow_pages():
    async with Children(2) as children:
        read, extract = reading_in(children, 60), extracting_in(children, 60)
        feeds = [read(LARGE, HEADERS, FEED.url, FEED) for _ in range(4)]
        pages = [extract(SLOW, "https://news.example/story", "text/html") for _ in range(4)]
        lags = await lags_while(asyncio.gather(*feeds, *pages))
    held_up = seconds_here()
    print(
        f"{len(lags)} beats while 8 documents were read: 99 % late by {worst_of_99(lags) * 1000:.0f} ms at most, the "
        f"worst by {lags[-1] * 1000:.0f} ms; one of the feeds would have held the loop up for {held_up * 1000:.0f} ms"
    )
    assert worst_of_99(lags) < held_up / 10


@pytest.mark.control("CC-7")
@in_loop
async def test_a_feed_read_in_the_loop_would_be_seen():
    async def read_here() -> None:
        await asyncio.sleep(0)
        read_feed(LARGE, HEADERS, FEED.url, FEED)

    lags = await lags_while(read_here())
    assert worst_of_99(lags) > seconds_here() / 10
