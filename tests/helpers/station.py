"""A loopback feed and a Slack-shaped receiver for tests that run the service as a person does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = [sys.executable, "-m", "monitor"]


@dataclass
class Station:
    """What the server shows (`items` of the feed at /feed.xml) and what was posted to it, by path.

    `polls` counts how often the feed was asked for; `before_answer` is called when a post has come.
    """

    url: str = ""
    items: list[dict] = field(default_factory=list)
    posts: list[tuple[str, dict]] = field(default_factory=list)
    polls: int = 0
    before_answer: Callable[[], object] = lambda: None

    def add(self, title, summary="", link=None, published=None):
        number = len(self.items)
        self.items.append(
            {
                "title": title,
                "summary": summary,
                "link": link or f"{self.url}/article/{number}.html",
                "published": published or datetime.now(UTC),
            }
        )

    def feed(self):
        items = "".join(
            f"<item><title>{escape(item['title'])}</title><link>{escape(item['link'])}</link>"
            f"<guid>{escape(item['link'])}</guid><pubDate>{format_datetime(item['published'])}</pubDate>"
            f"<description>{escape(item['summary'])}</description></item>"
            for item in reversed(self.items)
        )
        return f'<rss version="2.0"><channel><title>Station</title><link>{self.url}</link>{items}</channel></rss>'


@contextmanager
def on_air():
    """A station on a free loopback port."""
    station = Station()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            found = self.path == "/feed.xml"
            station.polls += found
            body = (station.feed() if found else "<html><body><p>page</p></body></html>").encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/rss+xml" if found else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            station.posts.append((self.path, json.loads(body)))
            station.before_answer()
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    station.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield station
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


CONFIG = """
database = "basewatch.db"
rules = '{rules}'
[polling]
every_seconds = 1
host_delay_seconds = 0
allow_private_addresses = true
[[feed]]
url = "{url}/feed.xml"
[[sink]]
name = "desk"
kind = "slack"
url_env = "DESK_SLACK_URL"
allow_private_addresses = true
"""


def configure(folder, station, text=CONFIG):
    """Write a configuration for a station; returns its path."""
    file = folder / "basewatch.toml"
    file.write_text(text.format(url=station.url, rules=ROOT / "rules"))
    return file


def environment(station):
    return os.environ | {"DESK_SLACK_URL": f"{station.url}/services/T000/B000/secret-secret-secret"}


def call(*arguments, station=None, cwd=None, timeout=60):
    """Run one command as a person does; returns the finished process."""
    env = environment(station) if station else os.environ
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)], capture_output=True, text=True, env=env, cwd=cwd, timeout=timeout, check=False
    )


@contextmanager
def daemon(config, station, *arguments):
    """A running daemon; killed at the end if it still runs."""
    log = config.with_name("daemon.log").open("ab")
    process = subprocess.Popen(
        [*PROGRAM, "run", "--config", str(config), "--log", "json", *arguments],
        env=environment(station),
        stdout=log,
        stderr=log,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        log.close()


def until(condition, seconds=30.0):
    """Wait until a condition holds; fails the test when it never does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it never came")
