"""Whether a feed has ceased to match while its peers go on: its section or its texts may have changed. Pure.

Peers are the other feeds of one language. The unit is the day on which at least two peers matched: articles of one day
come in crowds and count once. A feed is compared with its own share of such days, so that one that never matched, or
seldom, raises nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import exp, lgamma

from monitor.store.signs import FeedSigns

# Fewer peers on a day may be one paper's own story.
PEERS_A_DAY = 2
# Below this many days with a match there is no share to speak of.
ENOUGH_DAYS = 5
# How likely the silence may be by chance, and how much longer than any before it has to be.
CHANCE = 1e-4
RECORD = 2


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A feed's silence on the topic: since which day, and on how many days its peers matched meanwhile."""

    since: date
    days: int


def unmatched(feed: FeedSigns, feeds: Collection[FeedSigns], now: datetime) -> Unmatched | None:
    """Whether this feed has been silent for longer than its share of the topic and its own record allow."""
    if not feed.hit_days:
        return None
    last_hit = max(feed.hit_days)
    days = topic_days(feed, feeds, now)
    before, missed = [day for day in days if day <= last_hit], [day for day in days if day > last_hit]
    told = [day in feed.hit_days for day in before]
    if sum(told) < ENOUGH_DAYS or len(missed) < RECORD * longest_gap(told):
        return None
    if none_of(len(missed), told=sum(told), untold=len(told) - sum(told)) > CHANCE:
        return None
    return Unmatched(last_hit, len(missed))


def topic_days(feed: FeedSigns, feeds: Collection[FeedSigns], now: datetime) -> list[date]:
    """The whole days since this feed was added on which enough of its peers matched, in order."""
    peers = [other for other in feeds if other.feed_id != feed.feed_id and tongue(other) == tongue(feed)]
    matched = Counter(day for peer in peers for day in peer.hit_days)
    first, today = feed.added_at.date(), now.date()
    return sorted(day for day, number in matched.items() if number >= PEERS_A_DAY and first < day < today)


def tongue(feed: FeedSigns) -> str:
    """The language of a feed without its region: "en" of "en-GB"."""
    return feed.language.replace("_", "-").partition("-")[0].lower()


def longest_gap(told: Sequence[bool]) -> int:
    """The longest run of days without a match."""
    longest = run = 0
    for hit in told:
        run = 0 if hit else run + 1
        longest = max(longest, run)
    return longest


def none_of(days: int, *, told: int, untold: int) -> float:
    """How likely a feed that told of `told` days and not of `untold` tells of none of the next `days`.

    Its share is not known but learned: the beta-binomial distribution with a uniform prior.
    """
    a, b = told + 1, untold + 1
    return exp(lgamma(a + b) + lgamma(b + days) - lgamma(b) - lgamma(a + b + days))
