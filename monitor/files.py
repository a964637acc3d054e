"""Replacing a file that somebody else may be reading, or that a full disk or a kill must not spoil."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def replace_file(file: Path, content: bytes) -> None:
    """Put `content` in the place of a file, or make it: at any moment the old or the new one is there, whole.

    Mode, owner and group stay. Of a symbolic link the target is replaced. Raises OSError; then nothing has changed.
    """
    file = file.resolve()
    beside = file.with_name(f".{file.name}.new")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o666)
        with os.fdopen(handle, "wb") as new:
            if file.exists():
                _keep_rights(handle, file.stat())
            new.write(content)
            new.flush()
            os.fsync(handle)
        beside.replace(file)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise
    _sync_folder(file.parent)


def _keep_rights(handle: int, old: os.stat_result) -> None:
    found = os.fstat(handle)
    if (found.st_uid, found.st_gid) != (old.st_uid, old.st_gid):
        os.fchown(handle, old.st_uid, old.st_gid)
    os.fchmod(handle, old.st_mode & 0o7777)


def _sync_folder(folder: Path) -> None:
    """A name is on the disk once its folder is."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
