"""Silences and quiet hours on a real outbox: held back, closed or sent, and never lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from alerts import ARTICLE, BASE, INCIDENT, NOW, Clock, numbered, payload, put_alert, states

from monitor.alerts.gathering import Terms
from monitor.alerts.quiet import Quiet
from monitor.alerts.routing import subject_of
from monitor.alerts.silencing import covers, silence_for
from monitor.alerts.sinks import SinkSettings
from monitor.alerts.states import DeliverySettings, Rate
from monitor.app.silences import end_silence
from monitor.engine.deliver import Deliverer
from monitor.engine.dispatch import dispatch
from monitor.health.watch import alarms_now
from monitor.model import Outcome, Silence
from monitor.store import outbox, silences
from monitor.store.db import Database

SILENCE = Silence("5a5a", "maintenance", NOW, NOW + timedelta(hours=6), base="fort-a")
QUIET = Quiet(time(22), time(7), ZoneInfo("UTC"), "confirmed")
NIGHT = NOW.replace(hour=23)
MORNING = datetime(2024, 5, 2, 7, tzinfo=UTC)


class Ear:
    """A sink that hears everything, or answers as told."""

    gathers = False
    recalls = False

    def __init__(self, name: str = "ops") -> None:
        self.settings = SinkSettings(name, "webhook")
        self.rate = Rate()
        self.outcome = Outcome("sent", 200)
        self.heard: list[str] = []

    async def send(self, delivery) -> Outcome:
        self.heard.append(delivery.alert_id)
        return self.outcome


@pytest.fixture
def db(tmp_path):
    database = Database(tmp_path / "a.db", durable=False)
    yield database
    database.close()


def decide(db, number=1, *, now=NOW, quiet=None, confidence="claim", sinks=("ops",)):
    """What a decision writes of one alert."""
    with db.writing() as tx:
        put_alert(tx, number, {}, now)
        alert = replace(numbered(number), confidence=confidence)
        terms = {sink: Terms(quiet=hours) for sink, hours in (quiet or {}).items()}
        payloads = {sink: payload("webhook") for sink in sinks}
        dispatch(tx, alert, INCIDENT, BASE, payloads, terms, subject_of(alert, INCIDENT, ARTICLE, BASE), now)


def be_silent(db, silence=SILENCE):
    with db.writing() as tx:
        silences.save(tx, silence)


def deliver(db, ear, now, *others):
    ears = {one.settings.name: one for one in (ear, *others)}
    asyncio.run(Deliverer(db, ears, DeliverySettings(), Clock(now), lambda: 0.5).send_due())
    return ear.heard


def silenced_by(db):
    return [row["silenced_by"] for row in db.rows("SELECT silenced_by FROM alert ORDER BY id")]


# --- silences -------------------------------------------------------------------------------------


def test_a_silenced_alert_is_stored_closed_and_says_by_what(db):
    be_silent(db)
    decide(db)
    assert silenced_by(db) == ["5a5a"]
    (row,) = db.rows("SELECT state, last_error FROM delivery")
    assert tuple(row) == ("cancelled", "silenced by 5a5a: maintenance")
    assert deliver(db, Ear(), NOW + timedelta(days=1)) == []


@pytest.mark.parametrize(
    "silence",
    [
        replace(SILENCE, until_at=NOW),
        replace(SILENCE, base="fort-b"),
        replace(SILENCE, base="", country="YY"),
        replace(SILENCE, base="", incident_id="i2"),
    ],
)
def test_a_silence_that_is_over_or_about_something_else_silences_nothing(db, silence):
    be_silent(db, silence)
    decide(db)
    assert silenced_by(db) == [""]
    assert deliver(db, Ear(), NOW) == ["alert-1"]


def test_a_silence_covers_a_base_its_area_its_country_and_one_incident():
    base = replace(BASE, area="north")
    for about in ({"base": "fort-a"}, {"base": "north"}, {"country": "XX"}, {"incident_id": "i1"}):
        assert covers(replace(SILENCE, **({"base": ""} | about)), INCIDENT, base), about
    assert not covers(replace(SILENCE, base="", country="XX"), replace(INCIDENT, country=""), None)
    assert not covers(replace(SILENCE, base=""), replace(INCIDENT, base=""), None)


def test_of_two_silences_the_one_that_loses_less_counts():
    later = replace(SILENCE, id="b", deliver_after=True)
    longer = replace(later, id="c", until_at=NOW + timedelta(hours=9))
    assert silence_for([SILENCE, longer, later], INCIDENT, BASE, NOW) == longer
    assert silence_for([replace(SILENCE, ended_at=NOW)], INCIDENT, BASE, NOW) is None


def test_what_came_in_a_silence_that_delivers_after_comes_when_it_is_over(db):
    be_silent(db, replace(SILENCE, deliver_after=True))
    decide(db)
    assert deliver(db, Ear(), NOW + timedelta(hours=5, minutes=59)) == []
    assert deliver(db, Ear(), NOW + timedelta(hours=6)) == ["alert-1"]


def test_ended_early_nothing_old_is_sent_unless_asked(db):
    be_silent(db)
    decide(db)
    _, due = end_silence(db, "5a", NOW, deliver=False)
    assert due == 0
    decide(db, 2, now=NOW + timedelta(seconds=1))
    assert deliver(db, Ear(), NOW + timedelta(hours=1)) == ["alert-2"]
    _, due = end_silence(db, "5a", NOW + timedelta(hours=2), deliver=True)
    assert due == 1
    assert deliver(db, Ear(), NOW + timedelta(hours=2)) == ["alert-1"]
    assert end_silence(db, "5a", NOW + timedelta(hours=3), deliver=True)[1] == 0, "sent twice"


def test_ending_a_silence_that_delivers_after_delivers_at_once(db):
    be_silent(db, replace(SILENCE, deliver_after=True))
    decide(db)
    assert end_silence(db, "5a", NOW + timedelta(hours=1), deliver=False)[1] == 1
    assert deliver(db, Ear(), NOW + timedelta(hours=1)) == ["alert-1"]


def test_what_was_sent_by_hand_meanwhile_is_not_sent_again(db):
    be_silent(db)
    decide(db)
    with db.writing() as tx:
        (row,) = outbox.listed(tx, ["cancelled"])
        outbox.resend(tx, row.id, NOW)
    assert deliver(db, Ear(), NOW) == ["alert-1"]
    assert end_silence(db, "5a", NOW, deliver=True)[1] == 0


# --- quiet hours ----------------------------------------------------------------------------------


def test_what_comes_in_the_night_comes_in_the_morning_and_to_others_at_once(db):
    decide(db, now=NIGHT, quiet={"ops": QUIET}, sinks=("ops", "loud"))
    ops, loud = Ear(), Ear("loud")
    deliver(db, ops, NIGHT, loud)
    assert (ops.heard, loud.heard) == ([], ["alert-1"])
    assert deliver(db, ops, MORNING - timedelta(seconds=3), loud) == []
    assert states(db) == {"pending": 1, "sent": 1}
    assert deliver(db, ops, MORNING, loud) == ["alert-1"]
    assert states(db) == {"sent": 2}


def test_what_is_sure_enough_wakes_them(db):
    decide(db, now=NIGHT, quiet={"ops": QUIET}, confidence="confirmed")
    assert deliver(db, Ear(), NIGHT) == ["alert-1"]


def test_a_silence_that_ends_in_the_night_delivers_in_the_morning(db):
    be_silent(db, replace(SILENCE, until_at=NIGHT, deliver_after=True))
    decide(db, quiet={"ops": QUIET})
    assert deliver(db, Ear(), NIGHT) == []
    assert deliver(db, Ear(), MORNING) == ["alert-1"]


def test_held_back_deliveries_raise_no_alarm_until_they_are_due(db):
    decide(db, now=NIGHT, quiet={"ops": QUIET})
    assert [alarm for alarm in alarms_now(db, MORNING - timedelta(minutes=1)) if alarm.kind == "outbox"] == []
    assert [alarm for alarm in alarms_now(db, MORNING + timedelta(days=1)) if alarm.kind == "outbox"] != []


@pytest.mark.parametrize("answer", [Outcome("retry", 503, "HTTP 503"), Outcome("sink_broken", 404, "HTTP 404")])
def test_a_sink_that_fails_at_night_is_not_probed_with_what_is_held_back(db, answer):
    """Neither an open circuit nor a repair takes a held delivery out of its quiet hours, and nobody spins."""
    decide(db, 1, now=NIGHT, quiet={"ops": QUIET})
    decide(db, 2, now=NIGHT, quiet={"ops": QUIET}, confidence="confirmed")
    ear = Ear()
    ear.outcome = answer
    clock = Clock(NIGHT)
    work = Deliverer(db, {"ops": ear}, DeliverySettings(circuit_failures=1), clock, lambda: 0.5)
    for _ in range(6):
        asyncio.run(work.send_due())
        clock.forward(minutes=61)
    assert set(ear.heard) == {"alert-2"}
    ear.outcome = Outcome("sent", 200)
    for _ in range(3):
        asyncio.run(work.send_due())
        clock.forward(minutes=61)
    assert set(ear.heard) == {"alert-2", "alert-1"}
    assert clock.now > MORNING


def test_the_operator_may_send_it_at_once(db):
    decide(db, now=NIGHT, quiet={"ops": QUIET})
    with db.writing() as tx:
        assert outbox.retry(tx, outbox.listed(tx)[0].id)
    assert deliver(db, Ear(), NIGHT) == ["alert-1"]


def test_a_time_written_by_a_wrong_clock_holds_nothing_for_ever(db):
    decide(db, now=NIGHT.replace(year=2034), quiet={"ops": QUIET})
    assert deliver(db, Ear(), NOW) == ["alert-1"]
