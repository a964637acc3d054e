"""The signs by which health judges the feeds and the service. Reads only."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from monitor.store.codec import to_json
from monitor.store.db import now_text, to_time

HISTORY = timedelta(days=28)
# Matches are rarer than entries, and come in waves.
HITS_HISTORY = timedelta(days=90)
# The heartbeat that keeps how the canary went.
CANARY = "canary"


@dataclass(frozen=True, slots=True)
class EntrySign:
    """What one entry tells of the health of its feed: when it came, the length of its text, whether it had a date."""

    first_seen_at: datetime
    length: int
    dated: bool


@dataclass(frozen=True, slots=True)
class FeedSigns:
    """What a feed has shown: its state, its entries of the last weeks, oldest first, and the days it had a match.

    `hit_days` are the days (UTC) of the last months on which an entry came that told of a fresh event. `last_failure`
    and `overflowed_at` are those of its state.
    """

    feed_id: str
    url: str
    failures: int
    last_ok_at: datetime | None
    added_at: datetime
    last_error: str
    entries: tuple[EntrySign, ...] = ()
    language: str = ""
    last_failure: str = ""
    overflowed_at: datetime | None = None
    hit_days: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class CanarySign:
    """How the canary went last: when, with what problem ("" for none), by which rules, and when it last arrived.

    `next_at` is when the daemon sends it again; None where nobody does.
    """

    at: datetime
    problem: str
    rules: str
    arrived_at: datetime | None = None
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ServiceSigns:
    """What the service has shown of itself. Times are None where nothing happened yet or nothing waits."""

    last_tick_at: datetime | None
    oldest_waiting_at: datetime | None
    waiting: int = 0
    sinks_open: tuple[str, ...] = ()
    canary: CanarySign | None = None


def feed_signs(db: sqlite3.Connection) -> list[FeedSigns]:
    """All active feeds with their state, without their history."""
    feeds = db.execute(
        "SELECT f.id, f.url, f.added_at, s.failures, s.last_ok_at, s.last_error, s.last_failure, s.overflowed_at "
        "FROM feed f LEFT JOIN feed_state s ON s.feed_id = f.id WHERE f.active = 1 ORDER BY f.id"
    )
    return [
        FeedSigns(
            feed_id=row["id"],
            url=row["url"],
            failures=row["failures"] or 0,
            last_ok_at=to_time(row["last_ok_at"]),
            added_at=datetime.fromisoformat(row["added_at"]),
            last_error=row["last_error"] or "",
            last_failure=row["last_failure"] or "",
            overflowed_at=to_time(row["overflowed_at"]),
        )
        for row in feeds
    ]


def with_entries(db: sqlite3.Connection, feed: FeedSigns, now: datetime) -> FeedSigns:
    """A feed with its entries of the last four weeks, without those of its first poll."""
    since = now_text(now - HISTORY)
    rows = db.execute(
        "SELECT first_seen_at, length(summary) + length(text) AS size, published_at IS NOT NULL AS dated FROM entry "
        "WHERE feed_id = ?1 AND last_seen_at >= ?2 AND first_seen_at >= ?2 AND baseline = 0 ORDER BY first_seen_at",
        (feed.feed_id, since),
    )
    entries = [EntrySign(datetime.fromisoformat(row["first_seen_at"]), row["size"], bool(row["dated"])) for row in rows]
    return replace(feed, entries=tuple(entries))


def with_hits(db: sqlite3.Connection, feeds: Iterable[FeedSigns], now: datetime) -> list[FeedSigns]:
    """Feeds with their language, that of the newest entry where none is configured, and the days they had a match."""
    days, languages = hit_days(db, now), languages_of(db)
    return [
        replace(feed, language=languages[feed.feed_id], hit_days=days.get(feed.feed_id, frozenset())) for feed in feeds
    ]


def languages_of(db: sqlite3.Connection) -> dict[str, str]:
    """The language of each feed, "" where nobody says it."""
    rows = db.execute(
        "SELECT f.id, iif(f.language <> '', f.language, coalesce((SELECT e.language FROM entry e "
        "WHERE e.feed_id = f.id ORDER BY e.last_seen_at DESC LIMIT 1), '')) AS language FROM feed f"
    )
    return {row["id"]: row["language"] for row in rows}


def hit_days(db: sqlite3.Connection, now: datetime) -> dict[str, frozenset[date]]:
    """By feed, the days of the last three months on which an entry came that was flagged."""
    days = defaultdict(set)
    for row in db.execute(
        "SELECT DISTINCT e.feed_id, substr(e.first_seen_at, 1, 10) AS day FROM judgement j "
        "JOIN entry e ON e.id = j.entry_id WHERE j.flagged = 1 AND j.judged_at >= ?1 "
        "AND e.first_seen_at >= ?1 AND e.baseline = 0",
        (now_text(now - HITS_HISTORY),),
    ):
        days[row["feed_id"]].add(date.fromisoformat(row["day"]))
    return {feed_id: frozenset(found) for feed_id, found in days.items()}


def last_beat(db: sqlite3.Connection, name: str) -> datetime | None:
    """When the heartbeat of this name was last written."""
    row = db.execute("SELECT at FROM heartbeat WHERE name = ?", (name,)).fetchone()
    return to_time(row["at"]) if row else None


def beat(tx: sqlite3.Connection, name: str, now: datetime) -> None:
    """Write the heartbeat of this name."""
    tx.execute(
        "INSERT INTO heartbeat (name, at) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET at = excluded.at",
        (name, now_text(now)),
    )


def service_signs(db: sqlite3.Connection, tick: str) -> ServiceSigns:
    """The service's own signs; held deliveries wait for the operator and do not count as waiting.

    What quiet hours or a silence hold back counts as waiting from their end on.
    """
    waiting = db.execute(
        "SELECT count(*) AS n, min(max(created_at, coalesce(not_before_at, ''))) AS oldest FROM delivery "
        "WHERE state IN ('pending', 'sending', 'unknown')"
    ).fetchone()
    broken = db.execute("SELECT sink FROM sink_state WHERE broken_at IS NOT NULL ORDER BY sink")
    return ServiceSigns(
        last_tick_at=last_beat(db, tick),
        oldest_waiting_at=to_time(waiting["oldest"]),
        waiting=waiting["n"],
        sinks_open=tuple(row["sink"] for row in broken),
        canary=canary_sign(db),
    )


def canary_sign(db: sqlite3.Connection) -> CanarySign | None:
    """How the canary went last; None where it was never sent, or is sent no more."""
    row = db.execute("SELECT at, value FROM heartbeat WHERE name = ?", (CANARY,)).fetchone()
    if row is None:
        return None
    kept = json.loads(row["value"])
    return CanarySign(
        datetime.fromisoformat(row["at"]),
        kept["problem"],
        kept["rules"],
        to_time(kept["arrived_at"]),
        to_time(kept["next_at"]),
    )


def record_canary(tx: sqlite3.Connection, sign: CanarySign) -> None:
    """Write how the canary went."""
    kept = {
        "problem": sign.problem,
        "rules": sign.rules,
        "arrived_at": now_text(sign.arrived_at) if sign.arrived_at else None,
        "next_at": now_text(sign.next_at) if sign.next_at else None,
    }
    tx.execute(
        "INSERT INTO heartbeat (name, at, value) VALUES (?, ?, ?) "
        "ON CONFLICT (name) DO UPDATE SET at = excluded.at, value = excluded.value",
        (CANARY, now_text(sign.at), to_json(kept)),
    )


def forget_canary(tx: sqlite3.Connection) -> None:
    """The canary is sent no more: nothing is due, and nothing wrong with it."""
    tx.execute("DELETE FROM heartbeat WHERE name = ?", (CANARY,))
