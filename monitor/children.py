"""Reused child processes for work on hostile documents: each can be killed, none can reach what is ours.

A child works on one document at a time and is replaced when it hangs, crashes, fails or has done its share. It has
limits on memory, CPU, files and written bytes, an empty environment, none of our descriptors, and dies with us. Its
answer is read up to a cap and may hold only plain values: a child that was taken over cannot take us over.

Every child has pipes of its own. In a pool with one shared queue and its lock, a child that is killed while it holds
the lock stops all the others.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import importlib
import io
import math
import os
import pickle
import resource
import signal
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from typing import Any, BinaryIO, Self, TypeVar

from monitor.errors import ChildFailed

T = TypeVar("T")

_LENGTH = struct.Struct(">Q")
_START_SECONDS = 60.0
_CHILD_CODE = "import sys; sys.path[:] = sys.argv[1:]; from monitor.children import serve; serve()"
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_PLAIN = frozenset(
    [("datetime", name) for name in ("datetime", "date", "timedelta", "timezone")]
    + [("builtins", name) for name in ("frozenset", "set", "bytearray", "complex")]
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use. A child is replaced after `documents`; an answer above `answer_bytes` is refused."""

    memory_bytes: int = 1 << 30
    open_files: int = 16
    documents: int = 200
    answer_bytes: int = 32 << 20


class Children:
    """At most `size` children at work at once. Bound to the event loop that first calls it; close it at the end."""

    def __init__(self, size: int = 2, *, preload: tuple[str, ...] = (), limits: Limits | None = None) -> None:
        """`preload` names the modules that a child imports before its first document, outside any deadline."""
        self._slots = asyncio.Semaphore(size)
        self._preload = preload
        self._limits = limits or Limits()
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._closed = False

    async def call(self, function: Callable[..., T], *args: Any, wall_seconds: float) -> T:
        """Run a module-level function in a child; its arguments and its answer are plain values and dataclasses.

        Raises ChildFailed: kind "timeout" (killed after `wall_seconds`), "died" (crashed or was killed), "error" (the
        function raised, or its answer was too large). The deadline starts when the document is handed over. A used
        child may have been spoiled by an earlier document: where it fails, a fresh one gets the document too.
        """
        async with self._slots:
            # Not before there is a child for it: a hundred waiting documents would be kept twice.
            request = pickle.dumps((function, args, math.ceil(wall_seconds) + 1))
            child = self._idle.pop() if self._idle else await self._start()
            used = child.documents > 0
            try:
                answer = await self._work(child, request, wall_seconds)
            except ChildFailed as failure:
                if not used or failure.kind == "timeout":
                    raise
                answer = await self._work(await self._start(), request, wall_seconds)
        value: T = answer
        return value

    async def close(self) -> None:
        """Kill every child, working or idle. What is being worked on fails as "died"; later calls are refused."""
        self._closed = True
        children = [*self._idle, *self._busy]
        self._idle.clear()
        for child in children:
            await child.kill()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _start(self) -> _Child:
        if self._closed:
            raise ChildFailed("the child processes are closed", kind="died")
        child = await _Child.start(self._limits, self._preload)
        if self._closed:
            await child.kill()
            raise ChildFailed("the child processes are closed", kind="died")
        return child

    async def _work(self, child: _Child, request: bytes, wall_seconds: float) -> Any:
        self._busy.add(child)
        healthy = False
        try:
            answer = await child.ask(request, wall_seconds)
            healthy = True
        finally:
            self._busy.discard(child)
            if healthy and not self._closed and child.documents < self._limits.documents:
                self._idle.append(child)
            else:
                await child.kill()
        return answer


class _Child:
    """One process and its two pipes."""

    def __init__(self, process: asyncio.subprocess.Process, limits: Limits) -> None:
        self._process = process
        self._limits = limits
        self.documents = 0

    @classmethod
    async def start(cls, limits: Limits, preload: tuple[str, ...]) -> _Child:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-I", "-B", "-c", _CHILD_CODE, *filter(None, sys.path)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            start_new_session=True,
        )
        child = cls(process, limits)
        ready = False
        try:
            await child.ask(pickle.dumps((os.getpid(), limits, preload)), _START_SECONDS)
            ready = True
        finally:
            if not ready:
                await child.kill()
        child.documents = 0
        return child

    async def ask(self, request: bytes, wall_seconds: float) -> Any:
        """Hand a request over and wait for its answer. After any failure the child must be killed."""
        self.documents += 1
        try:
            async with asyncio.timeout(wall_seconds):
                payload = await self._exchange(request)
        except TimeoutError:
            raise ChildFailed(f"gave no answer within {wall_seconds:g} s and was killed", kind="timeout") from None
        except (OSError, EOFError):  # a closed pipe, an answer that breaks off
            raise ChildFailed(f"the child process died on the document{await self._how()}", kind="died") from None
        succeeded, value = _plain_value(payload)
        if not succeeded:
            raise ChildFailed(str(value), kind="error")
        return value

    async def _exchange(self, request: bytes) -> bytes:
        to_child, from_child = self._process.stdin, self._process.stdout
        if to_child is None or from_child is None:
            raise EOFError
        to_child.write(_LENGTH.pack(len(request)))
        to_child.write(request)
        await to_child.drain()
        (length,) = _LENGTH.unpack(await from_child.readexactly(_LENGTH.size))
        if length > self._limits.answer_bytes:
            raise ChildFailed(f"the answer of {length} bytes is too large", kind="error")
        return await from_child.readexactly(length)

    async def _how(self) -> str:
        """How the process ended, for the error's sentence; it closed its pipes, so it ends at once or is killed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                code = await self._process.wait()
                return f" (signal {signal.Signals(-code).name})" if code < 0 else f" (exit code {code})"
        return ""

    async def kill(self) -> None:
        """End the process and whatever it started; returns when it is gone."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()
        if self._process.stdout is not None:
            with contextlib.suppress(Exception):
                while await self._process.stdout.read(1 << 16):
                    pass


class _PlainUnpickler(pickle.Unpickler):
    """Builds only plain values and the dataclasses of Basewatch: an answer must not be able to run anything."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _PLAIN:
            return super().find_class(module, name)
        found = super().find_class(module, name) if module.startswith("monitor.") and "." not in name else None
        if isinstance(found, type) and is_dataclass(found):
            return found
        raise pickle.UnpicklingError(f"{module}.{name} is no plain value")


def _plain_value(payload: bytes) -> tuple[bool, Any]:
    try:
        succeeded, value = _PlainUnpickler(io.BytesIO(payload)).load()
    except Exception as error:  # noqa: BLE001 - a hostile pickle may raise anything
        raise ChildFailed(f"the answer cannot be used ({error})", kind="error") from None
    return bool(succeeded), value


# --- inside the child -----------------------------------------------------------------------------


def serve() -> None:
    """The child's life: take limits, say that it is ready, then answer one request after the other until the pipe ends.

    Only a child process calls this: it gives up this process's standard streams.
    """
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    parent, limits, preload = pickle.loads(_read(requests))  # noqa: S301 - our own parent wrote it
    _tie_to(parent)
    _limit(limits)
    for module in preload:
        importlib.import_module(module)
    _send(answers, (True, None), limits)
    while request := _read(requests):
        _send(answers, _answer(request), limits)


def _answer(request: bytes) -> tuple[bool, Any]:
    try:
        function, args, cpu_seconds = pickle.loads(request)  # noqa: S301 - our own parent wrote it
        used = resource.getrusage(resource.RUSAGE_SELF)
        allowed = math.ceil(used.ru_utime + used.ru_stime) + cpu_seconds
        resource.setrlimit(resource.RLIMIT_CPU, (allowed, resource.RLIM_INFINITY))
        return True, function(*args)
    except Exception as error:  # noqa: BLE001 - every failure of a document is told, none may end the child
        return False, f"{type(error).__name__}: {str(error)[:200]}"


def _send(answers: BinaryIO, answer: tuple[bool, Any], limits: Limits) -> None:
    try:
        payload = pickle.dumps(answer)
        if len(payload) > limits.answer_bytes:
            payload = pickle.dumps((False, f"the answer of {len(payload)} bytes is too large"))
    except Exception as error:  # noqa: BLE001 - an answer that cannot be pickled, or memory is out
        payload = pickle.dumps((False, f"the answer cannot be sent ({type(error).__name__})"))
    answers.write(_LENGTH.pack(len(payload)))
    answers.write(payload)
    answers.flush()


def _read(requests: BinaryIO) -> bytes:
    head = requests.read(_LENGTH.size)
    return requests.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else b""


def _limit(limits: Limits) -> None:
    for what, wanted in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(what, (most, most))


def _tie_to(parent: int) -> None:
    """Die when the parent dies (Linux; elsewhere the closed pipe ends an idle child), and gain no rights by exec."""
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
