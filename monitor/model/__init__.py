"""The nouns of Basewatch, frozen, in the order in which data flows; imports nothing else of ours.

Times end in `_at` and are timezone-aware UTC datetimes; durations end in `_seconds`; days are local dates of the event.
"""

from monitor.model.incidents import DateSource, Fact, Incident, Link, Mention
from monitor.model.matching import Base, Evidence, Hit, Judgement, Named, Part, Span, Term
from monitor.model.messages import (
    Alert,
    Confidence,
    Delivery,
    DeliveryState,
    Notice,
    Outcome,
    Reason,
    Severity,
    Silence,
)
from monitor.model.news import Article, Entry, Feed, FeedState, PollJob, TextSource

__all__ = [
    "Alert",
    "Article",
    "Base",
    "Confidence",
    "DateSource",
    "Delivery",
    "DeliveryState",
    "Entry",
    "Evidence",
    "Fact",
    "Feed",
    "FeedState",
    "Hit",
    "Incident",
    "Judgement",
    "Link",
    "Mention",
    "Named",
    "Notice",
    "Outcome",
    "Part",
    "PollJob",
    "Reason",
    "Severity",
    "Silence",
    "Span",
    "Term",
    "TextSource",
]
