"""What this process opens, asks or dials while something is watched."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

WATCHED = ("open", "socket.connect", "socket.getaddrinfo", "urllib.Request", "subprocess.Popen")


@contextmanager
def watching() -> Iterator[list[str]]:
    """The events meanwhile; a library that Python loads only now is no file that a document opened."""
    seen: list[str] = []
    active = True

    def hook(event: str, args: tuple[object, ...]) -> None:
        lazily_loaded = event == "open" and str(args[0]).startswith((sys.prefix, sys.base_prefix))
        if active and event in WATCHED and not lazily_loaded:
            seen.append(f"{event} {args[:2]}")

    sys.addaudithook(hook)
    try:
        yield seen
    finally:
        active = False
