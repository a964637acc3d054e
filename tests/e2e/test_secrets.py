"""Canary secrets in every place that holds one: nothing that the daemon or a command leaves shows them (SE-1)."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from alerts import SECRET
from loopback import Request, answer
from receiver import in_thread
from wire import Wire

from monitor.store.db import Database

HOOK = "/services/T0CANARY00/B0CANARY00/canaryhookpart0123456789"
TOKEN = "canarytoken0123456789"
BOT = "xoxb-canarybottoken0123456789"
CANARIES = ("T0CANARY", "canarybottoken", "canaryhookpart", "canarytoken", SECRET.removeprefix("whsec_"))
CONFIG = """
database = "canary.db"
rules = "{rules}"
[polling]
every_seconds = 1
host_delay_seconds = 0
backfill_hours = 87600
allow_private_addresses = true
[[feed]]
url = "{feed}/wire.xml"
[[sink]]
name = "desk"
kind = "slack"
url_env = "CANARY_SLACK"
allow_private_addresses = true
[[sink]]
name = "newsroom"
kind = "slack"
token_env = "CANARY_BOT"
channel = "C0123ABCD"
api_url = "{sinks}/api"
allow_private_addresses = true
[[sink]]
name = "ops"
kind = "webhook"
url_env = "CANARY_URL"
secret_env = "CANARY_SECRET"
allow_private_addresses = true
[[sink]]
name = "nowhere"
kind = "webhook"
url_env = "CANARY_NOWHERE"
allow_private_addresses = true
[delivery]
backoff_seconds = [0, 0.1, 0.1]
"""


class Parrot:
    """Answers everything that a sink can meet, each time with the request's own address and headers in it."""

    def __init__(self) -> None:
        self.asked = 0
        self.statuses = itertools.cycle((500, 302, 200, 400, 429, 403))

    async def handle(self, request: Request, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        words = f"{request.target} {request.headers} {SECRET}".encode()
        writer.write(answer(next(self.statuses), words, Location=request.target, Retry_After="0"))
        await writer.drain()


def run(arguments: list[str], folder: Path, environ: dict[str, str]) -> str:
    """What a command prints on both channels."""
    done = subprocess.run(
        [sys.executable, "-m", "monitor", *arguments],
        check=False,
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.mark.fault("SE-1")
def test_no_secret_is_left_in_any_log_file_answer_or_command_line(tmp_path, root):
    parrot, wire = Parrot(), Wire(4)
    with in_thread(wire.handle) as feed, in_thread(parrot.handle) as url:
        config = CONFIG.format(rules=root / "rules", feed=feed, sinks=url)
        (tmp_path / "basewatch.toml").write_text(config, encoding="utf-8")
        environ = os.environ | {
            "CANARY_SLACK": url + HOOK,
            "CANARY_BOT": BOT,
            "CANARY_URL": f"{url}/in?token={TOKEN}",
            "CANARY_SECRET": SECRET,
            "CANARY_NOWHERE": f"https://canary:{TOKEN}@127.0.0.1:9/x",
        }
        daemon = subprocess.Popen(
            [sys.executable, "-m", "monitor", "run", "--verbose"],
            cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        try:
            end = time.monotonic() + 60
            while parrot.asked < 8 and daemon.poll() is None and time.monotonic() < end:
                time.sleep(0.1)
            command_line = Path(f"/proc/{daemon.pid}/cmdline").read_text(encoding="utf-8")
            listed = [
                run(command, tmp_path, environ)
                for command in (["outbox", "list"], ["outbox", "list", "--json"], ["sinks", "list"], ["sinks", "test"],
                                ["doctor"], ["review", "list"])
            ]  # fmt: skip
        finally:
            daemon.send_signal(signal.SIGTERM)
            logs = daemon.communicate(timeout=60)[0]
    files = {file.name: file.read_bytes().decode("latin-1") for file in tmp_path.iterdir()}
    db = Database(tmp_path / "canary.db")
    assert db.rows("SELECT count(*) AS n FROM attempt WHERE error <> ''")[0]["n"] > 3, logs
    db.close()
    assert daemon.returncode == 0
    assert parrot.asked >= 8, logs
    for place, text in {"logs": logs, "command line": command_line, "commands": "".join(listed), **files}.items():
        found = [canary for canary in CANARIES if canary in text]
        assert found == [], f"{found} in {place}"
