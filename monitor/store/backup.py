"""Backup while the daemon runs, and a restore that is verified before it replaces anything."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.errors import StoreError
from monitor.store.db import now_text
from monitor.store.schema import APPLICATION_ID, MIGRATIONS, migrate

PAGES_PER_STEP = 1000


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore found: entries, incidents, and deliveries that were put on hold."""

    entries: int
    incidents: int
    held: int


def backup(source: Path, target: Path) -> int:
    """Copy the database, consistent even while it is written to; returns the bytes. Raises StoreError.

    The copy is checked whole before it gets its name: a file called `target` is a good backup or the one before.
    """
    if not source.exists():
        raise StoreError(f"{source}: there is no database to back up; check `database` in the configuration")
    part = target.with_name(target.name + ".part")
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as live,
            closing(sqlite3.connect(part)) as copy,
        ):
            live.backup(copy, pages=PAGES_PER_STEP)
            copy.execute("PRAGMA journal_mode = DELETE")
        verify(part)
        _sync(part)
        part.replace(target)
        _sync(target.parent)
    except (sqlite3.Error, OSError) as error:
        part.unlink(missing_ok=True)
        raise StoreError(f"{target}: the backup failed ({error}); the database is untouched") from error
    return target.stat().st_size


def verify(path: Path) -> None:
    """Check every page of a database file and that it is ours. Raises StoreError in one sentence."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            found = db.execute("PRAGMA integrity_check").fetchone()[0]
            ours = db.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
            number = db.execute("SELECT max(number) FROM migration").fetchone()[0] if ours else 0
    except sqlite3.Error as error:
        raise StoreError(f"{path}: is not a readable database ({error})") from error
    if found != "ok":
        raise StoreError(f"{path}: is damaged ({found})")
    if not ours:
        raise StoreError(f"{path}: is not a Basewatch database")
    if number > len(MIGRATIONS):
        raise StoreError(f"{path}: was written by a newer Basewatch; install that version to restore it")


def restore(source: Path, target: Path, *, resend: bool = False) -> Restored:
    """Put a verified backup in the place of `target`; the file that stood there is kept as `.before-restore`.

    The caller holds the daemon's lock. An older backup is brought to this version. What was waiting in it may have been
    sent since, so open deliveries are held unless `resend`; feeds start as on a first poll, so that old entries are
    baseline and alert nobody twice.
    """
    verify(source)
    part = target.with_name(target.name + ".restoring")
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as saved,
            closing(sqlite3.connect(part, isolation_level=None)) as copy,
        ):
            saved.backup(copy)
            copy.execute("BEGIN IMMEDIATE")
            migrate(copy, now_text(datetime.now(UTC)))
            result = _calm(copy, resend=resend)
            copy.execute("COMMIT")
        _sync(part)
        _set_aside(target)
        part.replace(target)
        _sync(target.parent)
    except (sqlite3.Error, OSError) as error:
        part.unlink(missing_ok=True)
        raise StoreError(f"{target}: the restore failed ({error})") from error
    return result


def _set_aside(target: Path) -> None:
    """Rename a database together with its log, so that what was not yet checkpointed stays with it."""
    for suffix in ("", "-wal"):
        file = target.with_name(target.name + suffix)
        if file.exists():
            file.replace(target.with_name(target.name + ".before-restore" + suffix))
    target.with_name(target.name + "-shm").unlink(missing_ok=True)


def _calm(db: sqlite3.Connection, *, resend: bool) -> Restored:
    """Make an old state safe to run: nothing in it speaks by itself."""
    db.execute(
        "UPDATE feed_state SET etag = NULL, last_modified = NULL, last_ok_at = NULL, last_polled_at = NULL, "
        "next_poll_at = NULL, lease_until_at = NULL"
    )
    held = 0
    if not resend:
        held = db.execute(
            "UPDATE delivery SET state = 'held', last_error = 'held by a restore: it may have been sent since' "
            "WHERE state IN ('pending', 'sending', 'unknown')"
        ).rowcount
    entries = db.execute("SELECT count(*) FROM entry").fetchone()[0]
    incidents = db.execute("SELECT count(*) FROM incident").fetchone()[0]
    return Restored(entries, incidents, held)


def _sync(path: Path) -> None:
    """Force a file, or the names in a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
