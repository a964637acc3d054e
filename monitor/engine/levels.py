"""How grave the incidents of a decision are now, and which of them are graver than was told."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from monitor.alerts.policy import Changes
from monitor.incidents import Consideration, gravest, severity
from monitor.matching.grades import Grade
from monitor.model import Severity
from monitor.store import memory


def levels_of(
    tx: sqlite3.Connection, grades: Sequence[Grade], considered: Consideration
) -> tuple[dict[str, Severity], dict[str, Changes]]:
    """By incident its severity, never less than was told of it, and its changes: that it is graver now is one."""
    opened = {link.incident_id for link in considered.links if link.how == "opens"}
    levels: dict[str, Severity] = {}
    changes: dict[str, Changes] = dict(considered.changes)
    for incident in considered.incidents:
        level = severity(grades, incident.facts, len(opened) if incident.id in opened else 1)
        told = memory.told_severities(tx, incident.id)
        levels[incident.id] = gravest([level, *told])
        if told and gravest(told) != levels[incident.id]:
            rise = ("severity", gravest(told), level)
            changes[incident.id] = (*changes.get(incident.id, ()), rise)
    return levels, changes
