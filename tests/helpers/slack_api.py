"""Slack as far as alerts meet it: what it refuses of a payload, and its API with channels, threads and failures."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from loopback import Request, answer

from monitor.alerts.blocks import MAX_BLOCKS, MAX_HEADER, MAX_SECTION, MAX_TOTAL

TOKEN = "xoxb-canary-bot-token"
CHANNEL = "C0123ABCD"
ARGUMENTS = {"channel", "text", "blocks", "thread_ts", "reply_broadcast", "unfurl_links", "unfurl_media", "metadata"}
# Nobody has written down how large metadata may be; this is a guess on the safe side.
MAX_METADATA = 4000


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
    that fails: refused with an error, or accepted without an answer (`dropped` counts those). Of what was posted only
    `a_page` messages are shown at once, and nothing without `readable`; `strips` metadata as Slack does unless asked.
    `on_accept` is called between the acceptance of a message and its answer.
    """

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    a_page: int = 200
    readable: bool = True
    strips: bool = False
    says: list[str] = field(default_factory=list)
    failing: float = 0.0
    rolls: random.Random = field(default_factory=lambda: random.Random(1))
    messages: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    dropped: int = 0
    on_accept: Callable[[], object] = lambda: None

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
        elif method in ("conversations.history", "conversations.replies"):
            said = self.read(method, dict(parse_qsl(request.body.decode())))
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
        if len(json.dumps(message.get("metadata", ""))) > MAX_METADATA:
            self.faults.append("metadata_too_large")
        fails = self.rolls.random() < self.failing
        if fails and self.rolls.random() < 0.5:
            return {"ok": False, "error": "service_unavailable"}
        message["ts"] = f"{self.clock().timestamp():.0f}.{len(self.messages):06d}"
        self.messages.append(message)
        self.on_accept()
        if fails:
            self.dropped += 1
            return None
        return {"ok": True, "channel": CHANNEL, "ts": message["ts"], "message": {**message, "type": "message"}}

    def read(self, method: str, asked: dict[str, str]) -> dict[str, Any]:
        """A page of the channel, newest first, or of a thread, oldest first."""
        if not self.readable:
            return {"ok": False, "error": "missing_scope", "needed": "channels:history", "provided": "chat:write"}
        if method == "conversations.replies":
            found = [one for one in self.messages if asked["ts"] in (one["ts"], one.get("thread_ts"))]
        else:
            found = [one for one in reversed(self.messages) if one.get("reply_broadcast") or not one.get("thread_ts")]
        found = [one for one in found if float(one["ts"]) > float(asked["oldest"])]
        start = int(asked.get("cursor", "0"))
        end = start + min(self.a_page, int(asked["limit"]))
        said: dict[str, Any] = {"ok": True, "messages": [self.shown(one, asked) for one in found[start:end]]}
        return said | {"has_more": True, "response_metadata": {"next_cursor": str(end)}} if found[end:] else said

    def shown(self, message: dict[str, Any], asked: dict[str, str]) -> dict[str, Any]:
        """A message as it is read back: without the payload of its metadata unless all of it is asked for."""
        told = {name: value for name, value in message.items() if name not in ("metadata", "channel")}
        if "metadata" not in message:
            return told
        whole = asked.get("include_all_metadata") == "true" and not self.strips
        kept = message["metadata"] if whole else {"event_type": message["metadata"]["event_type"]}
        return told | {"metadata": kept}
