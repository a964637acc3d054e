"""What the tests let a child process do; imported inside the child, so it imports little."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
import threading
import time


def pid() -> int:
    return os.getpid()


def hang() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(1)


def spin() -> None:
    while True:
        pass


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def leave(code: int) -> None:
    os._exit(code)


def raise_system_exit() -> None:
    sys.exit(3)


def eat_memory() -> int:
    eaten = []
    while True:
        eaten.append(bytearray(50 << 20))


def answer_of(size: int) -> bytes:
    return bytes(size)


def write_file(path: str) -> int:
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib is not the point
        return file.write("x" * 10)


def environment() -> str:
    with open("/proc/self/environ", "rb") as file:  # noqa: PTH123 - pathlib is not the point
        return file.read().decode() + repr(dict(os.environ))


def descriptors() -> list[str]:
    targets = []
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - names, not paths
        try:
            targets.append(os.readlink(f"/proc/self/fd/{name}"))  # noqa: PTH115 - names, not paths
        except FileNotFoundError:
            continue  # the listing's own
    return targets


def limits() -> dict[str, int]:
    names = ("RLIMIT_AS", "RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_CORE", "RLIMIT_CPU")
    return {name: resource.getrlimit(getattr(resource, name))[0] for name in names}


def chatter() -> str:
    print("noise")
    os.write(1, b"more noise")
    os.write(2, b"and more")
    return "answer"


def die_soon() -> str:
    threading.Timer(1.0, crash).start()
    return "answered before dying"


def nap(seconds: float) -> str:
    time.sleep(seconds)
    return "rested"


def spawn_grandchild() -> int:
    found = os.fork()
    if not found:
        time.sleep(600)
        os._exit(0)
    return found


class Bomb:
    """A value whose unpickling would make a folder in whoever reads it."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self.path,)


def hostile_answer(path: str) -> Bomb:
    return Bomb(path)


def unpicklable() -> object:
    return lambda: None


def fail() -> None:
    raise ValueError("the document is strange")


def dial_guarded(port: int, answers: list[str], allow_private: bool) -> list[str]:
    """Dial one name as often as there are answers to give for it; what came of each, under the guard of a process."""
    from monitor.http import guard_process

    dialled = guard_process(allow_private=allow_private)
    told = []
    for address in answers:
        socket.getaddrinfo = lambda *_, address=address, **__: [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
        ]
        try:
            socket.create_connection(("name.example", port), timeout=5).close()
        except OSError as error:
            told.append(type(error).__name__)
        else:
            told.append("connected")
    return [*told, str(dialled.passed), *dialled.refused]


def dial_oddly(allow_private: bool) -> list[str]:
    """Every other way by which Python code can reach an address; what came of each, under the guard of a process."""
    from monitor.http import guard_process

    guard_process(allow_private=allow_private)
    unix, datagrams, stream = socket.socket(socket.AF_UNIX), socket.socket(type=socket.SOCK_DGRAM), socket.socket()
    ways = [
        lambda: unix.connect("/run/systemd/notify"),
        lambda: datagrams.sendto(b"x", ("127.0.0.1", 9)),
        lambda: datagrams.sendmsg([b"x"], [], 0, ("127.0.0.1", 9)),
        lambda: datagrams.connect(("169.254.169.254", 9)),
        lambda: stream.connect(("localhost", 9)),
        lambda: stream.connect_ex(("", 9)),
    ]
    told = []
    for way in ways:
        try:
            told.append(f"dialled: {way()}")
        except OSError as error:
            told.append(type(error).__name__)
    return told
