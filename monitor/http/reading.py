"""Reading the body of an answer off the wire, within bounds."""

from __future__ import annotations

import httpcore
import httpx

from monitor.http.body import Body
from monitor.http.memory import Room


async def read_body(answer: httpx.Response, max_bytes: int, room: Room) -> tuple[bytes, bool]:
    """The decoded body, in a place of its own if it is large, and whether it is whole.

    Raises FetchError where it is too large or wrongly coded.
    """
    body = Body(answer.headers.get("content-encoding", ""), max_bytes)
    try:
        async for chunk in answer.aiter_raw():
            for size in body.add(chunk):
                await room.hold(size)
    except (httpcore.RemoteProtocolError, httpcore.ReadError):
        return body.data, False
    return body.data, body.whole


async def read_start(answer: httpx.Response, max_bytes: int) -> tuple[bytes, bool]:
    """The first bytes of a body whose rest does not matter, and whether that was all."""
    start = bytearray()
    async for chunk in answer.aiter_raw():
        start += chunk
        if len(start) > max_bytes:
            return bytes(start[:max_bytes]), False
    return bytes(start), True
