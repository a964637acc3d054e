"""A page's HTML becomes its article: text, title, canonical address, date. Pure: fetches nothing, whatever it says.

Extraction is advice: where nothing is found the text is "" and the feed's own words must do. Hostile pages can cost
much time (the library is quadratic in sibling spans and attributes): the service calls this in a child process.
"""

from __future__ import annotations

import html
import json
import logging
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urljoin

import htmldate
import trafilatura
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from monitor.feeds.decode import clean, decode_body
from monitor.feeds.entry import TEXT_CHARACTERS, TITLE_CHARACTERS, web_address
from monitor.feeds.plain import cut, line_of, paragraphs_of
from monitor.urls import canonical_url, same_site

SHORT_CHARACTERS = 500
_CLEARLY_LONGER = 3
_SENTENCE_CHARACTERS = 60
_BODY_WORDS = 30
_EARLIEST, _LATEST = "1995-01-01", "2100-01-01"  # fixed, for htmldate would ask the clock
_LINKED_DATA = re.compile(r"<script[^>]{0,300}application/ld\+json[^>]{0,300}>", re.IGNORECASE)
_SCRIPT_END = re.compile(r"</script", re.IGNORECASE)
_WORD = re.compile(r"\w+")
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what they log of a page is no news to an operator
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says. `text` has one paragraph a line; `url` is its canonical address where it lies on the same site.

    `published_on` is a local day of the page's own telling: a check on the feed's date, not a replacement.
    """

    text: str = ""
    title: str = ""
    url: str | None = None
    published_on: date | None = None


def extract_page(body: bytes, url: str, content_type: str = "") -> Page:
    """The article of a page. `url` is where it was found, `content_type` the HTTP header. Never raises for any body."""
    markup = decode_body(body, content_type)
    tree = _tree(markup)
    if tree is None:
        return Page()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Page(
            text=drop_repeats(_text(markup))[:TEXT_CHARACTERS],
            title=_title(tree),
            url=_canonical(tree, url),
            published_on=_day(tree, url),
        )


def drop_repeats(text: str) -> str:
    """A body that stands twice, stands once: some pages carry the article again for another device.

    Compares words, so that a changed space or mark does not hide the repeat; a headline may stand between the halves.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    words = [tuple(word.lower() for word in _WORD.findall(line)) for line in lines]
    middle = len(lines) // 2
    for start in range(max(1, middle), middle + 2):
        rest = words[start:]
        if sum(map(len, rest)) >= _BODY_WORDS and words[: len(rest)] == rest:
            return "\n".join(lines[:start])
    return text


def _text(markup: str) -> str:
    """The precise extraction; where that is suspiciously short, the first other way that finds clearly more."""
    precise = _extracted(markup, favor_precision=True)
    if len(precise) >= SHORT_CHARACTERS:
        return precise
    for other in (_extracted(markup, favor_precision=False), _linked_text(markup), _sentences(markup)):
        if len(other) > _CLEARLY_LONGER * len(precise):
            return other
    return precise


def _extracted(markup: str, *, favor_precision: bool) -> str:
    """Trafilatura's text. Never deduplicate: it remembers earlier calls, and the fourth copy of a text is None."""
    try:
        found = trafilatura.extract(
            markup,
            favor_precision=favor_precision,
            include_comments=False,
            include_tables=False,
            deduplicate=False,
            prune_xpath="//figcaption",  # a caption is the photo agency's, often of another day
        )
    except Exception:  # noqa: BLE001 - a library that breaks on a page means: no text found this way
        return ""
    return clean(found or "").strip()


def _linked_text(markup: str) -> str:
    """The longest articleBody of the page's JSON-LD (schema.org/NewsArticle)."""
    bodies: list[str] = []
    for start in _LINKED_DATA.finditer(markup):
        end = _SCRIPT_END.search(markup, start.end())
        if not end:
            break
        bodies += _article_bodies(markup[start.end() : end.start()])
    return paragraphs_of(html.unescape(max(bodies, key=len, default="")))


def _article_bodies(block: str) -> Iterator[str]:
    try:
        waiting: list[Any] = [json.loads(block, strict=False)]
    except (ValueError, RecursionError):
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if isinstance(value.get("articleBody"), str):
                yield value["articleBody"]
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


class _Paragraphs:
    """Receives a parser's events and keeps what stands in <p>; builds no tree, so that no depth is too deep."""

    def __init__(self) -> None:
        self._found: list[list[str]] = []
        self._inside = False

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        if tag == "p":
            self._inside = True
            self._found.append([])
        elif tag in ("script", "style", "figcaption", "aside", "footer", "nav"):
            self._inside = False

    def end(self, tag: str) -> None:
        if tag == "p":
            self._inside = False

    def data(self, text: str) -> None:
        if self._inside:
            self._found[-1].append(text)

    def close(self) -> list[str]:
        return [" ".join("".join(parts).split()) for parts in self._found]


def _sentences(markup: str) -> str:
    """The page's paragraphs that are long enough to be sentences."""
    parser = etree.HTMLParser(target=_Paragraphs(), no_network=True, huge_tree=True, remove_comments=True)
    try:
        parser.feed(markup)
        found: list[str] = parser.close()
    except (etree.LxmlError, ValueError):
        return ""
    return clean("\n".join(dict.fromkeys(line for line in found if len(line) >= _SENTENCE_CHARACTERS)))


def _tree(markup: str) -> HtmlElement | None:
    parser = HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        return document_fromstring(markup.encode("utf-8"), parser=parser)
    except (etree.LxmlError, ValueError):
        return None


def _title(tree: HtmlElement) -> str:
    candidates = (
        *tree.xpath("//meta[@property='og:title' or @name='og:title']/@content"),
        *(title.text_content() for title in tree.xpath("//h1[1] | //head/title")),
    )
    return next((cut(title, TITLE_CHARACTERS) for title in map(line_of, candidates) if title), "")


def _canonical(tree: HtmlElement, url: str) -> str | None:
    """rel=canonical, else og:url; believed only within the site, and never where it names the site's front page."""
    candidates = (
        *tree.xpath("//link[translate(@rel, 'CANOIL', 'canoil')='canonical']/@href"),
        *tree.xpath("//meta[@property='og:url']/@content"),
    )
    for candidate in candidates:
        address = web_address(candidate, url)
        if address and same_site(address, url) and canonical_url(address) != canonical_url(urljoin(url, "/")):
            return address
    return None


def _day(tree: HtmlElement, url: str) -> date | None:
    """The day of publication. htmldate gets a tree, never a text: a text that is an address it would fetch."""
    try:
        found = htmldate.find_date(
            tree, extensive_search=False, original_date=True, url=url, min_date=_EARLIEST, max_date=_LATEST
        )
        return date.fromisoformat(found) if found else None
    except Exception:  # noqa: BLE001 - a library that breaks on a page means: no date found
        return None
