"""From an alert to its deliveries: at once, after the quiet hours of a sink, or not at all because of a silence."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime

from monitor.alerts.quiet import Quiet, held_until
from monitor.alerts.silencing import silence_for
from monitor.model import Alert, Base, Incident
from monitor.store import outbox, silences


def dispatch(
    tx: sqlite3.Connection,
    alert: Alert,
    incident: Incident,
    base: Base | None,
    payloads: Mapping[str, str],
    quiet: Mapping[str, Quiet],
    now: datetime,
) -> None:
    """Write the deliveries of an alert to new sinks, one for each payload; `quiet` are the quiet hours of sinks."""
    silence = silence_for(silences.active(tx, now), incident, base, now)
    from_at = silence.until_at if silence and silence.deliver_after else now
    not_before = {sink: from_at for sink in payloads if from_at > now}
    for sink in payloads.keys() & quiet.keys():
        if until := held_until(quiet[sink], alert.confidence, alert.severity, from_at):
            not_before[sink] = until
    outbox.enqueue(tx, alert, payloads, now, not_before)
    if silence:
        silences.mark(tx, alert.id, silence, payloads.keys())
