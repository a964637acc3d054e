"""Any history of answers, clocks and crashes loses no entry, stores none twice, and keeps validators true."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from polling import OPEN, Clock, item, read_here, rss

from monitor.engine.gate import HostGate
from monitor.engine.poll import Poller
from monitor.errors import FetchError
from monitor.feeds.source import feed_at
from monitor.http import Response, Validators
from monitor.http.memory import LargeBodies
from monitor.store import feeds as store
from monitor.store.db import Database

FEED = feed_at("https://news.example/feed")


@dataclass(frozen=True)
class Step:
    """One poll: how the server behaves, what it publishes, how far the clock moves, whether the daemon dies before."""

    how: str
    stories: tuple[int, ...]
    minutes: int
    crash: bool


STEPS = st.builds(
    Step,
    st.sampled_from(["good", "good", "good", "cut", "html", "error", "empty", "no entries", "silent", "stuck"]),
    st.lists(st.integers(1, 30), max_size=8, unique=True).map(tuple),
    st.integers(-90, 3000),
    st.booleans(),
)


class FakeServer:
    """Behaves like an Http with one server behind it. Remembers what it has ever shown, and its latest validator."""

    def __init__(self) -> None:
        self.large_bodies = LargeBodies()
        self.step = Step("good", (), 0, crash=False)
        self.shown: set[str] = set()
        self.etag = ""
        self.answered_in_full = False

    async def get(self, url: str, *, validators: Validators | None = None, **_: Any) -> Response:
        how, stories = self.step.how, self.step.stories
        etag = f'"{",".join(map(str, stories))}"'
        if validators:
            assert (validators.url, validators.etag) == (FEED.url, self.etag), "asked with validators of something else"
        if how == "silent":
            raise FetchError("no answer", "timeout")
        if how == "stuck" or (validators and validators.etag == etag and how == "good"):
            return Response(304, {}, url=url, conditional=validators is not None)
        if how in ("html", "error", "empty"):
            body = b"" if how == "empty" else b"<html></html>"
            return Response(500 if how == "error" else 200, {"etag": "bad"}, body, url)
        items = [item(number) for number in (() if how == "no entries" else stories)]
        body = rss(items)
        if how == "cut":
            body = body[: len(body) * 2 // 3]
            self.shown |= {
                f"id-{number}" for number in stories if body.count(f"/{number}</link>".encode()) and whole(body, number)
            }
            return Response(200, {"etag": "bad"}, body, url, whole=False)
        self.shown |= {f"id-{number}" for number in stories if items}
        return Response(200, {"etag": etag}, body, url)


def whole(body: bytes, number: int) -> bool:
    """True where the item of this story stands in the body to its end."""
    return item(number).encode() in body


def poller(db: Database, server: FakeServer, clock: Clock) -> Poller:
    return Poller(db, server, read_here, OPEN, HostGate(0), clock=clock, chance=lambda: 0.0)  # type: ignore[arg-type]


async def live_through(steps: list[Step]) -> None:
    db, server, clock = Database(":memory:"), FakeServer(), Clock()
    with db.writing() as tx:
        store.set_feeds(tx, [FEED], clock())
    polling = poller(db, server, clock)
    for step in steps:
        clock.at += timedelta(minutes=step.minutes)
        server.step = step
        if step.crash:
            with db.writing() as tx:
                store.lease(tx, clock(), 1, 60)  # a daemon leased the feed and died
                store.release_leases(tx)  # the next one starts
            polling = poller(db, server, clock)
        await polling.poll_due()
        ((_, state),) = store.feeds(db.reading)
        stored = [row["guid"] for row in db.rows("SELECT guid FROM entry")]
        assert sorted(stored) == sorted(server.shown)
        assert state.etag != "bad"
        server.etag = state.etag or ""
        assert state.next_poll_at is not None
        assert state.next_poll_at - clock() <= timedelta(days=1)
    db.close()


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=25))
def test_any_history_keeps_every_entry_once(steps: list[Step]):
    asyncio.run(live_through(steps))
