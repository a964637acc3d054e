"""Judgements become attacks: mentions, dates, facts, identity.

What may enter: articles, judgements and open incidents as arguments. Pure: no I/O, no clock, no logging.
"""

from monitor.incidents.dates import DayMention, resolve_days
from monitor.incidents.link import link
from monitor.incidents.mentions import extract_mentions, published_day
from monitor.incidents.resolve import Consideration, consider
from monitor.incidents.updates import confidence, news_of

__all__ = [
    "Consideration",
    "DayMention",
    "confidence",
    "consider",
    "extract_mentions",
    "link",
    "news_of",
    "published_day",
    "resolve_days",
]
