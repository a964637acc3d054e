"""The watch: find the alarms of now, raise what is new, clear what is gone.

What the last polls say is looked at each half minute; the habits of the feeds, which takes long, once an hour.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from monitor.health.alarms import Alarm, grouped, is_failing, is_outage, service_alarms, state_alarms
from monitor.health.habits import habit_alarms
from monitor.model import Notice
from monitor.store import notices, signs
from monitor.store.db import Database

STATE_KINDS = ("outage", "failing", "empty", "overflow", "stalled", "outbox", "sink", "canary")
HABIT_KINDS = ("frozen", "shrunken", "undated", "no_matches")
KINDS = (*STATE_KINDS, *HABIT_KINDS)
TICK = "poll tick"


@dataclass(frozen=True, slots=True)
class Watched:
    """What changed: alarms raised now, and (kind, subject) of those that cleared themselves."""

    raised: tuple[Notice, ...]
    cleared: tuple[tuple[str, str], ...]


def alarms_now(db: Database, now: datetime) -> list[Alarm]:
    """What is wrong now by the last polls and by the service itself. Reads only."""
    feeds = signs.feed_signs(db.reading)
    return state_alarms(feeds, now) + service_alarms(signs.service_signs(db.reading, TICK), now)


async def habits_now(db: Database, now: datetime) -> list[Alarm]:
    """Which feeds depart from their habits; those that fail are told already. Reads only, and lets others work."""
    feeds = signs.with_hits(db.reading, signs.feed_signs(db.reading), now)
    if is_outage(feeds, now):
        return []
    alarms = []
    for feed in feeds:
        if not is_failing(feed, now):
            alarms += habit_alarms(signs.with_entries(db.reading, feed, now), feeds, now)
        await asyncio.sleep(0)
    return grouped(alarms, len(feeds))


def watch(db: Database, now: datetime) -> Watched:
    """Bring the open notices in line with what is wrong now, but for the habits."""
    return bring_in_line(db, STATE_KINDS, alarms_now(db, now), now)


async def watch_habits(db: Database, now: datetime) -> Watched:
    """Bring the open notices in line with how feeds depart from their habits."""
    return bring_in_line(db, HABIT_KINDS, await habits_now(db, now), now)


def bring_in_line(db: Database, kinds: Collection[str], alarms: Iterable[Alarm], now: datetime) -> Watched:
    """Raise these alarms where they are new, and clear the open ones of these kinds that are not among them."""
    found = {(alarm.kind, alarm.subject): alarm for alarm in alarms}
    with db.writing() as tx:
        cleared = [
            (notice.kind, notice.subject)
            for notice in notices.open_notices(tx, kinds)
            if (notice.kind, notice.subject) not in found and notices.clear_notice(tx, notice.kind, notice.subject, now)
        ]
        raised = [
            notice
            for alarm in found.values()
            if notices.raise_notice(tx, notice := Notice(alarm.kind, alarm.subject, alarm.text, now))
        ]
    return Watched(tuple(raised), tuple(cleared))
