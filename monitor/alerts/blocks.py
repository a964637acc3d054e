"""An alert as a Slack message: Block Kit within Slack's limits, with no live mention or link from a feed's text. Pure.

Slack escapes only & < > and counts after escaping; the limits are those of its reference (50 blocks, 3,000 characters
a section, 150 a header) and the undocumented 13,200 of all text together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from monitor.alerts.words import Message

MAX_BLOCKS = 50
MAX_SECTION = 3000
MAX_HEADER = 150
MAX_TOTAL = 13_200
MAX_TEXT = 3000
LINE = 400

Block = dict[str, Any]
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape(text: str, limit: int) -> str:
    """The text escaped for Slack and then cut to `limit` characters, never within an entity."""
    pieces = [_ENTITIES.get(letter, letter) for letter in text]
    if sum(map(len, pieces)) <= limit:
        return "".join(pieces)
    room = limit - 1
    kept = []
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + "…"


def slack_message(message: Message) -> dict[str, Any]:
    """The message for an incoming webhook: `text` for notifications, `blocks` to read."""
    source = f"{escape(message.title, 600)}\n{source_line(message)}"
    blocks = [header(message.headline), section(source)]
    blocks += [section(f"> {escape(sentence, 1500)}") for sentence in message.sentences]
    if message.changes:
        blocks.append(section("*Changed*\n" + lines(message.changes)))
    if message.facts:
        blocks.append(section("*Facts*\n" + lines([f"{slot}: {value}" for slot, value in message.facts])))
    blocks += [context(f"Why: {escape(message.why, 1200)}"), context(escape(message.act, 400))]
    return {"text": fallback(message), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def source_line(message: Message) -> str:
    """Outlet and link. The words of the link are its host, so that it cannot pose as another."""
    outlet = escape(message.outlet, 200)
    if not message.link or len(message.link) > 1000:
        return outlet
    link = f"<{escape(message.link.replace('|', '%7C'), 1500)}|{escape(message.host, 253)}>"
    return f"{outlet} · {link}" if outlet else link


def fallback(message: Message) -> str:
    """The whole in few lines: for notifications, in digests, and where the blocks are refused."""
    shown = [escape(quiet(message.headline), 600), source_line(replace(message, outlet=quiet(message.outlet)))]
    if message.changes:
        shown.insert(1, escape(quiet(", ".join(message.changes)), 300))
    return "\n".join(shown)


def quiet(text: str) -> str:
    """Text outside of blocks, where Slack makes links of addresses by itself: they are written so that it does not."""
    return text.replace("://", "[:]//")


def lines(texts: Sequence[str]) -> str:
    """One bullet a line, as many as a section holds."""
    shown = "\n".join(f"• {escape(text, LINE)}" for text in texts[: MAX_SECTION // (LINE + 3) - 1])
    return shown or "–"


def header(text: str) -> Block:
    """A headline in plain text."""
    return {"type": "header", "text": {"type": "plain_text", "text": escape(text, MAX_HEADER), "emoji": False}}


def section(text: str) -> Block:
    """A section of escaped markup; `verbatim` keeps Slack from making links or mentions of words."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def context(text: str) -> Block:
    """A line in small print."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}
