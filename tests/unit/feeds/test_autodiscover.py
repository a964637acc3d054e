from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.autodiscover import announced_feeds, likely_feeds

URL = "https://news.example.com/world/"


def found(markup: str) -> tuple[str, ...]:
    return announced_feeds(markup.encode(), URL)


@pytest.mark.parametrize(
    "kind",
    ["application/rss+xml", "application/atom+xml", "application/feed+json", "APPLICATION/RDF+XML; charset=utf-8"],
)
def test_r28_an_announced_feed_is_found(kind: str):
    assert found(f"<html><head><LINK REL='alternate' TYPE='{kind}' HREF='feed.xml'></head>") == (URL + "feed.xml",)


def test_r28_rel_may_hold_more_words_and_base_counts():
    page = "<base href='/other/'><link rel='feed ALTERNATE home' type='application/rss+xml' href='a'>"
    assert found(page) == ("https://news.example.com/other/a",)


def test_r28_feeds_of_comments_come_last_and_each_address_once():
    page = (
        "<link rel=alternate type=application/rss+xml title='Comments on this' href=/c>"
        "<link rel=alternate type=application/rss+xml href=/comments/feed/>"
        "<link rel=alternate type=application/rss+xml href=/a><link rel=alternate type=application/atom+xml href=/a>"
        "<link rel=alternate type=application/atom+xml href=/b>"
    )
    assert [address.removeprefix("https://news.example.com") for address in found(page)] == [
        "/a",
        "/b",
        "/c",
        "/comments/feed/",
    ]


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<link rel=stylesheet type=application/rss+xml href=/a>",
        "<link rel=alternate hreflang=de href=/de>",
        "<link rel=alternate type=application/rss+xml>",
        "<link rel=alternate type=application/rss+xml href='javascript:x'>",
        "<link rel=alternate type=application/rss+xml href='file:///etc/passwd'>",
        "<!-- <link rel=alternate type=application/rss+xml href=/a> -->",
    ],
)
def test_what_announces_no_feed_gives_none(page: str):
    assert found(page) == ()


def test_r28_common_places_are_tried_below_the_page_and_at_the_root():
    places = likely_feeds("https://example.com/news")
    assert places[0] == "https://example.com/news/feed/"
    assert {"https://example.com/atom.xml", "https://example.com/feed.xml", "https://example.com/rss.xml"} <= set(
        places
    )
    assert len(places) == len(set(places))


@given(st.binary(max_size=200))
def test_no_bytes_escape(body: bytes):
    announced_feeds(b"<link rel=alternate type=application/rss+xml href='" + body, URL)
    announced_feeds(body, URL)
