"""Feeds, their state, leases, and what a poll brought.

Functions with `tx` work inside the caller's write transaction, so that a poll's validators and entries are one.
"""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from monitor.feeds.arrivals import Arrivals, Known, content_hash
from monitor.feeds.source import host_of
from monitor.model import Entry, Feed, FeedState, Notice, PollJob
from monitor.store.codec import to_json
from monitor.store.db import now_text, to_time
from monitor.store.notices import clear_notice, raise_notice
from monitor.urls import canonical_url

# No rule of politeness makes a feed wait longer than a day: a later due time was written by a clock that was wrong.
LONGEST_WAIT = timedelta(hours=25)
TIMES = ("next_poll_at", "last_polled_at", "last_ok_at", "last_full_at", "moved_since_at", "overflowed_at")
SETS = ("skip_hours", "skip_days")
STATE_COLUMNS = tuple(field.name for field in dataclasses.fields(FeedState))


def set_feeds(tx: sqlite3.Connection, feeds: Iterable[Feed], now: datetime) -> None:
    """Make `feeds` the ones that are polled; others keep their history and rest. A new feed is due at once.

    What was wrong with a feed that is polled no more is nobody's trouble any longer.
    """
    tx.execute("UPDATE feed SET active = 0")
    for feed in feeds:
        tx.execute(
            "INSERT INTO feed (id, url, title, language, user_agent, added_at) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET title = excluded.title, language = excluded.language, "
            "user_agent = excluded.user_agent, active = 1",
            (feed.id, feed.url, feed.title, feed.language, feed.user_agent, now_text(now)),
        )
        tx.execute("INSERT INTO feed_state (feed_id) VALUES (?) ON CONFLICT DO NOTHING", (feed.id,))
    tx.execute(
        "UPDATE notice SET cleared_at = ? WHERE cleared_at IS NULL "
        "AND subject IN (SELECT id FROM feed WHERE active = 0)",
        (now_text(now),),
    )


def feeds(db: sqlite3.Connection) -> list[tuple[Feed, FeedState]]:
    """All feeds that are polled, with their state, by URL."""
    rows = db.execute("SELECT * FROM feed JOIN feed_state ON feed_id = id WHERE active = 1 ORDER BY url")
    return [(feed_of(row), state_of(row)) for row in rows]


def lease(
    tx: sqlite3.Connection,
    now: datetime,
    limit: int,
    lease_seconds: float,
    resting: Collection[str] = (),
    due_by: datetime | None = None,
) -> list[PollJob]:
    """Take at most `limit` feeds that are due (`due_by`, else now), the longest due first, one for each host.

    A host that has a live lease, or is in `resting`, waits. A feed is also due where its times lie where only a wrong
    clock can have put them: polled in the future, or to be polled in more than a day.
    """
    until = now + timedelta(seconds=lease_seconds)
    taken = set(resting) | {host_of(row["url"]) for row in leased(tx, now, until)}
    jobs: list[PollJob] = []
    for row in due(tx, now, until, due_by):
        host = host_of(row["url"])
        if host in taken:
            continue
        taken.add(host)
        jobs.append(PollJob(feed_of(row), state_of(row), until))
        tx.execute("UPDATE feed_state SET lease_until_at = ? WHERE feed_id = ?", (now_text(until), row["id"]))
        if len(jobs) == limit:
            break
    return jobs


def leased(tx: sqlite3.Connection, now: datetime, until: datetime) -> list[sqlite3.Row]:
    """The feeds under a live lease."""
    return tx.execute(
        "SELECT url FROM feed JOIN feed_state ON feed_id = id WHERE lease_until_at > ? AND lease_until_at <= ?",
        (now_text(now), now_text(until)),
    ).fetchall()


def due(tx: sqlite3.Connection, now: datetime, until: datetime, due_by: datetime | None = None) -> list[sqlite3.Row]:
    """The feeds that may be leased now, the longest due first; `until` is the end of a lease taken now."""
    return tx.execute(
        "SELECT * FROM feed JOIN feed_state ON feed_id = id WHERE active = 1 AND gone = 0 "
        "AND (next_poll_at IS NULL OR next_poll_at <= :due_by OR next_poll_at > :far OR last_polled_at > :now) "
        "AND (lease_until_at IS NULL OR lease_until_at <= :now OR lease_until_at > :until) "
        "ORDER BY next_poll_at, id",
        {
            "now": now_text(now),
            "due_by": now_text(due_by or now),
            "far": now_text(now + LONGEST_WAIT),
            "until": now_text(until),
        },
    ).fetchall()


def release_leases(tx: sqlite3.Connection) -> None:
    """End all leases: for the start of the only poller of this database, whose predecessor died over them."""
    tx.execute("UPDATE feed_state SET lease_until_at = NULL")


def holds(tx: sqlite3.Connection, job: PollJob) -> bool:
    """True while the lease of this job is the one in force."""
    row = tx.execute("SELECT lease_until_at FROM feed_state WHERE feed_id = ?", (job.feed.id,)).fetchone()
    return row is not None and row["lease_until_at"] == now_text(job.lease_until_at)


def save_state(tx: sqlite3.Connection, state: FeedState) -> None:
    """Write the state after a poll and give the lease back."""
    values = {name: getattr(state, name) for name in STATE_COLUMNS}
    values |= {name: now_text(values[name]) if values[name] else None for name in TIMES}
    values |= {name: to_json(sorted(values[name])) for name in SETS}
    values["gone"] = int(state.gone)
    columns = ", ".join(f"{name} = :{name}" for name in STATE_COLUMNS if name != "feed_id")
    tx.execute(f"UPDATE feed_state SET {columns}, lease_until_at = NULL WHERE feed_id = :feed_id", values)  # noqa: S608 - the names are ours


def pause_host(tx: sqlite3.Connection, host: str, until: datetime) -> None:
    """No feed of this host is due before `until`."""
    for row in tx.execute("SELECT id, url FROM feed WHERE active = 1").fetchall():
        if host_of(row["url"]) == host:
            tx.execute(
                "UPDATE feed_state SET next_poll_at = max(coalesce(next_poll_at, ''), ?) WHERE feed_id = ?",
                (now_text(until), row["id"]),
            )


def known_entries(tx: sqlite3.Connection, feed_id: str, entries: Iterable[Entry]) -> dict[str, Known]:
    """The stored entries of this feed behind the aliases of `entries`."""
    aliases = to_json([alias for entry in entries for alias in entry.aliases])
    rows = tx.execute(
        "SELECT a.alias, e.id, e.content_hash FROM entry_alias a JOIN entry e ON e.id = a.entry_id "
        "WHERE a.feed_id = ? AND a.alias IN (SELECT value FROM json_each(?))",
        (feed_id, aliases),
    )
    return {row["alias"]: Known(row["id"], row["content_hash"]) for row in rows}


def save_arrivals(tx: sqlite3.Connection, arrivals: Arrivals, source: str, now: datetime) -> None:
    """Store what a poll brought: new and edited entries as undecided, and when the others were seen."""
    for entry, baseline in arrivals.new:
        _insert(tx, entry, source, now, baseline=baseline)
    for entry_id, entry in arrivals.edited:
        _edit(tx, entry_id, entry, now)
    tx.executemany(
        "UPDATE entry SET last_seen_at = ? WHERE id = ?",
        [(now_text(now), entry_id) for entry_id, _ in (*arrivals.edited, *arrivals.seen)],
    )
    stored = [(entry.id, entry) for entry, _ in arrivals.new]
    tx.executemany(
        "INSERT INTO entry_alias (feed_id, alias, entry_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [
            (entry.feed_id, alias, entry_id)
            for entry_id, entry in (*stored, *arrivals.edited, *arrivals.seen)
            for alias in entry.aliases
        ],
    )


def _insert(tx: sqlite3.Connection, entry: Entry, source: str, now: datetime, *, baseline: bool) -> None:
    tx.execute(
        "INSERT INTO entry (id, feed_id, guid, url, canonical_url, title, summary, text, language, source, "
        "published_at, first_seen_at, last_seen_at, content_hash, baseline) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            entry.id,
            entry.feed_id,
            entry.guid,
            entry.url,
            canonical_url(entry.url) if entry.url else None,
            entry.title,
            entry.summary,
            entry.text,
            entry.language,
            source,
            now_text(entry.published_at) if entry.published_at else None,
            now_text(now),
            now_text(now),
            content_hash(entry),
            int(baseline),
        ),
    )


def _edit(tx: sqlite3.Connection, entry_id: str, entry: Entry, now: datetime) -> None:
    """An edited entry is judged again; the text of its page, once fetched, stays.

    A baseline entry that is dated anew, after we first saw it, is news from now on: pages that follow the events of a
    day are one entry for weeks.
    """
    tx.execute(
        "UPDATE entry SET title = :title, summary = :summary, text = iif(text_source = 'feed', :text, text), "
        "url = coalesce(:url, url), canonical_url = coalesce(:canonical, canonical_url), "
        "published_at = coalesce(:published, published_at), "
        "baseline = iif(:published > first_seen_at, 0, baseline), content_hash = :hash, edited_at = :now, "
        "state = 'undecided', decide_tries = 0 WHERE id = :id",
        {
            "title": entry.title,
            "summary": entry.summary,
            "text": entry.text,
            "url": entry.url,
            "canonical": canonical_url(entry.url) if entry.url else None,
            "published": now_text(entry.published_at) if entry.published_at else None,
            "hash": content_hash(entry),
            "now": now_text(now),
            "id": entry_id,
        },
    )


def save_notices(
    tx: sqlite3.Connection, subject: str, notices: Collection[Notice], passed: Collection[str], now: datetime
) -> list[Notice]:
    """Open the notices that are not open yet, close those of `passed` that are no longer given; return the opened."""
    given = {notice.kind for notice in notices}
    for kind in passed:
        if kind not in given:
            clear_notice(tx, kind, subject, now)
    return [notice for notice in notices if raise_notice(tx, notice)]


def is_watched(tx: sqlite3.Connection, url: str) -> bool:
    """True where a feed of this URL is polled."""
    return tx.execute("SELECT 1 FROM feed WHERE url = ? AND active = 1", (url,)).fetchone() is not None


def feed_of(row: sqlite3.Row) -> Feed:
    """A row of `feed` as the noun."""
    return Feed(row["id"], row["url"], row["title"], row["language"], row["user_agent"])


def state_of(row: sqlite3.Row) -> FeedState:
    """A row of `feed_state` as the noun."""
    values: dict[str, Any] = {name: row[name] for name in STATE_COLUMNS}
    values |= {name: to_time(values[name]) for name in TIMES}
    values |= {name: frozenset(json.loads(values[name])) for name in SETS}
    values["gone"] = bool(values["gone"])
    return FeedState(**values)
