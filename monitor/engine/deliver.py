"""Sending what the outbox holds: one worker for each sink, so that a dead one never delays another."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from monitor.alerts.sinks import Sink, SinkSettings
from monitor.alerts.states import DeliverySettings, SinkState, after, sink_after
from monitor.engine.claims import Claimed, Claims
from monitor.engine.tell import Teller
from monitor.model import Delivery, Notice, Outcome
from monitor.redact import redact
from monitor.store import attempts, notices, outbox
from monitor.store.db import Database

log = structlog.get_logger()

# Other processes (a command line) change the outbox too: it is looked at this often even when nobody calls.
IDLE_SECONDS = 2.0
# What is due this soon counts as due now when everything due is to be sent.
NEAR_SECONDS = 2.0
SHORTEST_SECONDS = 0.01
# After an error of our own (a full disk) a worker breathes before it goes on.
TROUBLE_SECONDS = 2.0
INTERRUPTED = Outcome("unknown", error="the service stopped while sending")


class Deliverer:
    """Claims, sends, records. `clock` gives the time, `chance` numbers in [0, 1) for jitter.

    `alone` says that no other process delivers from this database (the daemon's lock is held).
    """

    def __init__(
        self,
        db: Database,
        sinks: Mapping[str, Sink],
        settings: DeliverySettings,
        clock: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
        *,
        alone: bool = True,
    ) -> None:
        self._db = db
        self._sinks = sinks
        self._settings = settings
        self._clock = clock
        self._chance = chance
        self._alone = alone
        self._claims = Claims(db, settings, clock)
        self._teller = Teller(db, sinks, clock)
        self._calls = {name: asyncio.Event() for name in sinks}
        self._stop = asyncio.Event()
        self._recovered = False

    @property
    def sinks(self) -> tuple[SinkSettings, ...]:
        """The sinks as configured."""
        return tuple(sink.settings for sink in self._sinks.values())

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set; then let what is on its way end and be recorded."""
        self._stop = stop
        self.recover()
        workers = [asyncio.create_task(self._work(name), name=f"sink {name}") for name in self._sinks]
        telling = asyncio.create_task(self._tell(), name="notices")
        await stop.wait()
        self.call()
        await asyncio.gather(*workers, telling)

    def call(self) -> None:
        """There is something new in the outbox: look at once."""
        for event in self._calls.values():
            event.set()

    async def send_due(self) -> int:
        """Send everything that is due now, all sinks at the same time; the number of messages that went out."""
        self.recover()
        sent = sum(await asyncio.gather(*(self._send_all(name) for name in self._sinks)))
        await self._teller.tell()
        return sent

    async def _send_all(self, name: str) -> int:
        sent = 0
        while (seconds := self._claims.seconds_to_wait(self._sinks[name])) <= NEAR_SECONDS:
            claimed = self._claims.take(self._sinks[name])
            if claimed:
                await self._deliver(name, claimed)
                sent += 1
            else:
                await asyncio.sleep(max(SHORTEST_SECONDS, seconds))
        return sent

    # --- at start --------------------------------------------------------------------------------

    def recover(self) -> None:
        """Settle, once, what an earlier run left: interrupted sends, open circuits, sinks that went or came back."""
        if self._recovered:
            return
        now = self._clock()
        with self._db.writing() as tx:
            for delivery in attempts.interrupted(tx, self._claims.boot_id, now, alone=self._alone):
                self._settle(tx, delivery, INTERRUPTED, now)
            for name in outbox.sinks_with_work(tx):
                if name not in self._sinks:
                    self._set_aside(tx, name, now)
            for name in self._sinks:
                outbox.release(tx, name, "removed")
                notices.clear_notice(tx, "sink_removed", name, now)
                self._probe_soon(tx, name, now)
        self._recovered = True

    def _set_aside(self, tx: sqlite3.Connection, name: str, now: datetime) -> None:
        held = outbox.hold(tx, name, "removed", "the sink is not configured")
        text = f"{held} deliveries wait for sink {name}, which is not configured; configure it again or cancel them"
        notices.raise_notice(tx, Notice("sink_removed", name, text, now))

    def _probe_soon(self, tx: sqlite3.Connection, name: str, now: datetime) -> None:
        """A start is often a repair: an open circuit is probed at once."""
        state = outbox.sink_state(tx, name)
        if state.circuit_open_at:
            due = now - timedelta(seconds=self._settings.probe_seconds)
            outbox.save_sink_state(tx, replace(state, circuit_open_at=min(state.circuit_open_at, due)))

    # --- one worker ------------------------------------------------------------------------------

    async def _work(self, name: str) -> None:
        while not self._stop.is_set():
            try:
                if self._db.trouble:
                    await self._pause(TROUBLE_SECONDS)
                elif claimed := self._claims.take(self._sinks[name]):
                    await self._deliver(name, claimed)
                else:
                    await self._idle(name)
            except Exception:
                log.exception("deliveries of a sink fail", sink=name)
                await self._pause(TROUBLE_SECONDS)

    async def _tell(self) -> None:
        while not self._stop.is_set():
            try:
                if not self._db.trouble:
                    await self._teller.tell()
            except Exception:
                log.exception("notices cannot be told")
            await self._pause(IDLE_SECONDS)

    async def _idle(self, name: str) -> None:
        """Wait for a call, for the next due time, or a little."""
        called = self._calls[name]
        seconds = max(SHORTEST_SECONDS, min(IDLE_SECONDS, self._claims.seconds_to_wait(self._sinks[name])))
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await called.wait()
        called.clear()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop.wait()

    # --- send and record -------------------------------------------------------------------------

    async def _deliver(self, name: str, claimed: Claimed) -> None:
        outcome = await self._send(name, claimed.message)
        while True:
            try:
                self._record(name, claimed.deliveries, outcome)
            except sqlite3.Error:
                # The outcome is known but cannot be written (a full disk): it is kept here until it can.
                log.exception("an outcome cannot be recorded", sink=name, delivery=claimed.message.id)
                if self._stop.is_set():
                    return
                await self._pause(TROUBLE_SECONDS)
            else:
                return

    async def _send(self, name: str, message: Delivery) -> Outcome:
        try:
            return await self._sinks[name].send(message)
        except Exception as error:
            log.exception("a sink failed", sink=name, delivery=message.id)
            return Outcome("unknown", error=redact(f"the sink failed: {error!r}"))

    def _record(self, name: str, deliveries: Sequence[Delivery], outcome: Outcome) -> None:
        now = self._clock()
        if len(deliveries) > 1:
            # A digest tells of many incidents: no update of one of them belongs under it.
            outcome = replace(outcome, receipt="")
        with self._db.writing() as tx:
            before = outbox.sink_state(tx, name)
            recorded = [self._settle(tx, delivery, outcome, now) for delivery in deliveries]
            if not any(recorded):
                log.warning("a lease was lost", sink=name, delivery=deliveries[0].id)
                return
            outbox.save_sink_state(tx, sink_after(before, outcome, self._settings, now))
            if outcome.kind == "sink_broken":
                outbox.hold(tx, name, "sink", outcome.error)
            if outcome.kind == "sent":
                self._welcome_back(tx, before, now)
        log.info(
            "delivered" if outcome.kind == "sent" else "not delivered",
            sink=name,
            deliveries=[delivery.id for delivery in deliveries],
            outcome=outcome.kind,
            code=outcome.code,
            error=outcome.error,
        )

    def _settle(self, tx: sqlite3.Connection, delivery: Delivery, outcome: Outcome, now: datetime) -> bool:
        """Write the next state of one delivery and tell the operator where it must be told."""
        sink = self._sinks.get(delivery.sink)
        on_unknown = sink.settings.on_unknown if sink else "hold"
        step = after(delivery, outcome, self._settings, on_unknown, now, 2 * self._chance() - 1)
        if not attempts.record(tx, step.delivery, outcome, now, step.held_why):
            return False
        if step.delivery.state == "sent":
            notices.clear_notice(tx, "delivery_dead", delivery.id, now)
            notices.clear_notice(tx, "delivery_held", delivery.id, now)
        if step.notice and notices.raise_notice(tx, step.notice):
            log.error("notice", kind=step.notice.kind, subject=step.notice.subject, text=step.notice.text)
        return True

    def _welcome_back(self, tx: sqlite3.Connection, before: SinkState, now: datetime) -> None:
        """The sink accepted: whatever waited for that is due now."""
        if before.circuit_open_at or before.broken_at:
            outbox.release(tx, before.sink, "sink")
            outbox.wake(tx, before.sink)
        for kind in ("sink", "sink_moved", "sink_answer"):
            notices.clear_notice(tx, kind, before.sink, now)
