"""An incident as reports open it and change it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from monitor.matching.context import latest_day
from monitor.model import DateSource, Fact, Incident, Mention

_KEPT_REPORTS = 12
_VOTE: Mapping[DateSource, float] = {"sentence": 1.0, "inherited": 0.8, "reporting": 0.4, "publication": 0.2}
_SAYS_DAY: tuple[DateSource, ...] = ("sentence", "inherited", "reporting")
_DIVIDED = 0.5  # a neighbouring day with half the votes of the best one stays possible
_MOST_DAYS = 31
_ONE_DAY = timedelta(days=1)

Days = tuple[date | None, date | None]


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
    reports = (*before.reports, mention)
    date_from, date_to = _days_after(before, mention, reports, now)
    return replace(
        before,
        base=before.base or mention.base,
        area=before.area or mention.area,
        country=before.country or mention.country,
        date_from=date_from,
        date_to=date_to,
        weapons=before.weapons or mention.weapons,
        last_report_at=max(before.last_report_at, now),
        reports=reports[-_KEPT_REPORTS:],
        facts=(*before.facts, *facts),
    )


def rebuilt(before: Incident, reports: Sequence[tuple[Mention, datetime]]) -> Incident:
    """The incident as these reports, oldest first and each with the time it was seen, make it; for reviewers' edits."""
    first, at = reports[0]
    after = opened(before.id, first, (), at)
    for mention, seen_at in reports[1:]:
        after = updated(after, mention, (), seen_at)
    return replace(after, spoken=before.spoken, facts=before.facts, merged_into=before.merged_into)


def _days_after(before: Incident, mention: Mention, reports: tuple[Mention, ...], now: datetime) -> Days:
    """The days after another report: one that names no day moves nothing, however many of them there are."""
    known = before.date_from, before.date_to
    if before.date_from is not None and mention.date_source not in _SAYS_DAY:
        return known
    if len(reports) > _KEPT_REPORTS:  # what older reports said stands in the days that are known
        reports = (replace(mention, date_from=known[0], date_to=known[1], date_source="inherited"), *reports[1:])
    days = days_of(reports)
    return known if days == known else _until_tomorrow(*days, now)


def _until_tomorrow(date_from: date | None, date_to: date | None, now: datetime) -> Days:
    """Days that may end tomorrow: "today" said late, or on a day without an hour, may be tomorrow where it happened."""
    if date_from is None or date_from != date_to or date_from != now.date():
        return date_from, date_to
    without_hour = (now.hour, now.minute, now.second) == (0, 0, 0)
    return date_from, date_from + _ONE_DAY if without_hour else latest_day(now)


def days_of(reports: Sequence[Mention]) -> Days:
    """The day that the reports agree on, or neighbouring ones between which they are divided.

    Each report votes for its days, one that dates the attack itself most; those that name no day only where all do not.
    Time zones divide honest reports by a day; a night that holds the day that another names divides nothing.
    """
    saying = [report for report in reports if report.date_source in _SAYS_DAY]
    votes = _votes_of(saying or reports)
    if not votes:
        return None, None
    best = last = max(sorted(votes), key=lambda day: votes[day])
    while votes.get(last + _ONE_DAY, 0.0) == votes[best]:
        last += _ONE_DAY
    if last > best:
        return best, last
    if any(report.date_from == best == report.date_to for report in saying):
        against = _votes_of(report for report in saying if not _may_be_on(report, best))
    else:
        against = votes
    beside = max((best - _ONE_DAY, best + _ONE_DAY), key=lambda day: against.get(day, 0.0))
    if against.get(beside, 0.0) >= _DIVIDED * votes[best]:
        return min(best, beside), max(best, beside)
    return best, best


def _may_be_on(report: Mention, day: date) -> bool:
    """True where a report's days hold this one."""
    return report.date_from is not None and report.date_to is not None and report.date_from <= day <= report.date_to


def _votes_of(reports: Iterable[Mention]) -> dict[date, float]:
    votes: dict[date, float] = {}
    for report in reports:
        for day, weight in _votes(report):
            votes[day] = votes.get(day, 0.0) + weight
    return votes


def _votes(report: Mention) -> list[tuple[date, float]]:
    if report.date_from is None or report.date_to is None:
        return []
    days = (report.date_to - report.date_from).days + 1
    weight = _VOTE.get(report.date_source, 0.0) / days
    return [(report.date_from + timedelta(days=step), weight) for step in range(min(days, _MOST_DAYS))]
