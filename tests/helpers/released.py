"""Databases of released versions, as files to open; each is a dump that the service of its time has filled."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from monitor.feeds.source import feed_at
from monitor.store.schema import APPLICATION_ID

RELEASED = Path(__file__).resolve().parents[1] / "released"
DUMPS = sorted(RELEASED.glob("schema-*.sql"))
# Where the feed of the dumps stands, until a test gives its station.
PLACE = "http://station.invalid"


def feed_id(station: str) -> str:
    return feed_at(f"{station}/feed.xml").id


def load(dump: Path, path: Path, station: str = PLACE) -> None:
    """Write the database of a dump to `path`, with its feed at `station`."""
    text = dump.read_text(encoding="utf-8").replace(feed_id(PLACE), feed_id(station))
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(text.replace(PLACE.removeprefix("http://"), station.removeprefix("http://")))
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
