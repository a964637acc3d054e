"""Processes that are killed at random moments. Imported by their fork server, so that a start costs no imports."""

from __future__ import annotations

import asyncio
import logging
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from alerts import SECRET, payload, put_alert, states, until
from slack_api import CHANNEL, TOKEN

from monitor.alerts.sinks import Means, SinkSettings, build
from monitor.alerts.sinks.slack_bot import SlackBotSink
from monitor.alerts.states import DeliverySettings, Rate
from monitor.engine.deliver import Deliverer
from monitor.http import Http
from monitor.model import Outcome
from monitor.store.db import Database, now_text

SINK = "ops"
# Short waits, and a circuit that chance does not open: three days in a second. A long run makes no digests.
QUICK = DeliverySettings(
    backoff_seconds=(0, 0.02, 0.05, 0.1), long_seconds=0.2, circuit_failures=10_000, digest_after_seconds=86_400
)


def now() -> datetime:
    return datetime.now(UTC)


class Careless(Deliverer):
    """Writes down that it has sent before it sends: the mistake that the kill test must see."""

    async def _deliver(self, name, claimed):
        self._record(name, claimed.deliveries, Outcome("sent", 200))
        await self._send(name, claimed.message)


def settings_of(sink: str, url: str) -> SinkSettings:
    """A webhook, or Slack by a bot's token ("slack", "gathered"), which is here asked as fast as it goes."""
    if sink == "webhook":
        return SinkSettings(SINK, "webhook", url=url, secret=SECRET, allow_private_addresses=True)
    SlackBotSink.rate = Rate()
    return SinkSettings(SINK, "slack", token=TOKEN, channel=CHANNEL, api_url=url, allow_private_addresses=True)


def deliver_and_decide(
    path: Path, url: str, total: int, kind: type[Deliverer] = Deliverer, sink: str = "webhook"
) -> None:
    """A small daemon: it decides alerts one by one and delivers them, until somebody kills it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(_deliver_and_decide(path, url, total, kind, sink))


async def _deliver_and_decide(path: Path, url: str, total: int, kind: type[Deliverer], sink: str = "webhook") -> None:
    db = Database(path, checkpoints=True)
    settings = settings_of(sink, url)
    async with Http() as http:
        means = Means(http=http, clock=now, write=print, deadline_seconds=5)
        deliverer = kind(db, build([settings], means), QUICK, now)
        working = asyncio.create_task(deliverer.run(asyncio.Event()))
        while True:
            number = db.rows("SELECT count(*) AS n FROM alert")[0]["n"]
            if number < total:
                with db.writing() as tx:
                    put_alert(tx, number, {SINK: payload("webhook" if sink == "webhook" else "slack")}, now())
                    if sink == "gathered":
                        soon = now_text(now() + timedelta(seconds=0.05))
                        tx.execute("UPDATE delivery SET batch = 'group', not_before_at = ? WHERE attempts = 0", (soon,))
                deliverer.call()
            await asyncio.sleep(0.01)
            assert not working.done()


async def _deliver_all(path: Path, url: str, total: int) -> None:
    working = asyncio.create_task(_deliver_and_decide(path, url, total, Deliverer))
    db = Database(path)
    await until(lambda: states(db).get("sent", 0) == total)
    working.cancel()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(_deliver_all(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
