"""The bytes of a feed document become a `ParsedFeed`. Pure: opens no file, fetches nothing, whatever the bytes say.

Hostile bytes can still cost much time (a library is quadratic in attributes and in comments): the service calls this
in a child process that can be killed.
"""

from __future__ import annotations

import calendar
import io
import re
import time
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax import SAXException

import feedparser

from monitor.feeds.decode import clean, decode_body
from monitor.feeds.document import Format, ParsedEntry, ParsedFeed, Problem
from monitor.feeds.entry import entry_from, web_address
from monitor.feeds.jsonfeed import parse_json_feed
from monitor.feeds.plain import line_of
from monitor.feeds.repair import (
    closed_after_the_last_entry,
    ends_inside_an_entry,
    entries_apart,
    feed_inside_a_page,
    with_legal_ampersands,
    without_extensions,
    without_stray_prefix,
)

_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]{0,400}\?>")
_BEFORE_ROOT = re.compile(
    r"\s*(?:<\?[^>]*>|<!--.*?-->|<!DOCTYPE\s[^\[>]*(?:\[.*?\]\s*)?>)\s*", re.DOTALL | re.IGNORECASE
)
_ROOT = re.compile(r"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_HTML = re.compile(r"<!doctype\s+html|<(?:html|head|body)[\s>]", re.IGNORECASE)
_FEED_ROOTS = ("rss", "feed", "rdf")
_SKIP = {
    name: re.compile(rf"<{name}s>(.{{0,2000}}?)</{name}s>", re.DOTALL | re.IGNORECASE)
    for name in ("skipHour", "skipDay")
}
_HOUR = re.compile(r"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_DAY = re.compile(r"<day>\s*([a-z]{3})[a-z]*\s*</day>", re.IGNORECASE)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_TAIL_CHARACTERS = 5000  # what some servers append to a document is shorter
_HARMLESS = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
_GZIP = b"\x1f\x8b"
_YEAR_SECONDS = 31_536_000


def parse_feed(body: bytes, headers: Mapping[str, str], url: str) -> ParsedFeed:
    """What a feed document says.

    `body` is the decoded (uncompressed) answer, `headers` the HTTP headers in any case, `url` the address that gave it,
    against which links are resolved. Never raises for any body: what is wrong is named in `problem`.
    """
    content_type = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    if body.startswith(_GZIP):
        return ParsedFeed(problem="not_a_feed", problem_text="The body is gzip, though its headers do not say so.")
    text = decode_body(body, content_type).strip()
    if not text:
        return ParsedFeed(problem="empty", problem_text="The body is empty.")
    try:
        if text.startswith("{"):
            return parse_json_feed(text, url)
        return _parse_xml(text, url)
    except Exception as error:  # noqa: BLE001 - a library that breaks on a document is a fact about the document
        said = f"The document broke the parser ({type(error).__name__})."
        return ParsedFeed(problem="not_a_feed", problem_text=said)


def _parse_xml(text: str, url: str) -> ParsedFeed:
    text = _DECLARATION.sub("", text, count=1).lstrip()
    root = _root(text)
    if root == "html" or (root not in _FEED_ROOTS and _HTML.search(text[:5000])):
        text = feed_inside_a_page(text)
        root = _root(text)
        if not text:
            return ParsedFeed(problem="html", problem_text="The body is a web page, not a feed.")
    found = _read(text)
    problem, sentence = _problem(found, text, root)
    entries = found["entries"]
    if problem:
        found, entries = _read_again(found, text, cut=problem == "cut")
    if not found["version"] and not entries:
        return ParsedFeed(problem="not_a_feed", problem_text="The body is no RSS, Atom, RDF or JSON feed.")
    head = found["feed"]
    return ParsedFeed(
        format=_format(str(found["version"]), root),
        title=entry_from(title=_field(head, "title")).title,
        language=_field(head, "language"),
        url=web_address(_field(head, "link"), url),
        entries=tuple(_entry(entry, url) for entry in entries),
        problem=problem,
        problem_text=sentence,
        ttl_seconds=_number(_field(head, "ttl"), 60),
        update_seconds=_update_seconds(head),
        skip_hours=_skip_hours(text),
        skip_days=_skip_days(text),
    )


def _read_again(found: dict[str, Any], text: str, *, cut: bool) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The best reading of a document with mistakes, and its entries: repaired, it often reads exactly.

    Of a document that breaks off, an entry that is not whole is left out: half a link would be another entry's name.
    """
    repaired = without_stray_prefix(with_legal_ampersands(text))
    expected = len(found["entries"]) - cut
    whole = _read(repaired)
    if not cut and _is_exact(whole, expected):
        return whole, whole["entries"]
    closed = closed_after_the_last_entry(repaired)
    ended = _read(closed) if closed else whole
    if _is_exact(ended, expected):
        return ended, ended["entries"]
    if whole["broken"]:
        opening, pieces, closing = entries_apart(repaired)
        return whole, _read_in_parts(opening, pieces, closing)
    best = whole if len(whole["entries"]) >= len(found["entries"]) else found
    entries: list[dict[str, Any]] = best["entries"]
    return best, entries[:-1] if cut and ends_inside_an_entry(text) else entries


def _read_in_parts(opening: str, pieces: list[str], closing: str) -> list[dict[str, Any]]:
    """The entries of a document that breaks feedparser, read in ever smaller parts: one poison entry costs no other."""
    found = _read(opening + "".join(pieces) + closing)
    if not found["broken"]:
        entries: list[dict[str, Any]] = found["entries"]
        return entries
    if len(pieces) < 2:
        plain = _read(opening + "".join(map(without_extensions, pieces)) + closing)
        return list(plain["entries"])
    middle = len(pieces) // 2
    return [entry for half in (pieces[:middle], pieces[middle:]) for entry in _read_in_parts(opening, half, closing)]


def _read(text: str) -> dict[str, Any]:
    """What feedparser sees in a text. It would open a path and fetch an address: it gets a stream of bytes, always."""
    stream = io.BytesIO(text.encode("utf-8"))
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = feedparser.parse(stream, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
            return {**found, "broken": False}
    except Exception as error:  # noqa: BLE001 - a library that breaks on a document is a fact about the document
        return {"entries": [], "feed": {}, "version": "", "bozo": True, "bozo_exception": error, "broken": True}


def _root(text: str) -> str:
    """The name of the root element in lower case without its prefix, "" where there is none near the start."""
    at = 0
    while before := _BEFORE_ROOT.match(text, at):
        at = before.end()
    root = _ROOT.match(text, at)
    return root[2].lower() if root else ""


def _format(version: str, root: str) -> Format:
    if root == "rdf" or version in ("rss090", "rss10"):
        return "rdf"
    if version.startswith("atom") or root in ("feed", "entry"):
        return "atom"
    return "rss"


def _is_ill_formed(found: dict[str, Any]) -> bool:
    return bool(found.get("bozo")) and not isinstance(found.get("bozo_exception"), _HARMLESS)


def _is_exact(found: dict[str, Any], expected: int) -> bool:
    """True for a well-formed reading that has the entries which a lenient one has."""
    return not _is_ill_formed(found) and len(found["entries"]) >= expected


def _problem(found: dict[str, Any], text: str, root: str) -> tuple[Problem, str]:
    if not _is_ill_formed(found):
        return "", ""
    last = "(?:rss|channel)" if root == "rss" else re.escape(root)  # after </channel> of RSS nothing can be missing
    if root and not re.search(rf"</(?:[\w.-]+:)?{last}\s*(?:>|\Z)", text[-_TAIL_CHARACTERS:], re.IGNORECASE):
        return "cut", f"The document ends before </{root}>: it was cut off."
    error = found["bozo_exception"]
    if not isinstance(error, SAXException):
        return "malformed", f"The document broke its parser ({type(error).__name__}); it was repaired or read in parts."
    return "malformed", f"The document is not well-formed XML ({line_of(error.getMessage())}); it was read leniently."


def _entry(entry: dict[str, Any], url: str) -> ParsedEntry:
    contents = [str(part.get("value") or "") for part in dict.get(entry, "content") or []]
    link = web_address(_field(entry, "feedburner_origlink"), url) or web_address(_field(entry, "link"), url)
    guid = _field(entry, "id")
    return entry_from(
        title=_field(entry, "title"),
        summary=_field(entry, "summary"),
        content=max(contents, key=len, default=""),
        url=link,
        guid=guid or ("" if link else _enclosure(entry)),
        published_at=_time(entry),
    )


def _enclosure(entry: dict[str, Any]) -> str:
    """The address of an attached file: the only thing that names an entry without guid and link."""
    links = dict.get(entry, "links") or []
    return next((_field(link, "href") for link in links if link.get("rel") == "enclosure"), "")


def _field(values: dict[str, Any], name: str) -> str:
    """A text field; asked of the plain dict, for feedparser's own answers with another field and a warning."""
    value = dict.get(values, name)
    return clean(value).strip() if isinstance(value, str) else ""


def _time(entry: dict[str, Any]) -> datetime | None:
    for name in ("published_parsed", "created_parsed", "updated_parsed"):
        parsed = dict.get(entry, name)
        if isinstance(parsed, time.struct_time):
            try:
                return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
            except (ValueError, OverflowError, OSError):
                continue
    return None


def _number(text: str, seconds: int) -> int | None:
    """A whole positive number of units in seconds, a year at most; None where it says nothing usable."""
    if not re.fullmatch(r"\d{1,9}", text) or int(text) == 0:
        return None
    return min(int(text) * seconds, _YEAR_SECONDS)


def _update_seconds(head: dict[str, Any]) -> int | None:
    period = _PERIODS.get(_field(head, "sy_updateperiod").lower())
    frequency = _number(_field(head, "sy_updatefrequency") or "1", 1)
    return max(1, period // frequency) if period and frequency else None


def _skip_hours(text: str) -> frozenset[int]:
    block = _SKIP["skipHour"].search(text)
    hours = frozenset(int(hour) % 24 for hour in _HOUR.findall(block[1]) if int(hour) <= 24) if block else frozenset()
    return hours if len(hours) < 24 else frozenset()


def _skip_days(text: str) -> frozenset[int]:
    block = _SKIP["skipDay"].search(text)
    names = {name.lower() for name in _DAY.findall(block[1])} if block else set()
    days = frozenset(_DAYS.index(name) + 1 for name in names if name in _DAYS)
    return days if len(days) < 7 else frozenset()
