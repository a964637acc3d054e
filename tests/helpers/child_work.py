"""What the tests let a child process do; imported inside the child, so it imports little."""

from __future__ import annotations

import os
import resource
import signal
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
