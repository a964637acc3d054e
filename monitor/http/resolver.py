"""Names to addresses, with a deadline and threads of our own.

The resolver of the system blocks and cannot be cancelled. In the default pool of asyncio a few names that never answer
stop every other look-up; here each look-up has a thread of its own, a name has never more than one, and their number
is bounded.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from monitor.errors import FetchError

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
LookUp = Callable[..., Sequence[tuple[Any, Any, Any, Any, Any]]]

DEADLINE_SECONDS = 8.0
MAX_THREADS = 128


class Resolver:
    """Look up names. `await resolver(host, port)` gives the addresses as text, in the order of the system.

    Raises FetchError of kind "dns". Belongs to one event loop.
    """

    def __init__(
        self,
        *,
        deadline_seconds: float = DEADLINE_SECONDS,
        max_threads: int = MAX_THREADS,
        look_up: LookUp = socket.getaddrinfo,
    ) -> None:
        self._deadline_seconds = deadline_seconds
        self._max_threads = max_threads
        self._look_up = look_up
        self._running: dict[tuple[str, int], asyncio.Future[list[str]]] = {}

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The addresses of `host`; at least one."""
        running = self._running.get((host, port)) or self._start(host, port)
        try:
            async with asyncio.timeout(self._deadline_seconds):
                addresses = await asyncio.shield(running)
        except TimeoutError:
            raise FetchError(f"the name {host} was not resolved in {self._deadline_seconds:g} s", "dns") from None
        except (OSError, UnicodeError) as error:
            raise FetchError(f"the name {host} cannot be resolved ({_reason(error)})", "dns") from None
        if not addresses:
            raise FetchError(f"the name {host} has no address", "dns")
        return addresses

    def _start(self, host: str, port: int) -> asyncio.Future[list[str]]:
        if len(self._running) >= self._max_threads:
            raise FetchError(f"the name {host} was not resolved: too many names do not answer", "dns")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[str]] = loop.create_future()
        self._running[host, port] = future
        future.add_done_callback(lambda done: self._forget((host, port), done))
        threading.Thread(target=self._run, args=(loop, future, host, port), name="resolver", daemon=True).start()
        return future

    def _forget(self, key: tuple[str, int], done: asyncio.Future[list[str]]) -> None:
        self._running.pop(key, None)
        if not done.cancelled():
            done.exception()  # nobody may be waiting any more; that is no error

    def _run(self, loop: asyncio.AbstractEventLoop, future: asyncio.Future[list[str]], host: str, port: int) -> None:
        found: list[str] = []
        failed: Exception | None = None
        try:
            for *_, address in self._look_up(host, port, type=socket.SOCK_STREAM):
                if address[0] not in found:
                    found.append(address[0])
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            failed = error
        try:
            loop.call_soon_threadsafe(_settle, future, found, failed)
        except RuntimeError:
            return  # the loop has ended; nobody waits


def _settle(future: asyncio.Future[list[str]], found: list[str], failed: Exception | None) -> None:
    if future.done():
        return
    if failed:
        future.set_exception(failed)
    else:
        future.set_result(found)


def _reason(error: Exception) -> str:
    return (error.strerror or "no answer") if isinstance(error, OSError) else "not a valid name"
