"""An incident as reports open it and change it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from monitor.model import DateSource, Fact, Incident, Mention

_KEPT_REPORTS = 12
_VOTE: Mapping[DateSource, float] = {"sentence": 1.0, "inherited": 0.8, "reporting": 0.4, "publication": 0.2}
_DIVIDED = 0.5  # a neighbouring day with half the votes of the best one stays possible
_LATE_HOUR = 20  # UTC; further east the next day has begun
_MOST_DAYS = 31
_ONE_DAY = timedelta(days=1)


def incident_id(entry_id: str, mention: Mention) -> str:
    """The id of the incident that this entry opens with this mention: the same however often it is decided."""
    key = "|".join(
        (entry_id, mention.base or mention.area or mention.country, str(mention.date_from), str(mention.date_to))
    )
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def opened(key: str, mention: Mention, facts: tuple[Fact, ...], now: datetime) -> Incident:
    """The incident that a mention opens."""
    date_from, date_to = _until_tomorrow(mention.date_from, mention.date_to, now)
    return Incident(
        id=key,
        base=mention.base,
        area=mention.area,
        country=mention.country,
        date_from=date_from,
        date_to=date_to,
        weapons=mention.weapons,
        first_seen_at=now,
        last_report_at=now,
        reports=(mention,),
        facts=facts,
    )


def updated(before: Incident, mention: Mention, facts: tuple[Fact, ...], now: datetime) -> Incident:
    """The incident after another report: better placed, better dated, its reports and facts longer by what is new."""
    reports = (*before.reports, mention)[-_KEPT_REPORTS:]
    date_from, date_to = _until_tomorrow(*days_of(reports), now)
    return replace(
        before,
        base=before.base or mention.base,
        area=before.area or mention.area,
        country=before.country or mention.country,
        date_from=date_from,
        date_to=date_to,
        weapons=before.weapons or mention.weapons,
        last_report_at=max(before.last_report_at, now),
        reports=reports,
        facts=(*before.facts, *facts),
    )


def rebuilt(before: Incident, reports: Sequence[tuple[Mention, datetime]]) -> Incident:
    """The incident as these reports, oldest first and each with the time it was seen, make it; for reviewers' edits."""
    first, at = reports[0]
    after = opened(before.id, first, (), at)
    for mention, seen_at in reports[1:]:
        after = updated(after, mention, (), seen_at)
    return replace(after, spoken=before.spoken, facts=before.facts, merged_into=before.merged_into)


def _until_tomorrow(date_from: date | None, date_to: date | None, now: datetime) -> tuple[date | None, date | None]:
    """Days that may end tomorrow: "today" said late, or on a day without an hour, may be tomorrow where it happened."""
    if date_from is None or date_from != date_to or date_from != now.date():
        return date_from, date_to
    without_hour = (now.hour, now.minute, now.second) == (0, 0, 0)
    return date_from, date_from + _ONE_DAY if without_hour or now.hour >= _LATE_HOUR else date_to


def days_of(reports: Sequence[Mention]) -> tuple[date | None, date | None]:
    """The day that the reports agree on, or two neighbouring ones between which they are divided.

    Each report votes for its days, one that dates the attack itself most. Time zones divide honest reports by a day.
    """
    votes: dict[date, float] = {}
    for report in reports:
        for day, weight in _votes(report):
            votes[day] = votes.get(day, 0.0) + weight
    if not votes:
        return None, None
    best = max(sorted(votes), key=lambda day: votes[day])
    beside = max((best - _ONE_DAY, best + _ONE_DAY), key=lambda day: votes.get(day, 0.0))
    if votes.get(beside, 0.0) >= _DIVIDED * votes[best]:
        return min(best, beside), max(best, beside)
    return best, best


def _votes(report: Mention) -> list[tuple[date, float]]:
    if report.date_from is None or report.date_to is None:
        return []
    days = (report.date_to - report.date_from).days + 1
    weight = _VOTE.get(report.date_source, 0.0) / days
    return [(report.date_from + timedelta(days=step), weight) for step in range(min(days, _MOST_DAYS))]
