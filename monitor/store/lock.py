"""One daemon a database: an advisory lock beside the file, which the kernel gives back when its holder dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from monitor.errors import AlreadyRunning, StoreError, StoreFull
from monitor.store.trouble import no_room


@contextmanager
def only_one(database: Path) -> Iterator[None]:
    """Hold the lock of `database` while the body runs. Raises AlreadyRunning with the holder's process id.

    The lock stands on the file's real path, so that a symbolic link to the same database meets the same lock.
    """
    path = lock_path(database)
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if no_room(error):
            raise StoreFull(f"{path}: no room on the disk to make it; free some and try again") from error
        raise StoreError(f"{path}: cannot be written ({error.strerror}); check the folder of `database`") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning(
                f"{database}: process {_holder(handle)} already runs on this database; stop it first"
            ) from error
        with suppress(OSError):  # who holds it is only told to people; a full disk does not matter
            os.ftruncate(handle, 0)
            os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)


def is_held(database: Path) -> bool:
    """True while a daemon holds the lock of `database`."""
    try:
        handle = os.open(lock_path(database), os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def lock_path(database: Path) -> Path:
    """The lock's file."""
    real = Path(os.path.realpath(database))
    return real.with_name(real.name + ".lock")


def _holder(handle: int) -> str:
    return os.pread(handle, 20, 0).decode("ascii", "replace").strip() or "unknown"
