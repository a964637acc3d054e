"""Generic webhooks after the Standard Webhooks specification: https://www.standardwebhooks.com."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from monitor.alerts import outcomes
from monitor.alerts.sinks.port import Means, SinkSettings
from monitor.alerts.states import Rate
from monitor.errors import ConfigError, FetchError
from monitor.http import surely_not_sent
from monitor.model import Delivery, Outcome

KEY_FORM = "it must be whsec_ followed by the base64 of 24 to 64 random bytes"


class WebhookSink:
    """Posts the documented JSON, signed. Id and body are the same on every attempt, the timestamp is each attempt's."""

    rate = Rate()
    gathers = False
    recalls = False

    def __init__(self, settings: SinkSettings, means: Means) -> None:
        """Raises ConfigError where the secret cannot be used."""
        self.settings = settings
        self._means = means
        self._keys = signing_keys(settings)

    async def send(self, delivery: Delivery) -> Outcome:
        """Post the delivery once; any 2xx is success."""
        now = self._means.clock()
        try:
            response = await self._means.http.post(
                self.settings.url,
                delivery.payload.encode(),
                {"Content-Type": "application/json; charset=utf-8", **self._headers(delivery, now)},
                deadline_seconds=self._means.deadline_seconds,
                allow_private=self.settings.allow_private_addresses,
            )
        except FetchError as error:
            return outcomes.of_error(error, surely_not_sent=surely_not_sent(error))
        return outcomes.of_webhook(response.status, response.headers, self._means.clock())

    def _headers(self, delivery: Delivery, now: datetime) -> dict[str, str]:
        headers = {"webhook-id": delivery.id, "webhook-timestamp": str(int(now.timestamp()))}
        if self._keys:
            headers["webhook-signature"] = " ".join(key.sign(delivery.id, now, delivery.payload) for key in self._keys)
        return headers


def signing_keys(settings: SinkSettings) -> list[Webhook]:
    """The keys of a sink: one, or two while a secret is changed. Raises ConfigError without showing them."""
    try:
        return [Webhook(_key(secret)) for secret in settings.secret.split()]
    except (binascii.Error, EmptyWebhookSecretError, ValueError):
        raise ConfigError([f"sink {settings.name}: its secret is no signing key; {KEY_FORM}"]) from None


def _key(secret: str) -> bytes:
    """The bytes of a key. Decoded strictly: a typing error must not become another key."""
    text = secret.removeprefix("whsec_").rstrip("=")
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
