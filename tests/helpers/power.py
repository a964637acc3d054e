"""A file system that loses power: what was written and not synced may be kept, dropped or torn, in any order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import apsw

SECTOR = 512


class PowerCut(Exception):
    """The moment at which the machine stops."""


@dataclass(slots=True)
class Disk:
    """What is surely on disk by file name, and the writes since the last sync, as (name, offset, bytes)."""

    cut_at: int
    rolls: random.Random
    safe: dict[str, bytearray] = field(default_factory=dict)
    loose: list[tuple[str, int, bytes | None]] = field(default_factory=list)
    steps: int = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps >= self.cut_at:
            raise PowerCut

    def sync(self, name: str) -> None:
        self.safe.setdefault(name, bytearray())
        for _, offset, data in [change for change in self.loose if change[0] == name]:
            put(self.safe[name], offset, data)
        self.loose = [change for change in self.loose if change[0] != name]

    def after_the_cut(self) -> dict[str, bytearray]:
        """Each loose sector arrives or not, whatever the order in which they were written."""
        left = {name: bytearray(content) for name, content in self.safe.items()}
        pieces = [piece for change in self.loose for piece in sectors(*change)]
        self.rolls.shuffle(pieces)
        arriving = self.rolls.random()
        for name, offset, data in pieces:
            if self.rolls.random() < arriving:
                put(left.setdefault(name, bytearray()), offset, data)
        return left


def sectors(name: str, offset: int, data: bytes | None) -> Iterator[tuple[str, int, bytes | None]]:
    """A write in the pieces that a disk writes whole; a cut of the file (None) is one piece."""
    if data is None:
        yield name, offset, None
        return
    for start in range(0, len(data), SECTOR):
        yield name, offset + start, data[start : start + SECTOR]


def put(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
        return
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data


class LosingFile(apsw.VFSFile):
    """A file of the usual kind that tells the disk of its changes."""

    def __init__(self, disk: Disk, name: object, flags: list[int]) -> None:
        super().__init__("", name, flags)
        text = name.filename() if isinstance(name, apsw.URIFilename) else name
        self.disk, self.name = disk, Path(str(text)).name

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        self.disk.step()
        self.disk.loose.append((self.name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802 - SQLite's name
        self.disk.step()
        self.disk.loose.append((self.name, size, None))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: ARG002, N802 - SQLite's name
        self.disk.step()
        self.disk.sync(self.name)  # the machine itself stays on, so its own disk need not be waited for


class LosingFiles(apsw.VFS):
    """The usual file system, with files that tell a disk of their changes."""

    def __init__(self, name: str, disk: Disk) -> None:
        self.disk = disk
        super().__init__(name, "")

    def xOpen(self, name: object, flags: list[int]) -> LosingFile:  # noqa: N802 - SQLite's name
        return LosingFile(self.disk, name, flags)


@contextmanager
def losing_power(path: Path, disk: Disk) -> Iterator[apsw.Connection]:
    """A connection to `path` whose changes reach `disk`, until the cut; then nothing does.

    It has the file to itself, because SQLite shares no memory between connections over such a file system.
    """
    files = LosingFiles(f"losing-{id(disk)}", disk)
    try:
        with suppress(PowerCut, apsw.Error), closing(apsw.Connection(str(path), vfs=f"losing-{id(disk)}")) as db:
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            yield db
    finally:
        files.unregister()
    assert disk.steps >= disk.cut_at, "the power was never cut"
