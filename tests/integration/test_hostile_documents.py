"""Documents made to hang, bloat or crash their readers: each is answered or killed, and good ones pass beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from monitor.articles.extract import Page, extract_page
from monitor.children import Children
from monitor.errors import ChildFailed
from monitor.feeds.document import ParsedFeed
from monitor.feeds.parse import parse_feed

URL = "https://e.example/x"
GOOD_FEED = b"<rss version='2.0'><channel><title>t</title><item><title>good</title></item></channel></rss>"
WALL = 2.0
PATIENT = 60.0


def rss(inner: str, head: str = "") -> str:
    return f"{head}<rss version='2.0'><channel><title>t</title><item><title>a</title>{inner}</item></channel></rss>"


def many(form: str, count: int) -> str:
    return "".join(form.format(n) for n in range(count))


SENTENCE = "<p>This sentence, number {0}, is long enough to be told from a menu by every extractor.</p>"
GOOD_PAGE = f"<html><body><article>{many(SENTENCE, 9)}</article></body></html>".encode()
QUOTED = many('a{0}="1" ', 60_000)
BARE = many("a{0}=1 ", 60_000)
LINKS = many("<a href='/{0}'>link number {0}</a> ", 60_000)
FEEDS = {
    "attributes on one tag": rss(f"<x {QUOTED}/>"),
    "attributes on one tag, ill-formed": rss(f"<x {BARE}>&"),
    "comments in a description": rss(f"<description>{'&lt;!-- -- --&gt;' * 60_000}</description>"),
    "open comments": "<rss version='2.0'><channel><item>" + "<!--" * 200_000,
    "open cdata": "<rss version='2.0'><channel><item>" + "<![CDATA[" * 100_000,
    "open entries": "<rss version='2.0'><channel>" + "<item>" * 60_000,
    "deep tags": rss("<a>" * 150_000),
    "doctype brackets": "<!DOCTYPE rss [" + "]  [" * 200_000,
    "entity bomb": rss("&z;", "<!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaa'>" + many("<!ENTITY b{0} '&a;&a;'>", 9) + "]>"),
    "entity quadratic": rss(
        f"<description>{'&a;' * 60_000}</description>", f"<!DOCTYPE rss [<!ENTITY a '{'A' * 60_000}'>]>"
    ),
    "ampersands": rss("<description>" + "&" * 2_000_000 + "</description>"),
    "wrapped feeds": "<html>" + "<feed xmlns=" * 150_000,
    "prefixes": "<rss>" + "<a:item " * 150_000,
    "long title": rss(f"<title>{'a' + chr(0x301) * 3_000_000}</title>"),
    "deep json": '{"items":[' + '{"a":' * 300_000,
    "long number": '{"version":"1","items":[{"id":' + "9" * 3_000_000 + "}]}",
}
PAGES = {
    "sibling spans": f"<html><body><p>{'<span>a </span>' * 100_000}</p></body></html>",
    "attributes on one tag": f"<html><body {QUOTED}>{many(SENTENCE, 9)}</body></html>",
    "linked data": "<html><head>" + "<script type='application/ld+json'>{" * 40_000,
    "deep linked data": "<html><script type='application/ld+json'>" + '[{"a":' * 200_000 + "</script></html>",
    "depth": "<html><body>" + "<div>" * 300_000 + many(SENTENCE, 9),
    "links": f"<html><body>{LINKS}</body></html>",
    "tables": "<html><body>" + "<table><tr><td>" * 60_000,
    "open comments": "<html><body>" + "<!--" * 300_000,
    "titles": "<html><body>" + "<h1>title</h1>" * 100_000,
}


async def outcome(children: Children, function: Callable[..., Any], *args: object) -> ParsedFeed | Page | str:
    try:
        return await children.call(function, *args, wall_seconds=WALL)
    except ChildFailed as failed:
        return failed.kind


def beside_good_ones(function: Callable[..., Any], poison: tuple[object, ...]) -> ParsedFeed | Page | str:
    async def run() -> ParsedFeed | Page | str:
        async with Children(2, preload=("monitor.feeds.parse", "monitor.articles.extract")) as children:
            poisoned = asyncio.create_task(outcome(children, function, *poison))
            for _ in range(2):
                feed = await children.call(parse_feed, GOOD_FEED, {}, URL, wall_seconds=PATIENT)
                page = await children.call(extract_page, GOOD_PAGE, URL, wall_seconds=PATIENT)
                assert [entry.title for entry in feed.entries] == ["good"]
                assert page.text.count("sentence") == 9
            return await poisoned

    return asyncio.run(run())


@pytest.mark.parametrize("name", FEEDS)
@pytest.mark.fault("HC-10")
def test_hc_10_a_hostile_feed_is_read_or_killed(name: str):
    found = beside_good_ones(parse_feed, (FEEDS[name].encode(), {}, URL))
    assert isinstance(found, ParsedFeed) or found in ("timeout", "died", "error")
    if isinstance(found, ParsedFeed):
        assert all(len(entry.title) <= 500 and len(entry.text) <= 200_000 for entry in found.entries)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.fault("HC-8")
def test_hc_8_a_hostile_page_is_read_or_killed(name: str):
    found = beside_good_ones(extract_page, (PAGES[name].encode(), URL))
    assert isinstance(found, Page) or found in ("timeout", "died", "error")
    if isinstance(found, Page):
        assert len(found.text) <= 200_000
