"""Markup inside a feed's fields becomes plain text; titles are cut where a reader sees a character end."""

from __future__ import annotations

import html
import re

import regex
from lxml import etree

from monitor.feeds.decode import clean

_MARKUP = re.compile(r"<[a-zA-Z/!?]")
_ESCAPED_TWICE = re.compile(r"\s*<(?:!--|[a-zA-Z]{1,10}(?:\s[^<>]*)?>)")
_SPACE = re.compile(r"\s+")
_GRAPHEME = regex.compile(r"\X")
_LOOK_BACK = 64
# Captions are the photo agency's words on another day, not the report's.
_DROPPED = frozenset(["script", "style", "figure", "figcaption", "template", "noscript", "iframe", "object", "svg"])
_BLOCKS = frozenset(
    ["p", "div", "br", "hr", "li", "ul", "ol", "dl", "dt", "dd", "table", "tr", "td", "th", "blockquote", "pre"]
    + ["section", "article", "header", "footer", "aside", "main", "nav", "address", "form"]
    + [f"h{n}" for n in range(1, 7)]
)


class _Collector:
    """Receives a parser's events and keeps text; blocks become line ends. It builds no tree, so depth costs nothing."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._dropping = 0

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        if tag in _DROPPED:
            self._dropping += 1
        elif tag in _BLOCKS:
            self._parts.append("\n")

    def end(self, tag: str) -> None:
        if tag in _DROPPED:
            self._dropping = max(0, self._dropping - 1)
        elif tag in _BLOCKS:
            self._parts.append("\n")

    def data(self, text: str) -> None:
        if not self._dropping:
            self._parts.append(_SPACE.sub(" ", text))

    def close(self) -> str:
        return "".join(self._parts)


def line_of(markup: str) -> str:
    """One line of plain text: no markup, entities decoded, whitespace folded."""
    return _SPACE.sub(" ", _text(markup)).strip()


def paragraphs_of(markup: str) -> str:
    """Plain text with one line for each paragraph."""
    lines = (_SPACE.sub(" ", line).strip() for line in _text(markup).split("\n"))
    return "\n".join(line for line in lines if line)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters; what is longer ends in "…" after a whole grapheme (UAX 29)."""
    if len(text) <= limit:
        return text
    kept = 0
    for grapheme in _GRAPHEME.finditer(text, endpos=limit + _LOOK_BACK):
        if grapheme.end() > limit - 1:
            break
        kept = grapheme.end()
    return text[: kept or limit - 1].rstrip() + "…"


def cut_at_word(text: str, limit: int) -> str:
    """At most `limit` characters, cut after a whole word where there is one."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else cut(text, limit).removesuffix("…")).rstrip() + "…"


def _text(markup: str) -> str:
    markup = clean(markup)
    if not _MARKUP.search(markup):
        text = clean(html.unescape(markup))
        if not _ESCAPED_TWICE.match(text):
            return text
        markup = text
    parser = etree.HTMLParser(target=_Collector(), no_network=True, huge_tree=True, remove_comments=True)
    try:
        parser.feed(f"<div>{markup}</div>")
        text = parser.close()
    except (etree.LxmlError, ValueError):
        text = re.sub(r"<[^<>]*>", " ", markup)
    return clean(html.unescape(text) if "&" in text else text)
