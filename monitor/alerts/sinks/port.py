"""What a sink is: its settings, what it is given, and the one method it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from monitor.alerts.states import OnUnknown, Rate
from monitor.http import Http
from monitor.model import Confidence, Delivery, Outcome

# Slack's own; GovSlack has another.
SLACK_API = "https://slack.com/api"

Kind = Literal["console", "slack", "webhook", "apprise"]


@dataclass(frozen=True, slots=True)
class SinkSettings:
    """One sink as configured. `url`, `secret` and `token` never show in a repr.

    `secret` may hold two keys parted by a space. `token` and `channel` are those of a bot of Slack, at `api_url`.
    """

    name: str
    kind: Kind
    url: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    channel: str = ""
    api_url: str = SLACK_API
    allow_private_addresses: bool = False
    on_unknown: OnUnknown = "resend"
    min_confidence: Confidence = "rumour"


@dataclass(frozen=True, slots=True)
class Means:
    """What sinks work with: the network, the time, a place to print to."""

    http: Http
    clock: Callable[[], datetime]
    write: Callable[[str], object]
    deadline_seconds: float = 20


class Sink(Protocol):
    """Sends one delivery once. Never retries, never raises for what the other side does, logs nothing."""

    @property
    def settings(self) -> SinkSettings:
        """How it was configured."""

    @property
    def rate(self) -> Rate:
        """How fast the other side may be asked."""

    @property
    def gathers(self) -> bool:
        """True where many messages that waited go out as one digest."""

    @property
    def recalls(self) -> bool:
        """True where it finds out by itself whether what may be a repeat has arrived."""

    async def send(self, delivery: Delivery) -> Outcome:
        """Try once, and say what came of it."""
