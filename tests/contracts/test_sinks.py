"""Every sink against every class of answer over real loopback HTTP: DL-1 to DL-5, DL-7, DL-10, DL-11, DL-15, DL-16."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from alerts import SECRET, payload
from loopback import Request, answer, open_http, says, serving
from slack_api import CHANNEL, TOKEN
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from monitor.alerts.sinks import SINKS, Means, Sink, SinkSettings, build
from monitor.errors import ConfigError, FetchError
from monitor.http import Http, HttpSettings
from monitor.model import Delivery, Outcome

OTHER_SECRET = "whsec_" + "C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
PATH = "/services/T00000000/B00000000/s3cretpart0123456789"


# "bot" is Slack by a bot's token.
OF_KIND: dict[str, Callable[[str], dict[str, object]]] = {
    "slack": lambda url: {"kind": "slack", "url": url},
    "webhook": lambda url: {"kind": "webhook", "url": url, "secret": SECRET},
    "bot": lambda url: {"kind": "slack", "api_url": url, "token": TOKEN, "channel": CHANNEL},
}
NETWORK_SINKS = tuple(OF_KIND)


def now() -> datetime:
    return datetime.now(UTC)


def delivery(kind: str, **changes) -> Delivery:
    values = {"payload": payload("slack" if kind == "bot" else kind), "state": "sending", "attempts": 1} | changes
    return Delivery("0123abcd" * 8, "a1", "ops", 0, **values)


def sink(kind: str, url: str, http: Http, *, deadline: float = 5, **settings) -> Sink:
    values = {"allow_private_addresses": True} | OF_KIND[kind](url + PATH) | settings
    means = Means(http=http, clock=now, write=print, deadline_seconds=deadline)
    return build([SinkSettings("ops", **values)], means)["ops"]


class Network:
    """One event loop and one Http for all tests: a TLS context each would cost more than the tests."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.runner = runner
        self.http = open_http()

    def ask(self, kind: str, handler, *, deadline: float = 5, sending: Delivery | None = None, **settings):
        """Send once to a server that behaves as told: the outcome, and what the server was asked."""

        async def go():
            async with serving(handler) as server:
                one = sink(kind, server.url, self.http, deadline=deadline, **settings)
                return await one.send(sending or delivery(kind)), server.requests

        return self.runner.run(go())


@pytest.fixture(scope="module")
def network():
    with asyncio.Runner() as runner:
        network = Network(runner)
        yield network
        runner.run(network.http.aclose())


@pytest.fixture
def ask(network):
    return network.ask


# status -> outcome of a webhook, outcome of Slack by either way
STATUSES = {
    200: ("sent", "retry"),  # Slack: only with the body ok
    201: ("sent", "retry"),
    204: ("sent", "retry"),
    301: ("retry", "retry"),
    302: ("retry", "retry"),
    307: ("retry", "retry"),
    400: ("retry", "rerender"),
    401: ("sink_broken", "sink_broken"),
    403: ("sink_broken", "sink_broken"),
    404: ("sink_broken", "sink_broken"),
    408: ("retry", "retry"),
    410: ("sink_broken", "sink_broken"),
    413: ("retry", "rerender"),
    418: ("retry", "retry"),
    422: ("retry", "retry"),
    425: ("retry", "retry"),
    429: ("retry", "retry"),
    500: ("retry", "retry"),
    502: ("retry", "retry"),
    503: ("retry", "retry"),
    504: ("retry", "retry"),
}


@pytest.mark.parametrize("kind", NETWORK_SINKS)
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.fault("DL-3", "DL-5", "SE-3")
def test_every_status_has_its_class_and_no_secret_in_its_words(ask, kind, status):
    """DL-3, DL-5, SE-3."""
    echo = f"go away {PATH} {SECRET} {TOKEN}".encode()
    outcome, requests = ask(kind, says(answer(status, echo, Location="/elsewhere")))
    assert outcome.kind == STATUSES[status][kind != "webhook"]
    assert outcome.code == status
    assert len(requests) == 1, "a redirect was followed, or the sink tried twice by itself"
    for secret in ("s3cretpart", "T00000000", SECRET, SECRET.removeprefix("whsec_"), TOKEN):
        assert secret not in repr(outcome)


SLACK_WORDS = {
    "rerender": "invalid_payload no_text msg_blocks_too_long invalid_blocks too_many_attachments",
    "sink_broken": (
        "no_service channel_not_found channel_is_archived action_prohibited team_disabled invalid_token user_not_found "
        "no_team posting_to_general_channel_denied"
    ),
    "retry": "rollup_error",
}


@pytest.mark.parametrize("status", [200, 400, 403, 404, 410, 500])
@pytest.mark.parametrize(
    ("kind", "word"), [(kind, word) for kind, words in SLACK_WORDS.items() for word in words.split()]
)
@pytest.mark.fault("DL-3")
def test_every_error_of_slack_has_its_class_whatever_its_status(ask, kind, word, status):
    """DL-3."""
    outcome, _ = ask("slack", says(answer(status, word.encode())))
    assert outcome.kind == kind
    assert word in outcome.error


@pytest.mark.parametrize(
    "body", [b"", b"<html>Log in to the hotel</html>", b'{"ok":false}', b'{"ok":true}', b"OK", b"okay"]
)
@pytest.mark.fault("DL-4")
def test_200_without_ok_is_not_sent_for_slack(ask, body):
    """DL-4."""
    outcome, _ = ask("slack", says(answer(200, body)))
    assert outcome.kind == "retry"


def test_ok_is_sent(ask):
    assert ask("slack", says(answer(200, b"ok")))[0].kind == "sent"
    assert ask("slack", says(answer(200, b"ok\n")))[0].kind == "sent"


@pytest.mark.parametrize("kind", NETWORK_SINKS)
@pytest.mark.parametrize("header", [{"Retry_After": "30"}, {"Retry_After": "junk"}, {"Retry_After": "-1"}, {}])
@pytest.mark.fault("DL-2")
def test_429_pauses_the_sink_and_503_only_when_it_says_for_how_long(ask, kind, header):
    """DL-2."""
    said = 30 if header.get("Retry_After") == "30" else None
    for status, pauses in ((429, True), (503, said is not None)):
        outcome, _ = ask(kind, says(answer(status, b"", **header)))
        assert (outcome.kind, outcome.retry_after_seconds, outcome.pause_sink) == ("retry", said, pauses)


# --- no answer -----------------------------------------------------------------------------------


async def drops(_request: Request, writer: asyncio.StreamWriter) -> None:
    """Take the request and break off."""
    writer.transport.abort()


async def hangs(_request: Request, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(1)


async def drips(_request: Request, writer: asyncio.StreamWriter) -> None:
    for letter in answer(200, b"ok").decode():
        writer.write(letter.encode())
        await writer.drain()
        await asyncio.sleep(0.05)


async def floods(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 10000000000\r\n\r\n")
    for _ in range(10_000):
        writer.write(b"ok" * 50_000)
        await writer.drain()


async def garbage(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\x01 what is this\r\n\r\n")
    await writer.drain()


@pytest.mark.parametrize("kind", NETWORK_SINKS)
@pytest.mark.parametrize("behaviour", [drops, hangs, drips, garbage])
@pytest.mark.fault("DL-1", "DL-7")
def test_no_whole_answer_after_the_request_left_is_unknown(ask, kind, behaviour):
    """DL-1, DL-7."""
    outcome, _ = ask(kind, behaviour, deadline=0.4)
    assert outcome.kind == "unknown"


def breaks_off(body: bytes, kept: int):
    """Answer 200 with a body of which only so many bytes come, and reset the connection."""

    async def handler(_request: Request, writer: asyncio.StreamWriter) -> None:
        whole = answer(200, body)
        writer.write(whole[: len(whole) - len(body) + kept])
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.transport.abort()

    return handler


@pytest.mark.parametrize(
    ("kind", "body", "kept", "outcome"),
    [
        ("webhook", b"thanks", 2, "sent"),  # its status says all
        ("slack", b"ok", 0, "unknown"),
        ("slack", b"ok", 1, "unknown"),
        ("bot", b'{"ok":true,"ts":"1.1"}', 15, "unknown"),
        ("bot", b'{"ok":false,"error":"fatal_error"}', 20, "unknown"),
    ],
)
@pytest.mark.fault("DL-1")
def test_an_answer_that_breaks_off_after_its_status_is_judged_by_what_came(ask, kind, body, kept, outcome):
    """DL-1: 200 alone is no yes of Slack, and what may be one is a possible repeat."""
    assert ask(kind, breaks_off(body, kept))[0].kind == outcome


@pytest.mark.fault("DL-16")
def test_an_endless_answer_is_judged_by_its_status_after_a_few_bytes(ask):
    """DL-16."""
    assert ask("webhook", floods)[0].kind == "sent"
    assert ask("slack", floods)[0].kind == "retry"
    assert ask("bot", floods)[0].kind == "unknown", "of an answer that never ends nobody knows whether it is ok"


@pytest.mark.parametrize("kind", NETWORK_SINKS)
def test_nobody_there_is_surely_not_sent(kind):
    async def go() -> Outcome:
        async with serving(says(b"")) as server:
            url = server.url
        async with open_http() as http:
            return await sink(kind, url, http).send(delivery(kind))

    outcome = asyncio.run(go())
    assert outcome.kind == "not_sent"
    assert "s3cret" not in outcome.error


@pytest.mark.parametrize("kind", NETWORK_SINKS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_before_a_connection_stands_nothing_was_sent(network, kind, scheme):
    """No such name; and no TLS, since the other side speaks none."""

    async def nobody_knows(_host: str, _port: int) -> list[str]:
        raise FetchError("the name cannot be resolved", "dns")

    async def go():
        async with serving(hangs) as server, Http(HttpSettings(allow_private=True, connect_seconds=0.5)) as http:
            if scheme == "http":
                nameless = Http(HttpSettings(allow_private=True), resolve=nobody_knows)
                return await sink(kind, "http://no-such-name.example", nameless).send(delivery(kind))
            return await sink(kind, server.url.replace("http:", "https:"), http).send(delivery(kind))

    outcome = network.runner.run(go())
    assert outcome.kind == "not_sent"
    for secret in ("s3cretpart", TOKEN, SECRET):
        assert secret not in outcome.error


@pytest.mark.parametrize("kind", NETWORK_SINKS)
@pytest.mark.fault("DL-15")
def test_a_private_address_is_refused_unless_allowed_and_its_deliveries_wait(kind):
    """DL-15: nothing is dropped; the sink is held until it is repaired."""

    async def go():
        async with serving(says(answer(200, b"ok"))) as server, Http(HttpSettings()) as http:
            outcome = await sink(kind, server.url, http, allow_private_addresses=False).send(delivery(kind))
            return outcome, server.connections

    outcome, connections = asyncio.run(go())
    assert outcome.kind == "sink_broken"
    assert connections == 0
    assert "s3cret" not in outcome.error


# --- what is sent --------------------------------------------------------------------------------


def verified(request: Request, secret: str) -> dict:
    return Webhook(secret).verify(request.body, request.headers)


@pytest.mark.fault("DL-10")
def test_a_webhook_is_signed_over_the_bytes_that_are_sent(ask):
    """DL-10: the reference library verifies, non-ASCII included."""
    text = json.dumps({"type": "test", "data": {"text": "Ärger in المدينة – 基地"}}, ensure_ascii=False)
    sending = delivery("webhook", payload=text)
    _, (request,) = ask("webhook", says(answer(200)), sending=sending)
    assert request.body == text.encode()
    assert verified(request, SECRET) == json.loads(text)
    assert request.headers["webhook-id"] == sending.id
    assert abs(int(request.headers["webhook-timestamp"]) - now().timestamp()) < 60


@pytest.mark.fault("DL-10")
def test_two_secrets_sign_while_one_replaces_the_other(ask):
    """DL-10: either key verifies; a third does not."""
    _, (request,) = ask("webhook", says(answer(200)), secret=f"{OTHER_SECRET} {SECRET}")
    assert verified(request, SECRET) == verified(request, OTHER_SECRET)
    with pytest.raises(WebhookVerificationError):
        verified(request, "whsec_" + "A" * 32)


def test_a_webhook_without_a_secret_is_sent_unsigned(ask):
    outcome, (request,) = ask("webhook", says(answer(200)), secret="")
    assert outcome.kind == "sent"
    assert "webhook-signature" not in request.headers
    assert "webhook-id" in request.headers


@pytest.mark.fault("DL-11")
def test_every_attempt_has_the_same_id_and_body():
    """DL-11."""

    async def go():
        async with serving(says(answer(500))) as server, open_http() as http:
            one = sink("webhook", server.url, http)
            for number in range(1, 4):
                await one.send(delivery("webhook", attempts=number, repeat_possible=number > 1, minimal=number > 2))
            return server.requests

    requests = asyncio.run(go())
    assert len({(request.headers["webhook-id"], request.body) for request in requests}) == 1
    assert len(requests) == 3


def test_slack_gets_json_and_says_when_it_may_be_a_repeat(ask):
    _, (first,) = ask("slack", says(answer(200, b"ok")))
    _, (again,) = ask("slack", says(answer(200, b"ok")), sending=delivery("slack", repeat_possible=True))
    assert first.headers["content-type"].startswith("application/json")
    assert "repeat" not in first.body.decode().lower()
    assert "Possible repeat" in json.loads(again.body)["text"]
    assert "Possible repeat" in json.dumps(json.loads(again.body)["blocks"][0])


def test_slack_gets_text_alone_where_its_blocks_were_refused(ask):
    _, (request,) = ask("slack", says(answer(200, b"ok")), sending=delivery("slack", minimal=True))
    assert set(json.loads(request.body)) == {"text"}
    assert "Fort A" in json.loads(request.body)["text"]


def test_the_console_prints_and_a_closed_output_is_an_outcome():
    printed: list[str] = []

    def closed(_text: str) -> None:
        raise BrokenPipeError

    def send(write: Callable[[str], object], sending: Delivery) -> Outcome:
        means = Means(http=Http(), clock=now, write=write)
        return asyncio.run(build([SinkSettings("screen", "console")], means)["screen"].send(sending))

    assert send(printed.append, delivery("console")).kind == "sent"
    assert "Fort A" in printed[0]
    assert send(closed, delivery("console")).kind == "not_sent"
    send(printed.append, delivery("console", payload="evil \x1b]0;title\x07 text\r\x9b31m"))
    assert "\x1b" not in printed[1]
    assert "\x07" not in printed[1]


def test_a_secret_that_is_no_key_is_one_sentence_without_the_secret():
    with pytest.raises(ConfigError, match="sink ops: its secret is no signing key") as error:
        build([SinkSettings("ops", "webhook", secret="not-base64-at-all!")], Means(Http(), now, print))
    assert "not-base64" not in str(error.value)


def test_settings_never_show_their_secrets():
    """SE-1."""
    shown = repr(SinkSettings("ops", "slack", url="https://hooks.example/s3cret", secret=SECRET))
    assert "s3cret" not in shown
    assert SECRET not in shown


def test_every_kind_of_sink_stands_in_this_matrix():
    in_matrix = {str(of("")["kind"]) for of in OF_KIND.values()}
    assert set(SINKS) == {*in_matrix, "console", "apprise"}, "apprise has a file of its own"
