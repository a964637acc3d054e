"""The watch: find the alarms of now, raise what is new, clear what is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.health.alarms import Alarm, feed_alarms, service_alarms
from monitor.model import Notice
from monitor.store import notices, signs
from monitor.store.db import Database

KINDS = (
    "outage", "failing", "frozen", "empty", "shrunken", "undated", "overflow", "no_matches",
    "stalled", "outbox", "sink", "canary",
)  # fmt: skip
TICK = "poll tick"


@dataclass(frozen=True, slots=True)
class Watched:
    """What changed: alarms raised now, and (kind, subject) of those that cleared themselves."""

    raised: tuple[Notice, ...]
    cleared: tuple[tuple[str, str], ...]


def alarms_now(db: Database, now: datetime) -> list[Alarm]:
    """Everything that is wrong now. Reads only."""
    feeds = signs.feed_signs(db.reading, now)
    return feed_alarms(feeds, now) + service_alarms(signs.service_signs(db.reading, TICK), now)


def watch(db: Database, now: datetime) -> Watched:
    """Bring the open notices in line with what is wrong now."""
    found = {(alarm.kind, alarm.subject): alarm for alarm in alarms_now(db, now)}
    with db.writing() as tx:
        cleared = [
            (notice.kind, notice.subject)
            for notice in notices.open_notices(tx, KINDS)
            if (notice.kind, notice.subject) not in found and notices.clear_notice(tx, notice.kind, notice.subject, now)
        ]
        raised = [
            notice
            for alarm in found.values()
            if notices.raise_notice(tx, notice := Notice(alarm.kind, alarm.subject, alarm.text, now))
        ]
    return Watched(tuple(raised), tuple(cleared))
