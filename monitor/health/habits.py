"""Alarms by what a feed usually does: how often it brings something, how long its texts are, whether they match. Pure.

Habits are learned from weeks of entries. They are looked at once an hour, one feed after the other, for it takes long.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from statistics import median

from monitor.health.alarms import Alarm
from monitor.health.cadence import learn, too_silent
from monitor.health.peers import unmatched
from monitor.store.signs import FeedSigns

# The latest entries of a feed against those before them.
LATEST = 20
EARLIER = 60
SHRUNKEN = 0.25


def habit_alarms(feed: FeedSigns, feeds: Sequence[FeedSigns], now: datetime) -> list[Alarm]:
    """How this feed departs from its habits; `feeds` are all, for it is compared with its peers."""
    found = [alarm for alarm in (frozen(feed, now), shrunken(feed), undated(feed)) if alarm]
    # What is wrong with a feed is also why it no longer matches.
    return found or [alarm for alarm in (no_matches(feed, feeds, now),) if alarm]


def frozen(feed: FeedSigns, now: datetime) -> Alarm | None:
    """The feed answers and brings nothing new, for longer than its cadence allows."""
    seen = [entry.first_seen_at for entry in feed.entries]
    cadence = learn(seen, now)
    silence = too_silent(cadence, max(seen), now) if cadence else None
    if silence is None:
        return None
    text = (
        f"{feed.url}: answers but has brought nothing new since {silence.since_at:%Y-%m-%d %H:%M} UTC, "
        f"where about {silence.missing:.0f} entries should have come"
    )
    return Alarm("frozen", feed.feed_id, text)


def shrunken(feed: FeedSigns) -> Alarm | None:
    """The texts of the latest entries are a quarter of what they were: rules may no longer see what they need."""
    if len(feed.entries) < LATEST + EARLIER:
        return None
    lengths = [entry.length for entry in feed.entries]
    before, latest = median(lengths[:-LATEST]), median(lengths[-LATEST:])
    if latest >= SHRUNKEN * before:
        return None
    return Alarm(
        "shrunken", feed.feed_id, f"{feed.url}: texts have shrunk from {before:.0f} to {latest:.0f} characters"
    )


def undated(feed: FeedSigns) -> Alarm | None:
    """The latest entries have no date, where those before them had one."""
    if len(feed.entries) < LATEST + EARLIER:
        return None
    dated = [entry.dated for entry in feed.entries]
    if any(dated[-LATEST:]) or sum(dated[:-LATEST]) < 0.9 * len(dated[:-LATEST]):
        return None
    return Alarm("undated", feed.feed_id, f"{feed.url}: the last {LATEST} entries have no date")


def no_matches(feed: FeedSigns, feeds: Sequence[FeedSigns], now: datetime) -> Alarm | None:
    """The feed brings entries but none that the rules flag, while its peers match and it used to."""
    found = unmatched(feed, feeds, now)
    if found is None:
        return None
    text = (
        f"{feed.url}: nothing matched since {found.since}, while other feeds of its language matched on {found.days} "
        "days; see what it brings with `basewatch feeds check`"
    )
    return Alarm("no_matches", feed.feed_id, text)
