"""Quiet hours: a sink that is not to be disturbed at night gets its alerts in the morning. Pure.

Quiet hours are meant in the wall time of a place: where clocks are put forward or back, they begin and end when the
wall shows it, and that night is an hour shorter or longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.alerts.routing import sure
from monitor.incidents.grading import grave
from monitor.model import Confidence, Severity

DAY = timedelta(days=1)
# From a night that begins at the end of one day to the next one: no more nights can follow on one another.
NIGHTS = (-2, -1, 0, 1)


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `begins` to `ends`, in the wall time of `zone`; over midnight where `ends` is the earlier one.

    Alerts that are at least `loud_from` sure, or at least `grave_from` grave, come at any hour; None where none does.
    """

    begins: time
    ends: time
    zone: ZoneInfo
    loud_from: Confidence | None = None
    grave_from: Severity | None = None


def quiet_until(quiet: Quiet, at: datetime) -> datetime | None:
    """When the quiet hours that `at` lies in are over, in UTC; None where `at` is not in them."""
    today = at.astimezone(quiet.zone).date()
    nights = [_night(quiet, today + DAY * number) for number in NIGHTS]
    return next((end for start, end in nights if start <= at < end), None)


def held_until(quiet: Quiet, confidence: Confidence, severity: Severity, at: datetime) -> datetime | None:
    """Until when an alert this sure and this grave is held back; None where it goes out at once."""
    if quiet.loud_from is not None and sure(confidence, quiet.loud_from):
        return None
    if quiet.grave_from is not None and grave(severity, quiet.grave_from):
        return None
    return quiet_until(quiet, at)


def _night(quiet: Quiet, day: date) -> tuple[datetime, datetime]:
    """The quiet hours that begin on this local day, as instants."""
    last_day = day if quiet.begins < quiet.ends else day + DAY
    return _instant(quiet, day, quiet.begins), _instant(quiet, last_day, quiet.ends)


def _instant(quiet: Quiet, day: date, wall: time) -> datetime:
    """When the wall shows this time: the first time where it does so twice.

    A time that is left out is read by the offset from before the gap (PEP 495, fold 0): as long after its begin.
    """
    return datetime.combine(day, wall, tzinfo=quiet.zone).astimezone(UTC)
