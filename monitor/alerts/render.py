"""The frozen text of a delivery for each kind of sink. Pure: the same alert always gives the same characters.

A payload is what is sent; only Slack and the console, which know no idempotency key, may add that it can be a repeat.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from monitor.alerts.blocks import MAX_HEADER, MAX_TEXT, context, escape, header, quiet, section, slack_message
from monitor.alerts.document import CANARY_TEXT, alert_document, canary_document, notice_document, test_document
from monitor.alerts.words import VALUE, Message, message
from monitor.model import Alert, Article, Base, Fact, Incident, Judgement, Notice
from monitor.redact import one_line

REPEAT = "Possible repeat: it is not known whether this arrived before."
# The kinds of sinks for which several alerts may go out as one message.
GATHERED = ("slack", "console", "apprise")
# What a digest holds of one alert, how many of those in one section, and all together: within Slack's limits whatever
# they say, and within what most services of Apprise take.
DIGEST_LINE = 520
DIGEST_SECTION = 5
DIGEST_TOTAL = {"slack": 12_000, "console": 12_000, "apprise": 3_500}
# Of a text: the lines after the headline, and how its lines of news begin.
DIGEST_LINES = 2
CHANGED = "  changed: "


def payload(
    kind: str,
    alert: Alert,
    incident: Incident,
    article: Article,
    judgement: Judgement,
    base: Base | None,
    area: Base | None = None,
    facts: tuple[Fact, ...] = (),
) -> str:
    """The text to freeze in the outbox for a sink of this kind: console | slack | webhook.

    `base` is what the rules know of the incident's base, `area` of the area that it is in.
    """
    if kind == "webhook":
        return to_json(alert_document(alert, incident, article, judgement, base, area))
    told = message(alert, incident, article, judgement, base, area, facts)
    return to_json(slack_message(told)) if kind == "slack" else console_text(told)


def console_text(told: Message) -> str:
    """A message for a terminal or a journal."""
    shown = [told.headline, f"  {told.title}", f"  {' · '.join(part for part in (told.outlet, told.link) if part)}"]
    shown += [f"  “{sentence}”" for sentence in told.sentences]
    shown += [f"{CHANGED}{change}" for change in told.changes]
    shown += [f"  {slot}: {value}" for slot, value in told.facts]
    shown += [f"  why: {told.why}", f"  {told.act}"]
    return "\n".join(line.rstrip() for line in shown if line.strip())


def notice_payload(kind: str, notice: Notice) -> str:
    """A notice to the operator for a sink of this kind."""
    text = f"Basewatch: {one_line(notice.text, 1000)}"
    if kind == "webhook":
        return to_json(notice_document(notice))
    return _slack_words(text) if kind == "slack" else text


def test_payload(kind: str, sink: str, now: datetime) -> str:
    """A trial message for a sink of this kind."""
    text = f"This is a test of Basewatch for the sink {sink}; nothing has happened."
    if kind == "webhook":
        return to_json(test_document(sink, now))
    return _slack_words(text) if kind == "slack" else text


def canary_payload(kind: str, sink: str, now: datetime) -> str:
    """What a sink of this kind is told when the canary has arrived."""
    if kind == "webhook":
        return to_json(canary_document(sink, now))
    return _slack_words(CANARY_TEXT) if kind == "slack" else CANARY_TEXT


# --- Slack: what is decided only when it is sent --------------------------------------------------


def minimal(slack_payload: str) -> str:
    """The same message as text only, for a channel that refused its blocks."""
    text = _whole(str(json.loads(slack_payload).get("text", "")), MAX_TEXT)
    return to_json({"text": text or "An alert could not be shown; see `basewatch outbox list`."})


def with_repeat(slack_payload: str) -> str:
    """The same message, saying that it may have arrived before."""
    values = json.loads(slack_payload)
    values["text"] = f"{REPEAT}\n{values.get('text', '')}"
    if "blocks" in values:
        values["blocks"] = [context(REPEAT), *values["blocks"]]
    return to_json(values)


def digest(kind: str, payloads: Sequence[str], about: str) -> str:
    """Many messages as one, `about` what they have in common; the caller gives no more than fit (`digest_fits`)."""
    title = f"{len(payloads)} alerts {about}"
    rows = [_digest_line(kind, one) for one in payloads]
    if kind != "slack":
        return "\n\n".join((one_line(title, VALUE), *rows))
    sections = ["\n".join(rows[at : at + DIGEST_SECTION]) for at in range(0, len(rows), DIGEST_SECTION)]
    blocks = [header(title), *map(section, sections)]
    shown = escape(quiet(title), MAX_HEADER)
    return to_json({"text": shown, "blocks": blocks, "unfurl_links": False, "unfurl_media": False})


def digest_fits(kind: str, payloads: Sequence[str]) -> int:
    """How many of these messages one digest can hold; at least one."""
    lengths = accumulate(len(_digest_line(kind, one)) + 2 for one in payloads)
    return sum(length <= DIGEST_TOTAL[kind] for length in lengths)


def _digest_line(kind: str, told: str) -> str:
    """What a digest tells of one message: of Slack's the text beside its blocks, else its first lines and its news."""
    if kind == "slack":
        text = str(json.loads(told).get("text", "")).replace("\n", " · ")
        return _whole(f"• {text}", DIGEST_LINE)
    first, *rest = told.split("\n")
    kept = [line for number, line in enumerate(rest) if number < DIGEST_LINES or line.startswith(CHANGED)]
    return "\n".join((f"• {first}", *kept))[:DIGEST_LINE]


def _whole(escaped: str, limit: int) -> str:
    """Text that is escaped already, cut before an entity or link that does not fit as a whole."""
    if len(escaped) <= limit:
        return escaped
    cut = escaped[: limit - 1]
    for opening, closing in (("&", ";"), ("<", ">")):
        start = cut.rfind(opening)
        if start >= 0 and closing not in cut[start:]:
            cut = cut[:start]
    return cut.rstrip() + "…"


def _slack_words(text: str) -> str:
    return to_json({"text": escape(quiet(text), MAX_TEXT)})


def to_json(value: dict[str, Any]) -> str:
    """Compact JSON; characters as written, so that signed bytes are the bytes of this text in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
