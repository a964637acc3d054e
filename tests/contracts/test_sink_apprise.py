"""Apprise in the contract of sinks: each class of answer over real loopback HTTP, services that misbehave; DL-14."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import threading
from datetime import UTC, datetime

import apprise
import pytest
from alerts import payload
from loopback import answer, open_http, says, serving

from monitor import redact
from monitor.alerts import render
from monitor.alerts.sinks import Means, SinkSettings, build
from monitor.config import load
from monitor.errors import ConfigError
from monitor.model import Delivery, Notice, Outcome

PATH = "/services/T00000000/B00000000/s3cretpart0123456789"
NOW = datetime(2024, 5, 1, tzinfo=UTC)
# What Apprise's own modules do when they are loaded.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def sink(url: str, deadline: float = 5.0):
    means = Means(http=open_http(), clock=lambda: NOW, write=print, deadline_seconds=deadline)
    return build([SinkSettings("pager", "apprise", url=url)], means)["pager"]


def delivery(**changes) -> Delivery:
    values = {"payload": payload("apprise"), "state": "sending", "attempts": 1} | changes
    return Delivery("0123abcd" * 8, "a1", "pager", 0, **values)


def ask(handler, *, deadline: float = 5.0, options: str = "", sending: Delivery | None = None):
    """Send once by Apprise's json:// to a server that behaves as told: the outcome, and what the server was asked."""

    async def go():
        async with serving(handler) as server:
            one = sink(server.url.replace("http://", "json://") + PATH + options, deadline)
            return await one.send(sending or delivery()), server.requests

    return asyncio.run(go())


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, "sent"), (201, "sent"), (204, "sent"), (301, "retry"), (302, "retry"), (307, "retry"), (400, "retry"),
        (401, "sink_broken"), (403, "sink_broken"), (404, "sink_broken"), (408, "retry"), (410, "sink_broken"),
        (413, "retry"), (418, "retry"), (422, "retry"), (429, "retry"), (500, "retry"), (502, "retry"), (503, "retry"),
    ],
)  # fmt: skip
@pytest.mark.fault("DL-14")
def test_every_status_has_its_class_and_no_secret_in_its_words(caplog, status, kind):
    """DL-3, DL-5, SE-3."""
    with caplog.at_level(logging.INFO):
        outcome, requests = ask(says(answer(status, f"go away {PATH}".encode(), Location="/elsewhere")))
    assert outcome.kind == kind
    assert len(requests) == 1, "a redirect was followed, or Apprise tried twice by itself"
    for text in (repr(outcome), caplog.text):
        assert "s3cretpart" not in text
        assert "T00000000" not in text


@pytest.mark.fault("DL-5")
def test_an_address_that_asks_for_redirects_gets_none():
    """DL-5: a POST that becomes a GET by a redirect is taken for success."""
    outcome, requests = ask(says(answer(302, Location="/elsewhere")), options="?redirect=yes")
    assert (outcome.kind, len(requests)) == ("retry", 1)


async def drops(_request, writer):
    writer.transport.abort()


async def hangs(_request, _writer):
    await asyncio.sleep(1)


async def garbage(_request, writer):
    writer.write(b"\x00\x01 what is this\r\n\r\n")
    await writer.drain()


@pytest.mark.parametrize("behaviour", [drops, hangs, garbage])
def test_no_whole_answer_is_unknown(behaviour):
    """DL-1, DL-7."""
    assert ask(behaviour, deadline=0.4)[0].kind == "unknown"


def test_nobody_there_is_unknown_since_apprise_does_not_say():
    async def go():
        async with serving(says(b"")) as server:
            url = server.url
        return await sink(url.replace("http://", "json://") + PATH).send(delivery())

    outcome = asyncio.run(go())
    assert outcome.kind == "unknown"
    assert "s3cret" not in outcome.error


# --- what is sent --------------------------------------------------------------------------------


def told(request) -> dict:
    return json.loads(request.body)


def test_title_and_body_are_the_lines_of_the_alert():
    _, (request,) = ask(says(answer()))
    assert "Fort A" in told(request)["title"]
    assert "Two drones hit Fort A" in told(request)["message"]


def test_what_may_be_a_repeat_says_so():
    assert "repeat" not in json.dumps(told(ask(says(answer()))[1][0])).lower()
    assert "Possible repeat" in told(ask(says(answer()), sending=delivery(repeat_possible=True))[1][0])["message"]


def test_notices_and_tests_arrive_too():
    for text in (
        render.notice_payload("apprise", Notice("sink", "x", "sink x is down", NOW)),
        render.test_payload("apprise", "p", NOW),
    ):
        outcome, (request,) = ask(says(answer()), sending=delivery(payload=text))
        assert outcome.kind == "sent"
        assert "Basewatch" in told(request)["message"]


def test_text_of_strangers_mentions_nobody_and_is_no_markup():
    text = "Title @everyone <!here>\n<@U123> \x1b[31m <b>fat</b> [x](https://a.example) ${HOME} \\n"
    _, (request,) = ask(says(answer()), sending=delivery(payload=text))
    shown = told(request)["title"] + told(request)["message"]
    assert not set("@<>\x1b") & set(shown)
    assert "${HOME}" in shown


# --- services that misbehave ----------------------------------------------------------------------


class Odd(apprise.NotifyBase):
    """A service at odd://host/target/target; `behave` is what it does with a message."""

    service_name = "Odd"
    behave = staticmethod(lambda: True)
    calls = 0

    def __init__(self, targets=(), **kwargs):
        super().__init__(**kwargs)
        self.targets = targets or ["one"]

    def url(self, *_, **__):
        return "odd://host"

    def __len__(self):
        return len(self.targets)

    @staticmethod
    def parse_url(url):
        results = apprise.NotifyBase.parse_url(url, verify_host=False)
        return results | {"targets": apprise.NotifyBase.split_path(results["fullpath"])}

    def send(self, **_):
        type(self).calls += 1
        return self.behave()


@pytest.fixture
def service():
    manager = apprise.NotificationManager()
    manager["odd"] = Odd
    Odd.calls = 0
    yield Odd
    manager.remove("odd")


def by(service, behave, **changes) -> Outcome:
    service.behave = staticmethod(behave)
    return asyncio.run(sink("odd://host", **changes).send(delivery()))


@pytest.mark.fault("DL-14")
def test_only_true_is_sent(service):
    assert by(service, lambda: True).kind == "sent"
    assert by(service, lambda: False).kind == "unknown"
    assert service.calls == 2, "Apprise tried by itself"


@pytest.mark.fault("DL-14")
def test_a_service_that_raises_is_unknown_and_tells_no_secret(service):
    def raises():
        raise ZeroDivisionError("s3cretpart")

    outcome = by(service, raises)
    assert outcome.kind == "unknown"
    assert "s3cretpart" not in outcome.error


def test_a_failure_that_an_address_calls_optional_is_no_success(service):
    service.behave = staticmethod(lambda: False)
    outcome = asyncio.run(sink("odd://host?optional=yes").send(delivery()))
    assert outcome.kind != "sent"


@pytest.mark.fault("DL-14", "DL-8")
def test_a_service_that_hangs_is_unknown_delays_nobody_and_is_not_asked_again_meanwhile(service):
    release = threading.Event()
    service.behave = staticmethod(lambda: release.wait(30))

    async def go():
        one = sink("odd://host", deadline=0.2)
        first = await one.send(delivery())
        second = await one.send(delivery())
        release.set()
        one._sending.join(10)
        service.behave = staticmethod(lambda: True)
        return first, second, await one.send(delivery())

    first, second, third = asyncio.run(go())
    assert [one.kind for one in (first, second, third)] == ["unknown", "not_sent", "sent"]
    assert service.calls == 2


def test_nothing_to_send_to_is_surely_not_sent(service, monkeypatch):
    monkeypatch.setattr(apprise.Apprise, "add", lambda *_: False)
    assert by(service, lambda: True).kind == "not_sent"


# --- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nonsense://s3cretpart", "is no address that Apprise knows"),
        ("slack://s3cretpart", "is no address that Apprise knows"),
        ("odd://host/one/s3cretpart", "is not one target"),
        ("odd://host?retry=2&key=s3cretpart", "is not one target"),
    ],
)
@pytest.mark.usefixtures("service")
def test_an_address_that_cannot_be_used_is_one_sentence_without_it(url, told):
    with pytest.raises(ConfigError, match=f"sink pager: its value {told}") as error:
        sink(url)
    assert "s3cretpart" not in str(error.value)


def test_without_apprise_the_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ConfigError, match=r"pip install 'basewatch\[apprise\]'"):
        sink("json://127.0.0.1/")


def test_the_configuration_takes_any_scheme_for_apprise_and_nothing_it_has_no_use_for(tmp_path):
    file = tmp_path / "basewatch.toml"
    text = '[[feed]]\nurl = "https://a.example/"\n[[sink]]\nname = "pager"\nkind = "apprise"\nurl_env = "PAGER"\n'
    file.write_text(text)
    settings = load(file, {"PAGER": "mailto://me:pw@mail.example"})
    assert settings.sinks[0].url.startswith("mailto://")
    assert "mailto" not in repr(settings.sinks[0])
    file.write_text(text + 'secret_env = "S"\nallow_private_addresses = true\n')
    with pytest.raises(ConfigError) as error:
        load(file, {"PAGER": "no address", "S": "x"})
    assert len(error.value.mistakes) == 3
    assert "no address of Apprise" in str(error.value)


def test_a_token_in_place_of_a_host_is_hidden_and_a_web_host_is_not():
    """SE-3."""
    redact.register(["tgram://123456789:AAtokentokentoken/42", "https://web-host.example/s3cretpart0123456789"])
    told = redact.redact("cannot reach 123456789:AAtokentokentoken; https://web-host.example is up")
    assert "AAtoken" not in told
    assert "web-host.example" in told
