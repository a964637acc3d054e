"""Where alerts go: the sinks of the configuration, the desk that writes to them, the courier that delivers."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from zoneinfo import ZoneInfo

from monitor.alerts.gathering import Salvo, Terms, batch_of
from monitor.alerts.quiet import Quiet
from monitor.alerts.render import GATHERED, payload, test_payload
from monitor.alerts.routing import Chosen, Route, Subject, choose, subject_of, sure
from monitor.alerts.sinks import SLACK_API, Means, Sink, SinkSettings, build
from monitor.alerts.states import DeliverySettings
from monitor.app.parts import now
from monitor.config import Settings
from monitor.config.schema import QuietEntry
from monitor.engine.decide import Announcement, Desk, Repeats
from monitor.http import Http
from monitor.matching import RuleSet
from monitor.model import Delivery, Outcome

CONSOLE = SinkSettings(name="console", kind="console")


def sink_settings(settings: Settings) -> tuple[SinkSettings, ...]:
    """The configured sinks; without any, alerts go to the console."""
    found = tuple(
        SinkSettings(
            name=sink.name,
            kind=sink.kind,
            url=sink.url,
            secret=sink.secret,
            token=sink.token,
            channel=sink.channel,
            api_url=sink.api_url or SLACK_API,
            allow_private_addresses=sink.allow_private_addresses,
            on_unknown=sink.on_unknown,
            min_confidence=sink.min_confidence,
        )
        for sink in settings.sinks
    )
    return found or (CONSOLE,)


def terms_of(settings: Settings) -> dict[str, Terms]:
    """How each configured sink wants its alerts, by name."""
    return {
        sink.name: Terms(
            quiet=quiet_of(sink.quiet) if sink.quiet else None,
            salvo=Salvo(sink.salvo.places, sink.salvo.every_seconds) if sink.salvo else None,
        )
        for sink in settings.sinks
    }


def quiet_of(entry: QuietEntry) -> Quiet:
    """Quiet hours as configured."""
    return Quiet(
        begins=time.fromisoformat(entry.begins),
        ends=time.fromisoformat(entry.ends),
        zone=ZoneInfo(entry.timezone),
        loud_from=entry.except_confidence,
        grave_from=entry.except_severity,
    )


def delivery_settings(settings: Settings) -> DeliverySettings:
    """`[delivery]` as the courier takes it."""
    delivery = settings.delivery
    return DeliverySettings(backoff_seconds=tuple(delivery.backoff_seconds), circuit_failures=delivery.circuit_failures)


def means_of(http: Http) -> Means:
    """What sinks work with on this machine."""
    return Means(http=http, clock=now, write=print_alert)


def canary_sinks(settings: Settings, built: Mapping[str, Sink]) -> list[Sink]:
    """The sinks that want to be told that the canary arrived."""
    return [built[sink.name] for sink in settings.sinks if sink.canary]


def print_alert(text: str) -> None:
    """Print at once, so that a pipe or the journal has it when the delivery counts as sent."""
    sys.stdout.write(text)
    sys.stdout.flush()


async def try_sinks(settings: Settings, name: str = "") -> dict[str, Outcome]:
    """Send one test message to the named sink, or to all; what came of each. Nothing is stored."""
    wanted = [sink for sink in sink_settings(settings) if name in ("", sink.name)]
    async with Http() as http:
        sinks = build(wanted, means_of(http))
        outcomes = await asyncio.gather(*(sink.send(trial(sink.settings)) for sink in sinks.values()))
    return dict(zip(sinks, outcomes, strict=True))


def trial(sink: SinkSettings) -> Delivery:
    """A delivery that is none: its id says so, and no database knows it."""
    return Delivery(
        id=f"test-{uuid.uuid4().hex}",
        alert_id="test",
        sink=sink.name,
        generation=0,
        payload=test_payload(sink.kind, sink.name, now()),
        state="sending",
    )


def desk_of(
    rules: RuleSet,
    sinks: tuple[SinkSettings, ...],
    routes: tuple[Route, ...] = (),
    terms: Mapping[str, Terms] | None = None,
) -> Desk:
    """The desk that freezes each alert once for every sink that routes give it to and that wants it."""
    by_name = {sink.name: sink for sink in sinks}

    def written(kind: str, said: Announcement) -> str:
        return payload(
            kind,
            said.alert,
            said.incident,
            said.article,
            said.judgement,
            said.base,
            said.area,
            said.incident.facts,
        )

    def chosen(said: Announcement) -> tuple[Subject, list[Chosen]]:
        subject = subject_of(said.alert, said.incident, said.article, said.base)
        found = choose(subject, routes, tuple(by_name))
        return subject, [one for one in found if sure(subject.confidence, by_name[one.sink].min_confidence)]

    def payloads(said: Announcement) -> dict[str, str]:
        return {one.sink: written(by_name[one.sink].kind, said) for one in chosen(said)[1]}

    def terms_for(said: Announcement) -> dict[str, Terms]:
        subject, found = chosen(said)
        return {one.sink: with_batch((terms or {}).get(one.sink), by_name[one.sink], one, subject) for one in found}

    def hours(said: Announcement) -> dict[str, float]:
        asking = ((one.sink, one.route.repeat_hours) for one in chosen(said)[1] if one.route)
        return {sink: repeat for sink, repeat in asking if repeat}

    shortest = min((route.repeat_hours for route in routes if route.repeat_hours), default=0)
    return Desk(
        rules,
        body=lambda said: written("webhook", said),
        payloads=payloads,
        terms=terms_for,
        repeats=Repeats(shortest, hours, lambda said, sink: written(by_name[sink].kind, said)) if shortest else None,
    )


def with_batch(terms: Terms | None, sink: SinkSettings, chosen: Chosen, subject: Subject) -> Terms:
    """How a sink wants one alert: as it wants all, and gathered as the route says where its kind can gather."""
    batch = batch_of(chosen, subject) if sink.kind in GATHERED else None
    return replace(terms or Terms(), batch=batch)
