"""Slack by a bot's token: https://docs.slack.dev/reference/methods/chat.postMessage."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from monitor.alerts.outcomes import of_error
from monitor.alerts.render import minimal, to_json, with_repeat
from monitor.alerts.sinks.port import Means, SinkSettings
from monitor.alerts.slack_answers import of_slack_api
from monitor.alerts.slack_history import Page, metadata, page_of, question
from monitor.alerts.states import Rate
from monitor.errors import FetchError
from monitor.http import Response, surely_not_sent
from monitor.model import Delivery, Outcome

# Slack repeats the whole message in its answer; a page of history holds many.
MAX_ANSWER_BYTES = 8_000_000
# What is looked through to find a message again: so many pages, and this part of the deadline.
MAX_PAGES = 5
SEARCH_SHARE = 0.25
JSON_BODY = "application/json; charset=utf-8"
FORM_BODY = "application/x-www-form-urlencoded"


class SlackBotSink:
    """Posts Block Kit into one channel, updates into the thread of the incident's first message.

    Slack knows no idempotency key. So before what may be a repeat goes out, it is looked for in the channel; where
    nobody can tell, it says that it may be one.
    """

    rate = Rate(interval_seconds=1.0, burst=3)
    gathers = True
    recalls = True

    def __init__(self, settings: SinkSettings, means: Means) -> None:
        self.settings = settings
        self._means = means

    async def send(self, delivery: Delivery) -> Outcome:
        """Post the delivery once, unless it is there already: sent is status 200 with `ok` true."""
        page = await self._search(delivery) if delivery.repeat_possible else None
        if page and page.found:
            return Outcome("sent", error="it had arrived before", receipt=page.receipt)
        sure = replace(delivery, repeat_possible=False) if page else delivery
        try:
            answer = await self._call("chat.postMessage", message_of(sure, self.settings.channel), JSON_BODY)
        except FetchError as error:
            return of_error(error, surely_not_sent=surely_not_sent(error))
        return of_slack_api(answer.status, text_of(answer), answer.headers, self._means.clock(), whole=answer.whole)

    async def _search(self, delivery: Delivery) -> Page | None:
        """Look for a delivery in the channel and in its thread; None where that does not tell whether it is there."""
        since = delivery.created_at
        if since is None or delivery.minimal or delivery.carries:
            return None  # it carries nothing to be known by, or it is many
        thread_ts = thread_of(delivery, self.settings.channel)
        try:
            async with asyncio.timeout(self._means.deadline_seconds * SEARCH_SHARE):
                page = await self._search_in("conversations.history", delivery, since)
                if thread_ts and page and not page.found:
                    page = await self._search_in("conversations.replies", delivery, since, thread_ts)
        except (TimeoutError, FetchError):
            return None
        return page

    async def _search_in(self, method: str, delivery: Delivery, since: datetime, thread_ts: str = "") -> Page | None:
        channel, cursor = self.settings.channel, ""
        for _ in range(MAX_PAGES):
            asked = question(channel, since, thread_ts, cursor)
            answer = await self._call(method, urlencode(asked), FORM_BODY)
            page = page_of(text_of(answer), channel, delivery.id) if answer.whole else None
            if page is None or page.found or not page.cursor:
                return page
            cursor = page.cursor
        return None

    async def _call(self, method: str, body: str, content_type: str) -> Response:
        return await self._means.http.post(
            f"{self.settings.api_url.rstrip('/')}/{method}",
            body.encode(),
            {"Content-Type": content_type, "Authorization": f"Bearer {self.settings.token}"},
            deadline_seconds=self._means.deadline_seconds,
            max_response_bytes=MAX_ANSWER_BYTES,
            allow_private=self.settings.allow_private_addresses,
        )


def text_of(answer: Response) -> str:
    """The body of an answer, whatever bytes it has."""
    return answer.body.decode("utf-8", "replace")


def thread_of(delivery: Delivery, channel: str) -> str:
    """The `ts` of the message under which a delivery goes, if that stands in this channel, else ""."""
    of_channel, _, ts = delivery.thread.partition("/")
    return ts if of_channel == channel and not delivery.minimal else ""


def message_of(delivery: Delivery, channel: str) -> str:
    """The body of chat.postMessage. As plain text it has neither blocks nor thread nor metadata, whichever was refused.

    A reply is shown in the channel too: whoever does not follow the thread misses nothing.
    """
    payload = minimal(delivery.payload) if delivery.minimal else delivery.payload
    if delivery.repeat_possible:
        payload = with_repeat(payload)
    values = {"channel": channel, **json.loads(payload)}
    if not delivery.minimal:
        values["metadata"] = metadata(delivery.carries or (delivery.id,))
    if thread_ts := thread_of(delivery, channel):
        values |= {"thread_ts": thread_ts, "reply_broadcast": True}
    return to_json(values)
