"""What a poll brought, sorted: new entries, edited ones, known ones; and what the operator must be told. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.feeds.politeness import moved_for_good
from monitor.feeds.result import PollingSettings, PollResult
from monitor.model import Entry, Feed, FeedState, Notice
from monitor.urls import public_url

# More new entries than this in one poll are taken in turns.
MOST_NEW = 1000
# This many new entries that are older than our last look are an archive published again, not news.
FLOOD = 20
# The notices that polling itself gives; that a feed fails, freezes or shrinks is told by monitor.health.
KINDS = ("feed_malformed", "feed_gone", "feed_moved", "feed_flood", "feed_too_large")


@dataclass(frozen=True, slots=True)
class Known:
    """An entry that is stored already."""

    id: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Arrivals:
    """One poll's entries. `new` with whether each is baseline; `edited` and `seen` with the id they are stored under.

    `left_over` counts new entries that were not taken this time.
    """

    new: tuple[tuple[Entry, bool], ...] = ()
    edited: tuple[tuple[str, Entry], ...] = ()
    seen: tuple[tuple[str, Entry], ...] = ()
    left_over: int = 0
    flood: int = 0
    overflow: bool = False


def content_hash(entry: Entry) -> str:
    """A hash of what is judged: an entry whose hash changes was edited."""
    words = f"{entry.title}\0{entry.summary}\0{entry.text}"
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:32]


def sort_out(
    entries: tuple[Entry, ...],
    known: Mapping[str, Known],
    before: FeedState,
    settings: PollingSettings,
    now: datetime,
) -> Arrivals:
    """Sort the entries of one poll. `known` maps aliases of this feed to stored entries; `before` is the last state.

    Baseline (stored and judged, never alerted) are, on the first successful poll, entries older than the backfill or
    without a date (R24); later, those of an archive published again: at least `FLOOD` new entries that are older than
    the backfill before our last good poll.
    """
    new: dict[str, Entry] = {}
    old: dict[str, tuple[Known, Entry]] = {}
    for entry in entries:
        found = next((known[alias] for alias in entry.aliases if alias in known), None)
        if found is None:
            new.setdefault(entry.id, clamped(entry, now))
        else:
            old.setdefault(found.id, (found, clamped(entry, now)))
    taken = list(new.values())[:MOST_NEW]
    stale = stale_ids(list(new.values()), before, settings, now)
    return Arrivals(
        new=tuple((entry, entry.id in stale) for entry in taken),
        edited=tuple((at.id, entry) for at, entry in old.values() if at.content_hash != content_hash(entry)),
        seen=tuple((at.id, entry) for at, entry in old.values() if at.content_hash == content_hash(entry)),
        left_over=len(new) - len(taken),
        flood=len(stale) if before.last_ok_at else 0,
        overflow=bool(before.last_ok_at and before.entry_count and new and not old and not stale),
    )


def stale_ids(new: list[Entry], before: FeedState, settings: PollingSettings, now: datetime) -> frozenset[str]:
    """The ids of the new entries that are baseline."""
    backfill = timedelta(hours=settings.backfill_hours)
    if before.last_ok_at is None:
        return frozenset(entry.id for entry in new if entry.published_at is None or entry.published_at < now - backfill)
    limit = min(before.last_ok_at, now) - backfill
    stale = frozenset(entry.id for entry in new if entry.published_at and entry.published_at < limit)
    return stale if len(stale) >= FLOOD else frozenset()


def clamped(entry: Entry, now: datetime) -> Entry:
    """An entry from the future was published when we saw it (R25)."""
    if entry.published_at and entry.published_at > now:
        return replace(entry, published_at=now)
    return entry


def notices_after(
    feed: Feed, state: FeedState, result: PollResult, arrivals: Arrivals, now: datetime, *, merged: bool
) -> list[Notice]:
    """What the operator must know after this poll. `merged` says that the feed's new place is watched already."""
    place = public_url(feed.url)
    texts = {}
    if state.gone:
        texts["feed_gone"] = f"{place} answered 410 Gone and is polled no more; remove it or give its new address"
    if result.flaw:
        texts["feed_malformed"] = f"{place} is not well-formed; its entries are read all the same. {result.flaw}"
    if moved_for_good(state, now) and state.moved_to:
        todo = "which is watched already; remove one of them" if merged else "; change its address in the configuration"
        texts["feed_moved"] = f"{place} has moved to {public_url(state.moved_to)}{', ' if merged else ''}{todo}"
    if arrivals.flood:
        texts["feed_flood"] = (
            f"{place} published {arrivals.flood} old entries again; they are stored and not alerted, newer ones are"
        )
    if arrivals.left_over:
        texts["feed_too_large"] = (
            f"{place} has more than {MOST_NEW} new entries; {arrivals.left_over} are left for the next polls"
        )
    return [Notice(kind, feed.id, text, now) for kind, text in texts.items()]


def overflowed_at(before: FeedState, result: PollResult, arrivals: Arrivals, now: datetime) -> datetime | None:
    """When polls of this feed ceased to overlap; None where they do. A failed poll says nothing of it."""
    if arrivals.overflow:
        return before.overflowed_at or now
    return before.overflowed_at if result.failure else None


def passed(result: PollResult) -> tuple[str, ...]:
    """The kinds of notice that this poll can end: a failed poll says nothing of floods."""
    if result.failure:
        return ()
    if result.unchanged:
        return ("feed_gone", "feed_moved")
    return KINDS
