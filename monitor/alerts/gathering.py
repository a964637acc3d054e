"""When an alert goes to a sink, and with which others: silences, quiet hours, groups of updates, salvos. Pure.

The meaning of group_by, group_wait and group_interval is that of Prometheus Alertmanager, but for one thing: the first
alert of an incident never waits for a group.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.alerts.quiet import Quiet, held_until
from monitor.alerts.routing import Chosen, Subject
from monitor.model import Reason, Silence
from monitor.redact import one_line

# What a route may gather; the first alert of an incident and a reminder are for themselves.
GATHERED: tuple[Reason, ...] = ("update", "possible_update")
SALVO_WINDOW = timedelta(hours=1)
SALVO_WAIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Batch:
    """Deliveries of one sink that go out as one message. `key` names it, in words.

    It goes out `wait_seconds` after its first alert, and `interval_seconds` after the last message of that name.
    """

    key: str
    wait_seconds: float
    interval_seconds: float


@dataclass(frozen=True, slots=True)
class Salvo:
    """First alerts on more than `places` places within an hour go out together, one message every so many seconds."""

    places: int
    every_seconds: float


@dataclass(frozen=True, slots=True)
class Terms:
    """How one sink wants an alert: its quiet hours, the batch of its route, and what it takes for a salvo."""

    quiet: Quiet | None = None
    batch: Batch | None = None
    salvo: Salvo | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a sink's outbox knows of a batch: when what waits in it is due, and when it went out last."""

    due_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """When a delivery goes out, in which batch ("" for none), and why not at once, in words."""

    at: datetime
    batch: str = ""
    why: tuple[str, ...] = ()


def batch_of(chosen: Chosen, subject: Subject) -> Batch | None:
    """The batch in which the route that decided gathers an alert; None where it does not."""
    route = chosen.route
    if route is None or not route.group_by or subject.reason not in GATHERED:
        return None
    key = ", ".join(f"{name} {one_line(_label(subject, name), 80) or 'not known'}" for name in route.group_by)
    return Batch(key, route.group_wait_seconds, route.group_interval_seconds)


def _label(subject: Subject, name: str) -> str:
    if name == "area":
        return subject.areas[0] if subject.areas else ""
    return str(getattr(subject, name))


def salvo_batch(salvo: Salvo | None, reason: Reason, places: int) -> Batch | None:
    """The batch of a salvo: for a first alert where this many places, its own among them, were told within the hour."""
    if salvo is None or reason != "new" or places <= salvo.places:
        return None
    return Batch(f"more than {salvo.places} places within an hour", SALVO_WAIT_SECONDS, salvo.every_seconds)


def plan(
    terms: Terms, batch: Batch | None, seen: Seen, subject: Subject, silence: Silence | None, now: datetime
) -> Plan:
    """When an alert decided now goes to a sink. A silence that delivers nothing is the caller's to carry out."""
    at, why = now, []
    if silence and silence.deliver_after:
        at = silence.until_at
        why.append(f"silence {silence.id} until {_wall(at, now)}: {silence.why}")
    if batch and (due_at := batch_at(batch, seen, at)) > at:
        at = due_at
        why.append(f"gathered until {_wall(at, now)} by {batch.key}")
    if terms.quiet and (until := held_until(terms.quiet, subject.confidence, subject.severity, at)):
        at = until
        why.append(f"quiet hours until {_wall(at, now)}")
    return Plan(at, batch.key if batch else "", tuple(why))


def batch_at(batch: Batch, seen: Seen, now: datetime) -> datetime:
    """When a batch goes out that an alert joins now: with what waits in it, else after its wait and its interval."""
    at = now + timedelta(seconds=batch.wait_seconds)
    if seen.last_at is not None and seen.last_at <= now:
        at = max(at, seen.last_at + timedelta(seconds=batch.interval_seconds))
    return min(at, seen.due_at) if seen.due_at is not None and seen.due_at > now else at


def _wall(at: datetime, now: datetime) -> str:
    return f"{at:%H:%M} UTC" if at - now < timedelta(hours=20) else f"{at.day} {at:%B %H:%M} UTC"
