"""The fields of one entry, however its feed wrote them, become a `ParsedEntry`."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from monitor.feeds.decode import clean
from monitor.feeds.document import ParsedEntry
from monitor.feeds.plain import cut, cut_at_word, line_of, paragraphs_of

TITLE_CHARACTERS = 500
SUMMARY_CHARACTERS = 2_000
TEXT_CHARACTERS = 200_000
URL_CHARACTERS = 8_192
_BREAKS = re.compile(r"[\t\r\n]+")


def entry_from(
    *,
    title: str = "",
    summary: str = "",
    content: str = "",
    url: str | None = None,
    guid: str = "",
    published_at: datetime | None = None,
) -> ParsedEntry:
    """An entry of plain text from fields that may hold markup.

    The longer of summary and content is the full text if it says more than the summary that is kept.
    """
    short = line_of(summary)
    text = max(paragraphs_of(summary), paragraphs_of(content), key=len)
    kept = cut_at_word(short or " ".join(text.split()), SUMMARY_CHARACTERS)
    return ParsedEntry(
        title=cut(line_of(title), TITLE_CHARACTERS),
        summary=kept,
        text=text[:TEXT_CHARACTERS] if len(text) > len(kept) else "",
        url=url,
        guid=clean(guid).strip() or None,
        published_at=published_at,
    )


def web_address(address: str, base: str) -> str | None:
    """The absolute http(s) address that a feed means, or None: a script, a file or nonsense is no link."""
    address = _BREAKS.sub("", clean(address)).strip().replace("&amp;", "&").replace(" ", "%20")
    if not address or len(address) > URL_CHARACTERS:
        return None
    try:
        absolute = urljoin(base, address)
        parts = urlsplit(absolute)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return absolute if usable else None
