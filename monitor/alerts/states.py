"""How a delivery and its sink move from state to state. Pure: time and chance are arguments.

pending → sending → sent
            ├→ pending      surely not accepted: tried again
            ├→ pending      nobody can know: sent again with the same id ("resend"), or
            ├→ held         … kept for the operator ("hold")
            ├→ held         the sink is broken: all its deliveries wait for its repair
            └→ dead         refused, or tried for the whole horizon; a notice tells
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from monitor.model import Delivery, Notice, Outcome

OnUnknown = Literal["resend", "hold"]
Held = Literal["", "sink", "removed", "unknown", "silenced"]

JITTER = 0.2
RETRY_AFTER_CAP_SECONDS = 86_400.0
# How long a sink rests that is asked too much and does not say how long: limits are mostly counted by the minute.
PAUSE_SECONDS = 60.0
MOVED_SECONDS = 3600.0
# Kinds of outcome that speak against the sink, unless the answer blames the one payload (RFC 9110 15.5).
AGAINST_SINK = ("not_sent", "retry", "unknown")
NOT_THE_PAYLOAD = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """How long a delivery is tried and when a sink counts as down. All in seconds but the counts.

    After the last of `backoff_seconds` follows one try every `long_seconds`. A delivery dies when `horizon_seconds`
    have passed since its first try and the whole of `backoff_seconds` has been used: time in which the service
    itself was off kills nothing. A sink whose circuit is open is probed every `probe_seconds`, one that is broken every
    `repair_probe_seconds`. More than `digest_above` messages of which one has waited for `digest_after_seconds` become
    digests where the sink gathers.
    """

    backoff_seconds: tuple[float, ...] = (0, 5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800)
    long_seconds: float = 43_200
    horizon_seconds: float = 259_200
    circuit_failures: int = 5
    probe_seconds: float = 300
    deadline_seconds: float = 20
    lease_grace_seconds: float = 10
    repair_probe_seconds: float = 3600
    digest_above: int = 20
    digest_after_seconds: float = 300


@dataclass(frozen=True, slots=True)
class SinkState:
    """What is known of a sink. `next_slot_at` is the theoretical arrival time of its rate limit (ITU-T I.371, GCRA).

    `circuit_open_at` is when the sink last failed with its circuit open; `broken_at` when it said that it is no more.
    """

    sink: str
    failures: int = 0
    next_slot_at: datetime | None = None
    paused_until_at: datetime | None = None
    circuit_open_at: datetime | None = None
    broken_at: datetime | None = None
    broken_why: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What one outcome makes of a delivery: its next value, why it is held, and what the operator must know."""

    delivery: Delivery
    held_why: Held = ""
    notice: Notice | None = None


def after(
    delivery: Delivery,
    outcome: Outcome,
    settings: DeliverySettings,
    on_unknown: OnUnknown,
    now: datetime,
    jitter: float,
) -> Step:
    """The next state of a delivery whose attempt ended in `outcome`; `jitter` is in [-1, 1]."""
    tried = replace(delivery, last_code=outcome.code, last_error=outcome.error)
    if outcome.kind == "sent":
        return Step(replace(tried, state="sent", sent_at=now, next_attempt_at=None, last_error=""))
    if outcome.kind == "sink_broken":
        return Step(
            replace(tried, state="held", next_attempt_at=None), "sink", broken_notice(delivery.sink, outcome, now)
        )
    if outcome.kind == "refused" or (outcome.kind == "rerender" and delivery.minimal):
        return _dead(tried, "was refused", now)
    if outcome.kind == "rerender":
        return Step(replace(tried, state="pending", minimal=True, next_attempt_at=now))
    if outcome.kind == "unknown" and on_unknown == "hold":
        held = replace(tried, state="held", next_attempt_at=None, repeat_possible=True)
        return Step(held, "unknown", _unknown_notice(held, now))
    doubtful = outcome.kind == "unknown" or (outcome.code or 0) >= 500
    again = replace(tried, repeat_possible=tried.repeat_possible or doubtful)
    return _retry(again, outcome, settings, now, jitter)


def _retry(delivery: Delivery, outcome: Outcome, settings: DeliverySettings, now: datetime, jitter: float) -> Step:
    first_at = delivery.first_attempt_at or now
    end_at = first_at + timedelta(seconds=settings.horizon_seconds)
    if now >= end_at and delivery.attempts > len(settings.backoff_seconds):
        return _dead(delivery, f"could not be delivered in {settings.horizon_seconds / 3600:g} hours", now)
    wait = backoff_seconds(delivery.attempts, settings, jitter)
    next_at = now + timedelta(seconds=wait)
    if now < end_at < next_at:
        next_at = end_at
    asked = min(outcome.retry_after_seconds or 0.0, RETRY_AFTER_CAP_SECONDS)
    next_at = max(next_at, now + timedelta(seconds=asked))
    return Step(replace(delivery, state="pending", next_attempt_at=next_at), notice=_odd_answer(delivery, outcome, now))


def backoff_seconds(attempts: int, settings: DeliverySettings, jitter: float) -> float:
    """How long to wait after that many attempts; `jitter` in [-1, 1] moves it by a fifth either way."""
    steps = settings.backoff_seconds
    wait = steps[attempts] if attempts < len(steps) else settings.long_seconds
    return wait * (1 + JITTER * max(-1.0, min(1.0, jitter)))


def _dead(delivery: Delivery, what: str, now: datetime) -> Step:
    text = (
        f"delivery {delivery.id[:12]} to sink {delivery.sink} {what} ({delivery.last_error or delivery.last_code}); "
        f"`basewatch outbox retry {delivery.id[:12]}` sends it again"
    )
    notice = Notice("delivery_dead", delivery.id, text, now, (("sink", delivery.sink),))
    return Step(replace(delivery, state="dead", next_attempt_at=None), notice=notice)


def broken_notice(sink: str, outcome: Outcome, now: datetime) -> Notice:
    """The sink says that it is no more: its deliveries wait."""
    text = (
        f"sink {sink} refuses everything ({outcome.error or outcome.code}); its deliveries are held: repair it, "
        f"then `basewatch sinks fix {sink}` sends them"
    )
    return Notice("sink", sink, text, now, (("sink", sink),))


def _unknown_notice(delivery: Delivery, now: datetime) -> Notice:
    text = (
        f"delivery {delivery.id[:12]} to sink {delivery.sink} may or may not have arrived ({delivery.last_error}); "
        f"it is held: `basewatch outbox retry {delivery.id[:12]}` sends it again, `outbox cancel` closes it"
    )
    return Notice("delivery_held", delivery.id, text, now, (("sink", delivery.sink),))


def _odd_answer(delivery: Delivery, outcome: Outcome, now: datetime) -> Notice | None:
    """An answer that is no failure of the moment: a moved address, or 200 from something that is not the sink."""
    if outcome.kind != "retry" or outcome.code is None or not (outcome.code == 200 or 300 <= outcome.code < 400):
        return None
    moved = outcome.code != 200
    what = "has moved (it redirects, which is not followed)" if moved else "answers 200 without accepting"
    text = f"sink {delivery.sink} {what}: {outcome.error}; check its address"
    return Notice("sink_moved" if moved else "sink_answer", delivery.sink, text, now, (("sink", delivery.sink),))


# --- the sink as a whole -------------------------------------------------------------------------


def sink_after(state: SinkState, outcome: Outcome, settings: DeliverySettings, now: datetime) -> SinkState:
    """What one outcome says of the sink: failures in a row open its circuit, 429 pauses it, a success clears both."""
    if outcome.kind == "sent":
        return replace(state, failures=0, circuit_open_at=None, paused_until_at=None, broken_at=None, broken_why="")
    if outcome.kind == "sink_broken":
        return replace(state, broken_at=now, broken_why=outcome.error)
    if outcome.pause_sink:
        asked = PAUSE_SECONDS if outcome.retry_after_seconds is None else outcome.retry_after_seconds
        return replace(state, paused_until_at=now + timedelta(seconds=min(asked, RETRY_AFTER_CAP_SECONDS)))
    if outcome.kind not in AGAINST_SINK or blames_payload(outcome):
        return state
    failures = state.failures + 1
    return replace(state, failures=failures, circuit_open_at=now if failures >= settings.circuit_failures else None)


def blames_payload(outcome: Outcome) -> bool:
    """True where the sink works and only this message is not to its taste: others need not wait."""
    return outcome.code is not None and 400 <= outcome.code < 500 and outcome.code not in NOT_THE_PAYLOAD


@dataclass(frozen=True, slots=True)
class Rate:
    """At most one message every `interval_seconds` on average, `burst` at once. No limit where the interval is 0."""

    interval_seconds: float = 0.0
    burst: int = 1


def open_at(state: SinkState, rate: Rate, settings: DeliverySettings, now: datetime) -> datetime:
    """When the sink may next be asked; `now` means at once.

    A time further ahead than its kind can be was written by a clock that has been set back since: it stops nothing.
    """
    waits = [
        (state.paused_until_at, timedelta(seconds=RETRY_AFTER_CAP_SECONDS)),
        (_later(state.circuit_open_at, settings.probe_seconds), timedelta(seconds=settings.probe_seconds)),
    ]
    if rate.interval_seconds:
        spare = rate.interval_seconds * (rate.burst - 1)
        waits.append((_later(state.next_slot_at, -spare), timedelta(seconds=rate.interval_seconds)))
    return max([now, *(at for at, longest in waits if at is not None and at <= now + longest)])


def _later(at: datetime | None, seconds: float) -> datetime | None:
    return at + timedelta(seconds=seconds) if at else None


def take_slot(state: SinkState, rate: Rate, now: datetime) -> SinkState:
    """The sink's state after one more message has been started."""
    if not rate.interval_seconds:
        return state
    interval = timedelta(seconds=rate.interval_seconds)
    latest = now + interval * rate.burst
    return replace(state, next_slot_at=min(max(state.next_slot_at or now, now) + interval, latest))
