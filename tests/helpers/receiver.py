"""A webhook receiver of its own thread: verifies every signature, keeps what it accepted, and fails when told to."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from loopback import Handler, Request, answer, serving
from standardwebhooks import Webhook

REFUSALS = (answer(500), answer(503), answer(408), b"")


@dataclass(slots=True)
class Receiver:
    """`accepted` counts by webhook-id what was taken; `bodies` are all bodies of an id; `faults` what went wrong."""

    secret: str
    failing: float = 0.0
    rolls: random.Random = field(default_factory=lambda: random.Random(1))
    accepted: Counter[str] = field(default_factory=Counter)
    bodies: dict[str, set[bytes]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    dropped: int = 0

    async def handle(self, request: Request, writer: asyncio.StreamWriter) -> None:
        """Verify; then accept and say so, or accept and break off, or refuse."""
        try:
            Webhook(self.secret).verify(request.body, request.headers)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a signature is a fault
            self.faults.append(repr(error))
        name = request.headers.get("webhook-id", "")
        self.bodies.setdefault(name, set()).add(request.body)
        if self.rolls.random() >= self.failing:
            self.accepted[name] += 1
            writer.write(answer(200))
        elif self.rolls.random() < 0.3:
            self.accepted[name] += 1
            self.dropped += 1
            return
        else:
            writer.write(self.rolls.choice(REFUSALS))
        await writer.drain()


@contextmanager
def in_thread(handler: Handler) -> Iterator[str]:
    """Serve a handler on a free loopback port, in a thread of its own; gives the URL of its root."""
    ready, stop, urls, loop = threading.Event(), asyncio.Event(), [], asyncio.new_event_loop()

    async def serve() -> None:
        async with serving(handler) as server:
            urls.append(server.url)
            ready.set()
            await stop.wait()
            if pending := asyncio.all_tasks() - {asyncio.current_task()}:
                await asyncio.wait(pending, timeout=2)

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield urls[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
