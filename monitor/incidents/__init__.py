"""Judgements become attacks: mentions, dates, facts, identity.

What may enter: articles, judgements and open incidents as arguments. Pure: no I/O, no clock, no logging.
"""

from monitor.incidents.dates import DayMention, resolve_days
from monitor.incidents.grading import gravest, severity
from monitor.incidents.link import link
from monitor.incidents.mentions import extract_mentions, published_day
from monitor.incidents.resolve import Consideration, conclude, consider, moment_of, tie
from monitor.incidents.updates import confidence, news_of

__all__ = [
    "Consideration",
    "DayMention",
    "conclude",
    "confidence",
    "consider",
    "extract_mentions",
    "gravest",
    "link",
    "moment_of",
    "news_of",
    "published_day",
    "resolve_days",
    "severity",
    "tie",
]
