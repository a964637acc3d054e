"""What a sink is to be sent next, and when: the oldest due delivery, a digest of many, or a probe."""

from __future__ import annotations

import hashlib
import math
import sqlite3
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.alerts import render
from monitor.alerts.sinks import Sink
from monitor.alerts.states import DeliverySettings, SinkState, open_at, take_slot
from monitor.model import Delivery
from monitor.store import attempts, outbox
from monitor.store.db import Database

# Rows that are looked at for one digest; how many it holds follows from their length.
MAX_DIGEST = 100


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one message carries: one delivery, or several that waited. `message` is what the sink is given."""

    deliveries: tuple[Delivery, ...]
    message: Delivery


class Claims:
    """Takes deliveries for this run of the service, which `boot_id` names. `clock` gives the time."""

    def __init__(self, db: Database, settings: DeliverySettings, clock: Callable[[], datetime]) -> None:
        self.boot_id = uuid.uuid4().hex
        self._db = db
        self._settings = settings
        self._clock = clock

    def seconds_to_wait(self, sink: Sink) -> float:
        """How long until this sink has something to do, as far as is known now; infinite where nothing waits."""
        name, now = sink.settings.name, self._clock()
        state = outbox.sink_state(self._db.reading, name)
        due_at = outbox.next_due_at(self._db.reading, name, now)
        if state.broken_at:
            probes = now >= self._repair_probe_at(state) and outbox.holds(self._db.reading, name, now)
            return 0.0 if due_at or probes else math.inf
        if due_at is None:
            return math.inf
        allowed_at = open_at(state, sink.rate, self._settings, now)
        # A probe does not wait for a retry to be due; what is held back is no probe either.
        next_at = outbox.next_allowed_at(self._db.reading, name, now) if state.circuit_open_at else due_at
        at = max(allowed_at, next_at or due_at)
        return (at - now).total_seconds()

    def take(self, sink: Sink) -> Claimed | None:
        """Take what this sink is to send now and commit that intent; None where it has to wait."""
        if self.seconds_to_wait(sink) > 0:
            return None
        name, now = sink.settings.name, self._clock()
        with self._db.writing() as tx:
            state = outbox.sink_state(tx, name)
            if state.broken_at:
                return self._probe_broken(tx, state, now)
            probe = bool(state.circuit_open_at)
            claimed = self._digest(tx, sink, now) or (None if probe else self._batch(tx, sink, now))
            claimed = claimed or self._one(tx, name, now, probe=probe)
            if claimed:
                outbox.save_sink_state(tx, take_slot(state, sink.rate, now))
        return claimed

    def _one(self, tx: sqlite3.Connection, name: str, now: datetime, *, probe: bool) -> Claimed | None:
        take = attempts.claim_probe if probe else attempts.claim
        found = take(tx, name, self.boot_id, now, self._lease_seconds)
        return Claimed((found,), replace(found, thread=attempts.thread_of(tx, found))) if found else None

    def _digest(self, tx: sqlite3.Connection, sink: Sink, now: datetime) -> Claimed | None:
        """After an outage: many messages as one, where the sink gathers."""
        if not sink.gathers:
            return None
        found = outbox.waiting(tx, sink.settings.name, now, max(MAX_DIGEST, self._settings.digest_above + 1))
        found = [(delivery, at) for delivery, at in found if may_gather(sink, delivery)]
        if len(found) <= self._settings.digest_above:
            return None
        if now - found[0][1] < timedelta(seconds=self._settings.digest_after_seconds):
            return None
        return self._together(tx, sink, [delivery for delivery, _ in found], "that waited", now)

    def _batch(self, tx: sqlite3.Connection, sink: Sink, now: datetime) -> Claimed | None:
        """What is due of the batch of the oldest due delivery, as one; None where that is for itself."""
        first = next((delivery for delivery, _ in outbox.waiting(tx, sink.settings.name, now, 1)), None)
        if first is None or not first.batch or sink.settings.kind not in render.GATHERED:
            return None
        found = outbox.waiting_in(tx, sink.settings.name, first.batch, now, MAX_DIGEST)
        found = [delivery for delivery in found if may_gather(sink, delivery)]
        if len(found) < 2 or not may_gather(sink, first):
            return None
        claimed = self._together(tx, sink, found, f"together: {first.batch}", now)
        threads = {attempts.thread_of(tx, row) for row in claimed.deliveries}
        thread = threads.pop() if len(threads) == 1 else ""
        return replace(claimed, message=replace(claimed.message, thread=thread))

    def _together(
        self, tx: sqlite3.Connection, sink: Sink, found: Sequence[Delivery], about: str, now: datetime
    ) -> Claimed:
        """As many of these deliveries as one message holds."""
        kind = sink.settings.kind
        fitting = render.digest_fits(kind, [delivery.payload for delivery in found])
        ids = [delivery.id for delivery in found[:fitting]]
        digest_id = hashlib.sha256("|".join(ids).encode()).hexdigest()
        rows = attempts.claim_rows(tx, ids, self.boot_id, now, self._lease_seconds, digest_id)
        payload = render.digest(kind, [row.payload for row in rows], about)
        repeat = any(row.repeat_possible for row in rows)
        message = replace(rows[0], id=digest_id, payload=payload, repeat_possible=repeat, carries=tuple(ids))
        return Claimed(tuple(rows), message)

    def _probe_broken(self, tx: sqlite3.Connection, state: SinkState, now: datetime) -> Claimed | None:
        """A broken sink gets nothing but a probe from time to time; everything else waits for its repair."""
        outbox.hold(tx, state.sink, "sink", state.broken_why)
        if now < self._repair_probe_at(state) or not outbox.release_one(tx, state.sink, now):
            return None
        return self._one(tx, state.sink, now, probe=True)

    def _repair_probe_at(self, state: SinkState) -> datetime:
        """When a broken sink is asked whether it is still broken; at once where a clock was set back since it broke."""
        now = self._clock()
        broken_at = state.broken_at or now
        return now if broken_at > now else broken_at + timedelta(seconds=self._settings.repair_probe_seconds)

    @property
    def _lease_seconds(self) -> float:
        return self._settings.deadline_seconds + self._settings.lease_grace_seconds


def may_gather(sink: Sink, delivery: Delivery) -> bool:
    """False for what may have arrived where the sink finds that out: it does so one by one."""
    return not (sink.recalls and delivery.repeat_possible)
