"""Secrets out of every text that leaves memory, and control characters out of every text that reaches a terminal.

Two nets: the values that the configuration registered, and the shapes of addresses that carry a secret in their path,
query or user info. Registered values are kept for the whole process, because a log line can be written anywhere.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterable, MutableMapping
from typing import Any
from urllib.parse import quote, urlsplit

HIDDEN = "[hidden]"
# Shorter values would blank out ordinary words.
SHORTEST_SECRET = 6

_USER_INFO = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/?#@\"'<>]+@")
_QUERY_VALUE = re.compile(
    r"(?i)([?&;](?:[a-z0-9_.-]*(?:token|secret|key|sig|signature|password|passwd|pwd|auth|credential|code|session)"
    r"[a-z0-9_.-]*)=)[^\s&;#\"'<>]+"
)
_HOOK_PATH = re.compile(
    r"(?i)(https?://[^\s/\"'<>]+/(?:[^\s\"'<>]*?/)?(?:services/(?=T\w+/B\w+/)|hooks?/|webhooks?/))[^\s?#\"'<>]+"
)
_SIGNING_KEY = re.compile(r"\bwhsec_[A-Za-z0-9+/=_-]+")
_SLACK_TOKEN = re.compile(r"\bxox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]+")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9+/=._~-]{6,}")

_LINE_END = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")
# The keys under which structlog writes tracebacks.
_MANY_LINES = ("exception", "stack")

# Controls, formats (bidi, zero-width, tags), surrogates, private use.
_INVISIBLE = ("Cc", "Cf", "Cs", "Co")
# ZWNJ and ZWJ shape Persian, Arabic and Indic words and cannot reorder anything.
_SHAPING = ("\u200c", "\u200d")
MAX_MARKS = 4

_registered: dict[str, None] = {}


def register(values: Iterable[str]) -> None:
    """Hide these values, and their percent-encoded and path forms, from now on and everywhere."""
    for value in values:
        forms = {value, quote(value, safe=""), value.removeprefix("whsec_"), *_parts(value), *_login_forms(value)}
        for form in forms:
            if len(form) >= SHORTEST_SECRET:
                _registered[form] = None


def _login_forms(value: str) -> list[str]:
    """Of user:password: the password, and both as they stand in a header (RFC 7617)."""
    _, mark, password = value.partition(":")
    if not mark or "://" in value:
        return []
    return [password, quote(password, safe=""), base64.b64encode(value.encode()).decode("ascii")]


def _parts(value: str) -> list[str]:
    """Of an address: what may stand alone in somebody's error text; never the host of a web address.

    Where Apprise's services have no host, a token stands in its place (tgram://token/chat).
    """
    if "://" not in value:
        return []
    try:
        parts = urlsplit(value)
    except ValueError:
        return []
    whole = parts.path + (f"?{parts.query}" if parts.query else "")
    secret_segments = [segment for segment in parts.path.split("/") if len(segment) >= 16]
    in_place_of_host = "" if parts.scheme in ("http", "https") else parts.netloc
    return [whole, parts.path, parts.query, parts.password or "", in_place_of_host, *secret_segments]


def redact(text: str) -> str:
    """The text without registered values and without anything that looks like a secret in an address."""
    for value in sorted(_registered, key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    text = _USER_INFO.sub(rf"\1{HIDDEN}@", text)
    text = _HOOK_PATH.sub(rf"\1{HIDDEN}", text)
    text = _QUERY_VALUE.sub(rf"\1{HIDDEN}", text)
    text = _SIGNING_KEY.sub(HIDDEN, text)
    text = _SLACK_TOKEN.sub(HIDDEN, text)
    return _BEARER.sub(rf"\1 {HIDDEN}", text)


def processor(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: every text of the event is redacted, on one line and free of control characters.

    Stands after the formatting of exceptions, so that tracebacks are covered too; they alone keep their lines.
    """
    for key, value in event.items():
        event[key] = _clean(value, keep_lines=key in _MANY_LINES)
    return event


def _clean(value: object, *, keep_lines: bool = False) -> object:
    if isinstance(value, (int, float, bool)) or value is None:
        return value
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _clean(item) for key, item in value.items()}
    return plain(redact(str(value)), keep_lines=keep_lines)


def plain(text: str, *, keep_lines: bool = False) -> str:
    """Text of strangers made safe to show: no control, bidi, zero-width, tag or private character, no pile of marks.

    Line ends and tabs become spaces unless `keep_lines`; nothing else that can be seen is changed.
    """
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = 0
    for letter in _LINE_END.sub("\n", text):
        category = unicodedata.category(letter)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if letter in "\n\t":
            shown.append(letter if keep_lines else " ")
        elif letter in _SHAPING or (category not in _INVISIBLE and marks <= MAX_MARKS):
            shown.append(letter)
    return "".join(shown)


def one_line(text: str, limit: int | None = None) -> str:
    """`plain`, on one line, without runs of spaces, cut to `limit` characters with an ellipsis."""
    line = " ".join(plain(text).split())
    return line if limit is None or len(line) <= limit else line[: limit - 1].rstrip() + "…"
