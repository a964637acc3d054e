"""Telling systemd how we are: one datagram a message (sd_notify(3)), and nothing where nobody listens."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import suppress


class Systemd:
    """Speaks to the manager that the environment names, or to nobody."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        place = environ.get("NOTIFY_SOCKET", "")
        # "@" stands for the null byte with which an abstract address begins.
        self._address = "\0" + place[1:] if place.startswith("@") else place
        self._watchdog_usec = environ.get("WATCHDOG_USEC", "")

    @property
    def watchdog_seconds(self) -> float | None:
        """How often it wants to hear of us: a third of what it bears; None where it does not watch."""
        return int(self._watchdog_usec) / 3_000_000 if self._watchdog_usec.isdigit() else None

    def tell(self, message: str) -> None:
        """Send one message, such as "READY=1". What cannot be sent is not missed."""
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as wire:
            wire.setblocking(False)
            wire.sendto(message.encode(), self._address)
