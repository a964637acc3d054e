"""No secret leaves in any form, and no control character reaches a terminal (SE-1, SE-3, HC-3)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import redact

HOOK = "https://hooks.slack.example/services/T0AAAAAAA/B0BBBBBBB/verysecretpart0123456789"
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def registered():
    redact.register([HOOK, KEY, "https://user:pass-word-1@feeds.example/x?apikey=zzzzzz", "abc"])


@pytest.mark.parametrize(
    "text",
    [
        f"cannot reach {HOOK}",
        f"POST {HOOK.split('example')[1]} failed",
        "No service verysecretpart0123456789 here",
        f"key {KEY}",
        "key MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "quoted https%3A%2F%2Fhooks.slack.example%2Fservices%2FT0AAAAAAA%2FB0BBBBBBB%2Fverysecretpart0123456789",
        "GET /x?apikey=zzzzzz",
        "login pass-word-1",
    ],
)
@pytest.mark.usefixtures("registered")
@pytest.mark.fault("SE-1")
def test_registered_secrets_are_hidden_in_every_form(text):
    shown = redact.redact(text)
    assert redact.HIDDEN in shown
    for secret in ("verysecretpart", "MfKQ9r8", "zzzzzz", "pass-word-1"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("see https://bob:hunter2@feeds.example/rss", "hunter2"),
        ("https://api.example/feed?token=abc123&x=1", "abc123"),
        ("https://api.example/feed?x=1&api_key=abc123", "abc123"),
        ("https://hooks.slack.com/services/T1/B1/XyZ", "XyZ"),
        ("https://discord.example/api/webhooks/123/XyZ", "XyZ"),
        ("https://chat.example/hooks/XyZ", "XyZ"),
        ("secret whsec_C2FVsBQIhrscChlQIMV", "C2FVsBQ"),
        ("token xoxb-12-AbC", "12-AbC"),
        ("token xoxe.xoxb-1-AbC", "1-AbC"),
        ("Authorization: Bearer eyJhbGciOi", "eyJhbGciOi"),
        ("Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    ],
)
def test_shapes_of_secrets_are_hidden_unregistered(text, secret):
    assert secret not in redact.redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://news.example/world/2024/05/01/story?id=12&page=2",
        "HTTP 503 from https://news.example/feed.xml",
        "https://news.example/services/rss/world.xml",
        "3 basic rules, a bearer of news",
        "mail desk@news.example",
    ],
)
def test_ordinary_text_and_addresses_stay(text):
    assert redact.redact(text) == text


@pytest.mark.usefixtures("registered")
def test_a_value_too_short_to_be_a_secret_does_not_blank_words():
    assert redact.redact("the abc of it") == "the abc of it"


@pytest.mark.usefixtures("registered")
def test_the_log_processor_reaches_every_value():
    event = {
        "event": f"failed {HOOK}",
        "list": [KEY, 1, {"deep": HOOK}],
        "error": ValueError(HOOK),
        "exception": f"Traceback\n  {HOOK}\n",
        "number": 3,
        "forged": "ok\x1b[31m\r\n10:00 [info] forged\x07",
    }
    shown = redact.processor(None, "info", event)
    assert "verysecretpart" not in repr(shown)
    assert "MfKQ9r8" not in repr(shown)
    assert shown["number"] == 3
    assert "Traceback\n" in shown["exception"]
    assert "\x1b" not in shown["forged"]
    assert shown["forged"] == "ok[31m 10:00 [info] forged"


@given(st.text())
def test_plain_text_is_safe_and_stable(text):
    safe = redact.plain(text)
    assert safe == redact.plain(safe)
    hidden = {letter for letter in safe if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")}
    assert hidden <= {"\u200c", "\u200d"}
    assert not any(letter in safe for letter in "\n\r\t\x1b\x07\u202e\u2066\u200b\ufeff")
    safe.encode()


@given(st.text(), st.integers(1, 50))
@pytest.mark.fault("HC-3")
def test_one_line_is_one_line_and_no_longer(text, limit):
    line = redact.one_line(text, limit)
    assert len(line) <= limit
    assert "\n" not in line
    assert line == line.strip()


def test_what_people_write_stays():
    for text in ("Ayn al-Asad – “quoted”…", "قاعدة عين الأسد", "می‌خواهم", "Ä ö ß 日本 🚀", "café"):
        assert redact.plain(text) == text
    assert redact.plain("Zalgo" + "\u0301" * 10_000) == "Zalgo" + "\u0301" * redact.MAX_MARKS
    assert redact.plain("a\u202eb\u200bc\U000e0041d") == "abcd"
    assert redact.plain("one\ntwo\tthree", keep_lines=True) == "one\ntwo\tthree"
    assert redact.plain("one\r\ntwo") == "one two"
