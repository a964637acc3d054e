"""Dump a database that the service itself has filled, to be opened by all later versions.

Run once for a release that brings a new schema: PYTHONPATH=tests/helpers python tests/released/make.py. It writes
schema-N.sql beside this file. A dump that has been released is never made again: it stands for that release.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import sys
import tempfile
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerts import SECRET
from loopback import Request, answer
from receiver import in_thread
from released import PLACE, feed_id
from station import CONFIG, ROOT, call, configure, daemon, on_air, until

from monitor.store.db import Database
from monitor.store.schema import MIGRATIONS

KINDS = {
    "refusing": "slack", "broken": "webhook", "failing": "webhook", "doubtful": "webhook", "slow": "webhook",
    "late": "webhook",
}  # fmt: skip
SINK = """
[[sink]]
name = "{name}"
kind = "{kind}"
url_file = "{name}.url"
allow_private_addresses = true
"""
SIGNED = 'secret_file = "secret"\n'
# Set when the daemon that waits for an answer is no more.
GONE = threading.Event()
DELIVERY = "[delivery]\nbackoff_seconds = [0, 0.5, 3600]\n"
STORIES = (
    ("Two drones hit the US military base at al-Tanf in Syria, injuring three soldiers", ""),
    ("Rockets hit the Ain al-Asad air base in Iraq housing US troops, wounding two soldiers", ""),
    ("Drone attack on US base at al-Shaddadi in Syria", "A drone was shot down over the base, the US military said."),
    ("US base at al-Tanf in Syria hit by two drones", "Three soldiers were injured, the US military said."),
    ("Bakers of the old town win a prize", "Their bread is praised in the whole country."),
)  # fmt: skip


async def receive(request: Request, writer: asyncio.StreamWriter) -> None:
    """Each sink fails in its own way, by the path of its address."""
    answers = {"/refusing": answer(400, b"invalid_payload"), "/broken": answer(404), "/failing": answer(503)}
    if request.target in answers:
        writer.write(answers[request.target])
        await writer.drain()
    elif request.target != "/doubtful":
        await asyncio.to_thread(GONE.wait)


def make(folder: Path) -> str:
    with on_air() as station, in_thread(receive) as receiver:
        for title, summary in STORIES:
            station.add(title, summary)
        station.add("Rockets hit the Erbil air base in Iraq", published=datetime.now(UTC) - timedelta(days=9))
        config = configure(folder, station, CONFIG + sinks(folder, receiver) + DELIVERY)
        with daemon(config, station):
            until(lambda: settled(folder / "basewatch.db"), 60)
        GONE.set()
        review(config, folder / "basewatch.db")
        return dump(folder / "basewatch.db", station.url)


def sinks(folder: Path, receiver: str) -> str:
    (folder / "secret").write_text(SECRET)
    for name in KINDS:
        (folder / f"{name}.url").write_text(f"{receiver}/{name}")
    entries = (SINK.format(name=name, kind=kind) + SIGNED * (kind == "webhook") for name, kind in KINDS.items())
    return "".join(entries).replace('name = "doubtful"', 'name = "doubtful"\non_unknown = "hold"')


def settled(path: Path) -> bool:
    """Whether the daemon has done all that it can do with such sinks; it is then killed at what it is sending."""
    with closing(Database(path)) as db:
        states = {row[0] for row in db.rows("SELECT DISTINCT sink || ' ' || state FROM delivery")}
        wanted = db.row("SELECT count(*) FROM entry WHERE page_state = 'wanted' AND page_tries = 0")[0]
        refused = db.row("SELECT count(*) FROM delivery WHERE sink = 'refusing' AND state <> 'dead'")[0]
    needed = {"desk sent", "refusing dead", "broken held", "failing pending", "doubtful held", "slow sending"}
    return needed <= states and not wanted and not refused


def review(config: Path, path: Path) -> None:
    """What a person does with it: verdicts, a merge, a split, silences, a cancelled delivery."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        # The moment between the two transactions of a start.
        db.execute("UPDATE delivery SET state = 'unknown', fence = fence + 1 WHERE sink = 'late' AND state = 'sending'")
        first, second = [row[0] for row in db.execute("SELECT id FROM incident ORDER BY first_seen_at, id LIMIT 2")]
        entry = db.execute("SELECT first_entry_id FROM incident WHERE id = ?", (first,)).fetchone()[0]
        waiting = db.execute("SELECT id FROM delivery WHERE sink = 'failing' ORDER BY id").fetchone()[0]
        moved = db.execute("SELECT first_entry_id FROM incident WHERE id = ?", (second,)).fetchone()[0]
    for words in (
        ["review", "accept", entry],
        ["review", "reject", moved, "--why", "an exercise"],
        ["review", "merge", first, second, "--why", "the same event"],
        ["review", "split", first, moved, "--why", "another event after all"],
        ["silence", "add", "--base", "al-tanf", "--for", "30d", "--why", "known works"],
        ["silence", "add", "--country", "IQ", "--for", "6h", "--why", "a drill"],
        ["outbox", "cancel", waiting],
    ):  # fmt: skip
        done = call(*words, "--config", config)
        if done.returncode:
            sys.exit(f"{' '.join(words)}: {done.stderr}")


def dump(path: Path, url: str) -> str:
    """The rows as SQL, with a placeholder for the station's address; without the texts of the rules, for their size."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE rule_set SET files = '{}'")
        text = "\n".join(db.iterdump())
    text = text.replace(feed_id(url), feed_id(PLACE)).replace(
        url.removeprefix("http://"), PLACE.removeprefix("http://")
    )
    left = re.findall(r"127\.0\.0\.1:\d+|/tmp/\S+", text)
    if left or str(ROOT) in text:
        sys.exit(f"the dump names this machine: {left}")
    return text + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        content = make(Path(scratch))
    target = Path(__file__).with_name(f"schema-{len(MIGRATIONS)}.sql")
    target.write_text(content, encoding="utf-8")
    print(f"{target}: {len(content.splitlines())} lines")
