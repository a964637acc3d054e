"""Alerts to send, and a database that holds them."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from monitor.alerts import render
from monitor.model import Alert, Article, Base, Evidence, Fact, Incident, Judgement
from monitor.store import outbox
from monitor.store.db import Database, now_text

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BASE = Base("fort-a", "Fort A", country="XX", lat=1.5, lon=2.5)
ARTICLE = Article(
    "e1",
    "Fort A attacked",
    "Two drones hit Fort A.",
    url="https://news.example/a",
    source="Example News",
    published_at=NOW,
)
EVIDENCE = (Evidence("r-attack", "weapon", "drones", "Two drones hit Fort A on Wednesday."),)
JUDGEMENT = Judgement(flagged=True, label="attack", score=3.5, rule="r-attack", evidence=EVIDENCE)
FACT = Fact("wounded", "2", "e1", "Example News", "Two were hurt.", NOW)
INCIDENT = Incident("i1", "fort-a", "", "XX", date(2024, 5, 1), date(2024, 5, 1), ("drone",), NOW, NOW, facts=(FACT,))
ALERT = Alert("a1", "i1", "e1", "new", "claim", NOW)


def payload(kind: str, **changes: object) -> str:
    """The payload of the standard alert; `changes` replace article, alert and so on."""
    parts = {"alert": ALERT, "incident": INCIDENT, "article": ARTICLE, "judgement": JUDGEMENT, "base": BASE} | changes
    return render.payload(kind, **parts, facts=parts["incident"].facts)  # type: ignore[arg-type,attr-defined]


def numbered(number: int) -> Alert:
    return replace(ALERT, id=f"alert-{number}", incident_id=f"i{number}", entry_id=f"e{number}")


def put_alert(tx: sqlite3.Connection, number: int, payloads: Mapping[str, str], now: datetime = NOW) -> int:
    """Store one alert with what it stands on, and its deliveries; how many are new."""
    alert, at = numbered(number), now_text(now)
    tx.execute(
        "INSERT OR IGNORE INTO entry (id, feed_id, title, summary, first_seen_at, last_seen_at, content_hash) "
        "VALUES (?, 'f', 't', 's', ?, ?, '')",
        (alert.entry_id, at, at),
    )
    tx.execute(
        "INSERT OR IGNORE INTO incident (id, first_seen_at, last_report_at, first_entry_id) VALUES (?, ?, ?, ?)",
        (alert.incident_id, at, at, alert.entry_id),
    )
    tx.execute(
        "INSERT OR IGNORE INTO alert (id, incident_id, entry_id, reason, confidence, created_at, body) "
        "VALUES (?, ?, ?, 'new', 'claim', ?, '{}')",
        (alert.id, alert.incident_id, alert.entry_id, at),
    )
    return outbox.enqueue(tx, alert, payloads, now)


def fill(db: Database, count: int, sinks: Mapping[str, str], now: datetime = NOW) -> None:
    """Put `count` alerts into the outbox, one after the other, for sinks given as name -> kind."""
    payloads = {name: payload(kind) for name, kind in sinks.items()}
    for number in range(count):
        with db.writing() as tx:
            put_alert(tx, number, payloads, now + timedelta(milliseconds=number))


def states(db: Database, sink: str = "") -> dict[str, int]:
    """How many deliveries stand in which state."""
    rows = db.rows(
        "SELECT state, count(*) AS n FROM delivery WHERE ?1 = '' OR sink = ?1 GROUP BY state ORDER BY state", sink
    )
    return {row["state"]: row["n"] for row in rows}


class Clock:
    """A time that moves when told."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


async def until(done: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something that other tasks bring about; raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not done():  # noqa: ASYNC110 - a database row has no event to wait for
            await asyncio.sleep(0.005)
