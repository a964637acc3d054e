"""Reminders: told again until somebody reviews, once each time, whatever dies in between."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from alerts import Clock

from monitor.alerts.gathering import Terms
from monitor.alerts.quiet import Quiet
from monitor.alerts.routing import Route
from monitor.alerts.sinks import SinkSettings
from monitor.alerts.states import DeliverySettings, Rate
from monitor.app.outlets import desk_of
from monitor.engine.decide import decide_waiting
from monitor.engine.deliver import Deliverer
from monitor.engine.remind import remind
from monitor.matching import load_rules
from monitor.model import Article, Outcome, Silence
from monitor.review.edits import merge_incidents
from monitor.review.verdicts import give_verdict
from monitor.store import decisions, silences
from monitor.store.db import Database

NOW = datetime(2024, 2, 3, 12, tzinfo=UTC)
ATTACK = Article(
    "attack",
    "Three drones attack US base al-Tanf in Syria",
    "Three drones attacked the al-Tanf garrison in Syria on Saturday, wounding two US soldiers, officials said.",
    url="https://outlet.example/1",
    source="Outlet",
)
MILD = Article(
    "mild",
    "Rockets hit Ain al-Asad air base in Iraq",
    "Ten rockets hit the Ain al-Asad air base that houses US troops in Iraq on Saturday, two officials said.",
    source="Third",
)
SINKS = (SinkSettings("desk", "console"), SinkSettings("ops", "webhook"))
ROUTES = (
    Route(("desk",), severity="high", reason=("new", "update"), repeat_hours=2, goes_on=True),
    Route(("desk", "ops")),
)


class Ear:
    """A sink that keeps what it hears, or answers as told."""

    gathers = False
    rate = Rate()

    def __init__(self, sink: SinkSettings) -> None:
        self.settings = sink
        self.outcome = Outcome("sent", 200)
        self.heard: list[str] = []

    async def send(self, delivery) -> Outcome:
        self.heard.append(delivery.payload)
        return self.outcome


class Service:
    """What the daemon does each minute, by a clock that moves when told."""

    def __init__(self, path, rules, routes=ROUTES, terms=None) -> None:
        self.path, self.rules = path, rules
        self.db = Database(path, durable=False)
        self.desk = desk_of(rules, SINKS, routes, terms)
        self.clock = Clock(NOW)
        self.ears = {sink.name: Ear(sink) for sink in SINKS}

    def read(self, *articles):
        with self.db.writing() as tx:
            for article in articles:
                decisions.add_given(tx, article, article.url, self.clock.now)
                tx.execute("UPDATE entry SET published_at = first_seen_at WHERE id = ?", (article.id,))
        return [one.incidents[0].id for one in decide_waiting(self.db, self.desk, self.clock.now)]

    def live(self, **by):
        """Live on for so long, minute by minute at the end; what the sinks heard."""
        self.clock.forward(**by)
        before = {name: len(ear.heard) for name, ear in self.ears.items()}
        remind(self.db, self.desk, self.clock.now)
        work = Deliverer(self.db, self.ears, DeliverySettings(), self.clock, lambda: 0.5)
        asyncio.run(work.send_due())
        return [len(ear.heard) - before[name] for name, ear in self.ears.items()]


@pytest.fixture(scope="module")
def rules(root):
    return load_rules(root / "rules")


@pytest.fixture
def service(tmp_path, rules):
    service = Service(tmp_path / "a.db", rules)
    service.read(ATTACK, MILD)
    assert service.live() == [2, 2]
    return service


def test_what_nobody_reviews_is_told_again_where_its_route_asks_for_it(service):
    assert service.live(minutes=119) == [0, 0]
    assert service.live(minutes=1) == [1, 0]
    told = service.ears["desk"].heard[-1]
    assert told.startswith("Not reviewed yet: drone attack at al-Tanf")
    assert "drones attacked the al-Tanf garrison" in told
    assert service.live(minutes=119) == [0, 0]
    assert service.live(minutes=1) == [1, 0]
    rows = service.db.rows("SELECT reason, severity FROM alert ORDER BY created_at, rowid")
    assert [tuple(row) for row in rows[2:]] == [("reminder", "high")] * 2


def test_a_webhook_gets_reminders_as_a_type_of_their_own(tmp_path, rules):
    service = Service(tmp_path / "a.db", rules, (Route(("ops",), repeat_hours=1),))
    service.read(ATTACK)
    service.live()
    service.live(hours=1)
    first, again = map(json.loads, service.ears["ops"].heard)
    assert (first["type"], again["type"]) == ("incident.new", "incident.reminder")
    assert first["data"]["incident"] == again["data"]["incident"]
    assert first["data"]["alert"]["id"] != again["data"]["alert"]["id"]


@pytest.mark.parametrize("verdict", ["right", "wrong"])
def test_a_review_of_any_report_ends_it(service, verdict):
    service.read(replace(ATTACK, id="again", url="https://other.example/2", source="Other"))
    give_verdict(service.db, "again", verdict, "seen", service.clock.now)
    assert service.live(hours=3) == [0, 0]


def test_a_silence_stops_reminders_for_as_long_as_it_lasts_and_stores_none(service):
    until = service.clock.now + timedelta(hours=5)
    with service.db.writing() as tx:
        silences.save(tx, Silence("5a5a", "known", service.clock.now, until, base="al-tanf"))
    assert service.live(hours=3) == [0, 0]
    assert service.db.row("SELECT count(*) FROM alert WHERE reason = 'reminder'")[0] == 0
    assert service.live(hours=3) == [1, 0]


def test_news_starts_the_time_anew(service):
    service.clock.forward(hours=1)
    killed = ATTACK.summary.replace("wounding two", "killing two")
    service.read(replace(ATTACK, id="more", summary=killed, source="Other", url="https://other.example/2"))
    assert service.live() == [1, 1]
    assert service.live(minutes=119) == [0, 0]
    assert service.live(minutes=1) == [1, 0]


def test_a_week_after_the_last_news_it_is_enough(service):
    heard = sum(service.live(hours=2)[0] for _ in range(12 * 9))
    assert heard == 12 * 7 - 1


def test_in_quiet_hours_one_reminder_waits_and_no_more_are_added(tmp_path, rules):
    terms = {"desk": Terms(quiet=Quiet(time(13), time(23), ZoneInfo("UTC")))}
    service = Service(tmp_path / "a.db", rules, terms=terms)
    service.read(ATTACK)
    service.live()
    assert sum(service.live(hours=2)[0] for _ in range(5)) == 0
    assert service.live(hours=1) == [1, 0]


def test_while_a_sink_does_not_answer_no_reminders_pile_up(service):
    service.ears["desk"].outcome = Outcome("retry", 503, "HTTP 503")
    for _ in range(10):
        service.live(hours=2)
    assert service.db.row("SELECT count(*) FROM alert WHERE reason = 'reminder'")[0] == 1
    service.ears["desk"].outcome = Outcome("sent", 200)
    service.live(hours=13)
    assert service.live() == [0, 0]


def test_a_merged_incident_is_told_again_as_the_one_it_became_part_of(service):
    tanf, asad = (row["id"] for row in service.db.rows("SELECT id FROM incident ORDER BY base DESC"))
    merge_incidents(service.db, asad, tanf, "one salvo", service.clock.now)
    assert service.live(hours=2) == [1, 0]
    (row,) = service.db.rows("SELECT incident_id FROM alert WHERE reason = 'reminder'")
    assert row["incident_id"] == asad


@pytest.mark.parametrize("dies", ["while deciding", "before sending"])
def test_a_service_that_dies_over_a_reminder_tells_it_once(service, dies):
    service.clock.forward(hours=2)
    if dies == "while deciding":
        repeats = replace(service.desk.repeats, payload=lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            remind(service.db, replace(service.desk, repeats=repeats), service.clock.now)
    else:
        remind(service.db, service.desk, service.clock.now)
    service.db.close()
    service.db = Database(service.path, durable=False)
    assert service.live() == [1, 0]
    assert service.live(minutes=1) == [0, 0]
    assert service.db.row("SELECT count(*) FROM alert WHERE reason = 'reminder'")[0] == 1


def test_the_same_reminder_decided_twice_is_one(service):
    now = service.clock.forward(hours=2)
    (first,) = remind(service.db, service.desk, now)
    with service.db.writing() as tx:
        tx.execute("DELETE FROM delivery WHERE alert_id = ?", (first.id,))
        tx.execute("DELETE FROM alert WHERE id = ?", (first.id,))
    (again,) = remind(service.db, service.desk, now + timedelta(minutes=1))
    assert again.id == first.id


def test_without_a_route_that_asks_for_it_nothing_is_told_again(tmp_path, rules):
    service = Service(tmp_path / "a.db", rules, ())
    service.read(ATTACK)
    service.live()
    assert service.live(days=3) == [0, 0]
