"""SIGKILL at the N-th write, sync, connect or send of the delivering process (CR-2). Needs strace."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import killed
import pytest
from alerts import SECRET
from disk import can_trace
from killed import SINK
from receiver import Receiver, in_thread

from monitor.store import outbox
from monitor.store.db import Database

TOTAL = 5
# Each with the numbers of the calls at which the process is killed; spread over opening, deciding, claiming, recording.
CALLS = {"pwrite64": (2, 9, 17, 23, 38, 52), "fdatasync": (1, 2, 5, 9, 14), "connect": (1, 2, 4), "sendto": (1, 2, 4)}


def run(path: Path, url: str, *strace: str) -> int:
    command = [sys.executable, str(Path(killed.__file__)), str(path), url, str(TOTAL)]
    return subprocess.run([*strace, *command], check=False, stderr=subprocess.DEVNULL, timeout=100).returncode


@pytest.mark.soak
@pytest.mark.parametrize(("call", "number"), [(call, number) for call, numbers in CALLS.items() for number in numbers])
@pytest.mark.fault("CR-2")
def test_a_kill_at_any_system_call_loses_nothing(tmp_path, call, number):
    if not can_trace():
        pytest.skip("strace is absent or may not trace here")
    path, receiver = tmp_path / "a.db", Receiver(SECRET, rolls=random.Random(1))
    with in_thread(receiver.handle) as url:
        inject = f"inject={call}:signal=SIGKILL:when={number}"
        first = run(path, url, "strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", inject)
        assert run(path, url) == 0
    db = Database(path)
    assert set(receiver.accepted) == {outbox.delivery_id(f"alert-{one}", SINK, 0) for one in range(TOTAL)}
    unknown = outbox.counts(db.reading)["possible repeats"]
    assert sum(receiver.accepted.values()) - TOTAL <= unknown <= 1
    assert db.row("PRAGMA integrity_check")[0] == "ok"
    db.close()
    assert first in (-signal.SIGKILL, 128 + signal.SIGKILL), f"there was no {number}th {call}"
