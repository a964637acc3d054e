"""What a feed document says, as frozen values: the answer of `parse_feed`, sent whole from a child process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Format = Literal["", "rss", "atom", "rdf", "json"]
Problem = Literal["", "malformed", "cut", "empty", "html", "not_a_feed"]


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """One entry as the feed gives it. All text is plain: no markup, entities decoded, whitespace folded.

    `title` has at most 500 characters. `text` is the full text where the feed gives more than a summary, else "".
    `url` is absolute http(s) or None; `guid` is the entry's own id as written, never a number; `published_at` is UTC.
    """

    title: str
    summary: str = ""
    text: str = ""
    url: str | None = None
    guid: str | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed document. `entries` stand in the order of the document, all of them.

    `problem` names what is wrong, `problem_text` says it in one sentence:
    "" nothing · "malformed" not well-formed but read · "cut" ends too early, the entries before the cut are given ·
    "empty" no body · "html" a web page in place of the feed · "not_a_feed" anything else. The last three have no
    entries. Only "" and "malformed" may change what we know of a feed's validators (see `complete`).
    `ttl_seconds` is RSS ttl, `update_seconds` sy:updatePeriod / updateFrequency; `skip_hours` are GMT hours 0..23,
    `skip_days` ISO weekdays 1 (Monday)..7; a feed that skips every hour or every day skips none.
    """

    format: Format = ""
    title: str = ""
    language: str = ""
    url: str | None = None
    entries: tuple[ParsedEntry, ...] = ()
    problem: Problem = ""
    problem_text: str = ""
    ttl_seconds: int | None = None
    update_seconds: int | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()

    @property
    def complete(self) -> bool:
        """True where the whole feed was read, so that its validators may be kept."""
        return self.problem in ("", "malformed")

    @property
    def is_feed(self) -> bool:
        """True where there is a feed, even a cut one, whose entries may be used."""
        return self.problem in ("", "malformed", "cut")
