"""Which entry is which: keys and aliases that survive edits, re-ordering, http/https flips and tracking parameters.

An entry is known by its id from the feed (guid), else by its link, else by a hash of title and date. A guid or a link
that two different entries of one document share says nothing and is left out. The id of an entry is made of the first
key; all keys are its aliases: whoever stores entries looks up every alias, and a hit means the entry is known.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable

from monitor.feeds.document import ParsedEntry
from monitor.model import Entry
from monitor.urls import canonical_url, normalise_guid

_ALIAS_CHARACTERS = 300
_FRONT_PAGE = re.compile(r"(?:https://[^/]*/)?")


def entries_of(feed_id: str, parsed: Iterable[ParsedEntry], language: str = "") -> tuple[Entry, ...]:
    """The entries of one document of one feed, each once, in the order of the document.

    Aliases are scoped by feed: (feed_id, alias) names at most one entry. No text is lost: what shares a guid but
    differs in link or text stays two entries.
    """
    parsed = tuple(dict.fromkeys(parsed))
    shared_guids = _shared(parsed, _guid_key, _link_key)
    shared_links = _shared(parsed, _link_key, _guid_key)
    found: dict[str, Entry] = {}
    for entry in parsed:
        aliases = _aliases(entry, shared_guids, shared_links)
        made = _entry(feed_id, entry, aliases, language)
        found.setdefault(made.id, made)
    return tuple(found.values())


def _aliases(entry: ParsedEntry, shared_guids: set[str], shared_links: set[str]) -> tuple[str, ...]:
    guid, link = _guid_key(entry), _link_key(entry)
    keys = [guid] if guid and guid not in shared_guids else []
    keys += [link] if link and link not in shared_links else []
    return tuple(keys) or (_content_key(entry, guid, link),)


def _shared(
    parsed: Iterable[ParsedEntry], key: Callable[[ParsedEntry], str], other: Callable[[ParsedEntry], str]
) -> set[str]:
    """The keys that entries share which are not the same entry: they differ in the other key or in their title."""
    users: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for entry in parsed:
        users[key(entry)].add((other(entry), entry.title))
    return {name for name, entries in users.items() if len(entries) > 1}


def _guid_key(entry: ParsedEntry) -> str:
    return _alias("guid", normalise_guid(entry.guid)) if entry.guid else ""


def _link_key(entry: ParsedEntry) -> str:
    """The link as a key; a site's front page names no entry."""
    address = canonical_url(entry.url) if entry.url else ""
    return "" if _FRONT_PAGE.fullmatch(address) else _alias("link", address)


def _content_key(entry: ParsedEntry, guid: str, link: str) -> str:
    """A key of last resort: title and date, the summary only where there is neither."""
    date = entry.published_at.isoformat() if entry.published_at else ""
    summary = "" if entry.title or date else entry.summary
    return "hash:" + _digest(guid, link, entry.title, date, summary)


def _alias(kind: str, value: str) -> str:
    return f"{kind}:{value}" if len(value) <= _ALIAS_CHARACTERS else f"{kind}-sha256:{_digest(value)}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8")).hexdigest()


def _entry(feed_id: str, entry: ParsedEntry, aliases: tuple[str, ...], language: str) -> Entry:
    return Entry(
        id=_digest(feed_id, aliases[0])[:24],
        feed_id=feed_id,
        title=entry.title,
        summary=entry.summary,
        url=entry.url,
        guid=entry.guid,
        published_at=entry.published_at,
        language=language,
        aliases=aliases,
        text=entry.text,
    )
