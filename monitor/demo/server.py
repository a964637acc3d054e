"""A loopback server with two feeds, their pages, and a receiver of webhooks that checks every signature."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from standardwebhooks import Webhook, WebhookVerificationError

from monitor.demo.newsroom import COPY_TITLE, copy_feed, page, wire_feed
from monitor.demo.script import Script

MAX_BODY = 1_000_000


@dataclass(frozen=True, slots=True)
class Received:
    """One webhook as it came in; `verified` tells whether its signature is right."""

    id: str
    verified: bool
    document: dict[str, Any]


@dataclass(slots=True)
class Stage:
    """What the server shows and has got. The wire has one more story at each poll; copies wait for `copying`."""

    script: Script
    secret: str
    on_received: Callable[[Received], None]
    root: str = ""
    published: int = 0
    copying: bool = False
    received: list[Received] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_wire(self) -> bytes:
        """The wire's feed with one story more than last time."""
        with self.lock:
            self.published = min(self.published + 1, len(self.script.stories))
            return wire_feed(self.script.stories[: self.published], self.root)

    def copies(self) -> bytes:
        """The copying paper's feed: empty of stories until it begins to copy."""
        return copy_feed(self.script.stories if self.copying else (), self.root)

    def page_of(self, path: str) -> bytes | None:
        """The page at a path, or None."""
        paper, _, name = path.strip("/").partition("/")
        for story in self.script.stories:
            if name == f"{story.slug}.html" and paper in ("wire", "copy"):
                return page(story, story.title if paper == "wire" else COPY_TITLE.format(title=story.title))
        return None

    def take(self, body: bytes, headers: dict[str, str]) -> bool:
        """Take one webhook; True where its signature is right."""
        try:
            Webhook(self.secret).verify(body.decode(), headers)
            verified = True
        except (WebhookVerificationError, UnicodeDecodeError):
            verified = False
        got = Received(headers.get("webhook-id", ""), verified, json.loads(body))
        with self.lock:
            self.received.append(got)
        self.on_received(got)
        return verified


@contextmanager
def serving(stage: Stage) -> Iterator[None]:
    """Serve the stage on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(stage))
    server.daemon_threads = True
    stage.root = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(stage: Stage) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            feeds = {"/wire.xml": stage.next_wire, "/copy.xml": stage.copies}
            if path in feeds:
                self._answer(200, feeds[path](), "application/rss+xml; charset=utf-8")
                return
            found = stage.page_of(path)
            self._answer(200 if found else 404, found or b"not here", "text/html; charset=utf-8")

        def do_POST(self) -> None:
            body = self.rfile.read(min(int(self.headers.get("content-length", 0)), MAX_BODY))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._answer(204 if stage.take(body, headers) else 401, b"", "text/plain")

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if status == 200 and self.headers.get("if-none-match") == etag:
                status, body = 304, b""
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("ETag", etag)
            if status not in (204, 304):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in http.server
            """The demo speaks for itself."""

    return Handler
