"""Delivery from the outbox with a real database file; sinks are fakes that answer as told."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import Callable
from datetime import timedelta

import pytest
from alerts import NOW, Clock, fill, payload, put_alert, states, until

from monitor.alerts.sinks import SinkSettings
from monitor.alerts.states import DeliverySettings, Rate
from monitor.engine.deliver import Deliverer
from monitor.model import Delivery, Outcome
from monitor.store import attempts, notices, outbox
from monitor.store.db import Database

SENT = Outcome("sent", 200)
DOWN = Outcome("retry", 503, "HTTP 503")
GONE = Outcome("sink_broken", 404, "HTTP 404")
UNKNOWN = Outcome("unknown", error="no answer in 20 s")
TOO_FAST = Outcome("retry", 429, "HTTP 429", retry_after_seconds=30, pause_sink=True)


class FakeSink:
    """Answers from a list, then with the last one; keeps what it was given."""

    recalls = False

    def __init__(
        self, *answers: Outcome, name: str = "ops", rate: Rate | None = None, gathers: bool = False, **settings
    ):
        self.settings = SinkSettings(name, "slack" if gathers else "webhook", **settings)
        self.rate = rate or Rate()
        self.gathers = gathers
        self.answers = list(answers) or [SENT]
        self.given: list[Delivery] = []
        self.meanwhile: Callable[[Delivery], None] = lambda _delivery: None

    async def send(self, delivery: Delivery) -> Outcome:
        self.given.append(delivery)
        self.meanwhile(delivery)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def ids(self) -> list[str]:
        return [delivery.id for delivery in self.given]


@pytest.fixture
def db(tmp_path):
    database = Database(tmp_path / "a.db")
    yield database
    database.close()


@pytest.fixture
def clock():
    return Clock(NOW + timedelta(seconds=1))


def deliverer(db, clock, *sinks, **settings) -> Deliverer:
    named = {sink.settings.name: sink for sink in sinks}
    return Deliverer(db, named, DeliverySettings(**settings), clock, lambda: 0.5)


async def round_after_round(work: Deliverer, clock: Clock, rounds: int, **step: float) -> None:
    for _ in range(rounds):
        await work.send_due()
        clock.forward(**step)


def kinds(db) -> list[str]:
    return sorted(notice.kind for notice in notices.open_notices(db.reading))


async def run_until(work: Deliverer, done: Callable[[], bool]) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(work.run(stop))
    await until(done)
    stop.set()
    await task


def test_what_waits_is_sent_once_in_order_with_ids_that_follow_from_the_decision(db, clock):
    fill(db, 5, {"ops": "webhook"})
    sink = FakeSink()
    asyncio.run(deliverer(db, clock, sink).send_due())
    asyncio.run(deliverer(db, clock, sink).send_due())
    assert sink.ids == [outbox.delivery_id(f"alert-{number}", "ops", 0) for number in range(5)]
    assert states(db) == {"sent": 5}


def test_the_same_decision_again_adds_nothing(db):
    with db.writing() as tx:
        assert put_alert(tx, 1, {"ops": "{}"}) == 1
        assert put_alert(tx, 1, {"ops": "{other}", "desk": "{}"}) == 1
    assert [row["payload"] for row in db.rows("SELECT payload FROM delivery WHERE sink = 'ops'")] == ["{}"]


def test_the_intent_is_on_disk_before_the_sink_is_asked(db, clock):
    fill(db, 1, {"ops": "webhook"})
    sink, seen = FakeSink(), []
    other = sqlite3.connect(db.path)
    sink.meanwhile = lambda _delivery: seen.extend(other.execute("SELECT state, attempts FROM delivery").fetchall())
    asyncio.run(deliverer(db, clock, sink).send_due())
    other.close()
    assert seen == [("sending", 1)]


@pytest.mark.fault("DL-11")
def test_a_failed_delivery_comes_again_with_the_same_id_and_body_and_blocks_no_other(db, clock):
    """DL-11."""
    fill(db, 3, {"ops": "webhook"})
    sink = FakeSink(DOWN, SENT)
    work = deliverer(db, clock, sink)
    asyncio.run(round_after_round(work, clock, 2, seconds=60))
    first = sink.ids[0]
    assert sink.ids == [first, *sink.ids[1:3], first]
    assert len({delivery.payload for delivery in sink.given if delivery.id == first}) == 1
    assert states(db) == {"sent": 3}


@pytest.mark.fault("DL-1", "CR-1")
def test_an_interrupted_send_is_unknown_and_goes_out_again_with_the_same_id(db, clock):
    """DL-1 and CR-1: killed between send and record."""
    fill(db, 1, {"ops": "webhook"})
    with db.writing() as tx:
        lost = attempts.claim(tx, "ops", "an earlier run", clock(), 30)
    sink = FakeSink()
    asyncio.run(round_after_round(deliverer(db, clock, sink), clock, 2, seconds=60))
    assert lost is not None
    assert sink.ids == [lost.id]
    assert sink.given[0].repeat_possible
    assert outbox.counts(db.reading) == {"sent": 1, "possible repeats": 1}


@pytest.mark.fault("CC-5")
def test_a_late_record_of_a_run_that_lost_its_lease_changes_nothing(db, clock):
    """CC-5: the fence."""
    fill(db, 1, {"ops": "webhook"})
    with db.writing() as tx:
        slow = attempts.claim(tx, "ops", "slow", clock(), 30)
    with db.writing() as tx:
        assert attempts.interrupted(tx, "fast", clock(), alone=False) == []
        clock.forward(seconds=31)
        assert [delivery.id for delivery in attempts.interrupted(tx, "fast", clock(), alone=False)] == [slow.id]
    with db.writing() as tx:
        assert not attempts.record(tx, slow, SENT, clock())
    assert states(db) == {"unknown": 1}


@pytest.mark.fault("DL-1")
def test_hold_keeps_what_may_have_arrived_for_the_operator(db, clock):
    """DL-1: on_unknown = hold."""
    fill(db, 2, {"ops": "webhook"})
    sink = FakeSink(UNKNOWN, SENT, on_unknown="hold")
    work = deliverer(db, clock, sink)
    asyncio.run(round_after_round(work, clock, 3, hours=1))
    assert states(db) == {"held": 1, "sent": 1}
    assert kinds(db) == ["delivery_held"]
    with db.writing() as tx:
        assert outbox.retry(tx, sink.ids[0])
    asyncio.run(work.send_due())
    assert states(db) == {"sent": 2}


@pytest.mark.fault("DL-2")
def test_429_pauses_the_whole_sink_and_then_keeps_its_rate(db, clock):
    """DL-2: 50 queued, Retry-After 30."""
    fill(db, 50, {"ops": "webhook"})
    sink = FakeSink(TOO_FAST, SENT, rate=Rate(1.0, 3))
    work = deliverer(db, clock, sink)
    at: list[float] = []
    sink.meanwhile = lambda _delivery: at.append((clock() - NOW).total_seconds())

    async def go() -> None:
        for _ in range(1000):
            if claimed := work._claims.take(sink):
                await work._deliver("ops", claimed)
            else:
                clock.forward(seconds=0.1)

    asyncio.run(go())
    assert states(db) == {"sent": 50}
    assert sorted(sink.ids[1:]) == sorted(set(sink.ids))
    assert [time for time in at[1:] if time < at[0] + 30] == []
    for start in at[1:]:
        assert len([time for time in at[1:] if start <= time < start + 1.0]) <= 4
    assert at[-1] - at[1] >= 49 - 3


@pytest.mark.fault("DL-3")
def test_a_broken_sink_holds_everything_and_replays_after_its_repair(db, clock):
    """DL-3."""
    fill(db, 4, {"ops": "webhook"})
    sink = FakeSink(GONE, SENT)
    work = deliverer(db, clock, sink)
    asyncio.run(work.send_due())
    fill(db, 6, {"ops": "webhook"})
    asyncio.run(work.send_due())
    assert len(sink.given) == 1
    assert states(db) == {"held": 6}
    assert kinds(db) == ["sink"]
    with db.writing() as tx:
        assert outbox.fix_sink(tx, "ops") == 6
    asyncio.run(work.send_due())
    assert states(db) == {"sent": 6}
    assert kinds(db) == []


def test_a_broken_sink_that_answers_again_is_found_by_a_probe_an_hour(db, clock):
    fill(db, 30, {"ops": "webhook"})
    sink = FakeSink(GONE, GONE, SENT)
    work = deliverer(db, clock, sink)
    asyncio.run(round_after_round(work, clock, 10, minutes=15))
    assert states(db) == {"sent": 30}
    assert len(sink.given) == 32
    assert kinds(db) == []


def test_five_failures_open_the_circuit_and_one_probe_each_five_minutes_follows(db, clock):
    fill(db, 20, {"ops": "webhook"})
    sink = FakeSink(DOWN)
    work = deliverer(db, clock, sink)
    asyncio.run(work.send_due())
    assert len(sink.given) == 5
    asyncio.run(round_after_round(work, clock, 60, minutes=1))
    assert len(sink.given) == 5 + 12 - 1
    sink.answers = [SENT]
    asyncio.run(round_after_round(work, clock, 6, minutes=1))
    assert states(db) == {"sent": 20}


def test_a_start_probes_an_open_circuit_at_once(db, clock):
    fill(db, 8, {"ops": "webhook"})
    asyncio.run(deliverer(db, clock, FakeSink(DOWN)).send_due())
    sink = FakeSink()
    asyncio.run(deliverer(db, clock, sink).send_due())
    assert states(db) == {"sent": 8}


@pytest.mark.parametrize(("hours", "end"), [(71, "sent"), (73, "dead")])
@pytest.mark.fault("DL-6")
def test_5xx_for_three_days_is_dead_and_told_but_a_little_less_is_sent(db, clock, hours, end):
    """DL-6."""
    fill(db, 1, {"ops": "webhook"})
    sink = FakeSink(DOWN)
    work = deliverer(db, clock, sink)
    asyncio.run(round_after_round(work, clock, hours * 6, minutes=10))
    sink.answers = [SENT]
    asyncio.run(round_after_round(work, clock, 6 * 24, minutes=10))
    assert states(db) == {end: 1}
    assert kinds(db) == (["delivery_dead"] if end == "dead" else [])


@pytest.mark.fault("DL-12")
def test_an_outage_of_six_hours_with_500_alerts_loses_and_repeats_none(db, clock):
    """DL-12: webhooks one by one."""
    fill(db, 500, {"ops": "webhook"})
    sink = FakeSink(DOWN)
    work = deliverer(db, clock, sink)
    asyncio.run(round_after_round(work, clock, 360, minutes=1))
    before = len(sink.given)
    sink.answers = [SENT]
    asyncio.run(round_after_round(work, clock, 6, minutes=1))
    assert len(sink.ids[before:]) == len(set(sink.ids[before:])) == 500
    assert states(db) == {"sent": 500}


@pytest.mark.fault("DL-12")
def test_what_waited_for_slack_goes_out_as_digests_all_accounted(db, clock):
    """DL-12: digests."""
    fill(db, 500, {"ops": "slack"})
    sink = FakeSink(DOWN, gathers=True)
    work = deliverer(db, clock, sink)
    asyncio.run(round_after_round(work, clock, 360, minutes=1))
    before = len(sink.given)
    sink.answers = [SENT]
    asyncio.run(round_after_round(work, clock, 40, minutes=1))
    assert states(db) == {"sent": 500}
    messages = sink.given[before:]
    assert len(messages) < 40
    rows = db.rows("SELECT digest_id, count(*) AS n FROM delivery GROUP BY digest_id")
    told = {row["digest_id"]: row["n"] for row in rows}
    assert sum(told.values()) == 500
    shown = sum(max(1, message.payload.count("•")) for message in messages)
    assert shown == 500


@pytest.mark.fault("CF-3")
def test_a_sink_that_is_no_longer_configured_keeps_its_deliveries(db, clock):
    """CF-3."""
    fill(db, 3, {"old": "webhook"})
    other = FakeSink(name="new")
    asyncio.run(deliverer(db, clock, other).send_due())
    assert states(db) == {"held": 3}
    assert kinds(db) == ["sink_removed"]
    again = FakeSink(name="old")
    asyncio.run(deliverer(db, clock, again).send_due())
    assert states(db) == {"sent": 3}
    assert kinds(db) == []


@pytest.mark.fault("DL-8")
def test_one_dead_sink_delays_no_other(db, clock):
    """DL-8: one hangs, nine are fine."""
    names = [f"s{number}" for number in range(10)]
    fill(db, 3, dict.fromkeys(names, "webhook"))

    class Hanging(FakeSink):
        async def send(self, delivery):
            self.given.append(delivery)
            await asyncio.Event().wait()

    hanging = Hanging(name="s0")
    fine = [FakeSink(name=name) for name in names[1:]]
    work = deliverer(db, clock, hanging, *fine)

    async def go():
        stop = asyncio.Event()
        task = asyncio.create_task(work.run(stop))
        await until(lambda: all(len(sink.given) == 3 for sink in fine))
        task.cancel()
        for worker in asyncio.all_tasks() - {asyncio.current_task()}:
            worker.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(go())
    assert len(hanging.given) == 1


@pytest.mark.fault("CR-5")
def test_stopping_finishes_the_send_in_flight_and_claims_nothing_more(db, clock):
    """CR-5."""
    fill(db, 10, {"ops": "webhook"})
    stop = asyncio.Event()

    class Slow(FakeSink):
        async def send(self, delivery):
            stop.set()
            await asyncio.sleep(0.05)
            return await super().send(delivery)

    asyncio.run(deliverer(db, clock, Slow()).run(stop))
    assert states(db) == {"pending": 9, "sent": 1}


def test_a_call_wakes_the_worker(db, clock):
    sink = FakeSink()
    work = deliverer(db, clock, sink)

    async def go():
        stop = asyncio.Event()
        task = asyncio.create_task(work.run(stop))
        await asyncio.sleep(0.05)
        fill(db, 2, {"ops": "webhook"})
        work.call()
        await until(lambda: len(sink.given) == 2)
        stop.set()
        await task

    asyncio.run(go())
    assert states(db) == {"sent": 2}


def test_a_sink_that_raises_is_an_unknown_outcome_not_a_dead_worker(db, clock):
    fill(db, 2, {"ops": "webhook"})

    class Broken(FakeSink):
        async def send(self, delivery):
            if not self.given:
                self.given.append(delivery)
                raise RuntimeError("boom")
            return await super().send(delivery)

    asyncio.run(round_after_round(deliverer(db, clock, Broken()), clock, 2, minutes=1))
    assert states(db) == {"sent": 2}
    assert outbox.counts(db.reading)["possible repeats"] == 1


@pytest.mark.fault("DB-3")
def test_an_outcome_that_cannot_be_written_is_kept_until_it_can(db, clock, monkeypatch):
    """DB-3."""
    fill(db, 1, {"ops": "webhook"})
    sink, real, failures = FakeSink(), attempts.record, [1, 2]
    monkeypatch.setattr("monitor.engine.deliver.TROUBLE_SECONDS", 0.01)

    def full_disk(*args, **kwargs):
        if failures:
            failures.pop()
            raise sqlite3.OperationalError("database or disk is full")
        return real(*args, **kwargs)

    monkeypatch.setattr(attempts, "record", full_disk)
    asyncio.run(run_until(deliverer(db, clock, sink), lambda: states(db) == {"sent": 1}))
    assert len(sink.given) == 1


def test_a_payload_that_is_refused_goes_out_as_text_once_then_is_dead_and_told(db, clock):
    fill(db, 2, {"ops": "slack"})
    refused = Outcome("rerender", 400, "HTTP 400: invalid_blocks")
    sink = FakeSink(refused, SENT, refused)
    asyncio.run(round_after_round(deliverer(db, clock, sink), clock, 3, minutes=1))
    assert [delivery.minimal for delivery in sink.given] == [False, True, False, True]
    assert states(db) == {"dead": 1, "sent": 1}
    assert kinds(db) == ["delivery_dead"]


@pytest.mark.fault("CK-1")
def test_a_clock_that_is_set_back_stops_nothing(db, clock):
    """CK-1."""
    fill(db, 6, {"ops": "webhook"})
    sink = FakeSink(DOWN, SENT, rate=Rate(1.0, 10))
    work = deliverer(db, clock, sink)
    clock.forward(days=3650)
    asyncio.run(work.send_due())
    clock.forward(days=-3650)
    asyncio.run(round_after_round(work, clock, 3, minutes=1))
    assert states(db) == {"sent": 6}


def test_the_operator_cancels_and_sends_again_with_an_id_of_its_own(db, clock):
    fill(db, 2, {"ops": "webhook"})
    first, second = (outbox.delivery_id(f"alert-{number}", "ops", 0) for number in range(2))
    with db.writing() as tx:
        assert outbox.cancel(tx, first, clock())
        assert not outbox.cancel(tx, first, clock())
    sink = FakeSink()
    work = deliverer(db, clock, sink)
    asyncio.run(work.send_due())
    with db.writing() as tx:
        assert outbox.resend(tx, second, clock()) == outbox.delivery_id("alert-1", "ops", 1)
        assert not outbox.retry(tx, second)
    asyncio.run(work.send_due())
    assert sink.ids == [second, outbox.delivery_id("alert-1", "ops", 1)]
    assert [found.id for found in outbox.find(db.reading, second[:10])] == [second]
    assert len(outbox.find(db.reading, "")) == 2
    assert outbox.find(db.reading, "%") == []


@pytest.mark.fault("SE-3")
def test_each_attempt_is_on_record_without_secrets(db, clock):
    """SE-3: a receiver that echoes our address."""
    fill(db, 1, {"ops": "webhook"})
    echo = Outcome("retry", 500, "HTTP 500 at https://user:hunter2hunter2@ops.example/hooks/T00/B00/XXXX?token=abc")
    asyncio.run(round_after_round(deliverer(db, clock, FakeSink(echo, SENT)), clock, 2, minutes=1))
    rows = outbox.attempts(db.reading, outbox.delivery_id("alert-0", "ops", 0))
    assert [(row["number"], row["outcome"], row["code"]) for row in rows] == [(1, "retry", 500), (2, "sent", 200)]
    assert "hunter2" not in rows[0]["error"]
    assert "T00" not in rows[0]["error"]
    assert "abc" not in rows[0]["error"]


def test_the_frozen_payload_is_what_is_sent(db, clock):
    fill(db, 1, {"ops": "webhook"})
    sink = FakeSink()
    asyncio.run(deliverer(db, clock, sink).send_due())
    assert sink.given[0].payload == payload("webhook")
    assert json.loads(sink.given[0].payload)["type"] == "incident.new"


def test_trouble_of_one_sink_is_told_through_another_once(db, clock):
    """DL-3: held here, told there."""
    fill(db, 2, {"desk": "slack"})
    desk, ops = FakeSink(GONE, name="desk"), FakeSink(name="ops")
    work = deliverer(db, clock, desk, ops)
    asyncio.run(round_after_round(work, clock, 5, minutes=2))
    assert [json.loads(notice.payload)["data"]["notice"]["kind"] for notice in ops.given] == ["sink"]
    assert len(desk.given) == 1
    assert states(db) == {"held": 2}


@pytest.mark.fault("DL-13")
def test_when_the_other_sink_is_dead_too_the_notice_stays_and_makes_no_other(db, clock):
    """DL-13."""
    fill(db, 2, {"desk": "slack"})
    desk, ops = FakeSink(GONE, name="desk"), FakeSink(DOWN, name="ops")
    work = deliverer(db, clock, desk, ops)
    asyncio.run(round_after_round(work, clock, 10, minutes=2))
    assert kinds(db) == ["sink"]
    assert 1 <= len(ops.given) <= 10
    ops.answers = [SENT]
    asyncio.run(round_after_round(work, clock, 2, minutes=2))
    before = len(ops.given)
    asyncio.run(round_after_round(work, clock, 5, minutes=2))
    assert len(ops.given) == before


def test_a_dead_delivery_that_is_sent_after_all_is_no_notice_any_more(db, clock):
    fill(db, 1, {"ops": "webhook"})
    sink = FakeSink(Outcome("refused", 400, "no"), SENT)
    work = deliverer(db, clock, sink)
    asyncio.run(work.send_due())
    assert kinds(db) == ["delivery_dead"]
    with db.writing() as tx:
        assert outbox.retry(tx, sink.ids[0])
    asyncio.run(work.send_due())
    assert kinds(db) == []
    assert states(db) == {"sent": 1}


@pytest.mark.fault("DB-9")
def test_no_step_of_delivery_reads_the_whole_outbox(db, clock):
    """DB-9: what was sent long ago costs nothing, however much it is."""
    fill(db, 30, {"ops": "slack", "desk": "webhook"})
    asked: list[str] = []
    db.reading.set_trace_callback(asked.append)
    sinks = FakeSink(DOWN, GONE, SENT, gathers=True), FakeSink(UNKNOWN, SENT, name="desk")
    asyncio.run(round_after_round(deliverer(db, clock, *sinks), clock, 20, minutes=10))
    db.reading.set_trace_callback(None)
    about = {
        statement for statement in asked if re.match(r"(SELECT|UPDATE|DELETE) .*\b(delivery|attempt)\b", statement)
    }
    assert len(about) > 5
    for statement in about:
        plan = [row["detail"] for row in db.rows(f"EXPLAIN QUERY PLAN {statement}")]
        assert not [step for step in plan if re.match(r"SCAN (delivery|attempt)\b(?! USING COVERING)", step)], statement


class Picky(FakeSink):
    """Takes everything but one delivery, which it always answers with a given outcome."""

    def __init__(self, poison: str, outcome: Outcome) -> None:
        super().__init__()
        self.poison, self.outcome = poison, outcome

    async def send(self, delivery):
        self.given.append(delivery)
        return self.outcome if delivery.id == self.poison else SENT


@pytest.mark.parametrize("outcome", [Outcome("retry", 422, "HTTP 422"), DOWN, UNKNOWN])
def test_one_delivery_that_never_gets_through_keeps_no_other_waiting_for_long(db, clock, outcome):
    fill(db, 1, {"ops": "webhook"})
    sink = Picky(outbox.delivery_id("alert-0", "ops", 0), outcome)
    work = deliverer(db, clock, sink)
    asyncio.run(round_after_round(work, clock, 60, minutes=1))
    for number in range(1, 6):
        with db.writing() as tx:
            put_alert(tx, number, {"ops": "{}"}, clock())
        asyncio.run(round_after_round(work, clock, 6, minutes=1))
        assert states(db) == {"pending": 1, "sent": number}


CRASHES = ("before the claim is committed", "before it is sent", "after it is sent", "before the record is committed")


class Crash(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("crash", CRASHES)
@pytest.mark.parametrize("number", [0, 1, 4])
@pytest.mark.fault("CR-1")
def test_a_crash_at_any_step_of_any_delivery_loses_nothing(db, clock, monkeypatch, crash, number):
    """CR-1: only a crash after the sending repeats, under the same id and counted."""
    fill(db, 5, {"ops": "webhook"})
    sink = FakeSink()

    def fails_at(real, when):
        calls = iter(range(100))

        def step(*args, **kwargs):
            if when == "before" and next(calls) == number:
                raise Crash
            result = real(*args, **kwargs)
            if when == "after" and next(calls) == number:
                raise Crash
            return result

        return step

    with monkeypatch.context() as patch:
        if crash == "before the claim is committed":
            patch.setattr(attempts, "claim_rows", fails_at(attempts.claim_rows, "after"))
        elif crash == "before the record is committed":
            patch.setattr(attempts, "record", fails_at(attempts.record, "after"))
        elif crash == "before it is sent":
            patch.setattr(sink, "send", fails_at(sink.send, "before"))
        else:
            sink.meanwhile = lambda _delivery: raise_crash(len(sink.given) == number + 1)
        with pytest.raises(Crash):
            asyncio.run(deliverer(db, clock, sink).send_due())
    sink.meanwhile = lambda _delivery: None
    asyncio.run(round_after_round(deliverer(db, clock, sink), clock, 2, minutes=1))

    sent_before = crash in ("after it is sent", "before the record is committed")
    assert states(db) == {"sent": 5}
    assert len(set(sink.ids)) == 5
    assert len(sink.ids) == 5 + sent_before
    claimed_before = crash != "before the claim is committed"
    assert outbox.counts(db.reading)["possible repeats"] == claimed_before


def raise_crash(now: bool) -> None:
    if now:
        raise Crash


@pytest.mark.fault("CC-1")
def test_two_couriers_on_one_outbox_send_nothing_twice(db, clock, tmp_path):
    """CC-1: forced past the lock, the claim in the database still lets only one send."""
    fill(db, 40, {"ops": "webhook"})
    other_db = Database(tmp_path / "a.db")

    class Yielding(FakeSink):
        async def send(self, delivery):
            await asyncio.sleep(0)
            return await super().send(delivery)

    sinks = Yielding(), Yielding()
    one = Deliverer(db, {"ops": sinks[0]}, DeliverySettings(), clock, alone=False)
    two = Deliverer(other_db, {"ops": sinks[1]}, DeliverySettings(), clock, alone=False)

    async def both():
        await asyncio.gather(one.send_due(), two.send_due())

    asyncio.run(both())
    other_db.close()
    assert len(sinks[0].ids) > 0
    assert len(sinks[1].ids) > 0
    assert len({*sinks[0].ids, *sinks[1].ids}) == len(sinks[0].ids) + len(sinks[1].ids) == 40
