"""A loopback HTTP server made of a raw socket, so that it can misbehave in every way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from monitor.http import Http, HttpSettings


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


Handler = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class Server:
    """`url` is the root of the server; `requests` are all that came, in order.

    With `start_serving=False` it refuses every connection until its `listener` starts.
    """

    listener: asyncio.Server
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    open_now: int = 0
    open_at_most: int = 0
    left: asyncio.Event = field(default_factory=asyncio.Event)


def answer(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """A whole HTTP answer; header names with underscores for hyphens."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join(lines) + "\r\n\r\n"
    return head.encode("latin-1") + (b"" if status in (204, 304) else body)


def says(data: bytes) -> Handler:
    """A handler that always writes the same bytes."""

    async def handler(request: Request, writer: asyncio.StreamWriter) -> None:  # noqa: ARG001 - same for all
        writer.write(data)
        await writer.drain()

    return handler


@asynccontextmanager
async def serving(handler: Handler, host: str = "127.0.0.1", **options: object) -> AsyncIterator[Server]:
    """Serve `handler` on a free port of 127.0.0.1, or of another loopback address."""

    async def on_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        server.open_now += 1
        server.open_at_most = max(server.open_at_most, server.open_now)
        try:
            # Cancelled is who still waits when the test is over.
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                request = await read_request(reader)
                server.requests.append(request)
                await handler(request, writer)
        finally:
            server.open_now -= 1
            server.left.set()
            writer.close()

    listener = await asyncio.start_server(on_connection, host, 0, **options)  # type: ignore[arg-type]
    port = listener.sockets[0].getsockname()[1]
    server = Server(listener, f"{'https' if 'ssl' in options else 'http'}://{host}:{port}")
    try:
        yield server
    finally:
        listener.close()


async def read_request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(method, target, headers, body)


def open_http(**settings: object) -> Http:
    """An Http that may dial loopback."""
    return Http(HttpSettings(allow_private=True, **settings))  # type: ignore[arg-type]
