"""The canary goes the whole way, leaves no trace, and says where it was lost."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from polling import read_here

from monitor.alerts.sinks import SinkSettings
from monitor.app.canary import canary_text
from monitor.app.outlets import desk_of
from monitor.articles.extract import extract_page
from monitor.engine.canary import AGAIN, Canary, CanaryRun, Step, is_due, record
from monitor.engine.canary_server import CanaryText, serving
from monitor.engine.decide import decide_waiting
from monitor.engine.tell import Teller
from monitor.errors import ChildFailed, FetchError
from monitor.health.watch import TICK, watch
from monitor.http import Http
from monitor.matching import load_rules
from monitor.model import Article, Outcome, Silence
from monitor.store import decisions, signs, silences
from monitor.store.db import Database
from monitor.store.signs import CanarySign

SENT = Outcome("sent")
WAY = ["feed", "page", "decision", "delivery"]
SINKS = (SinkSettings("desk", "slack", "https://hooks.example/x"), SinkSettings("ops", "webhook", "https://b.example"))


@pytest.fixture(scope="module")
def rules(root):
    return load_rules(root / "rules")


@pytest.fixture(scope="module")
def text(root):
    return canary_text(root / "rules")


@pytest.fixture
def db(tmp_path):
    db = Database(tmp_path / "a.db", durable=False)
    yield db
    db.close()


def now():
    return datetime.now(UTC)


async def extract_here(body, url, content_type):
    return extract_page(body, url, content_type)


class Told:
    """A sink that keeps what it is sent and answers as it is told."""

    def __init__(self, name, kind="webhook", outcome=SENT):
        self.settings = SinkSettings(name, kind)
        self.outcome = outcome
        self.sent = []

    async def send(self, delivery):
        self.sent.append(delivery)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def send(db, rules, text, *, read=read_here, extract=extract_here, told=(), desk=None, http=None):
    async def main():
        async with Http() as ours:
            canary = Canary(db, http or ours, read, extract, desk or desk_of(rules, SINKS), told, now)
            return await canary.send(text)

    return asyncio.run(main())


def rows(db):
    tables = [row["name"] for row in db.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    return {name: [tuple(row) for row in db.rows(f"SELECT * FROM {name}")] for name in tables}


def test_it_arrives_and_leaves_no_trace(db, rules, text):
    before = rows(db)
    run = send(db, rules, text)
    assert [step.name for step in run.steps] == WAY
    assert run.problem == ""
    assert rows(db) == before


def test_no_incident_and_no_silence_of_today_touches_it(db, rules, text):
    with db.writing() as tx:
        article = Article("real", text.title, text.paragraphs[0], url="https://a.example/1", source="A")
        decisions.add_given(tx, article, article.url, now())
        silences.save(tx, Silence("s1", "exercise", now(), now() + timedelta(hours=9), base="al-tanf"))
    decided = decide_waiting(db, desk_of(rules, SINKS), now())
    assert [alert.reason for alert in decided[0].speech.alerts] == ["new"]
    before = rows(db)
    assert send(db, rules, text).problem == ""
    assert rows(db) == before


@pytest.mark.parametrize("day", range(7))
def test_its_text_is_flagged_on_every_day_of_the_week(db, rules, text, day, monkeypatch):
    monkeypatch.setattr("monitor.engine.canary.AHEAD", timedelta(days=3650 + day))
    assert send(db, rules, text).problem == ""


def test_rules_that_do_not_flag_it_are_told(db, rules):
    story = "The village fête raised a record sum for the new roof, its treasurer said on the green."
    calm = CanaryText("Rain spares the village fête", (story, f"Again: {story}", f"And again: {story}"))
    run = send(db, rules, calm)
    assert [step.name for step in run.steps] == WAY[:3]
    assert run.problem.startswith("decision: the rules do not flag it")
    assert "canary.txt" in run.problem


def failing(error):
    async def call(*_):
        raise error

    return call


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        ({"read": failing(ChildFailed("killed after 10 s"))}, "feed: "),
        ({"read": failing(ValueError("bug"))}, "feed: it failed: ValueError('bug')"),
        ({"extract": failing(ChildFailed("killed after 10 s"))}, "page: killed after 10 s"),
        ({"extract": lambda *_: extract_here(b"<p>cut", "", "text/html")}, "page: the text of the page is not whole"),
    ],
)
def test_where_it_is_lost_is_named(db, rules, text, broken, problem):
    before = rows(db)
    run = send(db, rules, text, **broken)
    assert run.problem.startswith(problem)
    assert [step.name for step in run.steps if not step.problem] == WAY[: len(run.steps) - 1]
    assert rows(db) == before


def test_a_message_that_cannot_be_written_for_one_sink_is_seen(db, rules, text):
    def broken(_said):
        raise KeyError("headline")

    run = send(db, rules, text, desk=replace(desk_of(rules, SINKS), payloads=broken))
    assert run.problem == "decision: it failed: KeyError('headline')"


class NoPost(Http):
    async def post(self, *_args, **_options):
        raise FetchError("the connection was closed")


class Meddler(Http):
    async def post(self, url, body, headers, **options):
        return await super().post(url, body.replace(b"incident.new", b"incident.old"), headers, **options)


@pytest.mark.parametrize(("http", "problem"), [(NoPost, "connection was closed"), (Meddler, "did not arrive")])
def test_a_message_that_does_not_arrive_as_it_was_written_is_seen(db, rules, text, http, problem):
    async def main():
        async with http() as ours:
            return await Canary(db, ours, read_here, extract_here, desk_of(rules, SINKS), (), now).send(text)

    run = asyncio.run(main())
    assert run.problem.startswith("delivery: ")
    assert problem in run.problem


def test_sinks_that_ask_are_told_in_words_that_are_no_alert(db, rules, text):
    hook, slack, console = Told("hook"), Told("chat", "slack"), Told("tty", "console")
    down, buggy = Told("down", outcome=Outcome("retry", 503, "answered 503")), Told("bug", outcome=RuntimeError("x"))
    run = send(db, rules, text, told=(hook, slack, console, down, buggy))
    assert [step.name for step in run.steps] == [*WAY, "sink hook", "sink chat", "sink tty", "sink down", "sink bug"]
    assert run.problem == (
        "sink down: it did not take the message (answered 503); sink bug: it failed: RuntimeError('x')"
    )
    document = json.loads(hook.sent[0].payload)
    assert (document["type"], document["data"]["sink"]) == ("canary", "hook")
    for sink in (hook, slack, console):
        (delivery,) = sink.sent
        assert "nothing has happened" in delivery.payload
        assert text.title not in delivery.payload
        assert delivery.id.startswith("canary-")


def test_sinks_are_not_told_of_a_canary_that_was_lost(db, rules, text):
    hook = Told("hook")
    assert send(db, rules, text, told=(hook,), extract=failing(ChildFailed("died"))).problem
    assert hook.sent == []


@asynccontextmanager
async def asking(server, request):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.root.rpartition(":")[2]))
    writer.write(request)
    yield await reader.read()
    writer.close()


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /other HTTP/1.1\r\n\r\n", b"404"),
        (b"POST /receiver HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}", b"401"),
        (b"POST /receiver HTTP/1.1\r\ncontent-length: x\r\n\r\n{}", b""),
        (b"nonsense\r\n\r\n", b""),
    ],
)
def test_a_stranger_on_this_machine_gets_nothing_and_is_not_taken_for_our_message(text, request_, status):
    async def main():
        async with serving(text, now()) as server:
            async with asking(server, request_) as answer:
                assert answer.split(b" ")[1:2] == ([status] if status else [])
            assert server.received == []

    asyncio.run(main())


def test_a_canary_that_is_lost_or_overdue_is_an_alarm_that_clears_itself(db):
    at = datetime(2026, 3, 30, 12, tzinfo=UTC)

    def sign(problem="", due_hours=24):
        with db.writing() as tx:
            signs.beat(tx, TICK, at)
            signs.record_canary(tx, CanarySign(at, problem, "v1", at, at + timedelta(hours=due_hours)))

    sign("decision: the rules do not flag it")
    (notice,) = watch(db, at).raised
    assert (notice.kind, notice.text) == ("canary", "the canary did not arrive: decision: the rules do not flag it")
    sign()
    assert watch(db, at).cleared == (("canary", "path"),)
    sign(due_hours=-2)
    (notice,) = watch(db, at).raised
    assert "overdue since 2026-03-30 10:00 UTC" in notice.text
    with db.writing() as tx:
        signs.forget_canary(tx)
    assert watch(db, at).cleared == (("canary", "path"),)


def test_a_service_that_stands_still_is_one_alarm(db):
    at = datetime(2026, 3, 30, 12, tzinfo=UTC)
    with db.writing() as tx:
        signs.beat(tx, TICK, at - timedelta(days=2))
        signs.record_canary(tx, CanarySign(at - timedelta(days=2), "", "v1", None, at - timedelta(days=1)))
    assert [notice.kind for notice in watch(db, at).raised] == ["stalled"]


DAY = timedelta(hours=24)


def test_it_is_sent_each_day_and_sooner_after_it_was_lost_or_the_rules_have_changed(db):
    at = datetime(2026, 3, 30, 12, tzinfo=UTC)
    assert is_due(None, "v1", at)
    record(db, CanaryRun((Step("feed"),)), "v1", at, DAY)
    sign = signs.canary_sign(db.reading)
    assert [is_due(sign, "v1", at + timedelta(hours=hours)) for hours in (-1, 0, 23, 24)] == [True, False, False, True]
    assert is_due(sign, "v2", at)
    lost = at + timedelta(hours=1)
    record(db, CanaryRun((Step("feed", "no answer"),)), "v1", lost, DAY)
    sign = signs.canary_sign(db.reading)
    assert (sign.problem, sign.arrived_at, sign.next_at) == ("feed: no answer", at, lost + AGAIN)
    by_hand = at + timedelta(hours=2)
    record(db, CanaryRun((Step("feed"),)), "v1", by_hand)
    sign = signs.canary_sign(db.reading)
    assert (sign.problem, sign.arrived_at, sign.next_at) == ("", by_hand, lost + AGAIN)


def test_a_sink_that_works_is_told_that_it_was_lost(db):
    hook = Told("hook")
    record(db, CanaryRun((Step("decision", "the rules do not flag it"),)), "v1", now(), DAY)
    watch(db, now())
    assert asyncio.run(Teller(db, {"hook": hook}, now).tell()) == 1
    document = json.loads(hook.sent[0].payload)
    assert (document["type"], document["data"]["notice"]["kind"]) == ("notice", "canary")
