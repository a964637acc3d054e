"""A web page's HTML becomes the feeds that it announces or that sites of its kind have, best guess first. Pure."""

from __future__ import annotations

from urllib.parse import urljoin

from lxml import etree

from monitor.feeds.decode import decode_body
from monitor.feeds.entry import web_address
from monitor.urls import canonical_url

_TYPES = frozenset(
    [f"application/{kind}" for kind in ("rss+xml", "atom+xml", "rdf+xml", "feed+json", "json", "xml", "rss", "atom")]
    + ["text/xml", "text/rss+xml"]
)
_PATHS = ("feed/", "feed", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feed.json", "feeds/posts/default")


class _Links:
    """Receives a parser's events and keeps what announces a feed; builds no tree."""

    def __init__(self) -> None:
        self.base = ""
        self.announced: list[tuple[bool, str]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "base" and not self.base:
            self.base = attributes.get("href", "")
        if tag not in ("link", "a") or "alternate" not in attributes.get("rel", "").lower().split():
            return
        if attributes.get("type", "").split(";")[0].strip().lower() in _TYPES:
            address = attributes.get("href", "")
            words = f"{address} {attributes.get('title', '')}".lower()
            self.announced.append(("comment" in words, address))

    def end(self, _tag: str) -> None:
        """Nothing ends here."""

    def close(self) -> None:
        """Nothing is left to do."""


def announced_feeds(body: bytes, url: str, content_type: str = "") -> tuple[str, ...]:
    """The feeds that a page announces (link rel=alternate), each once; feeds of comments come last."""
    links = _Links()
    parser = etree.HTMLParser(target=links, no_network=True, huge_tree=True, remove_comments=True)
    try:
        parser.feed(decode_body(body, content_type))
        parser.close()
    except (etree.LxmlError, ValueError):
        return ()
    base = web_address(links.base, url) or url
    found: dict[str, str] = {}
    for _, href in sorted(links.announced, key=lambda link: link[0]):
        address = web_address(href, base)
        if address:
            found.setdefault(canonical_url(address), address)
    return tuple(found.values())


def likely_feeds(url: str) -> tuple[str, ...]:
    """Where a site without an announced feed may keep one: common paths below the page, then at the site's root."""
    below = urljoin(url, "./") if url.endswith("/") else url + "/"
    candidates = [urljoin(place, path) for place in (below, urljoin(url, "/")) for path in _PATHS]
    return tuple(dict.fromkeys(candidates))
