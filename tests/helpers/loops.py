"""Tests that are coroutines, and waiting for what another process or task does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any


def in_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run a coroutine as a test, in an event loop of its own."""

    @wraps(test)
    def run(*args: Any, **options: Any) -> None:
        asyncio.run(test(*args, **options))  # type: ignore[arg-type]

    return run


async def comes_true(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait until a condition holds; fails the test when it never does."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - nobody tells us when
            await asyncio.sleep(0.02)
