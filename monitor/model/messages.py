"""Incidents become messages: alerts, silences, deliveries and what came of them, notices."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Reason = Literal["new", "update", "possible_update", "reminder", "repeat", "baseline", "none"]
Confidence = Literal["rumour", "claim", "confirmed"]
Severity = Literal["low", "medium", "high", "critical"]


@dataclass(frozen=True, slots=True)
class Alert:
    """One decision to speak of one incident because of one entry. `id` is a hash of its first cause."""

    id: str
    incident_id: str
    entry_id: str
    reason: Reason
    confidence: Confidence
    created_at: datetime
    changes: tuple[tuple[str, str, str], ...] = ()
    severity: Severity = "medium"


@dataclass(frozen=True, slots=True)
class Silence:
    """The operator's wish to hear nothing of one base (or area), one incident or one country until a time.

    Exactly one of `base`, `incident_id` and `country` is given. Alerts are decided and stored all the same; with
    `deliver_after` they are delivered when the silence is over, else not at all unless asked.
    """

    id: str
    why: str
    created_at: datetime
    until_at: datetime
    base: str = ""
    incident_id: str = ""
    country: str = ""
    deliver_after: bool = False
    ended_at: datetime | None = None


DeliveryState = Literal["pending", "sending", "sent", "unknown", "held", "cancelled", "dead"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One alert on its way to one sink: a row of the outbox. `id` is also the webhook-id; the payload is frozen.

    `not_before_at` holds it back (quiet hours, a silence, a batch), whatever its sink and its retries say; those of one
    `batch` that are due together go out as one message. `thread` is the receipt of the message under which it belongs;
    `carries` are the ids of the deliveries that a message stands for.
    """

    id: str
    alert_id: str
    sink: str
    generation: int
    payload: str
    state: DeliveryState
    attempts: int = 0
    next_attempt_at: datetime | None = None
    fence: int = 0
    first_attempt_at: datetime | None = None
    sent_at: datetime | None = None
    last_code: int | None = None
    last_error: str = ""
    repeat_possible: bool = False
    minimal: bool = False
    not_before_at: datetime | None = None
    created_at: datetime | None = None
    thread: str = ""
    batch: str = ""
    carries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sink says of one attempt.

    kind: sent | not_sent (surely not accepted) | retry (known answer, not accepted) | rerender (payload refused: try
    minimal text) | sink_broken (hold everything for this sink) | refused (dead) | unknown (cannot know).
    `receipt` is how the sink calls what it accepted, where it says so: other messages can go under it.
    """

    kind: Literal["sent", "not_sent", "retry", "rerender", "sink_broken", "refused", "unknown"]
    code: int | None = None
    error: str = ""
    receipt: str = ""
    retry_after_seconds: float | None = None
    pause_sink: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the operator must know; stored, logged and, where asked for, sent by another sink."""

    kind: str
    subject: str
    text: str
    at: datetime
    details: tuple[tuple[str, str], ...] = field(default=())
