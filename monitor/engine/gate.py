"""One request at a time to one host, and a pause between two: feeds and pages pass the same gate."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

# Hosts are forgotten once there are more than this and nobody is at their gate.
HOSTS_KEPT = 2000


@dataclass(slots=True)
class _Turnstile:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0
    waiting: int = 0


class HostGate:
    """`async with gate.turn(host)`: inside, no other request of ours goes to this host."""

    def __init__(self, delay_seconds: float) -> None:
        self._delay_seconds = delay_seconds
        self._hosts: dict[str, _Turnstile] = {}

    def busy(self) -> frozenset[str]:
        """The hosts with a request under way or waiting."""
        return frozenset(host for host, at in self._hosts.items() if at.waiting)

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for the host's turn, and keep the pause after it."""
        loop = asyncio.get_running_loop()
        self._forget(loop.time())
        at = self._hosts.setdefault(host, _Turnstile())
        at.waiting += 1
        try:
            async with at.lock:
                await asyncio.sleep(max(0.0, at.free_at - loop.time()))
                try:
                    yield
                finally:
                    at.free_at = loop.time() + self._delay_seconds
        finally:
            at.waiting -= 1

    def _forget(self, time: float) -> None:
        if len(self._hosts) > HOSTS_KEPT:
            self._hosts = {host: at for host, at in self._hosts.items() if at.waiting or at.free_at > time}
