"""Ticks survive their own failures, and a clock that jumps wakes them all."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor import daemon


def test_a_failing_tick_is_told_once_and_told_again_when_it_works():
    broken = [True, True, True, False, False]

    def step():
        if broken.pop(0):
            raise OSError("disk full")

    tick = daemon.guarded("poll", step)

    async def five():
        for _ in range(5):
            await tick()

    with structlog.testing.capture_logs() as logs:
        asyncio.run(five())
    assert [line["event"] for line in logs] == ["tick fails", "tick works again"]


def test_a_step_that_fails_is_no_sign_of_life_and_rests_while_the_disk_is_full():
    disk, signs = SimpleNamespace(full=False), []
    service = SimpleNamespace(disk=disk, worked=signs.append)
    broken, done = [True], []

    def step():
        if broken:
            raise OSError("broken")
        done.append("done")

    work = daemon.at_work(service, "decide", step)
    with pytest.raises(OSError, match="broken"):
        work()
    assert signs == []
    broken.clear()
    disk.full = True
    work()
    assert (done, signs) == ([], [])
    disk.full = False
    work()
    assert (done, signs) == (["done"], ["decide"])


class Clock:
    """Stands for the module `time`: the wall jumps, the steady clock does not."""

    def __init__(self):
        self.wall = 0.0

    def time(self):
        return self.wall

    def monotonic(self):
        return 0.0


@pytest.mark.fault("CK-1", "CK-4")
def test_a_clock_set_back_wakes_every_tick(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(daemon, "time", clock)
    monkeypatch.setattr(daemon, "WATCH_SECONDS", 0.01)

    async def watched():
        scheduler = AsyncIOScheduler(timezone=UTC)
        far = datetime.now(UTC) + timedelta(hours=1)
        job = scheduler.add_job(lambda: None, "interval", seconds=3600, next_run_time=far)
        scheduler.start(paused=True)
        watching = asyncio.create_task(daemon.watch_clock(scheduler))
        await asyncio.sleep(0.05)
        before = job.next_run_time
        clock.wall = -3600.0
        await asyncio.sleep(0.1)
        watching.cancel()
        after = job.next_run_time
        scheduler.shutdown(wait=False)
        return far, before, after

    with structlog.testing.capture_logs() as logs:
        far, before, after = asyncio.run(watched())
    assert before == far
    assert after < far
    assert [line["seconds"] for line in logs] == [-3600]


@pytest.mark.fault("CR-5")
def test_the_first_signal_stops_and_the_second_hurries():
    async def signalled():
        signals = daemon.Signals()
        signals.on_stop("SIGTERM")
        first = (signals.stop.is_set(), signals.hurry.is_set())
        signals.on_stop("SIGINT")
        return first, signals.hurry.is_set()

    assert asyncio.run(signalled()) == ((True, False), True)


def test_a_drain_does_not_wait_in_a_hurry():
    async def drained():
        hurry = asyncio.Event()
        hurry.set()
        async with asyncio.timeout(5):
            await daemon.drain(asyncio.sleep(3600), hurry)

    with structlog.testing.capture_logs() as logs:
        asyncio.run(drained())
    assert logs[0]["event"].startswith("stopped before all work ended")
