"""Telling the operator: what goes wrong with one sink is said through another.

A notice that cannot be told stays open in the database, the log and the health answer; its failure raises no other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from monitor.alerts import render
from monitor.alerts.sinks import Sink
from monitor.model import Delivery, Notice
from monitor.store import notices, outbox
from monitor.store.db import Database

log = structlog.get_logger()

KINDS = frozenset(
    {"delivery_dead", "delivery_held", "sink", "sink_moved", "sink_answer", "sink_removed", "disk_full", "canary"}
)
# Many notices at once are one trouble: a few a minute say enough.
AT_ONCE = 3
EVERY = timedelta(minutes=1)


class Teller:
    """Gives open notices of delivery to a sink that works and is not the one in trouble."""

    def __init__(self, db: Database, sinks: Mapping[str, Sink], clock: Callable[[], datetime]) -> None:
        self._db = db
        self._sinks = sinks
        self._clock = clock
        self._next_at: datetime | None = None

    async def tell(self) -> int:
        """Tell what has not been told, a few at a time; how many were."""
        now = self._clock()
        if self._next_at and now < self._next_at <= now + EVERY:
            return 0
        waiting = notices.untold_notices(self._db.reading, KINDS, AT_ONCE)
        if not waiting:
            return 0
        self._next_at = now + EVERY
        told = [row_id for row_id, notice in waiting if await self._tell_one(row_id, notice)]
        with self._db.writing() as tx:
            for row_id in told:
                notices.mark_told(tx, row_id, self._clock())
        return len(told)

    async def _tell_one(self, row_id: int, notice: Notice) -> bool:
        name = hashlib.sha256(f"notice|{row_id}|{notice.at.isoformat()}".encode()).hexdigest()
        for sink in self._others(dict(notice.details).get("sink", "")):
            payload = render.notice_payload(sink.settings.kind, notice)
            message = Delivery(name, "", sink.settings.name, 0, payload, "sending")
            outcome = await sink.send(message)
            log.info("notice told", kind=notice.kind, sink=sink.settings.name, outcome=outcome.kind)
            if outcome.kind == "sent":
                return True
        return False

    def _others(self, troubled: str) -> list[Sink]:
        """The sinks that may be told: not the troubled one, none that is broken, paused or failing."""
        found = []
        for name, sink in self._sinks.items():
            state = outbox.sink_state(self._db.reading, name)
            well = not (state.broken_at or state.circuit_open_at or state.paused_until_at)
            if name != troubled and well:
                found.append(sink)
        return found
