"""Slack threads by the outbox, and what may have arrived: real database, real HTTP, a fake workspace."""

from __future__ import annotations

import asyncio
import random

import pytest
from alerts import NOW, Clock, payload, put_alert, states
from loopback import open_http, serving
from slack_api import CHANNEL, TOKEN, SlackApi

from monitor.alerts.sinks import Means, SinkSettings, build
from monitor.alerts.sinks.slack_bot import SlackBotSink
from monitor.alerts.states import DeliverySettings, Rate
from monitor.engine.deliver import Deliverer
from monitor.store import outbox
from monitor.store.db import Database, now_text

SETTINGS = DeliverySettings(backoff_seconds=(0, 600, 600))


@pytest.fixture
def db(tmp_path):
    database = Database(tmp_path / "a.db")
    yield database
    database.close()


@pytest.fixture(autouse=True)
def at_any_rate(monkeypatch):
    """The clock of these tests stands still while messages go out."""
    monkeypatch.setattr(SlackBotSink, "rate", Rate())


@pytest.fixture
def clock():
    return Clock()


def decide(db: Database, clock: Clock, number: int, incident: int | None = None) -> str:
    """Put one alert into the outbox, of an incident of its own or of another's; its delivery's id."""
    with db.writing() as tx:
        put_alert(tx, number, {"desk": payload("slack")}, clock.forward(seconds=10))
        if incident is not None:
            tx.execute("UPDATE alert SET incident_id = ? WHERE id = ?", (f"i{incident}", f"alert-{number}"))
    return outbox.delivery_id(f"alert-{number}", "desk", 0)


def send(db: Database, clock: Clock, api: SlackApi, *, rounds: int = 1, **more: object):
    """Send what is due, `rounds` times, an hour apart; `more` are settings of the sink."""

    async def go():
        async with serving(api.handle) as server, open_http() as http:
            means = Means(http=http, clock=clock, write=print, deadline_seconds=5)
            known = {"token": TOKEN, "channel": CHANNEL, "api_url": server.url, "allow_private_addresses": True}
            settings = SinkSettings("desk", "slack", **known | more)
            work = Deliverer(db, build([settings], means), SETTINGS, clock, lambda: 0.5)
            for number in range(rounds):
                if number:
                    clock.forward(hours=1)
                while await work.send_due():
                    clock.forward(seconds=5)

    asyncio.run(go())
    assert api.faults == []


def threads(api: SlackApi) -> list[str]:
    """Of each message in order: the ts of its thread, or ""."""
    return [message.get("thread_ts", "") for message in api.messages]


def test_updates_go_under_the_first_message_of_their_incident(db, clock):
    api = SlackApi(clock)
    decide(db, clock, 0)
    decide(db, clock, 1)
    send(db, clock, api)
    for number, incident in ((2, 0), (3, 1), (4, 0)):
        decide(db, clock, number, incident)
    send(db, clock, api)
    first, second = (message["ts"] for message in api.messages[:2])
    assert threads(api) == ["", "", first, second, first]
    assert all(message["reply_broadcast"] for message in api.messages[2:])


def test_first_and_update_that_wait_together_go_out_in_order(db, clock):
    api = SlackApi(clock)
    decide(db, clock, 0)
    decide(db, clock, 1, 0)
    send(db, clock, api)
    assert threads(api) == ["", api.messages[0]["ts"]]


def test_an_update_waits_for_no_parent_and_whoever_arrives_first_is_the_parent(db, clock):
    api = SlackApi(clock, says=["service_unavailable"])
    first, update = decide(db, clock, 0), decide(db, clock, 1, 0)
    send(db, clock, api, rounds=2)
    rows = {row["id"]: row["receipt"] for row in db.rows("SELECT id, receipt FROM delivery")}
    assert threads(api) == ["", api.messages[0]["ts"]]
    assert rows[update] == f"{CHANNEL}/{api.messages[0]['ts']}"
    assert rows[first] == f"{CHANNEL}/{api.messages[1]['ts']}"


def test_a_merged_incident_goes_on_in_the_thread_that_was_there_first(db, clock):
    api = SlackApi(clock)
    decide(db, clock, 0)
    decide(db, clock, 1)
    send(db, clock, api)
    with db.writing() as tx:
        tx.execute("UPDATE incident SET merged_into = 'i1' WHERE id = 'i0'")
    decide(db, clock, 2, 1)
    send(db, clock, api)
    assert threads(api)[2] == api.messages[0]["ts"]


def test_a_thread_that_is_refused_keeps_no_update_back(db, clock):
    api = SlackApi(clock)
    decide(db, clock, 0)
    send(db, clock, api)
    decide(db, clock, 1, 0)
    api.says = ["cannot_reply_to_message"]
    send(db, clock, api)
    assert threads(api) == ["", ""]
    assert states(db) == {"sent": 2}


def test_no_update_goes_under_a_digest(db, clock):
    api = SlackApi(clock)
    for number in range(30):
        decide(db, clock, number)
    clock.forward(minutes=10)
    send(db, clock, api)
    decide(db, clock, 30, 0)
    send(db, clock, api)
    assert len(api.messages) < 30
    assert threads(api)[-1] == ""


def test_a_digest_of_another_sink_or_an_unsent_message_is_no_parent(db, clock):
    api = SlackApi(clock)
    with db.writing() as tx:
        put_alert(tx, 0, {"other": payload("slack"), "desk": payload("slack")}, NOW)
        tx.execute(
            "UPDATE delivery SET state = 'sent', receipt = ?, sent_at = ? WHERE sink = 'other'",
            (f"{CHANNEL}/1.1", now_text(NOW)),
        )
        tx.execute("UPDATE delivery SET state = 'cancelled' WHERE sink = 'desk'")
    decide(db, clock, 1, 0)
    send(db, clock, api)
    assert threads(api) == [""]


# --- what may have arrived ------------------------------------------------------------------------


@pytest.mark.fault("DL-1")
def test_a_message_whose_answer_was_lost_is_found_and_is_the_parent_of_its_updates(db, clock):
    api = SlackApi(clock, failing=1.0, rolls=random.Random(2))
    decide(db, clock, 0)
    send(db, clock, api)
    assert (api.dropped, states(db)) == (1, {"pending": 1})
    api.failing = 0
    clock.forward(hours=1)
    send(db, clock, api)
    decide(db, clock, 1, 0)
    send(db, clock, api)
    assert threads(api) == ["", api.messages[0]["ts"]]
    assert "Possible repeat" not in str(api.messages)
    rows = db.rows("SELECT outcome, error FROM attempt ORDER BY id")
    assert [(row["outcome"], row["error"]) for row in rows][1] == ("sent", "it had arrived before")


@pytest.mark.fault("DL-1", "DL-12")
def test_a_digest_whose_answer_was_lost_comes_never_again_in_whole_or_part(db, clock):
    api = SlackApi(clock, failing=1.0, rolls=random.Random(2))
    for number in range(30):
        decide(db, clock, number)
    clock.forward(minutes=10)
    send(db, clock, api)
    assert (api.dropped, states(db)) == (1, {"pending": 30})
    api.failing = 0
    clock.forward(hours=1)
    send(db, clock, api)
    assert states(db) == {"sent": 30}
    assert len(api.messages) == 1


def test_what_was_held_and_had_arrived_is_not_sent_again_when_the_operator_says_so(db, clock):
    api = SlackApi(clock, failing=1.0, rolls=random.Random(2))
    held = decide(db, clock, 0)
    send(db, clock, api, on_unknown="hold")
    assert states(db) == {"held": 1}
    api.failing = 0
    with db.writing() as tx:
        outbox.retry(tx, held)
    send(db, clock, api, on_unknown="hold")
    assert (len(api.messages), states(db)) == (1, {"sent": 1})
