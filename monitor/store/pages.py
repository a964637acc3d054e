"""Entries whose page is wanted: claimed before it is fetched, at most two tries each."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.feeds.source import host_of
from monitor.store.db import now_text
from monitor.store.feeds import LONGEST_WAIT

TRIES = 2
# The second try waits this long after the entry was first seen: what was wrong may have passed.
SECOND_TRY_AFTER = timedelta(minutes=5)
# How many waiting entries are looked at to find some on different hosts.
LOOKED_AT = 500


@dataclass(frozen=True, slots=True)
class WantedPage:
    """A page to fetch; `tries` counts this one."""

    entry_id: str
    url: str
    tries: int


def claim_pages(
    tx: sqlite3.Connection, now: datetime, limit: int, busy_hosts: Collection[str] = (), busy: Collection[str] = ()
) -> list[WantedPage]:
    """Take the newest wanted pages, at most one for each host that does not rest.

    The try is counted now: a crash must count too.
    """
    rows = tx.execute(
        "SELECT id, url, page_tries FROM entry WHERE page_state = 'wanted' "
        "AND (page_tries = 0 OR first_seen_at <= ?) ORDER BY page_tries, first_seen_at DESC LIMIT ?",
        (now_text(now - SECOND_TRY_AFTER), LOOKED_AT),
    ).fetchall()
    taken = set(busy_hosts) | resting_hosts(tx, now)
    pages: list[WantedPage] = []
    for row in rows:
        host = host_of(row["url"] or "")
        if row["id"] in busy or host in taken or len(pages) == limit:
            continue
        if not host or row["page_tries"] >= TRIES:
            fail_page(tx, row["id"], TRIES)
            continue
        taken.add(host)
        pages.append(WantedPage(row["id"], row["url"], row["page_tries"] + 1))
        tx.execute("UPDATE entry SET page_tries = page_tries + 1 WHERE id = ?", (row["id"],))
    return pages


def save_page(tx: sqlite3.Connection, entry_id: str, text: str) -> bool:
    """Store a page's text where it says more than the feed's own; then the entry is judged again, and True returned."""
    tx.execute("UPDATE entry SET page_state = 'done' WHERE id = ?", (entry_id,))
    longer = tx.execute(
        "UPDATE entry SET text = :text, text_source = 'page', state = 'undecided' "
        "WHERE id = :id AND length(text) < length(:text)",
        {"text": text, "id": entry_id},
    )
    return longer.rowcount == 1


def fail_page(tx: sqlite3.Connection, entry_id: str, tries: int) -> None:
    """A try failed; after the last one the page is given up, and the feed's words must do."""
    if tries >= TRIES:
        tx.execute("UPDATE entry SET page_state = 'failed' WHERE id = ?", (entry_id,))


def rest(tx: sqlite3.Connection, host: str, now: datetime, seconds: float) -> None:
    """Let no page of `host` be asked for in the next `seconds`."""
    tx.execute("DELETE FROM host_rest WHERE until_at <= ?", (now_text(now),))
    tx.execute(
        "INSERT OR REPLACE INTO host_rest (host, until_at) VALUES (?, ?)",
        (host, now_text(now + timedelta(seconds=seconds))),
    )


def resting_hosts(db: sqlite3.Connection, now: datetime) -> set[str]:
    """The hosts that rest. None asks for more than a day: a later end was written by a clock that was wrong."""
    rows = db.execute(
        "SELECT host FROM host_rest WHERE until_at > ? AND until_at <= ?",
        (now_text(now), now_text(now + LONGEST_WAIT)),
    )
    return {row["host"] for row in rows}
