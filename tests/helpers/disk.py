"""Disks that are too small or fail: a memory file system that only its processes see, and strace."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

# Mounts $2 bytes at $1, where the rest of the command then runs.
MOUNT = 'mount -t tmpfs -o size="$2" tmpfs "$1" && cd "$1" && shift 2 && exec "$@"'


def can_mount() -> bool:
    if not shutil.which("unshare"):
        return False
    tried = subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False)
    return tried.returncode == 0


def can_trace() -> bool:
    """Whether system calls can be made to fail here."""
    if not shutil.which("strace"):
        return False
    tried = subprocess.run(["strace", "-f", "-o", "/dev/null", "true"], check=False, capture_output=True)
    return tried.returncode == 0


def on_disk(folder: Path, size: str, *command: str) -> list[str]:
    """The command that runs `command` with a disk of this size at `folder`, as its working folder."""
    return ["unshare", "-m", "sh", "-c", MOUNT, "sh", str(folder), size, *command]
