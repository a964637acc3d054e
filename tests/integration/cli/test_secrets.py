"""Canaries in every place of a secret, and everything that tries to make us repeat them (SE-1, SE-3, CF-4, HT-6)."""

from __future__ import annotations

import base64
import json
import signal
import sqlite3
import subprocess
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from loopback import Request, answer
from polling import item, rss
from receiver import in_thread
from station import PROGRAM, ROOT, daemon, until

KEY = base64.b64encode(b"CANARY-signing-key-0123456789abcdef").decode()
HOOK, LOGIN, OPML_LOGIN = "CANARYhookpath0001", "desk:CANARYenvpass0002", "wire:CANARYopmlpass0003"
CANARIES = ["CANARY", KEY, KEY[:24], *(base64.b64encode(login.encode()).decode() for login in (LOGIN, OPML_LOGIN))]
HEADLINE = "Two drones hit the US military base at al-Tanf in Syria, injuring three soldiers"
CONFIG = """
database = "basewatch.db"
rules = '{rules}'
feeds_opml = "feeds.opml"
[polling]
every_seconds = 1
host_delay_seconds = 0
backfill_hours = 87600
allow_private_addresses = true
[[feed]]
url = "{feeds}/feed.xml"
login_env = "NEWS_LOGIN"
[[sink]]
name = "echoing-slack"
kind = "slack"
url_env = "SLACK_URL"
allow_private_addresses = true
[[sink]]
name = "echoing-hook"
kind = "webhook"
url_env = "HOOK_URL"
secret_env = "HOOK_SECRET"
allow_private_addresses = true
[[sink]]
name = "nobody"
kind = "webhook"
url_env = "NOBODY_URL"
allow_private_addresses = true
[delivery]
backoff_seconds = [0, 1]
[health]
ping_url_env = "PING_URL"
"""
COMMANDS = (
    ["feeds", "list"], ["feeds", "list", "--json"], ["sinks", "list"], ["sinks", "test"], ["outbox", "list", "--all"],
    ["outbox", "list", "--all", "--json"], ["doctor"], ["doctor", "--json"], ["review", "list"],
    ["status"], ["status", "--json"], ["feeds", "check", "--all"], ["feeds", "check", "--all", "--json"],
)  # fmt: skip


class Echo:
    """Answers with everything it was told, and what it knows besides."""

    def __init__(self) -> None:
        self.seen: list[Request] = []
        self.elsewhere = ""

    def repeat(self, request: Request) -> bytes:
        told = f"{request.target} {request.headers} whsec_{KEY} {LOGIN} {OPML_LOGIN} http://{OPML_LOGIN}@host/feed"
        return told.encode()

    async def feed(self, request: Request, writer) -> None:
        self.seen.append(request)
        if request.target == "/feed.xml":
            writer.write(answer(200, rss([item(1, HEADLINE)]), Content_Type="application/rss+xml"))
        elif request.target == "/away":
            writer.write(answer(302, Location=f"{self.elsewhere}/there"))
        elif request.target == "/page":
            writer.write(answer(200, b"<html><title>" + self.repeat(request) + b"</title>", Content_Type="text/html"))
        else:
            writer.write(answer(500, self.repeat(request)))
        await writer.drain()

    async def sink(self, request: Request, writer) -> None:
        self.seen.append(request)
        writer.write(answer(400, self.repeat(request), X_Slack_Failure=request.target))
        await writer.drain()


def environment(sinks: str) -> dict[str, str]:
    return {
        "NEWS_LOGIN": LOGIN,
        "SLACK_URL": f"{sinks}/services/{HOOK}",
        "HOOK_URL": f"{sinks}/in/{HOOK}?key={HOOK}",
        "HOOK_SECRET": f"whsec_{KEY}",
        "PING_URL": f"http://127.0.0.1:1/{HOOK}",
        "NOBODY_URL": f"http://127.0.0.1:1/{HOOK}",
    }


def leaks(text: bytes) -> list[str]:
    return [canary for canary in CANARIES if canary.encode() in text]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A daemon that has met every echo; gives its folder and what it sent."""
    feeds, other, sinks = Echo(), Echo(), Echo()
    with ExitStack() as stack:
        feeds_url = stack.enter_context(in_thread(feeds.feed))
        feeds.elsewhere = stack.enter_context(in_thread(other.feed))
        sinks_url = stack.enter_context(in_thread(sinks.sink))
        for name, value in environment(sinks_url).items():
            monkeypatch.setenv(name, value)
        host = urlsplit(feeds_url).netloc
        outlines = "".join(
            f'<outline type="rss" text="{name}" xmlUrl="http://{OPML_LOGIN}@{host}/{name}"/>'
            for name in ("broken", "away", "page")
        )
        (tmp_path / "feeds.opml").write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
        config = tmp_path / "basewatch.toml"
        config.write_text(CONFIG.format(rules=ROOT / "rules", feeds=feeds_url))

        class NoStation:
            url = "http://127.0.0.1:1"

        with daemon(config, NoStation(), "--verbose") as process:
            until(lambda: {"/broken", "/away", "/page", "/feed.xml"} <= {request.target for request in feeds.seen})
            until(lambda: other.seen)
            until(lambda: len({request.target for request in sinks.seen}) >= 2)
            until(lambda: attempts(tmp_path) >= 3)
            yield tmp_path, feeds, other
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def attempts(folder: Path) -> int:
    db = sqlite3.connect(folder / "basewatch.db", timeout=10)
    try:
        return int(
            db.execute("SELECT count(DISTINCT delivery_id) FROM attempt WHERE outcome IS NOT NULL").fetchone()[0]
        )
    finally:
        db.close()


def outputs(folder: Path) -> dict[str, bytes]:
    """What every command says of this service, by command."""
    config = str(folder / "basewatch.toml")
    listed = subprocess.run(
        [*PROGRAM, "outbox", "list", "--all", "--json", "--config", config], capture_output=True, check=False
    )
    shown = [["outbox", "show", row["id"]] for row in json.loads(listed.stdout)]
    said = {}
    for command in [*COMMANDS, *shown]:
        done = subprocess.run([*PROGRAM, *command, "--config", config], capture_output=True, check=False)
        said[" ".join(command)] = done.stdout + done.stderr
    return said


@pytest.mark.fault("SE-1")
def test_no_secret_is_repeated_anywhere(run):
    folder, feeds, other = run
    said = outputs(folder)
    files = {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix not in (".toml", ".opml")}
    assert {"daemon.log", "basewatch.db", "basewatch.db-wal"} <= files.keys()
    found = {name: leaks(text) for name, text in {**said, **files}.items() if leaks(text)}
    assert found == {}
    # The logins were used all the same, and only where they belong.
    # (`feeds check` also tries addresses that a page may announce as its feed: strangers, so without a login.)
    sent = ((request.target, request.headers.get("authorization", "")) for request in feeds.seen)
    assert {name: base64.b64decode(value.removeprefix("Basic ")).decode() for name, value in sent if value} == {
        "/feed.xml": LOGIN, "/broken": OPML_LOGIN, "/away": OPML_LOGIN, "/page": OPML_LOGIN,
    }  # fmt: skip
    assert all("authorization" not in request.headers for request in other.seen)


@pytest.mark.fault("CF-4")
def test_a_login_in_the_configuration_itself_is_refused_without_being_repeated(tmp_path):
    config = tmp_path / "basewatch.toml"
    config.write_text(
        '[[feed]]\nurl = "https://desk:CANARY@a.example/"\n[[feed]]\nurl = "https://b.example/"\npassword = "CANARY"\n'
    )
    done = subprocess.run(
        [*PROGRAM, "feeds", "list", "--config", str(config)], capture_output=True, check=False, text=True
    )
    assert done.returncode == 2
    assert done.stderr.count("login_env") == 2
    assert "CANARY" not in done.stdout + done.stderr
