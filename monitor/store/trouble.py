"""What can keep a database from writing: a full disk, which passes, and a file that can no longer be written."""

from __future__ import annotations

import errno
import os
import sqlite3
from enum import IntEnum
from pathlib import Path

# Room that is kept beside the database, to record what was on its way when the disk ran full.
BALLAST_BYTES = 512 * 1024
# There is room again where the ballast and this much more fit in.
SPARE_BYTES = 1024 * 1024

# A write-ahead log or its index that cannot grow is a full disk too, said differently.
_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
_LOST = (
    sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
)  # fmt: skip


class Trouble(IntEnum):
    """How bad it is, least first."""

    NONE = 0
    FULL = 1
    LOST = 2

    def worse(self, other: Trouble) -> Trouble:
        """The worse of the two."""
        return max(self, other)


def trouble_of(error: sqlite3.Error) -> Trouble:
    """What an error of SQLite says about the file. A database that is locked or a wrong statement says nothing."""
    code = getattr(error, "sqlite_errorcode", 0)
    if code in _FULL or code & 0xFF == sqlite3.SQLITE_FULL:
        return Trouble.FULL
    return Trouble.LOST if code & 0xFF in _LOST else Trouble.NONE


def no_room(error: Exception) -> bool:
    """True where an error of SQLite or of the system says that a disk is full."""
    if isinstance(error, sqlite3.Error):
        return trouble_of(error) is Trouble.FULL
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


class Disk:
    """The disk below a database: its ballast, its free room, and whether the file is still the one that was opened."""

    def __init__(self, database: Path) -> None:
        self._database = database.resolve()
        self._ballast = self._database.with_name(self._database.name + ".ballast")
        self._file = self._identity()

    def keep_ballast(self) -> bool:
        """Take the room that is kept in reserve; False where there is none to take."""
        try:
            if not self._ballast.exists() or self._ballast.stat().st_size != BALLAST_BYTES:
                self._ballast.write_bytes(os.urandom(BALLAST_BYTES))
        except OSError:
            self.drop_ballast()
            return False
        return True

    def drop_ballast(self) -> None:
        """Give the reserve to the database."""
        self._ballast.unlink(missing_ok=True)

    def has_room(self) -> bool:
        """Whether the ballast and a little more fit in."""
        try:
            found = os.statvfs(self._database.parent)
        except OSError:
            return False
        return found.f_bavail * found.f_frsize >= BALLAST_BYTES + SPARE_BYTES

    def is_lost(self) -> bool:
        """True where the database file is gone or another stands in its place: SQLite would write into the void."""
        return self._identity() != self._file

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._database.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino
