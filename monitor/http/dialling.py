"""The address guard for a library that dials by itself: it stands over the whole process, where connections are made.

An audit hook (PEP 578) sees every connection of Python code with the address that is dialled, and cannot be taken away.
So a name that gives another address the second time, a redirect or a second server come no further than the first.
"""

from __future__ import annotations

import errno
import sys
from dataclasses import dataclass, field

from monitor.http.guard import refusal

# https://docs.python.org/3/library/audit_events.html: the second argument is the address, None where there is none.
DIALS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


@dataclass(slots=True)
class Dialled:
    """What this process dialled: how many addresses the guard let pass, and each that it refused with the reason."""

    passed: int = 0
    refused: list[str] = field(default_factory=list)


def guard_process(*, allow_private: bool) -> Dialled:
    """Let this process dial vetted addresses only, for the rest of its life: for a child process.

    A refused connection is a PermissionError. Names must be resolved before they are dialled, as nearly all code does.
    """
    dialled = Dialled()

    def watch(event: str, args: tuple[object, ...]) -> None:
        if event not in DIALS or args[1] is None:
            return
        if why := refusal_to_dial(args[1], allow_private=allow_private):
            dialled.refused.append(why)
            raise PermissionError(errno.EACCES, why)
        dialled.passed += 1

    sys.addaudithook(watch)
    return dialled


def refusal_to_dial(address: object, *, allow_private: bool) -> str:
    """Why a socket's address must not be dialled, or "" where it may be; anything but host and port is refused."""
    host = address[0] if isinstance(address, tuple) and address else None
    if not isinstance(host, str):
        return "what it dials is no address of the internet"
    why = refusal(host, allow_private=allow_private)
    return f"its address {host} is {why}" if why else ""
