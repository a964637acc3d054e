"""The named alarms: from signs of the feeds and of the service itself to what is wrong now. Pure.

Silence is not safety: a feed that fails, freezes or shrinks must be seen. One outage is one alarm, and an alarm that
is no longer found has cleared itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.feeds.source import host_of
from monitor.store.signs import CanarySign, FeedSigns, ServiceSigns

# Three failed polls in a row over an hour: less is weather.
FAILED_POLLS = 3
FAILING_FOR = timedelta(hours=1)
# Half of the feeds, and more than two, failing at once is one outage of ours, not many of theirs.
OUTAGE_SHARE = 0.5
OUTAGE_FEEDS = 3
STALLED_AFTER = timedelta(minutes=15)
WAITING_FOR = timedelta(minutes=30)
# The canary is late, not lost, for this long.
CANARY_LATE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that is wrong now; `kind` and `subject` name it, so that it is raised once and cleared once."""

    kind: str
    subject: str
    text: str


def state_alarms(feeds: Sequence[FeedSigns], now: datetime) -> list[Alarm]:
    """What the last polls of the feeds say; many that fail together are one outage."""
    failing = [feed for feed in feeds if is_failing(feed, now)]
    if is_outage(feeds, now):
        text = f"{len(failing)} of {len(feeds)} feeds fail at once; check this machine's network and DNS"
        return [Alarm("outage", "feeds", text)]
    alarms = failing_alarms(failing)
    alarms += [alarm for feed in feeds if not is_failing(feed, now) and (alarm := overflow(feed))]
    return grouped(alarms, len(feeds))


def failing_alarms(failing: Sequence[FeedSigns]) -> list[Alarm]:
    """One alarm for each feed that fails, or for each host of which several do."""
    hosts = Counter(host_of(feed.url) for feed in failing)
    alarms: dict[str, Alarm] = {}
    for feed in failing:
        host = host_of(feed.url)
        if hosts[host] >= OUTAGE_FEEDS:
            text = f"{hosts[host]} feeds of {host} fail; {_failing_text(feed)}"
            alarms.setdefault(host, Alarm("failing", host, text))
        else:
            alarms[feed.feed_id] = empty(feed) or Alarm("failing", feed.feed_id, _failing_text(feed))
    return list(alarms.values())


def is_outage(feeds: Sequence[FeedSigns], now: datetime) -> bool:
    """True where so many feeds fail at once that the trouble is ours."""
    failing = sum(is_failing(feed, now) for feed in feeds)
    return failing >= OUTAGE_FEEDS and failing >= OUTAGE_SHARE * len(feeds)


def grouped(alarms: Sequence[Alarm], feeds: int) -> list[Alarm]:
    """Many feeds with one trouble have one cause: one alarm for each kind that most feeds have.

    A pause of the service makes the busy feeds overflow, however many calm ones there are beside them.
    """
    kinds = Counter(alarm.kind for alarm in alarms)
    least = {kind: OUTAGE_FEEDS if kind == "overflow" else max(OUTAGE_FEEDS, OUTAGE_SHARE * feeds) for kind in kinds}
    many = {kind: number for kind, number in kinds.items() if number >= least[kind]}
    first = {alarm.kind: alarm.text for alarm in reversed(alarms)}
    together = [Alarm(kind, "feeds", f"{number} of {feeds} feeds; {first[kind]}") for kind, number in many.items()]
    return [*together, *(alarm for alarm in alarms if alarm.kind not in many)]


def is_failing(feed: FeedSigns, now: datetime) -> bool:
    """True after three failed polls in a row that span an hour."""
    return feed.failures >= FAILED_POLLS and now - (feed.last_ok_at or feed.added_at) >= FAILING_FOR


def _failing_text(feed: FeedSigns) -> str:
    since = f"since {feed.last_ok_at:%Y-%m-%d %H:%M} UTC" if feed.last_ok_at else "and was never read"
    return f"{feed.url}: {feed.failures} polls failed {since} ({feed.last_error})"


def empty(feed: FeedSigns) -> Alarm | None:
    """The feed answers with a document that is fine and holds no entry, where there used to be some."""
    if feed.last_failure != "emptied":
        return None
    return Alarm("empty", feed.feed_id, f"{_failing_text(feed)}; look whether it has moved")


def overflow(feed: FeedSigns) -> Alarm | None:
    """Polls do not overlap: all entries were new, so that some may have come and gone between two polls."""
    if feed.overflowed_at is None:
        return None
    text = (
        f"{feed.url}: had only new entries at {feed.overflowed_at:%Y-%m-%d %H:%M} UTC, so some may have been missed; "
        "poll more often, or see whether the service was stopped"
    )
    return Alarm("overflow", feed.feed_id, text)


def service_alarms(signs: ServiceSigns, now: datetime) -> list[Alarm]:
    """The alarms of the service itself: no tick, an outbox that does not drain, a sink that is held, a lost canary."""
    alarms = []
    stalled = bool(signs.last_tick_at and now - signs.last_tick_at >= STALLED_AFTER)
    if stalled:
        text = f"nothing was polled or judged since {signs.last_tick_at:%Y-%m-%d %H:%M} UTC; is the daemon running?"
        alarms.append(Alarm("stalled", "scheduler", text))
    if signs.oldest_waiting_at and now - signs.oldest_waiting_at >= WAITING_FOR:
        text = (
            f"{signs.waiting} deliveries wait, the oldest since {signs.oldest_waiting_at:%Y-%m-%d %H:%M} UTC; "
            "see `basewatch outbox list`"
        )
        alarms.append(Alarm("outbox", "deliveries", text))
    # A service that stands still sends no canary either: that is one trouble.
    if signs.canary and not stalled and (problem := canary_problem(signs.canary, now)):
        alarms.append(Alarm("canary", "path", problem))
    alarms.extend(
        Alarm("sink", sink, f"sink {sink} is held or refuses; see `basewatch outbox list`") for sink in signs.sinks_open
    )
    return alarms


def canary_problem(sign: CanarySign, now: datetime) -> str:
    """Why the canary did not arrive, in one sentence, or ""."""
    if sign.problem:
        return f"the canary did not arrive: {sign.problem}"
    if sign.next_at and now - sign.next_at >= CANARY_LATE:
        return f"the canary is overdue since {sign.next_at:%Y-%m-%d %H:%M} UTC; restart the daemon"
    return ""
