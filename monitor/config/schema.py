"""What basewatch.toml may hold, and the settings it becomes. docs/configuration.md says the same to people."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["console", "slack", "webhook", "apprise"]
OnUnknown = Literal["resend", "hold"]
Confidence = Literal["rumour", "claim", "confirmed"]
Severity = Literal["low", "medium", "high", "critical"]
Speaking = Literal["new", "update", "possible_update"]
Label = Literal["incident", "base", "area", "country", "source", "severity"]
Wall = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Seconds = Annotated[float, Field(ge=0, le=604_800, allow_inf_nan=False)]
# The id of a channel, group or direct message of Slack; a name can be given to another channel.
Channel = Annotated[str, Field(pattern=r"^[CDG][A-Z0-9]{5,30}$")]
UserAgent = Annotated[str, Field(max_length=200, pattern=r"^[ -~]*$")]


class Section(BaseModel):
    """A table of the file: unknown keys are mistakes, and a text is never taken for a number."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The keys of the table as they stand in the file."""
        return tuple(known.alias or name for name, known in cls.model_fields.items())


class Polling(Section):
    """`[polling]`: how often and how far back feeds are read."""

    every_seconds: Annotated[float, Field(ge=1, le=86_400, allow_inf_nan=False)] = 900
    host_delay_seconds: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] = 1.0
    backfill_hours: Annotated[float, Field(ge=0, le=87_600, allow_inf_nan=False)] = 24
    allow_private_addresses: bool = False
    user_agent: UserAgent = ""


class FeedEntry(Section):
    """One `[[feed]]` as written."""

    url: Annotated[str, Field(min_length=1)]
    title: str = ""
    language: str = ""
    user_agent: UserAgent = ""
    login_env: str | None = None
    login_file: str | None = None


class QuietEntry(Section):
    """`quiet = { … }` of a sink: the hours of a place's wall clock in which its alerts wait."""

    begins: Wall = Field(alias="from")
    ends: Wall = Field(alias="to")
    timezone: Name
    except_confidence: Confidence | None = None
    except_severity: Severity | None = None


class SalvoEntry(Section):
    """`salvo = { … }` of a sink: from how many places within an hour on first alerts go out together."""

    places: Annotated[int, Field(ge=1, le=100)]
    every_seconds: Annotated[float, Field(ge=60, le=3600, allow_inf_nan=False)] = 300


class SinkEntry(Section):
    """One `[[sink]]` as written: the places of its secrets, never the secrets."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
    kind: Kind
    url_env: str | None = None
    url_file: str | None = None
    secret_env: str | None = None
    secret_file: str | None = None
    token_env: str | None = None
    token_file: str | None = None
    channel: Channel | None = None
    api_url: Annotated[str, Field(min_length=1)] | None = None
    allow_private_addresses: bool = False
    on_unknown: OnUnknown = "resend"
    min_confidence: Confidence = "rumour"
    quiet: QuietEntry | None = None
    canary: bool = False
    salvo: SalvoEntry | None = None


class RouteEntry(Section):
    """One `[[route]]`: what an alert must be, each key a list of which one must fit, and the sinks it then goes to."""

    base: list[Name] = []
    area: list[Name] = []
    country: list[Annotated[str, Field(pattern=r"^[A-Z]{2}$")]] = []
    confidence: Confidence = "rumour"
    severity: Severity = "low"
    weapons: list[Name] = []
    source: list[Name] = []
    language: list[Name] = []
    reason: list[Speaking] = []
    sinks: Annotated[list[str], Field(min_length=1)]
    goes_on: bool = Field(default=False, alias="continue")
    group_by: list[Label] = []
    group_wait_seconds: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] | None = None
    group_interval_seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] | None = None
    repeat_hours: Annotated[float, Field(ge=0.25, le=168, allow_inf_nan=False)] | None = None


class Delivery(Section):
    """`[delivery]`: how long a failing delivery is tried, and when a sink counts as down."""

    backoff_seconds: Annotated[list[Seconds], Field(min_length=1, max_length=50)] = [
        0, 5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800,
    ]  # fmt: skip
    circuit_failures: Annotated[int, Field(ge=1, le=1000)] = 5


class HealthEntry(Section):
    """`[health]` as written."""

    listen: Annotated[str, Field(min_length=1)] | None = None
    ping_url_env: str | None = None
    ping_url_file: str | None = None
    canary_hours: Annotated[float, Field(ge=0, le=8760, allow_inf_nan=False)] = 24


class Document(Section):
    """The whole file."""

    database: Annotated[str, Field(min_length=1)] = "basewatch.db"
    rules: Annotated[str, Field(min_length=1)] = "rules"
    feeds_opml: str | list[str] = []
    polling: Polling = Polling()
    feed: list[FeedEntry] = []
    sink: list[SinkEntry] = []
    route: list[RouteEntry] = []
    delivery: Delivery = Delivery()
    health: HealthEntry = HealthEntry()


@dataclass(frozen=True, slots=True)
class Sink:
    """A sink with its secrets read: `url`, `secret` and `token` never show in a repr."""

    name: str
    kind: Kind
    url: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    channel: str = ""
    api_url: str = ""
    allow_private_addresses: bool = False
    on_unknown: OnUnknown = "resend"
    min_confidence: Confidence = "rumour"
    quiet: QuietEntry | None = None
    canary: bool = False
    salvo: SalvoEntry | None = None


@dataclass(frozen=True, slots=True)
class FeedSource:
    """A feed to watch: `url` without user info; `login` ("user:password" or "") never shows in a repr."""

    url: str
    title: str = ""
    language: str = ""
    user_agent: str = ""
    login: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Health:
    """How the service is watched; `ping_url` never shows in a repr. With `canary_hours` 0 no canary is sent."""

    listen: str = ""
    ping_url: str = field(default="", repr=False)
    canary_hours: float = 24

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of `listen`, which was checked."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


@dataclass(frozen=True, slots=True)
class Settings:
    """A configuration that can be used. Paths are absolute; relative ones were taken from the file's folder."""

    file: Path
    database: Path
    rules: Path
    opml_files: tuple[Path, ...]
    polling: Polling
    feeds: tuple[FeedSource, ...]
    sinks: tuple[Sink, ...]
    secret_files: tuple[Path, ...]
    delivery: Delivery
    routes: tuple[RouteEntry, ...] = ()
    health: Health = Health()

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret there is, for redaction."""
        of_sinks = [value for sink in self.sinks for value in (sink.url, sink.secret, sink.token)]
        return tuple(
            value for value in [*of_sinks, *(feed.login for feed in self.feeds), self.health.ping_url] if value
        )
