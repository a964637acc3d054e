"""The health endpoint: a few fixed answers to GET on a loopback address, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

REQUEST_SECONDS = 5
REQUEST_BYTES = 8192
# A page in somebody's browser may reach a loopback port under a name of its own (DNS rebinding); these names are ours.
NAMES = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class Page:
    """One answer."""

    body: bytes
    status: HTTPStatus = HTTPStatus.OK
    content_type: str = "application/json"


Pages = Mapping[str, Callable[[], Page]]


async def serve(host: str, port: int, pages: Pages) -> asyncio.Server:
    """Answer on this address until the server is closed. Raises OSError where the port is taken."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(as_bytes(page_for(head.decode("latin-1"), pages), head=head.startswith(b"HEAD ")))
                await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, host, port, limit=REQUEST_BYTES)


def page_for(head: str, pages: Pages) -> Page:
    """The answer to the head of one request."""
    first, *lines = head.strip().split("\r\n")
    method, _, rest = first.partition(" ")
    path = rest.partition(" ")[0].partition("?")[0]
    hosts = [line.partition(":")[2].strip().lower() for line in lines if line.lower().startswith("host:")]
    if len(hosts) != 1 or (hosts[0] not in NAMES and hosts[0].rpartition(":")[0] not in NAMES):
        return Page(b"", HTTPStatus.FORBIDDEN)
    if method not in ("GET", "HEAD"):
        return Page(b"", HTTPStatus.METHOD_NOT_ALLOWED)
    page = pages.get(path)
    return page() if page else Page(b"", HTTPStatus.NOT_FOUND)


def as_bytes(page: Page, *, head: bool) -> bytes:
    """A page on the wire."""
    lines = [
        f"HTTP/1.1 {page.status.value} {page.status.phrase}",
        f"Content-Type: {page.content_type}",
        f"Content-Length: {len(page.body)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (b"" if head else page.body)
