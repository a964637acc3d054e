"""The daemon: ticks that start work, signals that end it, and one daemon for one database.

Due times live in the database; the scheduler only ticks, so that nothing is missed by a tick that is late or lost.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor import __version__
from monitor.app import Service, open_service
from monitor.app.renew import renew
from monitor.app.vigil import vigil
from monitor.config import Settings
from monitor.errors import BasewatchError, ConfigError, RuleError, StoreLost
from monitor.store.lock import only_one

log = structlog.get_logger()

TICK_SECONDS = 1
DISK_SECONDS = 2
PAGE_SECONDS = 0.25
HEALTH_SECONDS = 30
REMIND_SECONDS = 60
PRUNE_SECONDS = 3600
# What is under way gets this long to end; systemd and compose are told to wait a little longer.
DRAIN_SECONDS = 25
# The wall clock is compared with the steady one this often, and may differ by this much.
WATCH_SECONDS = 5
JUMP_SECONDS = 30

Step = Callable[[], object]


@dataclass(frozen=True, slots=True)
class RoundReport:
    """What one round of `run --once` did."""

    polled: int
    failed: int
    alerts: int
    open_deliveries: int


def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Raises AlreadyRunning where another daemon holds the database."""
    with only_one(settings.database):
        asyncio.run(_run(settings))


def run_once(settings: Settings) -> RoundReport:
    """Poll what is due, decide, read pages, decide again, deliver what is due; then end."""
    with only_one(settings.database):
        return asyncio.run(_run_once(settings))


async def _run(settings: Settings) -> None:
    """Serve by one configuration after the other; what cannot be started leaves the one before it in force."""
    signals = Signals()
    signals.listen()
    wanted: Settings | None = settings
    before: Settings | None = None
    while wanted and not signals.stop.is_set():
        try:
            wanted, before = await serve(wanted, signals), wanted
        except (ConfigError, RuleError) as error:
            if before is None or wanted is before:
                raise
            refused(error)
            wanted = before
    log.info("stopped")


async def serve(settings: Settings, signals: Signals) -> Settings | None:
    """Run the service until a signal; the configuration to go on with, or None to end."""
    async with open_service(settings) as service, vigil(settings, service) as systemd:
        stop_delivering = asyncio.Event()
        delivering = asyncio.create_task(service.deliverer.run(stop_delivering), name="deliver")
        scheduler = schedule(service)
        watching = asyncio.create_task(watch_clock(scheduler), name="clock")
        log.info("started", version=__version__, database=str(settings.database), **service.facts())
        systemd.tell("READY=1")
        renewed = await until_called(settings, signals, service)
        systemd.tell("RELOADING=1" if renewed else "STOPPING=1")
        log.info("reloading" if renewed else "stopping", signal=signals.name, seconds_at_most=DRAIN_SECONDS)
        scheduler.shutdown(wait=False)
        watching.cancel()
        await drain(finish(service, delivering, stop_delivering), signals.hurry)
    return renewed


async def until_called(settings: Settings, signals: Signals, service: Service) -> Settings | None:
    """Wait for a signal: None to end, or the configuration as it stands now where it can be used.

    Raises StoreLost where the database can no longer be written: then there is nothing left to do well.
    """
    while True:
        while not await is_set(signals.called, DISK_SECONDS):
            if why := service.disk.lost:
                raise StoreLost(why)
        signals.called.clear()
        if signals.stop.is_set():
            return None
        try:
            return renew(settings)
        except BasewatchError as error:
            refused(error)


async def is_set(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event came within these seconds."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


def refused(error: BasewatchError) -> None:
    """Tell why a new configuration is not used."""
    for sentence in str(error).splitlines():
        log.error("the new configuration is refused, the old one stays in force", why=sentence)


async def _run_once(settings: Settings) -> RoundReport:
    async with open_service(settings) as service:
        await service.poller.poll_due()
        service.decide_all()
        await service.pages.fetch_wanted()
        service.decide_all()
        service.remind()
        await service.deliverer.send_due()
        service.watch()
        return RoundReport(service.polls, service.failed_polls, service.alerts, service.open_deliveries())


@dataclass(slots=True)
class Signals:
    """The first SIGTERM or SIGINT asks to stop, the second to hurry; SIGHUP asks to read the configuration again."""

    called: asyncio.Event = field(default_factory=asyncio.Event)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    name: str = ""

    def listen(self) -> None:
        """Take over the signals of this process."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.on_stop, number.name)
        loop.add_signal_handler(signal.SIGHUP, self.on_hang_up)

    def on_stop(self, name: str) -> None:
        """A signal to stop came in."""
        self.name = name
        self.called.set()
        (self.hurry if self.stop.is_set() else self.stop).set()

    def on_hang_up(self) -> None:
        """The configuration may have changed."""
        self.name = "SIGHUP"
        self.called.set()


def schedule(service: Service) -> AsyncIOScheduler:
    """Start the ticks. Each runs once at a time, in UTC, and catches up by one run however long it was late."""
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    steps: list[tuple[str, Step, float]] = [
        ("disk", service.disk.watch, DISK_SECONDS),
        ("poll", at_work(service, "poll", service.poller.start_due), TICK_SECONDS),
        ("decide", at_work(service, "decide", service.decide), TICK_SECONDS),
        ("pages", at_work(service, "pages", service.pages.start_wanted), PAGE_SECONDS),
        ("remind", unless_full(service, service.remind), REMIND_SECONDS),
        ("health", service.check_health, HEALTH_SECONDS),
        ("prune", service.prune, PRUNE_SECONDS),
    ]
    for name, step, seconds in steps:
        scheduler.add_job(guarded(name, step), "interval", seconds=seconds, id=name, next_run_time=datetime.now(UTC))
    scheduler.start()
    return scheduler


def at_work(service: Service, name: str, step: Step) -> Step:
    """A step without which there is no alert, unless the disk is full: that it was done is the sign of life."""

    def work() -> None:
        step()
        service.worked(name)

    return unless_full(service, work)


def unless_full(service: Service, step: Step) -> Step:
    """A step that rests while the disk is full: what it began could not be recorded."""
    return lambda: None if service.disk.full else step()


def guarded(name: str, step: Step) -> Callable[[], Awaitable[None]]:
    """A tick whose failure ends nothing: told when it begins and when it is over, not every second."""
    failing = ""

    async def tick() -> None:
        nonlocal failing
        try:
            step()
        except Exception as error:
            if repr(error) != failing:
                log.exception("tick fails", tick=name)
            failing = repr(error)
        else:
            if failing:
                log.info("tick works again", tick=name)
            failing = ""

    return tick


async def watch_clock(scheduler: AsyncIOScheduler) -> None:
    """Wake all ticks when the wall clock jumps: set back an hour, it would stop them for that hour."""
    wall, steady = time.time(), time.monotonic()
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        jump = (time.time() - wall) - (time.monotonic() - steady)
        wall, steady = time.time(), time.monotonic()
        if abs(jump) > JUMP_SECONDS:
            log.warning("the clock has jumped; all ticks are woken", seconds=round(jump))
            for job in scheduler.get_jobs():
                job.modify(next_run_time=datetime.now(UTC))


async def drain(ending: Coroutine[Any, Any, None], hurry: asyncio.Event) -> None:
    """Let what is under way end; what is left after the time, or in a hurry, is taken up at the next start."""
    work, hurrying = asyncio.create_task(ending), asyncio.create_task(hurry.wait())
    await asyncio.wait({work, hurrying}, timeout=DRAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    if not work.done():
        log.warning("stopped before all work ended; the rest is taken up at the next start")
    for task in (work, hurrying):
        task.cancel()
    await asyncio.gather(work, hurrying, return_exceptions=True)


async def finish(service: Service, delivering: asyncio.Task[None], stop_delivering: asyncio.Event) -> None:
    """End polls and pages, decide what they brought, and end the deliveries."""
    await service.poller.finish()
    await service.pages.finish()
    service.decide_all()
    service.deliverer.call()
    await asyncio.sleep(0)
    stop_delivering.set()
    await delivering
