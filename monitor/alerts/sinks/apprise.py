"""Any service that Apprise knows, one target a sink: https://appriseit.com/services/.

Apprise says only whether a service accepted. Where it logs the status of an answer, that is judged like a webhook's;
otherwise nobody can know whether the message arrived.
"""

from __future__ import annotations

import asyncio
import re
import threading
from contextlib import suppress
from importlib import import_module
from typing import Any

from monitor.alerts import outcomes
from monitor.alerts.render import REPEAT
from monitor.alerts.sinks.port import Means, SinkSettings
from monitor.alerts.states import Rate
from monitor.errors import ConfigError
from monitor.model import Delivery, Outcome
from monitor.redact import plain, redact

# How Apprise's services log the status of an answer that was no success.
_STATUS = re.compile(r"error=([345][0-9]{2})\b")
# Signs by which services make mentions, links or markup of words; strangers' text must not be able to.
_HARMLESS = str.maketrans({"@": "＠", "<": "‹", ">": "›"})


class AppriseSink:
    """Sends plain text by one Apprise address. Knows no idempotency key, so what may be a repeat says so."""

    rate = Rate(interval_seconds=1.0, burst=3)
    gathers = False

    def __init__(self, settings: SinkSettings, means: Means) -> None:
        """Raises ConfigError where Apprise is not installed or the address is not one target it knows."""
        self.settings = settings
        self._means = means
        self._apprise = _library(settings.name)
        self._target = _target(self._apprise, settings)
        self._sending: threading.Thread | None = None

    async def send(self, delivery: Delivery) -> Outcome:
        """Send the delivery once, in a thread of its own: a service that hangs delays nobody and cannot be ended."""
        if self._sending and self._sending.is_alive():
            return Outcome("not_sent", error="an earlier message still hangs in the service's own code")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Outcome] = loop.create_future()

        def settle(outcome: Outcome) -> None:
            if not answer.done():
                answer.set_result(outcome)

        def work() -> None:
            outcome = self._notify(delivery)
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(settle, outcome)

        self._sending = threading.Thread(target=work, name=f"sink {self.settings.name}", daemon=True)
        self._sending.start()
        try:
            return await asyncio.wait_for(answer, self._means.deadline_seconds)
        except TimeoutError:
            return Outcome("unknown", error=f"no answer in {self._means.deadline_seconds:g} s")

    def _notify(self, delivery: Delivery) -> Outcome:
        title, body = message_of(delivery)
        try:
            sender = self._apprise.Apprise(asset=self._target.asset)
            sender.add(self._target)
            result = sender.notify(body=body, title=title, body_format=self._apprise.NotifyFormat.TEXT)
            return self._judge(result)
        except Exception as error:  # noqa: BLE001 - more than a hundred services, each with code of its own
            return Outcome("unknown", error=redact(f"Apprise failed: {type(error).__name__}"))

    def _judge(self, result: Any) -> Outcome:
        """What Apprise's result means. Only a success of the one target is sent; nothing is taken on trust."""
        attempts = [attempt.status.name for target in result for attempt in target.attempts]
        if result.status.name == "SUCCESS" and attempts == ["SUCCESS"]:
            return Outcome("sent")
        if result.status.name == "NOMATCH":
            return Outcome("not_sent", error="Apprise found nothing to send to")
        logged = " ".join(entry.message for target in result for attempt in target.attempts for entry in attempt.logs)
        if found := _STATUS.search(logged):
            return outcomes.of_webhook(int(found[1]), {}, self._means.clock())
        return Outcome("unknown", error=f"Apprise says {result.status.name} and not why")


def message_of(delivery: Delivery) -> tuple[str, str]:
    """Title and body: the first line of the text and the rest, or no title where there is one line alone."""
    text = plain(delivery.payload, keep_lines=True).translate(_HARMLESS)
    title, _, body = text.partition("\n")
    if not body.strip():
        title, body = "", title
    return title, f"{REPEAT}\n{body}" if delivery.repeat_possible else body


def _library(name: str) -> Any:
    """Apprise, loaded only where a sink asks for it: it is an extra, and slow to load."""
    try:
        return import_module("apprise")
    except ImportError:
        raise ConfigError([f"sink {name}: Apprise is not installed; pip install 'basewatch[apprise]'"]) from None


def _target(apprise: Any, settings: SinkSettings) -> Any:
    """The one service that an address stands for. Raises ConfigError without showing the address."""
    asset = apprise.AppriseAsset(http_redirects=False, service_timeout=0, allow_templates=False)
    try:
        found = apprise.Apprise.instantiate(settings.url, asset=asset, suppress_exceptions=False)
    except Exception:  # noqa: BLE001 - each service has errors of its own, and their texts hold the address
        found = None
    if found is None:
        raise ConfigError([f"sink {settings.name}: its value is no address that Apprise knows"])
    if len(found) != 1:
        what = "it names several targets, or a retry; one target a sink, and no retry, so that each is counted"
        raise ConfigError([f"sink {settings.name}: its value is not one target: {what}"])
    # An address may ask for redirects, by which a POST becomes a GET that is taken for success.
    found.redirects = False
    return found
