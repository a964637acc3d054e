"""Slack as far as alerts meet it: what it refuses of a payload, and its API with channels, threads and failures."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from loopback import Request, answer

from monitor.alerts.blocks import MAX_BLOCKS, MAX_HEADER, MAX_SECTION, MAX_TOTAL

TOKEN = "xoxb-canary-bot-token"
CHANNEL = "C0123ABCD"
ARGUMENTS = {"channel", "text", "blocks", "thread_ts", "reply_broadcast", "unfurl_links", "unfurl_media"}


def texts_of(payload: str) -> list[str]:
    """Every text that Slack would show."""
    message = json.loads(payload)
    found = [message["text"]]
    for block in message.get("blocks", []):
        found += [part["text"] for part in ([block["text"]] if "text" in block else block["elements"])]
    return found


def refusal_of(payload: str) -> str:
    """The error by which Slack refuses a message, or ""."""
    message = json.loads(payload)
    blocks = message.get("blocks", [])
    if not message.get("text"):
        return "no_text"
    if len(blocks) > MAX_BLOCKS:
        return "invalid_blocks"
    for block in blocks:
        if block["type"] == "header" and block["text"]["type"] != "plain_text":
            return "invalid_blocks"
        most = MAX_HEADER if block["type"] == "header" else MAX_SECTION
        if not all(
            1 <= len(part["text"]) <= most for part in ([block["text"]] if "text" in block else block["elements"])
        ):
            return "invalid_blocks"
    return "msg_blocks_too_long" if sum(map(len, texts_of(payload))) > MAX_TOTAL else ""


def accepted_by_slack(payload: str) -> None:
    """Raise AssertionError where Slack would refuse a message."""
    assert refusal_of(payload) == ""


@dataclass(slots=True)
class SlackApi:
    """One channel of a workspace. `messages` is what was posted, in order; `faults` what was wrong with requests.

    `says` are errors to answer with, one a request, before anything is accepted. Of all others `failing` is the share
    that fails: refused with an error, or accepted without an answer (`dropped` counts those).
    """

    says: list[str] = field(default_factory=list)
    failing: float = 0.0
    rolls: random.Random = field(default_factory=lambda: random.Random(1))
    messages: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    dropped: int = 0

    async def handle(self, request: Request, writer: asyncio.StreamWriter) -> None:
        """Answer one call of the API."""
        method = request.target.rpartition("/")[2]
        self.asked[method] += 1
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            said: dict[str, Any] | None = {"ok": False, "error": "invalid_auth"}
        elif self.says:
            said = {"ok": False, "error": self.says.pop(0)}
        elif method == "chat.postMessage":
            said = self.post(request)
        else:
            said = {"ok": False, "error": "unknown_method"}
        if said is not None:
            writer.write(answer(200, json.dumps(said).encode(), Content_Type="application/json; charset=utf-8"))
            await writer.drain()

    def post(self, request: Request) -> dict[str, Any] | None:
        """chat.postMessage; None where the message is taken and the connection breaks."""
        message = json.loads(request.body)
        if not request.headers["content-type"].startswith("application/json"):
            self.faults.append("content type")
        if unknown := set(message) - ARGUMENTS:
            self.faults.append(f"arguments {sorted(unknown)}")
        if message["channel"] != CHANNEL:
            return {"ok": False, "error": "channel_not_found"}
        if error := refusal_of(request.body.decode()):
            self.faults.append(error)
            return {"ok": False, "error": error}
        fails = self.rolls.random() < self.failing
        if fails and self.rolls.random() < 0.5:
            return {"ok": False, "error": "service_unavailable"}
        message["ts"] = f"1700000000.{len(self.messages):06d}"
        self.messages.append(message)
        if fails:
            self.dropped += 1
            return None
        return {"ok": True, "channel": CHANNEL, "ts": message["ts"], "message": {**message, "type": "message"}}
