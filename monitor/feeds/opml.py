"""Feed lists in OPML, read and written."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import quoteattr

import listparser

from monitor.errors import InputError
from monitor.feeds.source import feed_at, host_of
from monitor.model import Feed


def read_opml(path: Path) -> tuple[Feed, ...]:
    """The feeds of an OPML file, each URL once, in the order of the file. Raises InputError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give an OPML file") from None
    return parse_opml(content, str(path))


def parse_opml(content: bytes, name: str) -> tuple[Feed, ...]:
    """The feeds of an OPML document; `name` is what errors call it. Raises InputError where it holds none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Bytes, never text: the library fetches a text that looks like a URL.
        found = listparser.parse(content)
    feeds = {url: feed_at(url, (at.get("title") or "").strip()) for at in found["feeds"] if (url := at["url"].strip())}
    if not feeds:
        raise InputError(f"{name}: holds no feed; give an OPML file whose outlines have an xmlUrl")
    wrong = [url for url in feeds if not url.lower().startswith(("http://", "https://")) or not host_of(url)]
    if wrong:
        raise InputError(f"{name}: {wrong[0][:80]!r} is not an http or https address; correct its xmlUrl")
    return tuple(feeds.values())


def write_opml(feeds: Iterable[Feed], title: str = "Basewatch feeds") -> str:
    """An OPML 2.0 document of `feeds`, to be read by any feed reader."""
    outlines = "".join(
        f'    <outline type="rss" text={quoteattr(feed.title or feed.url)} xmlUrl={quoteattr(feed.url)}/>\n'
        for feed in feeds
    )
    head = f"  <head><title>{title}</title></head>\n  <body>\n"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n{head}{outlines}  </body>\n</opml>\n'
