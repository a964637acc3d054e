"""Apprise in the contract of sinks: ten services against each class of answer, and the child that it dials from; DL-14.

A child process costs a second, so the matrix runs what a child runs (`notify`) in the process of the test.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import apprise
import pytest
from alerts import payload
from loopback import answer, open_http, says, serving

from monitor import redact
from monitor.alerts import render
from monitor.alerts.sinks import Means, SinkSettings, build
from monitor.alerts.sinks.apprise import judge, message_of
from monitor.alerts.sinks.apprise_child import Report, notify
from monitor.config import load
from monitor.errors import ConfigError
from monitor.model import Delivery, Notice, Outcome

SECRET = "s3cretpart0123456789"
HEX = "3ccdd113474722377935511fc85d3dd4"
# service -> its address; HOST is host and port of the server.
SERVICES = {
    "json": f"json://HOST/services/{SECRET}",
    "xml": f"xml://HOST/services/{SECRET}",
    "form": f"form://HOST/services/{SECRET}",
    "ntfy": f"ntfy://me:{SECRET}@HOST/alerts",
    "gotify": f"gotify://HOST/{SECRET}",
    "mattermost": f"mmost://HOST/{HEX}",
    "rocket.chat": f"rocket://{HEX[:24]}/{SECRET}{HEX[:4]}@HOST/#general",
    "matrix": f"matrix://me:{SECRET}@HOST/#room?mode=slack",
    "home assistant": f"hassio://HOST/{SECRET}",
    "nextcloud talk": f"nctalk://me:{SECRET}@HOST/room",
    "signal": "signal://HOST/15551234567/15551234567",
}
STATUSES = {
    200: "sent", 201: "sent", 204: "sent", 301: "retry", 302: "retry", 307: "retry", 400: "retry", 401: "sink_broken",
    403: "sink_broken", 404: "sink_broken", 408: "retry", 410: "sink_broken", 413: "retry", 418: "retry", 422: "retry",
    429: "retry", 500: "retry", 502: "retry", 503: "retry",
}  # fmt: skip
# What a service takes for success, where that is not every 2xx; nobody can know what another one means.
ONLY = dict.fromkeys(SERVICES, (200,)) | dict.fromkeys(("nextcloud talk", "signal"), (200, 201))
ANY_2XX = ("json", "xml", "form")
NOW = datetime(2024, 5, 1, tzinfo=UTC)
# What Apprise's own modules do when they are loaded.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def sink(url: str, deadline: float = 30.0, *, private: bool = True):
    means = Means(http=open_http(), clock=lambda: NOW, write=print, deadline_seconds=deadline)
    return build([SinkSettings("pager", "apprise", url=url, allow_private_addresses=private)], means)["pager"]


def delivery(**changes) -> Delivery:
    values = {"payload": payload("apprise"), "state": "sending", "attempts": 1} | changes
    return Delivery("0123abcd" * 8, "a1", "pager", 0, **values)


def ask(handler, *, service: str = "json", options: str = "", sending: Delivery | None = None):
    """Send once by a service, without a child, to a server that behaves as told: the outcome, and what it was asked."""

    async def go():
        async with serving(handler) as server:
            url = SERVICES[service].replace("HOST", server.url.removeprefix("http://")) + options
            report = await asyncio.to_thread(notify, url, *message_of(sending or delivery()))
            return judge(report, NOW), server.requests

    return asyncio.run(go())


# --- every service and every answer ---------------------------------------------------------------


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.fault("DL-14")
def test_every_status_of_every_service_has_its_class_and_no_secret_in_its_words(caplog, service, status):
    """DL-3, DL-5, SE-3."""
    echo = json.dumps({"success": True, "message": f"go away {SECRET}"}).encode()
    with caplog.at_level(logging.INFO):
        outcome, requests = ask(says(answer(status, echo, Location="/elsewhere")), service=service)
    odd = STATUSES[status] == "sent" and service not in ANY_2XX and status not in ONLY[service]
    assert outcome.kind == ("unknown" if odd else STATUSES[status])
    assert len(requests) == 1, "a redirect was followed, or Apprise tried twice by itself"
    assert SECRET not in repr(outcome)
    assert HEX not in repr(outcome)
    assert caplog.text.count(SECRET) == 0


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


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("behaviour", [drops, hangs, garbage])
def test_no_whole_answer_is_unknown(service, behaviour):
    """DL-1, DL-7."""
    mark = "&" if "?" in SERVICES[service] else "?"
    outcome, _ = ask(behaviour, service=service, options=f"{mark}rto=0.2")
    assert outcome.kind == "unknown"
    assert SECRET not in outcome.error


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


def by(service, behave, url: str = "odd://host") -> Outcome:
    service.behave = staticmethod(behave)
    return judge(notify(url, *message_of(delivery())), NOW)


@pytest.mark.fault("DL-14")
def test_only_true_is_sent(service):
    assert by(service, lambda: True).kind == "sent"
    assert by(service, lambda: False).kind == "unknown"
    assert service.calls == 2, "Apprise tried by itself"


@pytest.mark.fault("DL-14")
def test_a_service_that_raises_is_unknown_and_tells_no_secret(service):
    def raises():
        raise ZeroDivisionError(SECRET)

    outcome = by(service, raises)
    assert outcome.kind == "unknown"
    assert SECRET not in outcome.error


def test_a_failure_that_an_address_calls_optional_is_no_success(service):
    assert by(service, lambda: False, "odd://host?optional=yes").kind != "sent"


@pytest.mark.parametrize(
    ("report", "kind"),
    [
        (Report("SUCCESS", ("SUCCESS",)), "sent"),
        (Report("SUCCESS", ()), "unknown"),
        (Report("SUCCESS", ("FAILURE",)), "unknown"),
        (Report("SUCCESS", ("SUCCESS", "SUCCESS")), "unknown"),
        (Report("FAILURE", ("FAILURE",), code=404), "sink_broken"),
        (Report("FAILURE", ("FAILURE",), dialled=False), "not_sent"),
        (Report("FAILURE", ("FAILURE",), refused=("its address 10.0.0.1 is a private address",)), "sink_broken"),
        (Report("SUCCESS", ("SUCCESS",), refused=("a second server",)), "sent"),
        (Report("NOMATCH"), "not_sent"),
        (Report(failed="OSError"), "unknown"),
        (Report(failed="OSError", dialled=False), "not_sent"),
    ],
)
@pytest.mark.fault("DL-14")
def test_what_a_report_means(report, kind):
    assert judge(report, NOW).kind == kind


# --- the child ------------------------------------------------------------------------------------


def send(handler, *, host: str = "127.0.0.1", deadline: float = 30.0, private: bool = True):
    """Send once by json:// from a child: the outcome, and how many connections the server saw and has."""

    async def go():
        async with serving(handler) as server:
            address = server.url.removeprefix("http://").replace("127.0.0.1", host)
            one = sink(f"json://{address}/{SECRET}", deadline, private=private)
            outcome = await one.send(delivery())
            while server.open_now:
                await asyncio.wait_for(server.left.wait(), 10)
                server.left.clear()
            return outcome, server.connections

    return asyncio.run(go())


def test_a_child_sends():
    outcome, connections = send(says(answer()))
    assert (outcome.kind, connections) == ("sent", 1)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.fault("DL-15", "HT-5")
def test_a_private_address_is_not_dialled_unless_allowed_and_its_deliveries_wait(host):
    """DL-15: whatever name it goes by."""
    outcome, connections = send(says(answer()), host=host, private=False)
    assert (outcome.kind, connections) == ("sink_broken", 0)
    assert "loopback address" in outcome.error
    assert SECRET not in outcome.error


@pytest.mark.parametrize(
    "url",
    ["mailto://me:pw@mail.example:9?smtp=127.0.0.1&mode=insecure", "rsyslog://127.0.0.1:9", "jsons://localhost:9"],
)
@pytest.mark.fault("DL-15")
def test_the_guard_stands_before_mail_datagrams_and_tls_too(url):
    """DL-15."""
    outcome = asyncio.run(sink(url, private=False).send(delivery()))
    assert (outcome.kind, "loopback address" in outcome.error) == ("sink_broken", True)


@pytest.mark.fault("DL-14")
def test_where_nobody_was_dialled_nothing_was_sent():
    outcome, _ = send(says(answer()), host="no-such-host.invalid")
    assert outcome.kind == "not_sent"
    assert SECRET not in outcome.error


def children_seen() -> list[bytes]:
    """Command line and environment of every child process."""
    seen = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if b"monitor.children" in (place / "cmdline").read_bytes():
                seen += [(place / "cmdline").read_bytes(), (place / "environ").read_bytes()]
    return seen


@pytest.mark.fault("SE-1")
def test_the_address_stands_in_no_command_line_and_no_environment():
    """SE-1: it goes to the child through a pipe."""
    seen: list[bytes] = []

    async def looks_around(_request, writer):
        seen.extend(children_seen())
        writer.write(answer())
        await writer.drain()

    assert send(looks_around)[0].kind == "sent"
    assert seen
    assert not [text for text in seen if SECRET.encode() in text]


async def drips(_request, writer):
    while True:
        writer.write(b"HTTP/1.1 200 OK\r\nX: " if writer.transport.get_write_buffer_size() == 0 else b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


@pytest.mark.fault("DL-14", "DL-8")
def test_a_service_that_hangs_is_unknown_and_ended():
    """DL-8: the server sees that the other side is gone."""
    outcome, connections = send(drips, deadline=6)
    assert (outcome.kind, connections) == ("unknown", 1)


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
    assert len(error.value.mistakes) == 2
    assert "no address of Apprise" in str(error.value)


def test_a_token_in_place_of_a_host_is_hidden_and_a_web_host_is_not():
    """SE-3."""
    redact.register(["tgram://123456789:AAtokentokentoken/42", "https://web-host.example/s3cretpart0123456789"])
    told = redact.redact("cannot reach 123456789:AAtokentokentoken; https://web-host.example is up")
    assert "AAtoken" not in told
    assert "web-host.example" in told
