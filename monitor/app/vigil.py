"""Watched: the health endpoint, the heartbeat to another machine, what systemd is told, and the canary."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

import structlog

from monitor.app.canary import send_by_the_clock
from monitor.app.parts import environment, now
from monitor.app.service import Service
from monitor.config import Settings
from monitor.errors import ConfigError, FetchError
from monitor.health.endpoint import Page, Pages, serve
from monitor.health.metrics import CONTENT_TYPE, metrics_text
from monitor.health.status import Status, status_of
from monitor.health.systemd import Systemd
from monitor.http import Http

log = structlog.get_logger()

PING_SECONDS = 60
# Not ready, or not taken: the next try comes sooner.
SOON_SECONDS = 5
HABITS_FIRST_SECONDS = 120
HABITS_SECONDS = 3600


@asynccontextmanager
async def vigil(settings: Settings, service: Service) -> AsyncIterator[Systemd]:
    """Be watched while the service runs. Raises ConfigError where the port is taken."""
    systemd = Systemd(environment())
    tasks: list[asyncio.Task[None]] = []
    server = await open_endpoint(settings, service)
    if systemd.watchdog_seconds:
        tasks.append(asyncio.create_task(feed_watchdog(systemd, systemd.watchdog_seconds), name="watchdog"))
    if settings.health.ping_url:
        tasks.append(asyncio.create_task(ping(settings, service), name="ping"))
    tasks.append(asyncio.create_task(send_by_the_clock(settings, service), name="canary"))
    tasks.append(asyncio.create_task(look_at_habits(service), name="habits"))
    try:
        yield systemd
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if server:
            server.close()


async def open_endpoint(settings: Settings, service: Service) -> asyncio.Server | None:
    """The endpoint, where one is configured."""
    if not settings.health.listen:
        return None
    host, port = settings.health.address
    try:
        return await serve(host, port, pages_of(service))
    except OSError as error:
        raise ConfigError(
            [f"health.listen: {host}:{port} cannot be used ({error.strerror}); give a free port"]
        ) from error


def pages_of(service: Service) -> Pages:
    """What the endpoint answers."""

    def seen() -> Status:
        return status_of(service.db, now())

    def metrics() -> Page:
        counters = {"polls": service.polls, "failed_polls": service.failed_polls, "alerts": service.alerts}
        return Page(metrics_text(seen(), counters, service.db.path), content_type=CONTENT_TYPE)

    return {
        "/healthz": judged(seen, lambda status: status.daemon.state == "ok"),
        "/readyz": judged(seen, lambda status: status.ready),
        "/metrics": metrics,
    }


def judged(seen: Callable[[], Status], good: Callable[[Status], bool]) -> Callable[[], Page]:
    """A page that answers 200 where the status is good, and 503 with the kinds of the alarms where it is not."""

    def page() -> Page:
        status = seen()
        fine = good(status)
        body = {"status": "ok" if fine else "not well", "alarms": sorted({alarm.kind for alarm in status.alarms})}
        state = HTTPStatus.OK if fine else HTTPStatus.SERVICE_UNAVAILABLE
        return Page(json.dumps(body).encode() + b"\n", state)

    return page


async def feed_watchdog(systemd: Systemd, seconds: float) -> None:
    """Tell systemd that the loop turns. All writing is done in this loop, so a stuck writer is seen as well."""
    while True:
        systemd.tell("WATCHDOG=1")
        await asyncio.sleep(seconds)


async def look_at_habits(service: Service) -> None:
    """Once an hour, see which feeds depart from their habits; at a start, the first polls go first."""
    await asyncio.sleep(HABITS_FIRST_SECONDS)
    while True:
        try:
            if not service.disk.full:
                await service.watch_habits()
        except Exception:
            log.exception("the habits of feeds cannot be looked at")
        await asyncio.sleep(HABITS_SECONDS)


async def ping(settings: Settings, service: Service) -> None:
    """Ask for the heartbeat address once a minute while the service is ready: its silence is the alarm."""
    async with Http() as http:
        while True:
            pause = SOON_SECONDS
            try:
                if status_of(service.db, now()).ready:
                    allow = settings.polling.allow_private_addresses
                    await http.get(settings.health.ping_url, deadline_seconds=10, max_bytes=10_000, allow_private=allow)
                    pause = PING_SECONDS
            except FetchError as error:
                log.warning("the heartbeat was not taken", kind=error.kind)
            except Exception:
                log.exception("no heartbeat")
            await asyncio.sleep(pause)
