"""Receivers that are down for six hours, over real HTTP; and what one dead receiver costs the others (DL-8, DL-12)."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from alerts import ARTICLE, SECRET, payload, put_alert, states, until
from loopback import Handler, Request, answer, open_http, serving
from loops import in_loop
from receiver import Receiver

from monitor.alerts.sinks import Means, SinkSettings, SlackSink, build
from monitor.alerts.states import DeliverySettings
from monitor.engine.deliver import Deliverer
from monitor.store import outbox
from monitor.store.db import Database

ALERTS = 500
HOURS = 6
SINKS = {"hook": "webhook", "desk": "slack"}


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class ShiftedClock:
    """The time of this machine, less what is still to be jumped over."""

    shift: timedelta

    def __call__(self) -> datetime:
        return now() - self.shift


@dataclass(slots=True)
class Desk:
    """Takes what Slack takes, and keeps the texts and when they came."""

    clock: Callable[[], datetime]
    texts: list[str] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)

    async def handle(self, request: Request, writer: asyncio.StreamWriter) -> None:
        self.times.append(self.clock())
        self.texts.append(json.dumps(json.loads(request.body)["blocks"]))
        writer.write(answer(200, b"ok"))
        await writer.drain()

    def stories(self) -> Counter[int]:
        """How often each story was told of."""
        return Counter(int(number) for text in self.texts for number in set(re.findall(r"news\.example/(\d+)", text)))


def put(db: Database, number: int, sinks: dict[str, str], now: datetime) -> None:
    """Decide the alert of one story, due at once for all sinks."""
    article = replace(ARTICLE, title=f"Story {number}", url=f"https://news.example/{number}")
    with db.writing() as tx:
        put_alert(tx, number, {name: payload(kind, article=article) for name, kind in sinks.items()}, now)


@asynccontextmanager
async def delivering(db: Database, clock: Callable[[], datetime], urls: dict[str, str], sinks: dict[str, str]):
    """The real outbox with the real sinks, at work; gives what wakes it."""
    named = [
        SinkSettings(name, kind, url=urls[name], secret=SECRET, allow_private_addresses=True)
        for name, kind in sinks.items()
    ]
    async with open_http() as http:
        deliverer = Deliverer(db, build(named, Means(http, clock, print)), DeliverySettings(), clock)
        stop = asyncio.Event()
        working = asyncio.create_task(deliverer.run(stop))
        try:
            yield deliverer
        finally:
            stop.set()
            await asyncio.wait([working], timeout=1)
            working.cancel()


@pytest.mark.slow
@pytest.mark.fault("DL-12")
@in_loop
async def test_after_six_hours_without_receivers_500_alerts_arrive_once_and_at_their_rate(tmp_path):
    db, clock = Database(tmp_path / "a.db", durable=False), ShiftedClock(timedelta(hours=HOURS, minutes=10))
    hook, desk = Receiver(SECRET), Desk(clock)
    async with AsyncExitStack() as stack:
        servers = {
            "hook": await stack.enter_async_context(serving(hook.handle, start_serving=False)),
            "desk": await stack.enter_async_context(serving(desk.handle, start_serving=False)),
        }
        urls = {name: server.url + "/x" for name, server in servers.items()}
        deliverer = await stack.enter_async_context(delivering(db, clock, urls, SINKS))
        for minute in range(HOURS * 60):
            for number in range(minute * ALERTS // (HOURS * 60), (minute + 1) * ALERTS // (HOURS * 60)):
                put(db, number, SINKS, clock())
            clock.shift -= timedelta(minutes=1)
            deliverer.call()
            await asyncio.sleep(0.01)
        assert states(db).keys() <= {"pending", "sending"}
        tried = db.row("SELECT count(*) FROM attempt WHERE outcome = 'not_sent'")[0]
        for server in servers.values():
            await server.listener.start_serving()
        clock.shift = timedelta()
        deliverer.call()
        await until(lambda: states(db) == {"sent": 2 * ALERTS}, 200)
    assert hook.accepted == Counter(outbox.delivery_id(f"alert-{number}", "hook", 0) for number in range(ALERTS))
    assert hook.faults == []
    assert desk.stories() == Counter(range(ALERTS))
    told = db.rows("SELECT digest_id FROM delivery WHERE sink = 'desk' GROUP BY coalesce(digest_id, id)")
    assert len(desk.texts) == len(told)
    rate, passed = SlackSink.rate, (desk.times[-1] - desk.times[0]).total_seconds()
    assert passed >= (len(desk.times) - 1 - rate.burst) * rate.interval_seconds
    for at in desk.times:
        assert (
            sum(at <= other < at + timedelta(seconds=rate.interval_seconds) for other in desk.times) <= rate.burst + 1
        )
    print(
        f"{HOURS} h down, {tried} tries that found nobody; then {hook.accepted.total()} webhooks one by one and "
        f"{len(desk.texts)} messages to Slack in {passed:.0f} s for {ALERTS} alerts; none lost, none twice"
    )
    db.close()


async def never(_request: Request, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def worst_seconds(db: Database, dead: bool) -> float:
    """How long the slowest of 20 alerts took to nine receivers, from its decision; `dead` adds a tenth that hangs."""
    came: dict[str, list[float]] = {}

    def noting(name: str) -> Handler:
        async def handler(_request: Request, writer: asyncio.StreamWriter) -> None:
            came.setdefault(name, []).append(time.monotonic())
            writer.write(answer(200))
            await writer.drain()

        return handler

    handlers = {f"s{number}": noting(f"s{number}") for number in range(9)} | ({"dead": never} if dead else {})
    sinks, waits = dict.fromkeys(handlers, "webhook"), []
    async with AsyncExitStack() as stack:
        servers = {name: await stack.enter_async_context(serving(handler)) for name, handler in handlers.items()}
        urls = {name: server.url for name, server in servers.items()}
        deliverer = await stack.enter_async_context(delivering(db, now, urls, sinks))
        for number in range(20):
            decided = time.monotonic()
            put(db, number, sinks, now())
            deliverer.call()
            await until(lambda number=number: all(len(came.get(name, [])) > number for name in sinks if name != "dead"))
            waits.append(max(times[number] for times in came.values()) - decided)
        assert not dead or servers["dead"].open_now == 1
    return max(waits)


@pytest.mark.fault("DL-8")
@in_loop
async def test_a_dead_receiver_delays_the_others_by_less_than_a_second(tmp_path):
    seconds = {}
    for dead in (False, True):
        db = Database(tmp_path / f"{dead}.db")
        seconds[dead] = await worst_seconds(db, dead)
        db.close()
    print(f"slowest of 20 alerts to 9 sinks: {seconds[False]:.3f} s, beside a dead tenth {seconds[True]:.3f} s")
    assert seconds[True] - seconds[False] < 1
