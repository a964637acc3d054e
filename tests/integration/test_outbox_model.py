"""The outbox against a model, by random walks: what a crash, an outcome or an operator may do at any moment."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from alerts import Clock, numbered, put_alert
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from monitor.alerts.states import DeliverySettings, after
from monitor.model import Delivery, Outcome
from monitor.store import attempts, outbox
from monitor.store.db import Database

SINKS = ("ops", "desk")
OUTCOMES = st.sampled_from(["sent", "not_sent", "retry", "unknown", "sink_broken", "refused", "rerender"])
SETTINGS = DeliverySettings()


class Outbox(RuleBasedStateMachine):
    """The model: the state of every delivery, and how often each was sent or may have been."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.db = Database(Path(self.folder.name) / "a.db", durable=False)
        self.clock = Clock()
        self.boots = 0
        self.states: dict[str, str] = {}
        self.unknown: dict[str, int] = {}
        self.received: dict[str, int] = {}
        self.in_hand: list[Delivery] = []
        self.late: list[Delivery] = []

    def teardown(self) -> None:
        self.db.close()
        self.folder.cleanup()

    @property
    def boot_id(self) -> str:
        return f"boot {self.boots}"

    @initialize()
    def decide_first(self) -> None:
        self.decide()

    @rule()
    def decide(self) -> None:
        number = len(self.states) // len(SINKS)
        with self.db.writing() as tx:
            assert put_alert(tx, number, dict.fromkeys(SINKS, "{}"), self.clock()) == len(SINKS)
        for sink in SINKS:
            self.states[outbox.delivery_id(numbered(number).id, sink, 0)] = "pending"

    @rule()
    def decide_the_same_again(self) -> None:
        with self.db.writing() as tx:
            assert put_alert(tx, 0, dict.fromkeys(SINKS, "{other}"), self.clock()) == 0

    @rule(seconds=st.integers(1, 100_000))
    def time_passes(self, seconds: int) -> None:
        self.clock.forward(seconds=seconds)

    @rule(sink=st.sampled_from(SINKS), probe=st.booleans())
    def claim(self, sink: str, probe: bool) -> None:
        with self.db.writing() as tx:
            take = attempts.claim_probe if probe else attempts.claim
            claimed = take(tx, sink, self.boot_id, self.clock(), 30)
        if claimed is None:
            assert not probe or not self.of(sink, "pending")
            return
        assert self.states[claimed.id] == "pending"
        self.states[claimed.id] = "sending"
        self.in_hand.append(claimed)

    @precondition(lambda self: self.in_hand)
    @rule(kind=OUTCOMES, arrived=st.booleans(), hold=st.booleans(), data=st.data())
    def record(self, kind: str, arrived: bool, hold: bool, data: st.DataObject) -> None:
        delivery = self.in_hand.pop(data.draw(st.integers(0, len(self.in_hand) - 1)))
        if kind == "sent" or (kind == "unknown" and arrived):
            self.received[delivery.id] = self.received.get(delivery.id, 0) + 1
        outcome = Outcome(kind)  # type: ignore[arg-type]
        step = after(delivery, outcome, SETTINGS, "hold" if hold else "resend", self.clock(), 0.0)
        with self.db.writing() as tx:
            assert attempts.record(tx, step.delivery, outcome, self.clock(), step.held_why)
        self.states[delivery.id] = step.delivery.state
        self.unknown[delivery.id] = self.unknown.get(delivery.id, 0) + (kind == "unknown")

    @rule(arrived=st.booleans())
    def crash_and_start_again(self, arrived: bool) -> None:
        self.boots += 1
        for delivery in self.in_hand:
            if arrived:
                self.received[delivery.id] = self.received.get(delivery.id, 0) + 1
        with self.db.writing() as tx:
            found = attempts.interrupted(tx, self.boot_id, self.clock(), alone=True)
            assert {delivery.id for delivery in found} == {delivery.id for delivery in self.in_hand}
            for delivery in found:
                outcome = Outcome("unknown")
                step = after(delivery, outcome, SETTINGS, "resend", self.clock(), 0.0)
                assert attempts.record(tx, step.delivery, outcome, self.clock(), step.held_why)
                self.states[delivery.id] = step.delivery.state
                self.unknown[delivery.id] = self.unknown.get(delivery.id, 0) + 1
        self.late += self.in_hand
        self.in_hand = []

    @precondition(lambda self: self.late)
    @rule()
    def a_dead_run_records_late(self) -> None:
        delivery = self.late.pop()
        with self.db.writing() as tx:
            assert not attempts.record(tx, delivery, Outcome("sent"), self.clock())

    @rule(data=st.data())
    def the_operator_cancels(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(sorted(self.states)))
        with self.db.writing() as tx:
            done = outbox.cancel(tx, chosen, self.clock())
        assert done == (self.states[chosen] in ("pending", "held", "dead"))
        self.states[chosen] = "cancelled" if done else self.states[chosen]

    @rule(data=st.data())
    def the_operator_retries(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(sorted(self.states)))
        with self.db.writing() as tx:
            done = outbox.retry(tx, chosen)
        assert done == (self.states[chosen] in ("pending", "held", "dead"))
        self.states[chosen] = "pending" if done else self.states[chosen]

    @rule(sink=st.sampled_from(SINKS))
    def a_sink_breaks_and_is_repaired(self, sink: str) -> None:
        with self.db.writing() as tx:
            assert outbox.hold(tx, sink, "sink", "gone") == len(self.of(sink, "pending"))
            assert outbox.fix_sink(tx, sink) >= len(self.of(sink, "pending"))
        rows = self.db.rows("SELECT id, state FROM delivery WHERE sink = ?", sink)
        for row in rows:
            if self.states[row["id"]] in ("pending", "held"):
                self.states[row["id"]] = row["state"]

    def of(self, sink: str, state: str) -> list[str]:
        rows = self.db.rows("SELECT id FROM delivery WHERE sink = ?", sink)
        return [row["id"] for row in rows if self.states[row["id"]] == state]

    @invariant()
    def the_database_says_what_the_model_says(self) -> None:
        rows = self.db.rows("SELECT id, state FROM delivery")
        assert {row["id"]: row["state"] for row in rows} == self.states

    @invariant()
    def nobody_receives_more_often_than_the_outbox_accounts_for(self) -> None:
        sent = {row["delivery_id"]: row["n"] for row in self.db.rows(
            "SELECT delivery_id, count(*) AS n FROM attempt WHERE outcome = 'sent' GROUP BY delivery_id"
        )}  # fmt: skip
        for name, count in self.received.items():
            pending_count = sum(delivery.id == name for delivery in self.in_hand)
            assert count <= sent.get(name, 0) + self.unknown.get(name, 0) + pending_count

    @invariant()
    def every_sent_delivery_was_sent_once(self) -> None:
        rows = self.db.rows("SELECT delivery_id FROM attempt WHERE outcome = 'sent'")
        assert len(rows) == len({row["delivery_id"] for row in rows})

    @invariant()
    def waits_are_never_beyond_their_length(self) -> None:
        latest = self.clock() + timedelta(hours=15)
        for delivery in outbox.listed(self.db.reading, ("pending",)):
            assert delivery.next_attempt_at is None or delivery.next_attempt_at <= latest


TestOutbox = Outbox.TestCase
TestOutbox.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
