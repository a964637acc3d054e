"""Slack by a bot's token in the contract of sinks: every documented error, threads, payloads at the limits; DL-3."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from alerts import ALERT, ARTICLE, payload
from hypothesis import given
from hypothesis import strategies as st
from loopback import answer, open_http, says, serving
from slack_api import CHANNEL, TOKEN, SlackApi

from monitor.alerts import render
from monitor.alerts.sinks import Means, SinkSettings, build
from monitor.alerts.slack_answers import BROKEN_WORDS, DOUBTFUL, LIMITED, PASSING, PAYLOAD
from monitor.alerts.slack_history import EVENT, page_of
from monitor.model import Delivery, Notice, Outcome

NOW = datetime(2024, 5, 1, tzinfo=UTC)
PARENT = f"{CHANNEL}/1700000000.000001"
OK = json.dumps({"ok": True, "channel": CHANNEL, "ts": "1700000000.000002"}).encode()
KEYS = st.sampled_from(["metadata", "event_type", "event_payload", "deliveries", "next_cursor", "ts", EVENT])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
)


def delivery(**changes) -> Delivery:
    values = {"payload": payload("slack"), "state": "sending", "attempts": 1} | changes
    return Delivery("0123abcd" * 8, "a1", "desk", 0, **values)


def ask(handler, sending: Delivery | None = None, deadline: float = 5, **settings) -> tuple[Outcome, list]:
    """Send once to an API that behaves as told: the outcome, and what the API was asked."""

    async def go():
        async with serving(handler) as server, open_http() as http:
            means = Means(http=http, clock=lambda: NOW, write=print, deadline_seconds=deadline)
            values = {"token": TOKEN, "channel": CHANNEL, "api_url": f"{server.url}/api/"} | settings
            one = build([SinkSettings("desk", "slack", allow_private_addresses=True, **values)], means)["desk"]
            return await one.send(sending or delivery()), server.requests

    return asyncio.run(go())


def says_error(word: object, status: int = 200, **headers: str):
    return says(answer(status, json.dumps({"ok": False, "error": word}).encode(), **headers))


# --- what Slack says -----------------------------------------------------------------------------

# The errors of the reference of chat.postMessage that a message of ours can meet.
WORDS = {
    "sink_broken": (
        "channel_not_found not_in_channel is_archived invalid_auth not_authed account_inactive token_revoked "
        "token_expired missing_scope no_permission not_allowed_token_type org_login_required ekm_access_denied "
        "team_access_not_granted access_denied accesslimited restricted_action restricted_action_read_only_channel "
        "restricted_action_thread_only_channel messages_tab_disabled as_user_not_supported app_access_restricted "
        "enterprise_is_restricted two_factor_setup_required team_not_found deprecated_endpoint method_deprecated"
    ),
    "rerender": (
        "no_text msg_too_long invalid_blocks invalid_blocks_format msg_blocks_too_long too_many_attachments "
        "invalid_arguments invalid_arg_name invalid_json json_not_object invalid_post_type cannot_reply_to_message "
        "thread_not_found restricted_action_thread_locked restricted_action_non_threadable_channel "
        "metadata_too_large invalid_metadata_format invalid_metadata_schema metadata_must_be_sent_from_app"
    ),
    "retry": "ratelimited rate_limited message_limit_exceeded service_unavailable request_timeout team_added_to_org",
    "unknown": "fatal_error internal_error",
}


@pytest.mark.parametrize(("kind", "word"), [(kind, word) for kind, words in WORDS.items() for word in words.split()])
@pytest.mark.fault("DL-3")
def test_every_error_of_slacks_api_has_its_class(kind, word):
    """DL-3."""
    outcome, requests = ask(says_error(word))
    assert (outcome.kind, outcome.error) == (kind, f"Slack says {word}")
    assert outcome.pause_sink == (word in LIMITED)
    assert len(requests) == 1


def test_no_error_has_two_classes():
    classes = (PAYLOAD, BROKEN_WORDS, LIMITED, PASSING, DOUBTFUL)
    assert sum(map(len, classes)) == len(frozenset().union(*classes))


def test_an_error_that_is_new_is_tried_again_and_told_and_what_is_no_error_is_not_repeated():
    outcome, _ = ask(says_error("some_new_error"))
    assert (outcome.kind, outcome.code, outcome.error) == ("retry", 200, "Slack says some_new_error")
    for odd in (TOKEN, "Two words", "", 7, None, ["x"]):
        outcome, _ = ask(says_error(odd))
        assert (outcome.kind, outcome.code) == ("retry", 200)
        assert TOKEN not in outcome.error


@pytest.mark.parametrize(
    ("header", "seconds"), [({"Retry_After": "30"}, 30), ({}, None), ({"Retry_After": "junk"}, None)]
)
@pytest.mark.fault("DL-2")
def test_a_limit_pauses_the_sink_for_as_long_as_slack_says(header, seconds):
    """DL-2."""
    outcome, _ = ask(says_error("ratelimited", **header))
    assert (outcome.kind, outcome.pause_sink, outcome.retry_after_seconds) == ("retry", True, seconds)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"ok",
        b"<html>Log in to the hotel</html>",
        b"[]",
        b'"ok"',
        b'{"ok":"true"}',
        b'{"ok":1}',
        b"{}",
        b"[" * 9999,
    ],
)
@pytest.mark.fault("DL-4")
def test_200_without_ok_true_is_not_sent(body):
    """DL-4."""
    assert ask(says(answer(200, body)))[0].kind == "retry"


async def breaks_off(_request, writer):
    writer.write(answer(200, OK)[:-5])
    await writer.drain()


@pytest.mark.fault("DL-1")
def test_an_answer_that_breaks_off_is_unknown():
    """DL-1."""
    assert ask(breaks_off)[0].kind == "unknown"


def test_the_receipt_is_channel_and_ts_and_nothing_odd():
    assert ask(says(answer(200, OK)))[0] == Outcome("sent", 200, receipt=f"{CHANNEL}/1700000000.000002")
    for said in ({}, {"channel": CHANNEL}, {"channel": "c/1", "ts": "1.2"}, {"channel": CHANNEL, "ts": "now"}):
        outcome, _ = ask(says(answer(200, json.dumps({"ok": True, **said}).encode())))
        assert (outcome.kind, outcome.receipt) == ("sent", "")


# --- what is sent --------------------------------------------------------------------------------


def posted(sending: Delivery, **settings) -> tuple[Outcome, dict]:
    api = SlackApi()
    outcome, _ = ask(api.handle, sending, **settings)
    assert api.faults == []
    return outcome, api.messages[-1] if api.messages else {}


def test_the_token_goes_into_the_header_alone():
    _, (request,) = ask(says(answer(200, OK)))
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert (request.method, request.target) == ("POST", "/api/chat.postMessage")
    assert TOKEN.encode() not in request.body


def test_a_first_message_stands_in_the_channel_and_an_update_in_its_thread_and_the_channel():
    outcome, first = posted(delivery())
    assert (outcome.kind, first["channel"]) == ("sent", CHANNEL)
    assert not {"thread_ts", "reply_broadcast"} & set(first)
    _, update = posted(delivery(thread=PARENT))
    assert (update["thread_ts"], update["reply_broadcast"]) == ("1700000000.000001", True)


@pytest.mark.parametrize("thread", ["C0OTHER11/1700000000.000001", "", "ok"])
def test_a_thread_of_another_channel_is_left_alone(thread):
    assert "thread_ts" not in posted(delivery(thread=thread))[1]


def test_what_was_refused_goes_out_as_text_outside_of_the_thread():
    _, message = posted(delivery(thread=PARENT, minimal=True))
    assert set(message) == {"channel", "text", "ts"}
    assert "Fort A" in message["text"]


def test_what_may_be_a_repeat_says_so():
    assert "repeat" not in json.dumps(posted(delivery())[1]).lower()
    assert "Possible repeat" in posted(delivery(repeat_possible=True))[1]["text"]


@pytest.mark.parametrize("text", ["&" * 5000, "<!channel> " * 900, "é" * 9000, "x", "|>" * 4000])
@pytest.mark.fault("DL-9")
def test_payloads_at_the_limits_are_accepted(text):
    """DL-9."""
    article = replace(ARTICLE, title=text, source=text, url=f"https://news.example/{text}")
    update = replace(ALERT, reason="update", changes=(("claimed_by", text, text),) * 30)
    whole = payload("slack", article=article, alert=update)
    many = render.digest("slack", [whole] * render.digest_fits("slack", [whole] * 100), "that waited")
    notice = render.notice_payload("slack", Notice("sink", "x", text, NOW))
    for one in (whole, many, notice, render.test_payload("slack", "desk", NOW)):
        for changes in ({}, {"repeat_possible": True}, {"minimal": True}, {"thread": PARENT}):
            assert posted(delivery(payload=one, **changes))[0].kind == "sent"


def test_the_fake_refuses_what_slack_refuses():
    too_many = json.dumps({"text": "x", "blocks": [{"type": "divider", "elements": []}] * 51})
    too_long = json.dumps(
        {"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]}
    )
    for wrong in ('{"text": ""}', too_many, too_long):
        api = SlackApi()
        assert ask(api.handle, delivery(payload=wrong))[0].kind == "rerender"
    assert ask(SlackApi().handle, token="xoxb-other")[0].kind == "sink_broken"
    assert ask(SlackApi().handle, channel="C0OTHER11")[0].error == "Slack says channel_not_found"


# --- what may have arrived ------------------------------------------------------------------------

MAYBE = {"repeat_possible": True, "created_at": NOW}


def again(api: SlackApi, *sent: Delivery, **changes) -> Outcome:
    """Send these, and then the last of them as one that may have arrived."""
    for one in sent:
        assert ask(api.handle, one)[0].kind == "sent"
    last = sent[-1] if sent else delivery()
    return ask(api.handle, replace(last, **MAYBE | changes))[0]


@pytest.fixture
def api():
    return SlackApi(lambda: NOW)


def others(count: int) -> list[Delivery]:
    return [replace(delivery(), id=f"{number:064d}") for number in range(count)]


@pytest.mark.fault("DL-1")
def test_what_has_arrived_is_not_sent_again(api):
    """DL-1: the gap closes."""
    outcome = again(api, *others(3), delivery())
    assert (outcome.kind, len(api.messages)) == ("sent", 4)
    assert outcome.receipt == f"{CHANNEL}/{api.messages[-1]['ts']}"


@pytest.mark.fault("DL-1")
def test_what_has_not_arrived_is_sent_and_is_no_repeat(api):
    """DL-1."""
    for one in others(3):
        ask(api.handle, one)
    assert again(api).kind == "sent"
    assert len(api.messages) == 4
    assert "repeat" not in json.dumps(api.messages).lower()


def test_it_is_found_on_a_later_page_and_in_a_thread_that_was_not_shown_to_the_channel(api):
    api.a_page = 2
    assert again(api, delivery(), *others(5), delivery()).receipt.startswith(CHANNEL)
    assert len(api.messages) == 7
    ask(api.handle, delivery(thread=PARENT))
    api.messages[-1] |= {"reply_broadcast": False}
    api.messages[:-1] = []
    assert again(api, thread=PARENT).kind == "sent"
    assert len(api.messages) == 1
    assert api.asked["conversations.replies"] == 1


@pytest.mark.parametrize("hours", [-20, 20])
@pytest.mark.fault("DL-1")
def test_it_is_found_by_a_clock_that_is_wrong_by_hours(api, hours):
    """DL-1."""
    assert again(api, delivery(), created_at=NOW + timedelta(hours=hours)).kind == "sent"
    assert len(api.messages) == 1


def test_one_that_went_out_in_a_digest_is_found_and_is_no_parent(api):
    digest = delivery(
        payload=render.digest("slack", [payload("slack")] * 2, "that waited"), carries=(delivery().id, "f" * 64)
    )
    ask(api.handle, digest)
    assert again(api) == Outcome("sent", error="it had arrived before")
    assert len(api.messages) == 1


@pytest.mark.parametrize(
    "blind",
    [
        {"readable": False},
        {"strips": True},
        {"a_page": 1},
        {"says": ["ratelimited"]},
        {"says": ["internal_error"]},
        {"says": ["missing_scope"]},
    ],
)
@pytest.mark.fault("DL-1")
def test_where_slack_does_not_tell_it_is_sent_and_marked(api, blind):
    """DL-1: better twice than never."""
    for one in others(7):
        ask(api.handle, one)
    for name, value in blind.items():
        setattr(api, name, value)
    assert again(api).kind == "sent"
    assert len(api.messages) == 8
    assert "Possible repeat" in api.messages[-1]["text"]


@pytest.mark.parametrize("changes", [{"minimal": True}, {"created_at": None}])
def test_what_carries_nothing_to_be_known_by_is_sent_and_marked(api, changes):
    assert again(api, delivery(), **changes).kind == "sent"
    assert "Possible repeat" in api.messages[-1]["text"]
    assert api.asked["conversations.history"] == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"ok":true}', b'{"ok":true,"messages":7}', b'{"ok":true,"messages":[],"has_more":true}',
     b'{"ok":true,"messages":[{"metadata":{"event_type":"basewatch_delivery"}}]}',
     b'{"ok":true,"messages":[{"metadata":{"event_type":"basewatch_delivery","event_payload":[]}}]}'],
)  # fmt: skip
def test_no_odd_page_is_taken_for_absence(body):
    assert page_of(body.decode(), CHANNEL, "x" * 64) is None


@given(anything)
def test_whatever_stands_in_a_message_it_is_no_error(message):
    page_of(json.dumps({"ok": True, "messages": [message], "response_metadata": message}), CHANNEL, "x" * 64)


def test_a_search_that_hangs_keeps_nothing_back():
    api = SlackApi(lambda: NOW)

    async def handle(request, writer):
        if request.target.endswith("history"):
            await asyncio.sleep(2)
        else:
            await api.handle(request, writer)

    assert ask(handle, delivery(**MAYBE), deadline=2)[0].kind == "sent"
    assert "Possible repeat" in api.messages[-1]["text"]


def test_settings_never_show_the_token():
    """SE-1."""
    assert TOKEN not in repr(SinkSettings("desk", "slack", token=TOKEN, channel=CHANNEL))
