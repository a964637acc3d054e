"""Mistakes in quiet hours that no single key shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from monitor.config.checks import Mistake
from monitor.config.nearest import nearest
from monitor.config.schema import QuietEntry, SinkEntry

# With a clock put forward in between, a longer night could run into the next one.
LONGEST = timedelta(hours=20)


def quiet_mistakes(sinks: Mapping[int, SinkEntry]) -> Iterator[Mistake]:
    """What is wrong with the quiet hours of sinks."""
    for number, sink in sinks.items():
        if sink.quiet is None:
            continue
        place = ("sink", number, "quiet")
        if problem := zone_problem(sink.quiet.timezone):
            yield (*place, "timezone"), problem
        if not timedelta() < span(sink.quiet) <= LONGEST:
            hours = LONGEST // timedelta(hours=1)
            yield place, f"must be more than none and at most {hours} hours a day; for longer use `basewatch silence`"


def span(quiet: QuietEntry) -> timedelta:
    """How long the quiet hours are by the wall clock; none where they begin when they end."""
    begins, ends = (datetime.strptime(wall, "%H:%M") for wall in (quiet.begins, quiet.ends))  # noqa: DTZ007 - walls
    return (ends - begins) % timedelta(days=1)


def zone_problem(name: str) -> str:
    """What is wrong with a time zone's name, or ""."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        hint = nearest(name, available_timezones())
        return f"{name!r} is no time zone of the IANA database, such as Europe/Berlin{hint}"
    return ""
