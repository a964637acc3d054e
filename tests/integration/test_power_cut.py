"""A power cut at a random write or sync: what was acknowledged is there, and the file opens (CR-3)."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from power import Disk, losing_power

from monitor.store.db import Database

CUTS = 300
NORMAL = 1


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Path:
    """A new database, closed, so that it is one file."""
    path = tmp_path_factory.mktemp("empty") / "a.db"
    Database(path, checkpoints=True).close()
    return path


def cut_power(folder: Path, empty: Path, seed: int, synchronous: int) -> tuple[set[str], set[str]]:
    """Write until the power fails: the names that were committed, and those that are there afterwards."""
    before, after, rolls = folder / "before.db", folder / "after", random.Random(seed)
    after.mkdir(parents=True)
    shutil.copy(empty, before)
    disk = Disk(rolls.randint(1, 400), rolls, safe={before.name: bytearray(empty.read_bytes())})
    committed: set[str] = set()
    with losing_power(before, disk) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA synchronous = {synchronous}")
        db.execute("PRAGMA wal_autocheckpoint = 8")
        for number in range(1000):
            db.execute("BEGIN IMMEDIATE")
            db.execute("INSERT INTO heartbeat (name, at, value) VALUES (?, '', ?)", (f"n{number}", "x" * 700))
            db.execute("COMMIT")
            committed.add(f"n{number}")
    for name, content in disk.after_the_cut().items():
        (after / name).write_bytes(content)
    return committed, names_in(after / before.name)


def names_in(path: Path) -> set[str]:
    db = Database(path, durable=False)
    assert db.row("PRAGMA integrity_check")[0] == "ok"
    names = {row["name"] for row in db.rows("SELECT name FROM heartbeat")}
    db.close()
    return names


def setting_in_use(path: Path) -> int:
    db = Database(path)
    setting = db.row("PRAGMA synchronous")[0]
    db.close()
    return int(setting)


@pytest.mark.fault("CR-3")
def test_a_power_cut_loses_nothing_that_was_acknowledged(tmp_path, empty):
    synchronous, acknowledged = setting_in_use(tmp_path / "setting.db"), 0
    for seed in range(CUTS):
        committed, there = cut_power(tmp_path / str(seed), empty, seed, synchronous)
        assert committed <= there, f"seed {seed}"
        acknowledged += len(committed)
    assert acknowledged > 10 * CUTS


@pytest.mark.control("CR-3")
def test_with_synchronous_normal_the_same_cuts_lose_rows(tmp_path, empty):
    cuts = (cut_power(tmp_path / str(seed), empty, seed, NORMAL) for seed in range(CUTS))
    assert any(not committed <= there for committed, there in cuts)
