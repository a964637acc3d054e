"""When to speak: from what was decided of one article to its alerts. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.model import Alert, Confidence, Incident, Link, Reason, Severity

Changes = tuple[tuple[str, str, str], ...]

SPEAKING: tuple[Reason, ...] = ("new", "possible_update", "update")
# Of several reasons for one article, the one that is told is the first of these.
STRENGTH: tuple[Reason, ...] = (*SPEAKING, "repeat", "baseline", "none")


@dataclass(frozen=True, slots=True)
class Speech:
    """The reason that stands for the whole article, and one alert for each incident there is to speak of."""

    reason: Reason
    alerts: tuple[Alert, ...] = ()


def speak(
    entry_id: str,
    links: Iterable[Link],
    incidents: Mapping[str, Incident],
    changes: Mapping[str, Changes],
    confidence: Mapping[str, Confidence],
    *,
    severity: Mapping[str, Severity] | None = None,
    baseline: bool,
    now: datetime,
) -> Speech:
    """Decide what an article says: `incidents` are as they were before it, by id; unknown ids are new ones.

    An incident that was only ever seen in baseline has not been spoken of, so its first fresh report speaks.
    """
    links = tuple(links)
    doubtful = {link.mention for link in links if link.how == "possible"}
    reasons: dict[str, Reason] = {}
    for link in links:
        if link.how in ("opens", "joins"):
            before = incidents.get(link.incident_id)
            has_news = bool(changes.get(link.incident_id))
            reason = reason_of(before, doubtful=link.mention in doubtful, has_news=has_news)
            known = reasons.get(link.incident_id, "none")
            reasons[link.incident_id] = min(known, reason, key=STRENGTH.index)
    if not reasons or baseline:
        return Speech("baseline" if reasons else "none")
    alerts = tuple(
        make_alert(entry_id, incident_id, reason, changes.get(incident_id, ()), confidence, severity or {}, now)
        for incident_id, reason in reasons.items()
        if reason in SPEAKING
    )
    return Speech(min(reasons.values(), key=STRENGTH.index), alerts)


def reason_of(before: Incident | None, *, doubtful: bool, has_news: bool) -> Reason:
    """The reason to speak of one incident; `doubtful` where the mention may be a report of an older incident."""
    if before is None and doubtful:
        return "possible_update"
    if before is None or not before.spoken:
        return "new"
    return "update" if has_news else "repeat"


def make_alert(
    entry_id: str,
    incident_id: str,
    reason: Reason,
    changes: Changes,
    confidence: Mapping[str, Confidence],
    severity: Mapping[str, Severity],
    now: datetime,
) -> Alert:
    """One alert; only an update tells changes."""
    told = changes if reason == "update" else ()
    return Alert(
        id=alert_id(incident_id, reason, entry_id, told),
        incident_id=incident_id,
        entry_id=entry_id,
        reason=reason,
        confidence=confidence.get(incident_id, "claim"),
        created_at=now,
        changes=told,
        severity=severity.get(incident_id, "medium"),
    )


def reminder_id(incident_id: str, last_id: str) -> str:
    """The id of the reminder that follows the alert `last_id`: there is one, however often it is decided."""
    return alert_id(incident_id, "reminder", last_id)


def alert_id(incident_id: str, reason: Reason, entry_id: str, changes: Changes = ()) -> str:
    """A hash of the first cause, so that a repeated decision yields the same alert.

    An incident is new once, whichever entry opened it; an update is one for each entry and set of changes.
    """
    cause = [incident_id, "new"] if reason == "new" else [incident_id, reason, entry_id, *map("=".join, changes)]
    return hashlib.sha256("|".join(cause).encode()).hexdigest()[:32]
