"""Whether a message has arrived, from what Slack's channels and threads hold. Pure.

Each message carries the ids of its deliveries as metadata, which conversations.history and conversations.replies give
back: https://docs.slack.dev/reference/methods/conversations.history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitor.alerts.slack_answers import receipt, said_by

EVENT = "basewatch_delivery"
# Enough of an id to tell the deliveries of one channel apart; metadata must not become large.
SHOWN = 16
MESSAGES_A_PAGE = 200
# Our clock and Slack's may differ by this much; a message older than that is not looked for.
CLOCKS_DIFFER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of messages: whether the delivery is among them, and the receipt of its message, if it is alone in it.

    `cursor` leads to the next page, "" where there is none.
    """

    found: bool = False
    receipt: str = ""
    cursor: str = ""


def metadata(ids: Sequence[str]) -> dict[str, Any]:
    """What a message carries to be known by."""
    return {"event_type": EVENT, "event_payload": {"deliveries": [one[:SHOWN] for one in ids]}}


def question(channel: str, since: datetime, thread_ts: str = "", cursor: str = "") -> dict[str, str]:
    """The arguments that ask for a page of a channel, or of a thread in it, from `since` on."""
    asked = {
        "channel": channel,
        "oldest": f"{(since - CLOCKS_DIFFER).timestamp():.6f}",
        "limit": str(MESSAGES_A_PAGE),
        "include_all_metadata": "true",
        "ts": thread_ts,
        "cursor": cursor,
    }
    return {name: value for name, value in asked.items() if value}


def page_of(text: str, channel: str, delivery_id: str) -> Page | None:
    """What a page says of a delivery; None where it cannot be told, since no page came or its metadata is held back."""
    said = said_by(text)
    messages = said.get("messages")
    if said.get("ok") is not True or not isinstance(messages, list):
        return None
    for message in messages:
        ids = _carried(message)
        if ids is None:
            return None
        if delivery_id[:SHOWN] in ids:
            return Page(found=True, receipt=receipt(channel, message.get("ts")) if len(ids) == 1 else "")
    cursor = _cursor(said)
    return None if said.get("has_more") is True and not cursor else Page(cursor=cursor)


def _carried(message: object) -> list[str] | None:
    """The ids that a message carries, none where it is not ours; None where it is and they are held back."""
    told = message.get("metadata") if isinstance(message, dict) else None
    if not isinstance(told, dict) or told.get("event_type") != EVENT:
        return []
    payload = told.get("event_payload")
    ids = payload.get("deliveries") if isinstance(payload, dict) else None
    return ids if isinstance(ids, list) else None


def _cursor(said: dict[str, Any]) -> str:
    """Where the next page begins, "" where this was the last."""
    told = said.get("response_metadata")
    cursor = told.get("next_cursor") if isinstance(told, dict) else ""
    return cursor if isinstance(cursor, str) else ""
