"""How deliveries and sinks move: every state against every outcome, waits and their jitter, Retry-After."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest
from alerts import NOW
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.outcomes import of_error, retry_after
from monitor.alerts.states import (
    DeliverySettings,
    Rate,
    SinkState,
    after,
    backoff_seconds,
    open_at,
    sink_after,
    take_slot,
)
from monitor.errors import AddressRefused, FetchError
from monitor.model import Delivery, Outcome

SETTINGS = DeliverySettings()
SENDING = Delivery("id", "a1", "ops", 0, "{}", "sending", attempts=1, fence=1, first_attempt_at=NOW)
KINDS = get_args(Outcome.__annotations__["kind"]) or (
    "sent", "not_sent", "retry", "rerender", "sink_broken", "refused", "unknown",
)  # fmt: skip


def move(kind, *, on_unknown="resend", at=NOW, delivery=SENDING, **outcome):
    return after(delivery, Outcome(kind, **outcome), SETTINGS, on_unknown, at, 0.0)


@pytest.mark.parametrize(
    ("kind", "on_unknown", "state", "held_why", "told"),
    [
        ("sent", "resend", "sent", "", False),
        ("not_sent", "resend", "pending", "", False),
        ("retry", "resend", "pending", "", False),
        ("rerender", "resend", "pending", "", False),
        ("unknown", "resend", "pending", "", False),
        ("unknown", "hold", "held", "unknown", True),
        ("sink_broken", "resend", "held", "sink", True),
        ("refused", "resend", "dead", "", True),
    ],
)
def test_each_outcome_leads_to_one_state_and_what_waits_for_people_is_told(kind, on_unknown, state, held_why, told):
    step = move(kind, on_unknown=on_unknown)
    assert (step.delivery.state, step.held_why, step.notice is not None) == (state, held_why, told)
    assert step.delivery.id == SENDING.id
    assert step.delivery.payload == SENDING.payload


def test_only_what_nobody_can_know_is_marked_as_a_possible_repeat():
    marked = {kind for kind in KINDS if move(kind).delivery.repeat_possible}
    assert marked == {"unknown"}
    assert move("retry", code=500).delivery.repeat_possible
    assert move("not_sent", delivery=replace(SENDING, repeat_possible=True)).delivery.repeat_possible


def test_a_redirect_and_a_200_that_is_no_acceptance_are_told():
    assert move("retry", code=302, retry_after_seconds=3600).notice.kind == "sink_moved"
    assert move("retry", code=200).notice.kind == "sink_answer"
    assert move("retry", code=503).notice is None


def test_waits_follow_the_list_then_twelve_hours():
    waits = [backoff_seconds(attempts, SETTINGS, 0.0) for attempts in range(1, 12)]
    assert waits == [5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 43200, 43200]


@given(st.integers(0, 30), st.floats(-5, 5))
def test_jitter_moves_a_wait_by_a_fifth_at_most(attempts, jitter):
    plain = backoff_seconds(attempts, SETTINGS, 0.0)
    assert 0.8 * plain <= backoff_seconds(attempts, SETTINGS, jitter) <= 1.2 * plain + 1e-9


@given(st.integers(0, 400), st.integers(1, 40), st.sampled_from(["not_sent", "retry", "unknown"]))
@pytest.mark.fault("DL-6")
def test_nothing_dies_before_its_horizon_nor_before_all_steps_were_tried(hours, attempts, kind):
    """DL-6; time in which the service was off kills nothing."""
    at = NOW + timedelta(hours=hours)
    step = move(kind, at=at, delivery=replace(SENDING, attempts=attempts))
    assert (step.delivery.state == "dead") == (hours >= 72 and attempts > len(SETTINGS.backoff_seconds))
    if step.delivery.state == "pending":
        assert at < step.delivery.next_attempt_at <= at + timedelta(hours=12 * 1.2)


def test_the_last_try_is_at_the_end_of_the_horizon():
    at = NOW + timedelta(hours=70)
    step = move("retry", at=at, delivery=replace(SENDING, attempts=15))
    assert step.delivery.next_attempt_at == NOW + timedelta(hours=72)


@given(st.floats(0, 1e12))
def test_retry_after_is_obeyed_up_to_a_day(seconds):
    step = move("retry", code=429, retry_after_seconds=seconds, pause_sink=True)
    wait = (step.delivery.next_attempt_at - NOW).total_seconds()
    assert wait == pytest.approx(max(5, min(seconds, 86_400)), abs=1e-3)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30),
        (" 30 ", 30),
        ("0", 0),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("", None),
        ("soon", None),
        ("Wed, 01 May 2024 12:00:30 GMT", 30),
        ("Wed, 01 May 2024 11:00:00 GMT", 0),
        ("Wed, 99 May 2024 11:00:00 GMT", None),
        ("9" * 400, 999_999_999_999),
    ],
)
def test_retry_after_in_both_forms(value, seconds):
    assert retry_after(value, NOW) == seconds


@given(st.text(max_size=60))
def test_any_retry_after_gives_a_bounded_number_or_nothing(value):
    found = retry_after(value, NOW)
    assert found is None or 0 <= found < 1e13


def test_errors_have_their_class():
    assert of_error(FetchError("x", "dns"), surely_not_sent=True).kind == "not_sent"
    assert of_error(FetchError("x", "timeout"), surely_not_sent=False).kind == "unknown"
    assert of_error(AddressRefused("x"), surely_not_sent=True).kind == "sink_broken"


# --- the sink ------------------------------------------------------------------------------------


def test_five_failures_in_a_row_open_the_circuit_and_one_success_closes_it():
    state = SinkState("ops")
    for number in range(1, 6):
        state = sink_after(state, Outcome("retry", 500), SETTINGS, NOW)
        assert (state.circuit_open_at is not None) == (number == 5)
    assert open_at(state, Rate(), SETTINGS, NOW) == NOW + timedelta(seconds=300)
    assert sink_after(state, Outcome("sent", 200), SETTINGS, NOW) == SinkState("ops")


def test_a_payload_that_is_refused_says_nothing_of_the_sink():
    state = SinkState("ops", failures=4)
    for kind in ("rerender", "refused"):
        assert sink_after(state, Outcome(kind, 400), SETTINGS, NOW) == state


def test_429_pauses_without_counting_as_a_failure():
    paused = sink_after(SinkState("ops"), Outcome("retry", 429, retry_after_seconds=30, pause_sink=True), SETTINGS, NOW)
    assert paused.failures == 0
    assert open_at(paused, Rate(), SETTINGS, NOW) == NOW + timedelta(seconds=30)
    assert open_at(paused, Rate(), SETTINGS, NOW + timedelta(seconds=31)) == NOW + timedelta(seconds=31)


@pytest.mark.parametrize(("said", "seconds"), [(None, 60), (0, 0), (30, 30), (10**9, 86_400)])
@pytest.mark.fault("DL-2")
def test_a_sink_that_does_not_say_how_long_rests_for_a_minute(said, seconds):
    """DL-2: it rested for the last step of the backoff, eight hours, and alerts waited for as long."""
    outcome = Outcome("retry", 429, retry_after_seconds=said, pause_sink=True)
    paused = sink_after(SinkState("ops"), outcome, SETTINGS, NOW)
    assert open_at(paused, Rate(), SETTINGS, NOW) == NOW + timedelta(seconds=seconds)


@given(st.lists(st.floats(0, 5), max_size=40), st.floats(0.1, 10), st.integers(1, 5))
@pytest.mark.fault("DL-2", "DL-12")
def test_the_rate_is_kept_whatever_the_rhythm(gaps, interval, burst):
    rate, state, now, sent = Rate(interval, burst), SinkState("ops"), NOW, []
    for gap in gaps:
        now = max(now + timedelta(seconds=gap), open_at(state, rate, SETTINGS, now))
        state = take_slot(state, rate, now)
        sent.append(now)
    for first, last in zip(sent, sent[burst:], strict=False):
        assert (last - first).total_seconds() >= interval * 0.999 - 1e-5


@given(st.integers(-3650, 3650), st.integers(-3650, 3650), st.integers(-3650, 3650))
@pytest.mark.fault("CK-1")
def test_a_time_that_no_clock_can_have_meant_stops_nothing(paused, circuit, slot):
    """CK-1: whatever the stored times are, the sink is open within a day."""
    days = [NOW + timedelta(days=number) for number in (paused, circuit, slot)]
    state = SinkState("ops", next_slot_at=days[2], paused_until_at=days[0], circuit_open_at=days[1])
    assert NOW <= open_at(state, Rate(1.0, 3), SETTINGS, NOW) <= NOW + timedelta(days=1)
