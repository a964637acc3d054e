from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.document import ParsedEntry, ParsedFeed
from monitor.feeds.parse import parse_feed


def feed(*items: Any, **head: Any) -> ParsedFeed:
    document = {"version": "https://jsonfeed.org/version/1.1", **head, "items": list(items)}
    return parse_feed(
        json.dumps(document).encode(), {"Content-Type": "application/feed+json"}, "https://e.com/feed.json"
    )


def only(**item: Any) -> ParsedEntry:
    (entry,) = feed(item).entries
    return entry


def test_all_fields_are_read():
    found = feed(
        {
            "id": "tag:1",
            "url": "/a",
            "external_url": "https://other.example/b",
            "title": "A <i>title</i>",
            "summary": "The lead",
            "content_html": "<p>The lead &amp; more</p>",
            "date_published": "2023-03-24T01:00:00+03:00",
        },
        title="Desk",
        language="en",
        home_page_url="https://e.com",
    )
    assert (found.format, found.title, found.language, found.url) == ("json", "Desk", "en", "https://e.com")
    assert found.entries == (
        ParsedEntry(
            title="A title",
            summary="The lead",
            text="The lead & more",
            url="https://e.com/a",
            guid="tag:1",
            published_at=datetime(2023, 3, 23, 22, tzinfo=UTC),
        ),
    )


def test_what_is_missing_is_taken_from_its_neighbour():
    assert only(external_url="https://other.example/b").url == "https://other.example/b"
    assert only(content_text="Only text").summary == "Only text"
    assert only(date_modified="2023-03-24").published_at == datetime(2023, 3, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    "date", ["", "yesterday", "99999-01-01", "0000-00-00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
@pytest.mark.fault("FD-13")
def test_fd_13_a_strange_date_is_no_date(date: str):
    assert only(id="1", date_published=date).published_at is None


@pytest.mark.parametrize("strange", [None, True, [], {}, ["x"], {"a": 1}])
def test_a_field_of_the_wrong_kind_is_as_if_missing(strange: Any):
    item = {"id": "1", "url": strange, "date_published": strange, "content_html": strange}
    found = feed(item, strange, title=strange)
    assert found.entries[0].guid == "1"
    assert (found.entries[0].url, found.entries[0].published_at) == (None, None)
    assert found.problem == ""


@pytest.mark.fault("FD-17")
def test_fd_17_a_number_as_id_stays_as_written():
    body = b'{"items":[{"id":00123},{"id":1}]}'
    assert parse_feed(body, {}, "https://e.com/").problem in ("cut", "not_a_feed")
    body = b'{"items":[{"id":123},{"id":1e3},{"id":1000},{"id":123.0},{"id":"123"},{"id":%s}]}' % (b"9" * 5000)
    guids = [entry.guid for entry in parse_feed(body, {}, "https://e.com/").entries]
    assert guids == ["123", "1e3", "1000", "123.0", "123", "9" * 5000]


NAMES = st.sampled_from(["id", "title", "url", "items", "version", "date_published"])
LEAF = st.none() | st.booleans() | st.integers() | st.text()
JSON = st.recursive(LEAF, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner))


@given(JSON)
def test_no_json_escapes(value: Any):
    parse_feed(json.dumps({"items": value}).encode(), {}, "https://e.com/")
    parse_feed(json.dumps({"items": [value]}).encode(), {}, "https://e.com/")
