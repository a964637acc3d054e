"""A feed, what we last saw of it, its entries, and the article that is judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as a fact: where it is. `id` is a short hash of the URL as first configured.

    `user_agent` is what its server is told, "" for the usual one.
    """

    id: str
    url: str
    title: str = ""
    language: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class FeedState:
    """What we last saw of a feed. Validators are opaque and bound to `validators_url`, which issued them.

    `interval_seconds`, `skip_hours` (GMT) and `skip_days` (ISO weekdays) are what the feed document asks for;
    `moved_to` is where permanent redirects lead, seen `moved_count` times since `moved_since_at`. `last_failure` names
    how the last poll failed, "" where it did not; `overflowed_at` is when polls ceased to overlap, None where they do.
    """

    feed_id: str
    etag: str | None = None
    last_modified: str | None = None
    validators_url: str | None = None
    next_poll_at: datetime | None = None
    last_polled_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_full_at: datetime | None = None
    last_status: int | None = None
    last_error: str | None = None
    failures: int = 0
    entry_count: int | None = None
    gone: bool = False
    moved_to: str | None = None
    moved_count: int = 0
    moved_since_at: datetime | None = None
    interval_seconds: int | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    last_failure: str = ""
    overflowed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PollJob:
    """A lease on one poll of one feed. After `lease_until_at` somebody else may poll it."""

    feed: Feed
    state: FeedState
    lease_until_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed. `id` is stable however often it is fetched, re-ordered or edited.

    `text` is the full text where the feed itself gives it, else "".
    """

    id: str
    feed_id: str
    title: str
    summary: str
    url: str | None = None
    guid: str | None = None
    published_at: datetime | None = None
    language: str = ""
    aliases: tuple[str, ...] = ()
    text: str = ""


TextSource = Literal["feed", "page", "given"]


@dataclass(frozen=True, slots=True)
class Article:
    """What is judged: an entry's title and summary and, once fetched, its page's text.

    `published_at` is None when unknown; `seen_at` is when we first saw it (the virtual clock in a replay).
    """

    id: str
    title: str
    summary: str = ""
    text: str = ""
    url: str = ""
    source: str = ""
    language: str = ""
    published_at: datetime | None = None
    seen_at: datetime | None = None
    text_source: TextSource = "feed"
