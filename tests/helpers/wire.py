"""A feed that tells of as many attacks as it is told to."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

from loopback import Request, answer

BASES = ("al-Tanf", "Ain al-Asad", "al-Shaddadi", "al-Omar")
# A feed shows its latest entries only; what is gone before it was polled cannot be known.
SHOWN = 500


class Wire:
    """Every attack is on another base or day, all in the past; each entry tells one."""

    def __init__(self, attacks: int = 1) -> None:
        self.attacks = attacks

    def item(self, number: int) -> str:
        day = date(2017, 1, 3) + timedelta(days=6 * (number // len(BASES)))
        base = BASES[number % len(BASES)]
        at = datetime(day.year, day.month, day.day, 18, tzinfo=UTC)
        return (
            f"<item><title>Drone attack hits US base at {base}</title><guid>attack-{number}</guid>"
            f"<pubDate>{format_datetime(at)}</pubDate><description>Two drones attacked the {base} base housing US "
            f"troops on {day:%A}, the US military said. Nobody was hurt.</description></item>"
        )

    async def handle(self, _request: Request, writer: asyncio.StreamWriter) -> None:
        shown = range(max(0, self.attacks - SHOWN), self.attacks)
        items = "".join(self.item(number) for number in shown)
        body = f'<rss version="2.0"><channel><title>Wire</title>{items}</channel></rss>'
        writer.write(answer(200, body.encode(), Content_Type="application/rss+xml"))
        await writer.drain()
