"""The canary by the clock and by hand: its text beside the rules, and how it went in the database."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import structlog

from monitor.alerts.sinks import build
from monitor.app.outlets import canary_sinks, desk_of, means_of, sink_settings, terms_of
from monitor.app.parts import configure, now, polling_settings, rules_of, some_database
from monitor.app.routes import routes_of
from monitor.app.service import EXTRACT_SECONDS, Service
from monitor.children import Children
from monitor.config import Settings
from monitor.engine.canary import Canary, CanaryRun, Step, forget, is_due, record
from monitor.engine.canary_server import CanaryText
from monitor.engine.pages import extracting_in
from monitor.engine.poll import reading_in
from monitor.errors import InputError
from monitor.health.doctor import Check
from monitor.http import Http
from monitor.matching import RuleSet
from monitor.store import signs
from monitor.store.db import Database

log = structlog.get_logger()

FILE = "canary.txt"
MAX_BYTES = 100_000
# The daemon looks this often whether the canary is due; at a start, the first polls go first.
LOOK_SECONDS = 60


def canary_text(rules: Path) -> CanaryText:
    """The canary's article from the folder of rules. Raises InputError."""
    file = rules / FILE
    try:
        text = file.read_bytes()[:MAX_BYTES].decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{file}: is not there; write a headline and two paragraphs that the rules flag") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: cannot be read as UTF-8 text ({error})") from error
    title, *paragraphs = [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()] or [""]
    if len(paragraphs) < 2:
        raise InputError(f"{file}: must be a headline and at least two paragraphs, with an empty line before each")
    return CanaryText(title, tuple(paragraphs))


async def send_by_the_clock(settings: Settings, service: Service) -> None:
    """Send the canary whenever it is due, for as long as the service runs."""
    every = timedelta(hours=settings.health.canary_hours)
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            if not service.disk.full:
                await send_if_due(settings.rules, service, every)
        except Exception:
            log.exception("the canary cannot be sent")


async def send_if_due(rules: Path, service: Service, every: timedelta) -> None:
    """Send the canary if it is due; where there is none, or it is switched off, forget how it went."""
    version = service.desk.rules.version
    if not every or not (rules / FILE).exists():
        forget(service.db)
    elif is_due(signs.canary_sign(service.db.reading), version, now()):
        record(service.db, await send(service.canary, rules), version, now(), every)


async def send(canary: Canary, rules: Path) -> CanaryRun:
    """Send the canary of this folder of rules once."""
    try:
        text = canary_text(rules)
    except InputError as error:
        return CanaryRun((Step("text", str(error)),))
    return await canary.send(text)


def send_once(config: Path) -> CanaryRun:
    """Send the canary at once, and record how it went where there is a database. Raises InputError without a text."""
    settings = configure(config)
    rules = rules_of(settings)
    canary_text(settings.rules)
    with some_database(settings) as db:
        run = asyncio.run(_send(settings, rules, db))
        if settings.database.exists():
            record(db, run, rules.version, now())
    return run


async def _send(settings: Settings, rules: RuleSet, db: Database) -> CanaryRun:
    sinks = sink_settings(settings)
    desk = desk_of(rules, sinks, routes_of(settings, rules), terms_of(settings))
    async with Http() as http, Children(1) as children:
        read = reading_in(children, polling_settings(settings).parse_seconds)
        extract = extracting_in(children, EXTRACT_SECONDS)
        told = canary_sinks(settings, build(sinks, means_of(http)))
        return await send(Canary(db, http, read, extract, desk, told, now), settings.rules)


def check_canary(settings: Settings) -> list[Check]:
    """Why no canary can be sent, for the doctor."""
    if not settings.health.canary_hours:
        return [Check("canary", "look", "is switched off (canary_hours = 0); `basewatch canary` sends it by hand")]
    try:
        canary_text(settings.rules)
    except InputError as error:
        return [Check("canary", "look", str(error))]
    return []
