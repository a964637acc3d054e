"""The canary: an article of our own that goes the way of a real one, from a feed to a receiver, and alerts nobody.

Feed, page and receiver stand on a loopback address; all between them is the service's own: HTTP client, children,
rules, decision, message, signature. The decision is rehearsed on the real database and rolled back. It is dated years
ahead, so that no incident, copy or silence of today touches it.
"""

from __future__ import annotations

import asyncio
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from monitor.alerts.render import canary_payload
from monitor.alerts.sinks import Means, Sink, SinkSettings, build
from monitor.articles.fetch import fetch_page
from monitor.engine.canary_server import FEED, RECEIVER, CanaryServer, CanaryText, serving
from monitor.engine.decide import Announcement, Decision, Desk, settle
from monitor.engine.pages import Extract
from monitor.errors import BasewatchError
from monitor.feeds.arrivals import Arrivals
from monitor.feeds.fetch import Read, poll_feed
from monitor.feeds.result import PollingSettings
from monitor.feeds.source import feed_at
from monitor.http import Http
from monitor.matching import judge
from monitor.model import Delivery, Entry, FeedState, PollJob
from monitor.redact import one_line
from monitor.store import attempts, feeds, memory, pages, signs
from monitor.store.db import Database
from monitor.store.signs import CANARY, CanarySign

log = structlog.get_logger()

AHEAD = timedelta(days=3650)
LONGEST_SECONDS = 120
# After it was lost it is sent again this soon, so that the alarm ends soon after its cause.
AGAIN = timedelta(minutes=30)
SETTINGS = PollingSettings(allow_private_addresses=True, host_delay_seconds=0)


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the way: `problem` is "" where the canary passed, else one sentence; `told` is what was seen."""

    name: str
    problem: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class CanaryRun:
    """One run of the canary: its steps, in order. After a problem on the way to the receiver it goes no further."""

    steps: tuple[Step, ...]

    @property
    def problem(self) -> str:
        """What went wrong, with the name of the step, or ""."""
        return "; ".join(f"{step.name}: {step.problem}" for step in self.steps if step.problem)


class CanaryLost(BasewatchError):
    """The canary came to this point and no further."""


class Canary:
    """Sends the canary. `sinks` are those that want to be told that it arrived."""

    def __init__(
        self,
        db: Database,
        http: Http,
        read: Read,
        extract: Extract,
        desk: Desk,
        sinks: Sequence[Sink],
        clock: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._http = http
        self._read = read
        self._extract = extract
        self._desk = desk
        self._sinks = sinks
        self._clock = clock

    async def send(self, text: CanaryText) -> CanaryRun:
        """Go the whole way once. Whatever goes wrong is a step's problem; nothing is raised and nothing stored."""
        steps: list[Step] = []
        try:
            async with asyncio.timeout(LONGEST_SECONDS), serving(text, self._clock() + AHEAD) as server:
                with passing("feed", "fetched, and read in a child process", steps):
                    entry = await self._poll(server)
                with passing("page", "fetched, and its text extracted in a child process", steps):
                    page = await self._fetch(entry, text)
                with passing(
                    "decision", "flagged; an incident, an alert and its messages were written and taken back", steps
                ):
                    delivery = self._decide(entry, page, server.at)
                with passing("delivery", "signed, sent, and received as it was written", steps):
                    await self._deliver(delivery, server)
        except (CanaryLost, TimeoutError):
            return CanaryRun(tuple(steps))
        except OSError as error:
            return CanaryRun((Step("feed", f"no loopback address can be opened ({error.strerror})"),))
        return CanaryRun((*steps, *await asyncio.gather(*map(self._tell, self._sinks))))

    async def _poll(self, server: CanaryServer) -> Entry:
        feed = feed_at(server.root + FEED)
        job = PollJob(feed, FeedState(feed.id), server.at)
        result = await poll_feed(self._http, self._read, job, SETTINGS, server.at)
        if result.failure or len(result.entries) != 1:
            raise CanaryLost(result.error or f"{len(result.entries)} entries were read, where there is one")
        return result.entries[0]

    async def _fetch(self, entry: Entry, text: CanaryText) -> str:
        response = await fetch_page(self._http, entry.url or "", SETTINGS)
        page = await self._extract(response.body, response.url, response.headers.get("content-type", ""))
        if one_line(text.paragraphs[-1]) not in one_line(page.text):
            raise CanaryLost("the text of the page is not whole")
        return page.text

    def _decide(self, entry: Entry, page: str, at: datetime) -> Delivery:
        """Judge and decide as it is done of any entry, at first without its page; the message for the receiver."""
        desk = replace(self._desk, payloads=self._payloads, terms=lambda _said: {})
        with self._db.rehearsing() as tx:
            feeds.save_arrivals(tx, Arrivals(new=((entry, False),)), CANARY, at)
            first = self._settle(tx, desk, entry.id, at)
            if not first.judgement.flagged:
                why = first.judgement.missing or first.judgement.label
                raise CanaryLost(f"the rules do not flag it ({why}); correct them, or the canary.txt beside them")
            if not first.speech.alerts:
                raise CanaryLost(f"it is flagged, but no alert was decided ({first.speech.reason})")
            if not pages.save_page(tx, entry.id, page) or not self._settle(tx, desk, entry.id, at).judgement.flagged:
                raise CanaryLost("with the text of its page it is no longer flagged")
            delivery = attempts.claim(tx, CANARY, CANARY, at, LONGEST_SECONDS)
        if delivery is None:
            raise CanaryLost("an alert was decided, but no message lies in the outbox")
        return delivery

    def _settle(self, tx: sqlite3.Connection, desk: Desk, entry_id: str, at: datetime) -> Decision:
        row = tx.execute("SELECT * FROM entry WHERE id = ?", (entry_id,)).fetchone()
        article = memory.article_of(row)
        entry = memory.Undecided(article, baseline=False, tries=0, page_state=row["page_state"])
        return settle(tx, desk, entry, judge(article, desk.rules), at)

    def _payloads(self, said: Announcement) -> Mapping[str, str]:
        """The messages for all sinks are written, as for any alert; the one that is sent is for our own receiver."""
        return {**self._desk.payloads(said), CANARY: self._desk.body(said)}

    async def _deliver(self, delivery: Delivery, server: CanaryServer) -> None:
        means = Means(http=self._http, clock=self._clock, write=lambda _text: None)
        settings = SinkSettings(
            name=CANARY, kind="webhook", url=server.root + RECEIVER, secret=server.secret, allow_private_addresses=True
        )
        outcome = await build([settings], means)[CANARY].send(delivery)
        if outcome.kind != "sent":
            raise CanaryLost(f"the message did not arrive ({outcome.error or outcome.kind})")
        if server.received != [(delivery.id, delivery.payload)]:
            raise CanaryLost("the message arrived changed")

    async def _tell(self, sink: Sink) -> Step:
        """Tell one sink, in words that nobody can take for an alert."""
        settings, steps = sink.settings, list[Step]()
        payload = canary_payload(settings.kind, settings.name, self._clock())
        message = Delivery(f"canary-{uuid.uuid4().hex}", CANARY, settings.name, 0, payload, "sending")
        with suppress(CanaryLost), passing(f"sink {settings.name}", "told", steps):
            outcome = await sink.send(message)
            if outcome.kind != "sent":
                raise CanaryLost(f"it did not take the message ({outcome.error or outcome.kind})")
        return steps[0]


@contextmanager
def passing(name: str, told: str, steps: list[Step]) -> Iterator[None]:
    """Record how a step went. Raises CanaryLost where it failed, whatever the reason was."""
    try:
        yield
    except BasewatchError as error:
        steps.append(Step(name, one_line(str(error))))
        raise CanaryLost(name) from error
    except asyncio.CancelledError:
        steps.append(Step(name, f"it did not end within {LONGEST_SECONDS} s"))
        raise
    except Exception as error:
        log.exception("the canary failed", step=name)
        steps.append(Step(name, f"it failed: {error!r}"))
        raise CanaryLost(name) from error
    else:
        steps.append(Step(name, told=told))


def is_due(before: CanarySign | None, rules: str, now: datetime) -> bool:
    """True where the canary was never sent, not by these rules, or long enough ago; or a clock was set back since."""
    if before is None or before.next_at is None or before.rules != rules:
        return True
    return not before.at <= now < before.next_at


def record(db: Database, run: CanaryRun, rules: str, now: datetime, every: timedelta | None = None) -> None:
    """Keep how it went. Without `every` it was sent by hand, and the daemon's own time stays what it was."""
    before = signs.canary_sign(db.reading)
    if every is None:
        next_at = before.next_at if before else None
    else:
        next_at = now + (min(every, AGAIN) if run.problem else every)
    arrived_at = now if not run.problem else before.arrived_at if before else None
    with db.writing() as tx:
        signs.record_canary(tx, CanarySign(now, run.problem, rules, arrived_at, next_at))
    if run.problem:
        log.warning("the canary did not arrive", problem=run.problem)
    else:
        log.info("the canary arrived")


def forget(db: Database) -> None:
    """Nobody sends the canary any more: nothing is due, and nothing wrong with it."""
    if signs.canary_sign(db.reading):
        with db.writing() as tx:
            signs.forget_canary(tx)
