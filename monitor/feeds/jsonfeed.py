"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1), read leniently; a cut document gives the items before the cut."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from monitor.feeds.document import ParsedEntry, ParsedFeed
from monitor.feeds.entry import entry_from, web_address

# Numbers stay as written: an id of 1e3 is not 1000, and no number is too long.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, strict=False)
_ITEMS = re.compile(r'"items"\s*:\s*\[\s*')
_BETWEEN = re.compile(r"\s*,\s*")


def parse_json_feed(text: str, url: str) -> ParsedFeed:
    """The feed that a JSON text gives; `text` begins with "{"."""
    try:
        document = _DECODER.decode(text)
    except (ValueError, RecursionError):
        items = _items_before_the_cut(text)
        if not items and not _ITEMS.search(text):
            return ParsedFeed(problem="not_a_feed", problem_text="The body is JSON that cannot be read.")
        return ParsedFeed(
            format="json",
            entries=_entries(items, url),
            problem="cut",
            problem_text=f"The JSON Feed breaks off; {len(items)} items before the break were read.",
        )
    if not isinstance(document.get("items"), list):
        return ParsedFeed(problem="not_a_feed", problem_text="The body is JSON, but no JSON Feed: it has no items.")
    return ParsedFeed(
        format="json",
        title=entry_from(title=_text(document, "title")).title,
        language=_text(document, "language"),
        url=web_address(_text(document, "home_page_url"), url),
        entries=_entries(document["items"], url),
    )


def _entries(items: list[Any], url: str) -> tuple[ParsedEntry, ...]:
    return tuple(_entry(item, url) for item in items if isinstance(item, dict))


def _entry(item: dict[str, Any], url: str) -> ParsedEntry:
    return entry_from(
        title=_text(item, "title"),
        summary=_text(item, "summary"),
        content=_text(item, "content_html") or _text(item, "content_text"),
        url=web_address(_text(item, "url"), url) or web_address(_text(item, "external_url"), url),
        guid=_text(item, "id"),
        published_at=_time(_text(item, "date_published")) or _time(_text(item, "date_modified")),
    )


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text.strip())
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _items_before_the_cut(text: str) -> list[Any]:
    start = _ITEMS.search(text)
    items: list[Any] = []
    at = start.end() if start else len(text)
    while at < len(text):
        try:
            item, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        items.append(item)
        between = _BETWEEN.match(text, end)
        at = between.end() if between else len(text)
    return items
