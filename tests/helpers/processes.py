"""What processes take of this machine, read from /proc."""

from __future__ import annotations

from pathlib import Path

MB = 1_000_000


def memory_mb(pid: int, what: str = "VmRSS") -> float:
    """The resident memory of a process, or with "VmHWM" the most that it ever held; 0 where it has ended."""
    try:
        lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(lines[what].split()[0]) * 1024 / MB if what in lines else 0


def tree_of(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [int(child) for child in task.read_text().split()]
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has just ended
    return found


def tree_mb(pid: int) -> float:
    """The resident memory of a process and all its descendants; what they share is counted for each."""
    return sum(memory_mb(one) for one in tree_of(pid))
