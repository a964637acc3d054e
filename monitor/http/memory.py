"""How much memory the bodies of answers may hold together: few large ones at once, the others wait their turn."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

# A body up to this size needs no place: nearly all feeds and pages, so that hostile large ones never delay them.
SMALL_BYTES = 1 << 19
# A place holds the largest body allowed (10 MB). A body has its place before it grows, so that two never wait for
# each other. So many for those who gave a good answer last time, and as many for all others: who never gives one can
# keep only others of that kind waiting.
PLACES = 3


class LargeBodies:
    """The places for large bodies, `PLACES` of each kind, given in the order of asking."""

    def __init__(self) -> None:
        self._proven = asyncio.Semaphore(PLACES)
        self._others = asyncio.Semaphore(PLACES)

    def room(self, *, proven: bool = False) -> Room:
        """Room for the body of one answer, kept until the room is left; `proven` where the last answer was good."""
        return Room(self._proven if proven else self._others)


class Room:
    """Where one body is kept. An async context manager: leaving it gives the place back, if one was taken."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places = places
        self._placed = False
        self.waiting = False

    async def hold(self, size: int) -> None:
        """Let the body have `size` bytes; waits for a place when it becomes large."""
        if self._placed or size <= SMALL_BYTES:
            return
        self.waiting = True
        await self._places.acquire()
        self._placed, self.waiting = True, False

    async def __aenter__(self) -> Self:
        """Nothing is taken yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the place back."""
        if self._placed:
            self._placed = False
            self._places.release()
