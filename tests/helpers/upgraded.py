"""Processes that die while they open a database. Imported by their fork server, so that a start costs no imports."""

from __future__ import annotations

import os
import signal
import sqlite3
from pathlib import Path

from monitor.store import schema
from monitor.store.db import Database

# A migration as one may follow: it adds, fills and changes.
SAMPLE = """
ALTER TABLE entry ADD COLUMN sample TEXT NOT NULL DEFAULT '';
CREATE TABLE sample (id INTEGER PRIMARY KEY, title TEXT NOT NULL) STRICT;
INSERT INTO sample (title) SELECT title FROM entry;
UPDATE entry SET sample = title;
"""


def open_and_die(path: Path, number: int, migrations: tuple[str, ...]) -> None:
    """Open a database; SIGKILL ends this process when its `number`-th statement is about to run."""
    schema.MIGRATIONS = migrations
    connect = sqlite3.connect

    def counting(*given: object, **named: object) -> sqlite3.Connection:
        db, left = connect(*given, **named), number

        def count(_statement: str) -> None:
            nonlocal left
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

        db.set_trace_callback(count)
        return db

    sqlite3.connect = counting
    Database(path).close()
