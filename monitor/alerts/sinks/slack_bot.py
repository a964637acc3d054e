"""Slack by a bot's token: https://docs.slack.dev/reference/methods/chat.postMessage."""

from __future__ import annotations

import json

from monitor.alerts.outcomes import of_error
from monitor.alerts.render import minimal, to_json, with_repeat
from monitor.alerts.sinks.port import Means, SinkSettings
from monitor.alerts.slack_answers import of_slack_api
from monitor.alerts.states import Rate
from monitor.errors import FetchError
from monitor.http import Response, surely_not_sent
from monitor.model import Delivery, Outcome

# Slack repeats the whole message in its answer.
MAX_ANSWER_BYTES = 1_000_000


class SlackBotSink:
    """Posts Block Kit into one channel, updates into the thread of the incident's first message.

    Slack knows no idempotency key, so what may be a repeat says so.
    """

    rate = Rate(interval_seconds=1.0, burst=3)
    gathers = True

    def __init__(self, settings: SinkSettings, means: Means) -> None:
        self.settings = settings
        self._means = means

    async def send(self, delivery: Delivery) -> Outcome:
        """Post the delivery once: sent is status 200 with `ok` true."""
        message = message_of(delivery, self.settings.channel)
        try:
            answer = await self._call("chat.postMessage", message, "application/json; charset=utf-8")
        except FetchError as error:
            return of_error(error, surely_not_sent=surely_not_sent(error))
        text = answer.body.decode("utf-8", "replace")
        return of_slack_api(answer.status, text, answer.headers, self._means.clock(), whole=answer.whole)

    async def _call(self, method: str, body: str, content_type: str) -> Response:
        return await self._means.http.post(
            f"{self.settings.api_url.rstrip('/')}/{method}",
            body.encode(),
            {"Content-Type": content_type, "Authorization": f"Bearer {self.settings.token}"},
            deadline_seconds=self._means.deadline_seconds,
            max_response_bytes=MAX_ANSWER_BYTES,
            allow_private=self.settings.allow_private_addresses,
        )


def message_of(delivery: Delivery, channel: str) -> str:
    """The body of chat.postMessage. As plain text it has neither blocks nor a thread, whichever was refused.

    A reply is shown in the channel too: whoever does not follow the thread misses nothing.
    """
    payload = minimal(delivery.payload) if delivery.minimal else delivery.payload
    if delivery.repeat_possible:
        payload = with_repeat(payload)
    values = {"channel": channel, **json.loads(payload)}
    thread_channel, _, ts = delivery.thread.partition("/")
    if thread_channel == channel and not delivery.minimal:
        values |= {"thread_ts": ts, "reply_broadcast": True}
    return to_json(values)
