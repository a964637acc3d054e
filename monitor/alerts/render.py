"""The frozen text of a delivery for each kind of sink. Pure: the same alert always gives the same characters.

A payload is what is sent; only Slack and the console, which know no idempotency key, may add that it can be a repeat.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from monitor.alerts.blocks import MAX_TEXT, context, escape, header, quiet, section, slack_message
from monitor.alerts.document import CANARY_TEXT, alert_document, canary_document, notice_document, test_document
from monitor.alerts.words import Message, message
from monitor.model import Alert, Article, Base, Fact, Incident, Judgement, Notice
from monitor.redact import one_line

REPEAT = "Possible repeat: it is not known whether this arrived before."
# A line of a digest, its lines in one section, and all of them together: within Slack's limits whatever they hold.
DIGEST_LINE = 520
DIGEST_SECTION = 5
DIGEST_TOTAL = 12_000


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
    shown += [f"  changed: {change}" for change in told.changes]
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


def digest(slack_payloads: Sequence[str]) -> str:
    """Many messages as one, a line each; the caller gives no more than fit (`digest_fits`)."""
    rows = [_digest_line(one) for one in slack_payloads]
    title = f"{len(rows)} alerts that waited"
    sections = ["\n".join(rows[at : at + DIGEST_SECTION]) for at in range(0, len(rows), DIGEST_SECTION)]
    blocks = [header(title), *map(section, sections)]
    return to_json({"text": title, "blocks": blocks, "unfurl_links": False, "unfurl_media": False})


def digest_fits(slack_payloads: Sequence[str]) -> int:
    """How many of these messages one digest can hold."""
    lengths = accumulate(len(_digest_line(one)) + 1 for one in slack_payloads)
    return sum(length <= DIGEST_TOTAL for length in lengths)


def _digest_line(slack_payload: str) -> str:
    text = str(json.loads(slack_payload).get("text", "")).replace("\n", " · ")
    return _whole(f"• {text}", DIGEST_LINE)


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
