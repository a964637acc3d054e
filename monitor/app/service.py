"""The service as one object: what the daemon ticks and what `run --once` walks through."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from monitor.alerts.sinks import Sink, build
from monitor.app.logins import logins_of
from monitor.app.outlets import canary_sinks, delivery_settings, desk_of, means_of, sink_settings, terms_of
from monitor.app.parts import database_of, feeds_of, now, polling_settings, rule_texts, rules_of
from monitor.app.routes import routes_of
from monitor.children import Children
from monitor.config import Settings
from monitor.engine.canary import Canary
from monitor.engine.decide import COPIES, Desk, decide_waiting
from monitor.engine.deliver import Deliverer
from monitor.engine.gate import HostGate
from monitor.engine.pages import PageFetcher, extracting_in
from monitor.engine.poll import Polled, Poller, reading_in
from monitor.engine.remind import remind
from monitor.feeds.result import PollingSettings
from monitor.health.disk import DiskWatch
from monitor.health.watch import TICK, Watched, watch, watch_habits
from monitor.http import Http, HttpSettings
from monitor.model import Feed
from monitor.store import decisions, outbox, signs
from monitor.store import feeds as feed_store
from monitor.store.db import Database
from monitor.store.retention import prune
from monitor.urls import public_url

log = structlog.get_logger()

DECIDE_AT_ONCE = 50
EXTRACT_SECONDS = 10
CHILDREN = 2
# The steps without which there is no alert; while one of them fails, the service is not at work.
WORK = ("poll", "decide", "pages")
PRELOAD = ("monitor.feeds.read", "monitor.articles.extract")


@dataclass(slots=True)
class Service:
    """Everything that works, on one database and one event loop. Built by `open_service`.

    `polls` and `failed_polls`, `alerts` count what was done since the start; `done_at` is when each step of the work
    was done last.
    """

    db: Database
    feeds: tuple[Feed, ...]
    desk: Desk
    deliverer: Deliverer
    poller: Poller = field(init=False)
    pages: PageFetcher = field(init=False)
    polls: int = 0
    failed_polls: int = 0
    alerts: int = 0
    disk: DiskWatch = field(init=False)
    canary: Canary = field(init=False)
    done_at: dict[str, datetime] = field(default_factory=lambda: dict.fromkeys(WORK, now()))

    def __post_init__(self) -> None:
        self.disk = DiskWatch(self.db, now)

    def connect(
        self,
        http: Http,
        children: Children,
        settings: PollingSettings,
        logins: Mapping[str, str],
        told: Sequence[Sink] = (),
    ) -> None:
        """Give the service its arms: the poller and the page fetcher, which call back when something came in.

        `told` are the sinks that want to know that the canary arrived.
        """
        gate = HostGate(settings.host_delay_seconds)
        read = reading_in(children, settings.parse_seconds)
        extract = extracting_in(children, EXTRACT_SECONDS)
        self.poller = Poller(self.db, http, read, settings, gate, clock=now, on_recorded=self.on_polled, logins=logins)
        self.pages = PageFetcher(self.db, http, extract, settings, gate, clock=now, on_stored=self.on_page)
        self.canary = Canary(self.db, http, read, extract, self.desk, told, now)

    def facts(self) -> dict[str, Any]:
        """What a person wants to know at the start."""
        sinks = ", ".join(f"{sink.name} ({sink.kind})" for sink in self.deliverer.sinks)
        return {"feeds": len(self.feeds), "rules": self.desk.rules.version[:12], "sinks": sinks}

    def on_polled(self, poll: Polled) -> None:
        """A poll was recorded: tell of it, and decide at once what it brought."""
        self.polls += 1
        feed, result = public_url(poll.feed.url), poll.result
        if result.failure:
            self.failed_polls += 1
            log.warning("feed not read", feed=feed, failure=result.failure, error=result.error)
        elif poll.arrivals.new or poll.arrivals.edited:
            baseline = sum(is_baseline for _, is_baseline in poll.arrivals.new)
            log.info("feed read", feed=feed, new=len(poll.arrivals.new) - baseline, baseline=baseline)
        self.decide()

    def on_page(self, _entry_id: str) -> None:
        """A page's text has come: its entry is decided again."""
        self.decide()

    def decide(self) -> int:
        """Decide some of the waiting entries and start to deliver what they led to; how many were decided."""
        decided = decide_waiting(self.db, self.desk, now(), DECIDE_AT_ONCE)
        spoken = [(decision, alert) for decision in decided for alert in decision.speech.alerts]
        for decision, alert in spoken:
            self.alerts += 1
            log.info("alert", reason=alert.reason, incident=alert.incident_id, title=decision.article.title)
        if spoken:
            self.deliverer.call()
        return len(decided)

    def decide_all(self) -> None:
        """Decide until nothing waits."""
        while self.decide():
            pass

    def remind(self) -> None:
        """Tell again what nobody has reviewed, where routes ask for it."""
        for alert in remind(self.db, self.desk, now()):
            self.alerts += 1
            log.info("alert", reason=alert.reason, incident=alert.incident_id)
            self.deliverer.call()

    def worked(self, name: str) -> None:
        """A step of the work was done."""
        self.done_at[name] = now()

    def check_health(self) -> None:
        """Beat by the work that was done longest ago, and look what is wrong."""
        with self.db.writing() as tx:
            signs.beat(tx, TICK, min(self.done_at.values()))
        self.watch()

    def watch(self) -> None:
        """Bring the alarms in line with what is wrong now."""
        self.tell(watch(self.db, now()))

    async def watch_habits(self) -> None:
        """The same for feeds that depart from their habits; it takes long, and others work meanwhile."""
        self.tell(await watch_habits(self.db, now()))

    def tell(self, watched: Watched) -> None:
        """Log what changed."""
        for notice in watched.raised:
            log.warning("alarm", kind=notice.kind, text=notice.text)
        for kind, subject in watched.cleared:
            log.info("alarm is over", kind=kind, subject=subject)

    def prune(self) -> None:
        """Drop what is too old to matter."""
        with self.db.writing() as tx:
            pruned = prune(tx, now())
            decisions.forget_sketches(tx, now() - COPIES)
        if pruned.entries or pruned.texts:
            log.info("pruned", entries=pruned.entries, texts=pruned.texts)

    def open_deliveries(self) -> int:
        """How many deliveries are not done."""
        counts = outbox.counts(self.db.reading)
        return sum(counts.get(state, 0) for state in outbox.OPEN)


@asynccontextmanager
async def open_service(settings: Settings) -> AsyncIterator[Service]:
    """Build the service on the configured database. The caller holds the database's lock.

    Raises ConfigError, RuleError or StoreError before anything is started.
    """
    feeds, rules = feeds_of(settings), rules_of(settings)
    routes = routes_of(settings, rules)
    sinks, polling = sink_settings(settings), polling_settings(settings)
    async with AsyncExitStack() as stack:
        db = stack.enter_context(database_of(settings, create=True, checkpoints=True))
        http = await stack.enter_async_context(
            Http(HttpSettings(allow_private=polling.allow_private_addresses, deadline_seconds=polling.deadline_seconds))
        )
        outlets = build(sinks, means_of(http))
        with db.writing() as tx:
            feed_store.set_feeds(tx, feeds, now())
            feed_store.release_leases(tx)
            decisions.save_rule_set(tx, rules.version, rule_texts(settings.rules), now())
        deliverer = Deliverer(db, outlets, delivery_settings(settings), now)
        children = await stack.enter_async_context(Children(CHILDREN, preload=PRELOAD))
        service = Service(
            db=db, feeds=feeds, desk=desk_of(rules, sinks, routes, terms_of(settings)), deliverer=deliverer
        )
        service.connect(http, children, polling, logins_of(settings), canary_sinks(settings, outlets))
        yield service
