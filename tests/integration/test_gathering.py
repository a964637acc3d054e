"""Groups of updates and salvos on a real outbox: what goes out together, when, and that nothing is lost by it."""

from __future__ import annotations

import asyncio
import json
import tempfile
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from alerts import ARTICLE, BASE, INCIDENT, JUDGEMENT, NOW, Clock, numbered, put_alert, states
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alerts.gathering import Batch, Salvo, Seen, Terms, batch_at
from monitor.alerts.quiet import Quiet
from monitor.alerts.routing import Route, subject_of
from monitor.alerts.sinks import SinkSettings
from monitor.alerts.states import DeliverySettings, Rate
from monitor.app.outlets import desk_of
from monitor.engine.decide import Announcement
from monitor.engine.deliver import Deliverer
from monitor.engine.dispatch import dispatch
from monitor.matching.grades import LEVELS
from monitor.model import Outcome, Silence
from monitor.store import silences
from monitor.store.db import Database

SLACK, WEBHOOK, CONSOLE = SinkSettings("desk", "slack"), SinkSettings("ops", "webhook"), SinkSettings("tty", "console")
BY_COUNTRY = Route(("desk", "ops"), group_by=("country",), group_wait_seconds=60, group_interval_seconds=600)
SALVO = Terms(salvo=Salvo(places=2, every_seconds=300))
SENT = Outcome("sent", 200)
UNKNOWN = Outcome("unknown", error="no answer in 20 s")


class Ear:
    """A sink that keeps what it is given and answers as told."""

    recalls = False

    def __init__(self, sink: SinkSettings) -> None:
        self.settings = sink
        self.rate = Rate()
        self.gathers = sink.kind == "slack"
        self.outcome = SENT
        self.heard: list[str] = []

    async def send(self, delivery) -> Outcome:
        self.heard.append(delivery.payload)
        return self.outcome


class Room:
    """A desk with its sinks, and a clock that moves when told."""

    def __init__(self, path, sinks=(SLACK, WEBHOOK), routes=(BY_COUNTRY,), terms=None) -> None:
        self.db = Database(path / "a.db", durable=False)
        self.desk = desk_of(None, sinks, tuple(routes), terms)  # type: ignore[arg-type]
        self.clock = Clock(NOW)
        self.ears = {sink.name: Ear(sink) for sink in sinks}
        self.work = Deliverer(self.db, self.ears, DeliverySettings(), self.clock, lambda: 0.5)

    def tell(self, number, reason="update", *, incident=INCIDENT, **alert):
        """Decide one alert now."""
        incident = replace(incident, id=f"i{number}")
        alert = replace(numbered(number), reason=reason, created_at=self.clock.now, **alert)
        if reason == "update":
            alert = replace(alert, changes=(("killed", "1", str(number)),))
        base = BASE if incident.base == BASE.id else None
        said = Announcement(alert, incident, ARTICLE, JUDGEMENT, base, None)
        with self.db.writing() as tx:
            put_alert(tx, number, {}, self.clock.now)
            tx.execute("UPDATE incident SET base = ? WHERE id = ?", (incident.base, incident.id))
            tx.execute("UPDATE alert SET reason = ? WHERE id = ?", (reason, alert.id))
            subject = subject_of(alert, incident, ARTICLE, said.base)
            payloads, terms = self.desk.payloads(said), self.desk.terms(said)
            dispatch(tx, alert, incident, said.base, payloads, terms, subject, self.clock.now)

    def attack(self, number):
        self.tell(number, "new", incident=replace(INCIDENT, base=f"base-{number}"))

    def deliver(self, **later):
        """Send what is due so much later; by sink how many messages came."""
        self.clock.forward(**later)
        before = {name: len(ear.heard) for name, ear in self.ears.items()}
        asyncio.run(self.work.send_due())
        return {name: len(ear.heard) - before[name] for name, ear in self.ears.items()}

    def digests(self, sink="desk"):
        """How many deliveries each message of several carried."""
        rows = self.db.rows(
            "SELECT count(*) AS n FROM delivery WHERE sink = ? AND digest_id <> '' AND state = 'sent' "
            "GROUP BY digest_id ORDER BY n",
            sink,
        )
        return [row["n"] for row in rows]


@pytest.fixture
def room(tmp_path):
    return Room(tmp_path)


def test_updates_that_are_alike_go_out_as_one_message_and_each_is_accounted(room):
    room.tell(1)
    room.tell(2, "possible_update")
    assert room.deliver() == {"desk": 0, "ops": 2}, "a webhook gets one document for each alert, at once"
    room.clock.forward(seconds=30)
    room.tell(3)
    assert room.deliver(seconds=25) == {"desk": 0, "ops": 1}
    assert room.deliver(seconds=10) == {"desk": 1, "ops": 0}
    assert room.digests() == [3]
    assert states(room.db) == {"sent": 6}
    told = json.loads(room.ears["desk"].heard[0])
    assert told["text"] == "3 alerts together: country XX"
    shown = "".join(block["text"]["text"] for block in told["blocks"])
    assert shown.count("•") == 3
    assert "killed: 1 → 3" in shown, "a gathered update still says what is new"
    assert "https://news.example/a" in shown


def test_the_first_alert_of_an_incident_never_waits_for_a_group(room):
    room.tell(1, "new")
    assert room.deliver() == {"desk": 1, "ops": 1}


def test_an_update_alone_in_its_group_is_told_whole(room):
    room.tell(1)
    assert room.deliver(seconds=61)["desk"] == 1
    assert "*Facts*" in room.ears["desk"].heard[0]
    assert room.digests() == []


def test_after_a_message_the_next_of_its_group_waits_for_the_interval(room):
    room.tell(1)
    room.deliver(seconds=60)
    room.clock.forward(seconds=60)
    room.tell(2)
    room.tell(3)
    assert room.deliver(seconds=530)["desk"] == 0
    assert room.deliver(seconds=15)["desk"] == 1


def test_other_groups_do_not_wait_for_each_other(tmp_path):
    room = Room(tmp_path, sinks=(SLACK,), routes=(replace(BY_COUNTRY, sinks=("desk",), group_by=("incident", "area")),))
    room.tell(1)
    room.tell(2)
    assert room.deliver(seconds=60)["desk"] == 2
    rows = room.db.rows("SELECT batch FROM delivery ORDER BY batch")
    assert [row["batch"] for row in rows] == ["incident i1, area not known", "incident i2, area not known"]


def test_a_group_that_is_due_at_night_goes_out_in_the_morning(tmp_path):
    quiet = Quiet(time(22), time(7), ZoneInfo("UTC"), grave_from="critical")
    room = Room(tmp_path, terms={"desk": Terms(quiet=quiet)})
    room.clock.forward(hours=9, minutes=59, seconds=30)
    room.tell(1)
    room.tell(2)
    room.tell(3, severity="critical")
    assert room.deliver(minutes=2)["desk"] == 1, "what is grave enough does not wait with the others"
    assert room.deliver(hours=8, minutes=57)["desk"] == 0
    assert room.deliver(minutes=2)["desk"] == 1
    assert room.digests() == [2]


def test_a_group_that_may_not_have_arrived_comes_again_together_and_says_so(room):
    room.tell(1)
    room.tell(2)
    room.ears["desk"].outcome = UNKNOWN
    room.deliver(seconds=61)
    room.ears["desk"].outcome = SENT
    assert room.deliver(minutes=5)["desk"] == 1
    assert room.digests() == [2]
    flags = room.db.rows("SELECT repeat_possible FROM delivery WHERE sink = 'desk'")
    assert [row["repeat_possible"] for row in flags] == [1, 1]


def test_a_refused_group_comes_one_by_one_as_plain_text(room):
    room.tell(1)
    room.tell(2)
    room.ears["desk"].outcome = Outcome("rerender", 400, "invalid_blocks")
    room.work._claims.take(room.ears["desk"])
    room.clock.forward(seconds=61)
    claimed = room.work._claims.take(room.ears["desk"])
    assert len(claimed.deliveries) == 2
    room.work._record("desk", claimed.deliveries, room.ears["desk"].outcome)
    room.ears["desk"].outcome = SENT
    assert room.deliver(seconds=5)["desk"] == 2
    assert states(room.db, "desk") == {"sent": 2}


def test_a_service_that_dies_while_sending_a_group_sends_it_again(room):
    room.tell(1)
    room.tell(2)
    room.clock.forward(seconds=61)
    assert len(room.work._claims.take(room.ears["desk"]).deliveries) == 2
    room.work = Deliverer(room.db, room.ears, DeliverySettings(), room.clock, lambda: 0.5)
    room.deliver(seconds=5)
    room.deliver(minutes=1)
    assert states(room.db) == {"sent": 4}


def test_a_console_gathers_as_text(tmp_path):
    room = Room(tmp_path, sinks=(CONSOLE,), routes=(replace(BY_COUNTRY, sinks=("tty",)),))
    room.tell(1)
    room.tell(2)
    room.deliver(seconds=61)
    (text,) = room.ears["tty"].heard
    assert text.startswith("2 alerts together: country XX\n\n• Update: drone attack at Fort A (XX)")
    assert text.count("changed: killed: 1 → ") == 2
    assert text.count("https://news.example/a") == 2


def test_a_group_about_one_incident_goes_into_its_thread_and_one_about_several_does_not(tmp_path):
    room = Room(tmp_path, sinks=(SLACK,), routes=(replace(BY_COUNTRY, sinks=("desk",)),))
    threads = []
    for number in (1, 2):
        room.tell(number, "new")
    room.deliver()
    with room.db.writing() as tx:
        tx.execute("UPDATE delivery SET receipt = 'C1/' || alert_id")
    for number, of in ((3, 1), (4, 1), (5, 1), (6, 2)):
        room.tell(number)
        with room.db.writing() as tx:
            tx.execute("UPDATE alert SET incident_id = ? WHERE id = ?", (f"i{of}", f"alert-{number}"))
        if number in (4, 6):
            room.clock.forward(hours=1)
            threads.append(room.work._claims.take(room.ears["desk"]).message.thread)
    assert threads == ["C1/alert-1", ""]


# --- salvos ---------------------------------------------------------------------------------------


def test_in_a_salvo_the_first_alerts_come_at_once_and_the_rest_as_one_rolling_message(tmp_path):
    room = Room(tmp_path, routes=(), terms={"desk": SALVO})
    for number in range(1, 6):
        room.attack(number)
    assert room.deliver() == {"desk": 2, "ops": 5}
    assert room.deliver(seconds=60)["desk"] == 1
    told = json.loads(room.ears["desk"].heard[-1])
    assert told["text"] == "3 alerts together: more than 2 places within an hour"
    assert all(f"base-{number}" in json.dumps(told) for number in range(3, 6))
    room.clock.forward(minutes=2)
    room.attack(6)
    room.attack(7)
    assert room.deliver(minutes=2) == {"desk": 0, "ops": 2}
    assert room.deliver(minutes=1)["desk"] == 1
    assert room.digests() == [2, 3]
    assert states(room.db) == {"sent": 14}


def test_an_hour_later_a_salvo_is_over(tmp_path):
    room = Room(tmp_path, routes=(), terms={"desk": SALVO})
    for number in range(1, 5):
        room.attack(number)
    room.deliver(minutes=6)
    room.clock.forward(minutes=56)
    room.attack(9)
    assert room.deliver()["desk"] == 1


def test_more_alerts_on_one_place_are_no_salvo(tmp_path):
    room = Room(tmp_path, routes=(), terms={"desk": SALVO})
    for number in range(1, 6):
        room.tell(number, "new")
    assert room.deliver()["desk"] == 5


# --- nothing is lost ------------------------------------------------------------------------------


@given(
    wait=st.integers(0, 3600),
    interval=st.integers(0, 86_400),
    due=st.none() | st.integers(-500_000, 500_000),
    last=st.none() | st.integers(-500_000, 500_000),
)
def test_a_batch_waits_no_longer_than_its_wait_or_interval_whatever_the_clock_did(wait, interval, due, last):
    seen = Seen(*(None if at is None else NOW + timedelta(seconds=at) for at in (due, last)))
    at = batch_at(Batch("x", wait, interval), seen, NOW)
    assert NOW <= at <= NOW + timedelta(seconds=max(wait, interval))


SINKS = (SLACK, WEBHOOK, CONSOLE, replace(SLACK, name="pager", min_confidence="claim"))
NAMES = st.lists(st.sampled_from([sink.name for sink in SINKS]), min_size=1, unique=True).map(tuple)
ROUTES = st.builds(
    Route,
    sinks=NAMES,
    base=st.sampled_from([(), ("base-1",), ("base-1", "base-2")]),
    reason=st.sampled_from([(), ("new",), ("update",)]),
    severity=st.sampled_from(LEVELS),
    goes_on=st.booleans(),
    group_by=st.sampled_from([(), ("incident",), ("country", "base"), ("source",)]),
    group_wait_seconds=st.sampled_from([0.0, 30.0, 3600.0]),
    group_interval_seconds=st.sampled_from([0.0, 300.0, 86_400.0]),
)
QUIET = st.none() | st.builds(
    Quiet, st.just(time(10)), st.sampled_from([time(11), time(6)]), st.just(ZoneInfo("UTC")), st.none(), st.none()
)
TERMS = st.dictionaries(
    st.sampled_from([sink.name for sink in SINKS]),
    st.builds(Terms, quiet=QUIET, salvo=st.none() | st.builds(Salvo, st.integers(1, 3), st.just(60.0))),
)
SILENCE = st.none() | st.builds(
    Silence,
    st.just("5a5a"), st.just("why"), st.just(NOW), st.just(NOW + timedelta(hours=3)), st.just("base-2"),
    deliver_after=st.booleans(),
)  # fmt: skip
SAYINGS = st.lists(
    st.tuples(
        st.sampled_from(["new", "update", "possible_update"]),
        st.integers(1, 4),
        st.sampled_from(["rumour", "claim"]),
        st.sampled_from(LEVELS),
        # In steps of five seconds: the clock stands still while what is due within two seconds is waited for.
        st.integers(0, 1440).map(lambda steps: steps * 5),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(ROUTES, max_size=4), TERMS, SILENCE, SAYINGS)
def test_whatever_is_configured_every_alert_is_sent_or_silenced_and_none_twice(routes, terms, silence, sayings):
    with tempfile.TemporaryDirectory() as folder:
        room = Room(Path(folder), sinks=SINKS, routes=routes, terms=terms)
        if silence:
            with room.db.writing() as tx:
                silences.save(tx, silence)
        for number, (reason, base, confidence, severity, pause) in enumerate(sayings):
            incident = replace(INCIDENT, base=f"base-{base}")
            room.tell(number, reason, incident=incident, confidence=confidence, severity=severity)
            room.deliver(seconds=pause)
        for _ in range(30):
            room.deliver(hours=6)
        rows = room.db.rows("SELECT alert_id, sink, state, held_why, attempts FROM delivery")
        assert {row["state"] for row in rows} <= {"sent", "cancelled"}
        assert all(row["held_why"] == "silenced" for row in rows if row["state"] == "cancelled")
        assert all(row["attempts"] == 1 for row in rows if row["state"] == "sent")
        reached = {row["alert_id"] for row in rows}
        for number, (_, _, confidence, _, _) in enumerate(sayings):
            # A sink that wants surer alerts may be the only one that a route names: that is what was asked for.
            assert numbered(number).id in reached or confidence == "rumour"
        documents = [json.loads(told) for told in room.ears["ops"].heard]
        assert len({told["data"]["alert"]["id"] for told in documents}) == len(documents)
        room.db.close()


OUTCOMES = st.lists(
    st.sampled_from([SENT, UNKNOWN, Outcome("retry", 503, "HTTP 503"), Outcome("not_sent", error="no route")]),
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(ROUTES, max_size=3), TERMS, SAYINGS, OUTCOMES, st.sets(st.integers(0, 11)))
def test_whatever_fails_or_dies_every_delivery_is_sent_and_recorded_once(routes, terms, sayings, outcomes, deaths):
    with tempfile.TemporaryDirectory() as folder:
        room = Room(Path(folder), sinks=SINKS, routes=routes, terms=terms)
        answers = iter(outcomes)
        for number, (reason, base, _, severity, pause) in enumerate(sayings):
            for ear in room.ears.values():
                ear.outcome = next(answers, SENT) if ear.settings.kind != "webhook" else SENT
            room.tell(number, reason, incident=replace(INCIDENT, base=f"base-{base}"), severity=severity)
            room.clock.forward(seconds=pause)
            if number in deaths:
                for ear in room.ears.values():
                    room.work._claims.take(ear)
                room.work = Deliverer(room.db, room.ears, DeliverySettings(), room.clock, lambda: 0.5)
            room.deliver()
        for ear in room.ears.values():
            ear.outcome = SENT
        for _ in range(40):
            room.deliver(hours=3)
        assert set(states(room.db)) == {"sent"}
        sent = room.db.rows("SELECT delivery_id FROM attempt WHERE outcome = 'sent'")
        assert len(sent) == len({row["delivery_id"] for row in sent}) == states(room.db)["sent"]
        room.db.close()
