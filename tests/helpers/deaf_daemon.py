"""`basewatch` on a machine whose names ending in .silent are never answered."""

from __future__ import annotations

import runpy
import socket
import time

system = socket.getaddrinfo


def look_up(host: str, *given: object, **named: object) -> list:
    if str(host).endswith(".silent"):
        time.sleep(40)
        raise socket.gaierror(socket.EAI_AGAIN, "no answer")
    return system(host, *given, **named)


if __name__ == "__main__":
    socket.getaddrinfo = look_up
    runpy.run_module("monitor", run_name="__main__")
