"""What one poll of a feed brought, and the settings of polling: plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from monitor.model import Entry

Failure = Literal[
    "",
    "network",  # no answer: name, connection, TLS, deadline, broken HTTP
    "crowded",  # a large body, for which we had no place in memory
    "refused",  # the address guard, or a body above its cap
    "busy",  # 429 or 503
    "server",  # another 5xx, 408
    "client",  # another 4xx, or an answer that is none of a feed
    "gone",  # 410
    "not_a_feed",  # a web page, a challenge, or nothing in place of the feed
    "unreadable",  # the parser was killed or died on it
    "cut",  # the feed ends too early; the entries before the cut are there
    "emptied",  # a feed without entries where there used to be some
    "unasked",  # 304 to a question that was not conditional
]


@dataclass(frozen=True, slots=True)
class Hints:
    """What the feed document asks of its readers: least seconds between polls, GMT hours and ISO weekdays to skip."""

    interval_seconds: int | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class PollResult:
    """One poll's outcome. `failure` is "" for success; then `unchanged` tells a 304 from a whole feed.

    `url` gave the answer; `permanent_url` is where permanent redirects alone led, or None. `error` is one sentence;
    `flaw` is one on a feed that was read although it is not well-formed.
    """

    failure: Failure = ""
    error: str = ""
    status: int | None = None
    unchanged: bool = False
    url: str = ""
    permanent_url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    hints: Hints = Hints()
    source: str = ""
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class PollingSettings:
    """How feeds are polled. The defaults are those of `[polling]` in basewatch.toml."""

    every_seconds: float = 900
    host_delay_seconds: float = 1.0
    backfill_hours: float = 24
    allow_private_addresses: bool = False
    user_agent: str = ""
    feeds_at_once: int = 64
    pages_at_once: int = 8
    deadline_seconds: float = 30
    parse_seconds: float = 10
    max_feed_bytes: int = 10_000_000
    max_page_bytes: int = 2_000_000
