"""Slack's incoming webhooks: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/."""

from __future__ import annotations

from monitor.alerts import outcomes
from monitor.alerts.render import minimal, with_repeat
from monitor.alerts.sinks.port import Means, SinkSettings
from monitor.alerts.states import Rate
from monitor.errors import FetchError
from monitor.http import surely_not_sent
from monitor.model import Delivery, Outcome


class SlackSink:
    """Posts Block Kit. Slack knows no idempotency key, so what may be a repeat says so."""

    rate = Rate(interval_seconds=1.0, burst=3)
    gathers = True
    recalls = False

    def __init__(self, settings: SinkSettings, means: Means) -> None:
        self.settings = settings
        self._means = means

    async def send(self, delivery: Delivery) -> Outcome:
        """Post the delivery once: sent is status 200 with the body `ok`."""
        payload = minimal(delivery.payload) if delivery.minimal else delivery.payload
        if delivery.repeat_possible:
            payload = with_repeat(payload)
        try:
            response = await self._means.http.post(
                self.settings.url,
                payload.encode(),
                {"Content-Type": "application/json; charset=utf-8"},
                deadline_seconds=self._means.deadline_seconds,
                allow_private=self.settings.allow_private_addresses,
            )
        except FetchError as error:
            return outcomes.of_error(error, surely_not_sent=surely_not_sent(error))
        text = response.body.decode("utf-8", "replace")
        return outcomes.of_slack(response.status, text, response.headers, self._means.clock(), whole=response.whole)
