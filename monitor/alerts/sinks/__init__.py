"""Where alerts go. A new sink is one file with one class and one line below.

What may enter: deliveries. A sink sends once and says what came of it; it never retries and keeps no state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from monitor.alerts.sinks.apprise import AppriseSink
from monitor.alerts.sinks.console import ConsoleSink
from monitor.alerts.sinks.port import SLACK_API, Kind, Means, Sink, SinkSettings
from monitor.alerts.sinks.slack import SlackSink
from monitor.alerts.sinks.slack_bot import SlackBotSink
from monitor.alerts.sinks.webhook import WebhookSink


def slack(settings: SinkSettings, means: Means) -> Sink:
    """Slack by a bot's token where there is one, else by an incoming webhook."""
    return SlackBotSink(settings, means) if settings.token else SlackSink(settings, means)


SINKS: dict[Kind, Callable[[SinkSettings, Means], Sink]] = {
    "console": ConsoleSink,
    "slack": slack,
    "webhook": WebhookSink,
    "apprise": AppriseSink,
}


def build(settings: Iterable[SinkSettings], means: Means) -> dict[str, Sink]:
    """The sinks by name. Raises ConfigError where a secret cannot be used."""
    return {one.name: SINKS[one.kind](one, means) for one in settings}


__all__ = ["SINKS", "SLACK_API", "Kind", "Means", "Sink", "SinkSettings", "build"]
