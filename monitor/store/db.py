"""Opening the database, and the one way to write to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from monitor.errors import StoreError, StoreFull
from monitor.store.schema import migrate
from monitor.store.trouble import Trouble, trouble_of

# A writer that cannot get the lock for this long has a stuck neighbour, not a busy one.
BUSY_SECONDS = 30.0


class Database:
    """One connection to one database file. Not to be shared between threads or across a fork.

    `synchronous=FULL` because NORMAL loses acknowledged rows in a power cut; `checkpoints` is False everywhere but
    in the daemon, so that only one process ever checkpoints the WAL. `trouble` is what kept it from writing, until
    somebody says that it is over.
    """

    def __init__(self, path: Path | str, *, checkpoints: bool = False, durable: bool = True) -> None:
        """Open (and create or migrate) the database at `path`; raises StoreError in one sentence."""
        self.path = Path(path)
        self.trouble = Trouble.NONE
        try:
            self._db = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
            self._db.row_factory = sqlite3.Row
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
            self._db.execute("PRAGMA foreign_keys = ON")
            if not checkpoints:
                self._db.execute("PRAGMA wal_autocheckpoint = 0")
            with self.writing() as db:
                migrate(db, now_text(datetime.now(UTC)))
        except sqlite3.Error as error:
            if trouble_of(error) is Trouble.FULL:
                raise StoreFull(
                    f"{self.path}: no room on the disk to open it; nothing was changed, free some and try again"
                ) from error
            raise StoreError(
                f"{self.path}: cannot be opened as a Basewatch database ({error}); check the path and its rights, "
                "or restore a backup"
            ) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One write transaction. BEGIN IMMEDIATE takes the lock at once, so a read-then-write never fails half-way."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db
            self._db.execute("COMMIT")
        except BaseException as error:
            if isinstance(error, sqlite3.Error):
                self.trouble = self.trouble.worse(trouble_of(error))
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    @contextmanager
    def rehearsing(self) -> Iterator[sqlite3.Connection]:
        """A write transaction that is always rolled back: what would happen, without it happening."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
        finally:
            self._db.execute("ROLLBACK")

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """All rows of a read."""
        return self._db.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        """The first row of a read, or None."""
        found: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
        return found

    @property
    def reading(self) -> sqlite3.Connection:
        """The connection, for reads that are composed elsewhere in this room."""
        return self._db

    def close(self) -> None:
        """Close the connection."""
        self._db.close()


def now_text(at: datetime) -> str:
    """A time as the database keeps it: UTC, ISO 8601 with milliseconds, sortable as text."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def to_time(text: str | None) -> datetime | None:
    """The inverse of `now_text`; None stays None."""
    return datetime.fromisoformat(text) if text else None
