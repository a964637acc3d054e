"""Any service that Apprise knows, one target a sink: https://appriseit.com/services/.

Apprise says only whether a service accepted. Where it logs the status of an answer, that is judged like a webhook's;
otherwise nobody can know whether the message arrived.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from importlib import import_module

from monitor.alerts import outcomes
from monitor.alerts.render import REPEAT
from monitor.alerts.sinks.apprise_child import Report, notify_guarded, target_of
from monitor.alerts.sinks.port import Means, SinkSettings
from monitor.alerts.states import Rate
from monitor.children import Children
from monitor.errors import ChildFailed, ConfigError
from monitor.model import Delivery, Outcome
from monitor.redact import plain

# Signs by which services make mentions, links or markup of words; strangers' text must not be able to.
_HARMLESS = str.maketrans({"@": "＠", "<": "‹", ">": "›"})


class AppriseSink:
    """Sends plain text by one Apprise address. Knows no idempotency key, so what may be a repeat says so."""

    rate = Rate(interval_seconds=1.0, burst=3)
    gathers = False
    recalls = False

    def __init__(self, settings: SinkSettings, means: Means) -> None:
        """Raises ConfigError where Apprise is not installed or the address is not one target it knows."""
        self.settings = settings
        self._means = means
        check_target(settings)

    async def send(self, delivery: Delivery) -> Outcome:
        """Send the delivery once, in a child process of its own: it dials vetted addresses only, and can be ended."""
        title, body = message_of(delivery)
        seconds = self._means.deadline_seconds
        wanted = (self.settings.url, title, body, self.settings.allow_private_addresses)
        try:
            async with asyncio.timeout(seconds), Children(1, preload=("apprise",)) as children:
                report = await children.call(notify_guarded, *wanted, wall_seconds=seconds)
        except TimeoutError:
            return Outcome("unknown", error=f"no answer in {seconds:g} s")
        except ChildFailed as failure:
            return Outcome("unknown", error=f"Apprise failed: {failure}")
        return judge(report, self._means.clock())


def judge(report: Report, now: datetime) -> Outcome:
    """What a report means. Only a success of the one target is sent; nothing is taken on trust."""
    if report.result == "SUCCESS" and report.attempts == ("SUCCESS",):
        return Outcome("sent")
    if report.refused:
        return Outcome("sink_broken", error=f"the service is not dialled: {report.refused[0]}")
    if report.result == "NOMATCH":
        return Outcome("not_sent", error="Apprise found nothing to send to")
    if report.code:
        return outcomes.of_webhook(report.code, {}, now)
    why = f"Apprise failed: {report.failed}" if report.failed else f"Apprise says {report.result} and not why"
    return Outcome("unknown" if report.dialled else "not_sent", error=why)


def message_of(delivery: Delivery) -> tuple[str, str]:
    """Title and body: the first line of the text and the rest, or no title where there is one line alone."""
    text = plain(delivery.payload, keep_lines=True).translate(_HARMLESS)
    title, _, body = text.partition("\n")
    if not body.strip():
        title, body = "", title
    return title, f"{REPEAT}\n{body}" if delivery.repeat_possible else body


def check_target(settings: SinkSettings) -> None:
    """Raise ConfigError, without showing the address, where it does not stand for one target of Apprise."""
    try:
        # Loaded only where a sink asks for it: it is an extra, and slow to load.
        apprise = import_module("apprise")
    except ImportError:
        sentence = f"sink {settings.name}: Apprise is not installed; pip install 'basewatch[apprise]'"
        raise ConfigError([sentence]) from None
    try:
        found = target_of(apprise, settings.url)
    except Exception:  # noqa: BLE001 - each service has errors of its own, and their texts hold the address
        found = None
    if found is None:
        raise ConfigError([f"sink {settings.name}: its value is no address that Apprise knows"])
    if len(found) != 1:
        what = "it names several targets, or a retry; one target a sink, and no retry, so that each is counted"
        raise ConfigError([f"sink {settings.name}: its value is not one target: {what}"])
