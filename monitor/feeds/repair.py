"""What real feeds do wrong is put right before a second reading: bare ampersands, foreign entities, missing ends."""

from __future__ import annotations

import html
import itertools
import re
from html.entities import html5

from monitor.feeds.decode import clean

_FEED_IN_PAGE = re.compile(r"<(rss|feed|rdf:rdf)\s[^<>]{0,2000}?(?:xmlns|version)\s{0,20}=", re.IGNORECASE)
_ENTRY_PREFIX = re.compile(r"<([\w.-]+):(?:item|entry)[\s>]", re.IGNORECASE)
_OPENED = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_CLOSED = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
# A CDATA section (kept), or an ampersand that begins nothing which XML itself knows.
_AMPERSAND = re.compile(
    r"<!\[CDATA\[(?:[^]]|\](?!\]>))*"
    r"|&(?!(?:amp|lt|gt|quot|apos);)(?:(#\d{1,9}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,31});)?"
)
_EXTENSION_TAG = re.compile(r"</?(?!(?:content|dc|atom|rss|rdf):)[\w.-]+:[\w.-]+(?:\s[^<>]*)?>", re.IGNORECASE)
_ROOT_NAME = re.compile(r"<((?:[\w.-]+:)?(rss|feed|rdf))[\s>]", re.IGNORECASE)


def feed_inside_a_page(page: str) -> str:
    """The feed that a web page wraps, "" where there is none."""
    start = _FEED_IN_PAGE.search(page)
    end = page.lower().rfind(f"</{start[1].lower()}") if start else -1
    return page[start.start() : page.find(">", end) + 1] if start and end > start.start() else ""


def without_stray_prefix(text: str) -> str:
    """The text without a prefix on its entries that nothing declares."""
    found = _ENTRY_PREFIX.search(text)
    if not found or f"xmlns:{found[1]}" in text:
        return text
    return re.sub(rf"(</?){re.escape(found[1])}:", r"\1", text)


def with_legal_ampersands(text: str) -> str:
    """Bare ampersands are escaped, HTML's entities become their characters, references to none go; CDATA stays."""
    return _AMPERSAND.sub(_legal, text)


def ends_inside_an_entry(text: str) -> bool:
    """True where the last entry that opens does not close."""
    return _last(_OPENED, text) > _last(_CLOSED, text)


def closed_after_the_last_entry(text: str) -> str:
    """A document that breaks off, ended properly after its last whole entry; "" where there is none."""
    end = _last(_CLOSED, text)
    root = _ROOT_NAME.search(text)
    if end < 0 or not root:
        return ""
    channel = "</channel>" if root[2].lower() == "rss" else ""
    return f"{text[:end]}{channel}</{root[1]}>"


def entries_apart(text: str) -> tuple[str, list[str], str]:
    """An opening, the whole entries one by one, and a closing; opening + any of the entries + closing is a feed."""
    root = _ROOT_NAME.search(text)
    first = _OPENED.search(text)
    if not root or not first:
        return "", [], ""
    opening = text[: text.find(">", root.start()) + 1]
    ends = [first.start(), *(match.end() for match in _CLOSED.finditer(text, first.end()))]
    pieces = [text[start:end] for start, end in itertools.pairwise(ends)]
    rss = root[2].lower() == "rss"
    return opening + "<channel>" * rss, pieces, "</channel>" * rss + f"</{root[1]}>"


def without_extensions(entry: str) -> str:
    """An entry without the tags of extensions (georss:point, media:group …); what stands between them stays."""
    return _EXTENSION_TAG.sub("", entry)


def _legal(found: re.Match[str]) -> str:
    if found[0].startswith("<"):
        return found[0]
    name = found[1] or ""
    if name.startswith("#"):
        return html.escape(clean(html.unescape(found[0]).replace("\ufffd", "")))
    character = html5.get(f"{name};")
    return html.escape(character) if character else "&amp;" + found[0][1:]


def _last(mark: re.Pattern[str], text: str) -> int:
    """Where the last match ends, -1 where there is none."""
    return max((match.end() for match in mark.finditer(text)), default=-1)
