"""What the service does when its disk is full: nothing new, until there is room again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from monitor.health.watch import TICK
from monitor.model import Notice
from monitor.store import notices, signs
from monitor.store.db import Database
from monitor.store.trouble import Disk, Trouble

log = structlog.get_logger()

KIND = "disk_full"


class DiskWatch:
    """Looks after the disk below a database; `watch` is called every few seconds."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock
        self._disk = Disk(db.path)
        self._told = False
        self._disk.keep_ballast()

    @property
    def full(self) -> bool:
        """True while nothing new is to be polled, decided or sent."""
        return self._db.trouble >= Trouble.FULL

    @property
    def lost(self) -> str:
        """Why this database can never be written again by this process, in one sentence; or ""."""
        if self._disk.is_lost():
            return f"{self._db.path}: the database file is gone or was replaced; put it back or restore a backup"
        if self._db.trouble >= Trouble.LOST:
            return (
                f"{self._db.path}: the database can no longer be written (read-only, damaged, or a failing disk); "
                "see `basewatch doctor`, and restore a backup if it is damaged"
            )
        return ""

    def watch(self) -> None:
        """Tell once that the disk is full, give way with the ballast, and go on when there is room."""
        if self._db.trouble is not Trouble.FULL:
            return
        if not self._told:
            self._told = True
            log.error("the disk is full; nothing new is polled or sent until there is room", path=str(self._db.path))
            self._disk.drop_ballast()
            self._raise()
        elif self._disk.has_room() and self._disk.keep_ballast():
            with self._db.writing() as tx:
                signs.beat(tx, TICK, self._clock())
                notices.clear_notice(tx, KIND, "disk", self._clock())
            self._db.trouble = Trouble.NONE
            self._told = False
            log.info("there is room on the disk again; work goes on")

    def _raise(self) -> None:
        text = f"the disk below {self._db.path} is full; nothing new is polled or sent until there is room"
        with self._db.writing() as tx:
            notices.raise_notice(tx, Notice(KIND, "disk", text, self._clock()))
