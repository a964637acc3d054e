"""The play: the daemon as a person runs it, against the loopback stage, until every expected alert has come."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.demo.script import Script
from monitor.demo.server import Received, Stage, serving
from monitor.errors import InputError
from monitor.store.db import Database

SHOW_SECONDS = 24.0
STOP_SECONDS = 5.0
LOOK_SECONDS = 0.1
MARK = "# Written by `basewatch demo`; the folder is made anew by each demo.\n"
CONFIG = """{mark}database = "demo.db"
rules = {rules}

[polling]
every_seconds = 1
host_delay_seconds = 0
backfill_hours = 87600                # ten years: the articles keep their original dates
allow_private_addresses = true

[[feed]]
url = "{root}/wire.xml"

[[feed]]
url = "{root}/copy.xml"

[[sink]]
name = "receiver"
kind = "webhook"
url_env = "BASEWATCH_DEMO_URL"
secret_env = "BASEWATCH_DEMO_SECRET"
allow_private_addresses = true
"""


Said = Counter[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a demo.

    `alerted_once` and `expected` count incidents, `verified` and `received` webhooks, `silent` and `repeats` entries
    that tell what is known already.
    """

    config: Path
    log: Path
    expected: int
    alerted_once: int
    received: int
    verified: int
    repeats: int
    silent: int
    unexpected: tuple[str, ...]
    ended_well: bool

    @property
    def good(self) -> bool:
        """Every expected incident alerted once, every signature right, every repeat silent, and nothing else said."""
        full = (self.alerted_once, self.verified, self.silent) == (self.expected, self.received, self.repeats)
        return full and self.ended_well and not self.unexpected and self.repeats > 0

    @property
    def line(self) -> str:
        """The demo's last line."""
        return (
            f"{self.alerted_once} of {self.expected} expected incidents alerted once, "
            f"{self.verified} signatures verified, {self.silent} repeats silent"
        )


def play(script: Script, rules: Path, folder: Path, on_received: Callable[[Received], None]) -> Result:
    """Run the whole service in `folder`; `on_received` is called for each webhook as it arrives."""
    make_anew(folder)
    key = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    stage = Stage(script, key, on_received)
    config, log = folder / "basewatch.toml", folder / "demo.log"
    with serving(stage), log.open("wb") as log_file:
        quoted = "'" + str(rules.resolve()) + "'"
        config.write_text(CONFIG.format(mark=MARK, rules=quoted, root=stage.root), encoding="utf-8")
        daemon = subprocess.Popen(  # noqa: S603 - our own program on our own file
            [sys.executable, "-m", "monitor", "run", "--config", str(config), "--log", "json"],
            env=os.environ | {"BASEWATCH_DEMO_URL": f"{stage.root}/alerts", "BASEWATCH_DEMO_SECRET": key},
            stdout=log_file,
            stderr=log_file,
        )
        try:
            watch(stage, folder / "demo.db", daemon)
        finally:
            ended_well = stop(daemon)
    return judge(stage, config, log, ended_well=ended_well)


def make_anew(folder: Path) -> None:
    """Empty the demo's folder; a folder that no demo made is left alone. Raises InputError."""
    if folder.exists():
        config = folder / "basewatch.toml"
        if not config.is_file() or not config.read_text(encoding="utf-8").startswith(MARK):
            raise InputError(f"{folder}: is there and was not made by a demo; give --folder another path")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)


def watch(stage: Stage, database: Path, daemon: subprocess.Popen[bytes]) -> None:
    """Let the wire publish, then the copies; return when all is decided and delivered, or when time is up."""
    end = time.monotonic() + SHOW_SECONDS
    stories = len(stage.script.stories)
    while time.monotonic() < end and daemon.poll() is None:
        time.sleep(LOOK_SECONDS)
        done = progress(database)
        stage.copying = stage.copying or done >= stories
        if done >= 3 * stories:
            return


def progress(database: Path) -> int:
    """How many entries are through: decided, page read, deliveries done. 0 as long as anything is under way."""
    if not database.exists():
        return 0
    db = Database(database)
    try:
        row = db.row(
            "SELECT (SELECT count(*) FROM entry) AS entries, "
            "(SELECT count(*) FROM entry WHERE state <> 'decided' OR page_state = 'wanted') AS under_way, "
            "(SELECT count(*) FROM delivery WHERE state NOT IN ('sent', 'cancelled', 'dead')) AS open"
        )
    finally:
        db.close()
    return 0 if row is None or row["under_way"] or row["open"] else int(row["entries"])


def stop(daemon: subprocess.Popen[bytes]) -> bool:
    """End the daemon as an operator would; True where it ended well."""
    if daemon.poll() is None:
        daemon.send_signal(signal.SIGTERM)
    try:
        return daemon.wait(STOP_SECONDS) == 0
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()
        return False


def judge(stage: Stage, config: Path, log: Path, *, ended_well: bool) -> Result:
    """Compare what came with what was expected."""
    db = Database(config.with_name("demo.db"))
    try:
        said = Counter(place_of(db, got) for got in openings(stage.received))
        repeats, silent = repeats_in(db)
    finally:
        db.close()
    script = stage.script
    return Result(
        config=config,
        log=log,
        expected=len(script.expected),
        alerted_once=sum(said_of(said, place, day) == 1 for place, day in script.expected),
        received=len(stage.received),
        verified=sum(got.verified for got in stage.received),
        repeats=repeats,
        silent=silent,
        unexpected=tuple(
            sorted(
                f"{place or 'no place'}, {first}"
                for place, first, last in said
                if surprises(script, place, first, last)
            )
        ),
        ended_well=ended_well,
    )


def openings(received: Sequence[Received]) -> list[Received]:
    """The first message on each incident, and any further one that calls the same incident new.

    The first may be an update: a second place of a known wave is told as news of that wave.
    """
    known: set[str] = set()
    found = []
    for got in received:
        incident = got.document["data"]["incident"]["id"]
        if incident not in known or reason_of(got) == "new":
            found.append(got)
        known.add(incident)
    return found


def said_of(said: Said, place: str, day: str) -> int:
    """How many alerts told of a place on a day."""
    return sum(number for (at, first, last), number in said.items() if at == place and first <= day <= last)


def surprises(script: Script, place: str, first: str, last: str) -> bool:
    """True for an alert on something that the script neither expects nor allows."""
    return place not in script.also and not any(
        place == wanted and first <= day <= last for wanted, day in script.expected
    )


def reason_of(got: Received) -> str:
    """The reason of the alert that a webhook carries."""
    return str(got.document["data"]["alert"]["reason"])


def place_of(db: Database, got: Received) -> tuple[str, str, str]:
    """The place of the incident that a webhook tells of, and its first and last possible day."""
    row = db.row(
        "SELECT coalesce(nullif(base, ''), area) AS place, coalesce(date_from, '') AS first, "
        "coalesce(date_to, '') AS last FROM incident WHERE id = ?",
        got.document["data"]["incident"]["id"],
    )
    return (row["place"], row["first"], row["last"]) if row else ("", "", "")


def repeats_in(db: Database) -> tuple[int, int]:
    """How many copies came, and how many of them were seen as repeats and led to no alert."""
    row = db.row(
        "SELECT count(*) AS came, sum(EXISTS (SELECT 1 FROM judgement j WHERE j.entry_id = e.id AND j.flagged = 1) "
        "AND NOT EXISTS (SELECT 1 FROM alert a WHERE a.entry_id = e.id)) AS silent "
        "FROM entry e JOIN feed f ON f.id = e.feed_id WHERE f.url LIKE '%/copy.xml'"
    )
    return (row["came"], row["silent"] or 0) if row else (0, 0)
