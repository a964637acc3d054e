"""From an alert to its deliveries: at once, later, with others, or not at all because of a silence."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime

from monitor.alerts.gathering import SALVO_WINDOW, Plan, Seen, Terms, plan, salvo_batch
from monitor.alerts.routing import Subject
from monitor.alerts.silencing import silence_for
from monitor.model import Alert, Base, Incident, Silence
from monitor.store import batches, outbox, silences


def dispatch(
    tx: sqlite3.Connection,
    alert: Alert,
    incident: Incident,
    base: Base | None,
    payloads: Mapping[str, str],
    terms: Mapping[str, Terms],
    subject: Subject,
    now: datetime,
) -> None:
    """Write the deliveries of an alert to new sinks, one for each payload; `terms` say by sink how it wants them."""
    silence = silence_for(silences.active(tx, now), incident, base, now)
    plans = {sink: planned(tx, sink, terms.get(sink, Terms()), subject, silence, now) for sink in payloads}
    outbox.enqueue(tx, alert, payloads, now, plans)
    if silence:
        silences.mark(tx, alert.id, silence, payloads.keys())


def planned(
    db: sqlite3.Connection | None, sink: str, terms: Terms, subject: Subject, silence: Silence | None, now: datetime
) -> Plan:
    """When and with which others an alert goes to a sink, by what its outbox holds (an empty one: None). Reads only."""
    batch, seen = terms.batch, Seen()
    if terms.salvo and subject.reason == "new":
        told = batches.places_told(db, sink, now - SALVO_WINDOW) if db else set()
        batch = salvo_batch(terms.salvo, subject.reason, len(told | {subject.base or subject.incident}))
    if db and batch:
        seen = batches.seen(db, sink, batch.key, now)
    return plan(terms, batch, seen, subject, silence, now)
