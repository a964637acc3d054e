"""Whether a silence covers an alert. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from monitor.model import Base, Incident, Silence


def covers(silence: Silence, incident: Incident, base: Base | None) -> bool:
    """True where the silence is about this incident, its base, an area that holds it, or its country."""
    if silence.incident_id:
        return silence.incident_id == incident.id
    if silence.base:
        return silence.base in (incident.base, incident.area, base.area if base else "")
    country = incident.country or (base.country if base else "")
    return bool(silence.country) and silence.country == country


def silence_for(silences: Iterable[Silence], incident: Incident, base: Base | None, now: datetime) -> Silence | None:
    """The silence that counts for an alert, or None; of several one that delivers later, then the one that lasts."""
    found = [one for one in silences if is_active(one, now) and covers(one, incident, base)]
    return max(found, key=lambda one: (one.deliver_after, one.until_at), default=None)


def is_active(silence: Silence, now: datetime) -> bool:
    """True where a silence is neither over nor ended."""
    return silence.ended_at is None and now < silence.until_at
