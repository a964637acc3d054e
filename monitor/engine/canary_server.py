"""What the canary needs at both ends: a feed of one article, its page, and a receiver of webhooks, on loopback."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from html import escape
from http import HTTPStatus
from xml.etree import ElementTree as ET

from standardwebhooks import Webhook, WebhookVerificationError

REQUEST_SECONDS = 10
HEAD_BYTES = 65_536
MAX_BODY = 1_000_000
FEED, PAGE, RECEIVER = "/feed.xml", "/article.html", "/receiver"


@dataclass(frozen=True, slots=True)
class CanaryText:
    """The canary's article: a headline and its paragraphs, at least two; the feed gives the first alone."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(slots=True)
class CanaryServer:
    """What stands at `root`, and what came in: (webhook-id, body) of each message whose signature was right."""

    text: CanaryText
    at: datetime
    root: str = ""
    secret: str = field(
        default_factory=lambda: f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}", repr=False
    )
    received: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[HTTPStatus, str, bytes]:
        """(status, content type, body) of the answer to one request."""
        if (method, path) == ("GET", FEED):
            return HTTPStatus.OK, "application/rss+xml; charset=utf-8", self._feed()
        if (method, path) == ("GET", PAGE):
            return HTTPStatus.OK, "text/html; charset=utf-8", self._page()
        if (method, path) == ("POST", RECEIVER):
            return HTTPStatus.NO_CONTENT if self._take(headers, body) else HTTPStatus.UNAUTHORIZED, "text/plain", b""
        return HTTPStatus.NOT_FOUND, "text/plain", b""

    def _feed(self) -> bytes:
        rss = ET.Element("rss", version="2.0")
        channel = ET.SubElement(rss, "channel")
        item = {
            "title": self.text.title,
            "link": self.root + PAGE,
            "guid": self.root + PAGE,
            "pubDate": format_datetime(self.at),
            "description": self.text.paragraphs[0],
        }
        for name, value in (("title", "Canary"), ("link", self.root)):
            ET.SubElement(channel, name).text = value
        entry = ET.SubElement(channel, "item")
        for name, value in item.items():
            ET.SubElement(entry, name).text = value
        written: bytes = ET.tostring(rss, encoding="utf-8", xml_declaration=True)
        return written

    def _page(self) -> bytes:
        title = escape(self.text.title)
        body = f"<h1>{title}</h1>\n" + "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in self.text.paragraphs)
        return (
            f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title></head>\n'
            f"<body><nav><a href='/'>Home</a></nav><main><article>\n{body}\n</article></main></body></html>"
        ).encode()

    def _take(self, headers: Mapping[str, str], body: bytes) -> bool:
        try:
            Webhook(self.secret).verify(body.decode(), dict(headers))
        except (WebhookVerificationError, UnicodeDecodeError):
            return False
        self.received.append((headers["webhook-id"], body.decode()))
        return True


@asynccontextmanager
async def serving(text: CanaryText, at: datetime) -> AsyncIterator[CanaryServer]:
    """Serve on a free port for as long as the body runs; the article is published `at`."""
    canary = CanaryServer(text, at)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(REQUEST_SECONDS):
                writer.write(await _answer_one(canary, reader))
                await writer.drain()
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0, limit=HEAD_BYTES)
    canary.root = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield canary
    finally:
        listening.close()


async def _answer_one(canary: CanaryServer, reader: asyncio.StreamReader) -> bytes:
    """Read one request and write its answer; our own client is the only one that is meant to ask."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(min(int(headers.get("content-length", 0)), MAX_BODY))
    status, kind, answer = canary.answer(method, path, headers, body)
    length = f"Content-Length: {len(answer)}\r\n" if status != HTTPStatus.NO_CONTENT else ""
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {kind}\r\n{length}Connection: close\r\n\r\n"
    return head.encode("latin-1") + answer
