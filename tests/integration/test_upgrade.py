"""A database of any released version is opened by this one: all rows stay, and a kill at any statement loses none."""

from __future__ import annotations

import hashlib
import itertools
import multiprocessing
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from alerts import SECRET
from disk import can_mount, on_disk
from receiver import Receiver, in_thread
from released import DUMPS, load
from station import CONFIG, Station, call, configure, on_air
from upgraded import SAMPLE, open_and_die

from monitor.store import backup, schema
from monitor.store.db import Database
from monitor.store.views import VIEWS

FORKS = multiprocessing.get_context("forkserver")
# The SHA-256 of each migration that has been released, and thus is on the disks of others.
RELEASED = ("2fda4ab38856f2e041d771a3141757b56a69c235e997d77bb55abbb25abcc040",)
SINK = """
[[sink]]
name = "{name}"
kind = "webhook"
url_file = "{name}.url"
secret_file = "secret"
allow_private_addresses = true
"""
WEBHOOKS = ("failing", "broken", "doubtful", "slow", "late")
DONE = {"sent", "cancelled", "dead"}
STATES = {"pending", "sending", "sent", "unknown", "held", "cancelled", "dead"}

every_release = pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
Columns = dict[str, list[str]]
Rows = dict[str, list[tuple[object, ...]]]
Deliveries = dict[str, dict[str, object]]


def test_a_released_migration_is_never_edited():
    """What stands in a released migration was run long ago: to change a table, append a migration."""
    found = tuple(hashlib.sha256(script.encode()).hexdigest() for script in schema.MIGRATIONS)
    assert found[: len(RELEASED)] == RELEASED, (
        "a released migration was edited: databases that ran it never learn of it"
    )
    assert len(DUMPS) == len(RELEASED), "every released schema has its dump (tests/released/make.py)"


@every_release
@pytest.mark.fault("UP-1")
def test_a_released_database_opens_with_all_its_rows(tmp_path, dump):
    path = tmp_path / "a.db"
    load(dump, path)
    columns = columns_of(path)
    before = rows_of(path, columns)
    assert {row[0] for row in query(path, "SELECT DISTINCT state FROM delivery")} == STATES
    assert all(before[table] for table in columns if table != "heartbeat")
    Database(path).close()
    assert is_upgraded(path)
    assert rows_of(path, columns, besides="migration") == without(before, "migration")


@every_release
@pytest.mark.parametrize("later", [(), (SAMPLE,)], ids=["as it is", "with a later one"])
@pytest.mark.fault("UP-1")
def test_a_kill_at_any_statement_of_an_upgrade_loses_nothing(tmp_path, monkeypatch, dump, later):
    """UP-1: the file is wholly old or wholly new, and the next start finishes."""
    first = tmp_path / "first.db"
    load(dump, first)
    columns, old = columns_of(first), schema_of(first)
    before = rows_of(first, columns)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, *later))
    kills = 0
    for path, ended in killed_at_each(first):
        assert schema_of(path) == old or is_upgraded(path), f"half an upgrade at statement {kills + 1}"
        assert rows_of(path, columns, besides="migration") == without(before, "migration")
        Database(path).close()
        assert is_upgraded(path)
        assert rows_of(path, columns, besides="migration") == without(before, "migration")
        kills += not ended
    assert kills >= sum(len(schema.statements(script)) for script in later)


@pytest.mark.fault("UP-1")
def test_a_kill_at_any_statement_of_a_first_start_leaves_no_half_a_database(tmp_path):
    first = tmp_path / "first.db"
    first.touch()
    kills = 0
    for path, ended in killed_at_each(first):
        assert schema_of(path) == [] or is_upgraded(path)
        Database(path).close()
        assert is_upgraded(path)
        kills += not ended
    assert kills > len(schema.statements(schema.FIRST))


def killed_at_each(first: Path):
    """Copies of a database that a process opened and was killed at its first, second … statement; then one it opened.

    Gives each copy, and whether the process came to its end.
    """
    FORKS.set_forkserver_preload(["upgraded"])
    for number in itertools.count(1):
        path = first.with_name(f"{number}.db")
        shutil.copy(first, path)
        process = FORKS.Process(target=open_and_die, args=(path, number, schema.MIGRATIONS))
        process.start()
        process.join()
        assert process.exitcode in {0, -signal.SIGKILL}
        yield path, process.exitcode == 0
        if process.exitcode == 0:
            return


@every_release
@pytest.mark.fault("UP-1", "DB-7")
def test_a_backup_of_a_released_version_is_restored_and_upgraded(tmp_path, monkeypatch, dump):
    load(dump, tmp_path / "old.db")
    columns = columns_of(tmp_path / "old.db")
    before = rows_of(tmp_path / "old.db", columns)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, SAMPLE))
    restored = backup.restore(tmp_path / "old.db", tmp_path / "live.db")
    assert is_upgraded(tmp_path / "live.db")
    assert restored.entries == len(before["entry"])
    after = rows_of(tmp_path / "live.db", columns)
    changed = {"migration", "feed_state", "delivery"}
    assert {table for table in columns if after[table] != before[table]} <= changed
    states = {row[0] for row in query(tmp_path / "live.db", "SELECT DISTINCT state FROM delivery")}
    assert states == {"sent", "held", "cancelled", "dead"}


@every_release
@pytest.mark.fault("UP-1")
def test_the_daemon_runs_on_a_released_database_and_sends_nothing_twice(tmp_path, dump):
    path, receiver = tmp_path / "basewatch.db", Receiver(SECRET)
    with on_air() as station, in_thread(receiver.handle) as url:
        load(dump, path, station.url)
        before = deliveries(path)
        for title, summary, link, at in query(path, "SELECT title, summary, url, published_at FROM entry"):
            station.add(title, summary, link, datetime.fromisoformat(at))
        station.add("Three rockets hit the US base at the Conoco gas field in Syria")
        config = configured(tmp_path, station, url)
        run_once(config, station)
        after = deliveries(path)
        # What waits for its time, or for a person, need not wait here.
        call("sinks", "fix", "broken", "--config", config, station=station)
        call("outbox", "retry", "--all", "--config", config, station=station)
        run_once(config, station)
    new = after.keys() - before.keys()
    open_before = {one for one, row in before.items() if row["state"] not in DONE and row["sink"] in WEBHOOKS}
    assert len({after[one]["alert_id"] for one in new}) == 1, "only the new attack speaks"
    assert done_of(after, before) == done_of(before, before)
    assert open_before <= receiver.accepted.keys(), "an alert was lost"
    assert not receiver.accepted.keys() & (before.keys() - open_before), "what was done was sent again"
    assert set(receiver.accepted.values()) == {1}
    assert receiver.faults == []


def done_of(rows: Deliveries, before: Deliveries) -> Deliveries:
    """What `rows` say of the deliveries that were done `before`, in the columns that there were."""
    return {one: {key: rows[one][key] for key in row} for one, row in before.items() if row["state"] in DONE}


def run_once(config: Path, station: Station) -> None:
    done = call("run", "--once", "--config", config, station=station)
    assert done.returncode in {0, 1}, done.stderr


def configured(folder: Path, station: Station, receiver: str) -> Path:
    """The configuration of the dumps, with a receiver that is well again."""
    (folder / "secret").write_text(SECRET)
    sinks = ""
    for name in WEBHOOKS:
        (folder / f"{name}.url").write_text(f"{receiver}/{name}")
        sinks += SINK.format(name=name)
    return configure(folder, station, CONFIG + sinks)


def deliveries(path: Path) -> Deliveries:
    """Every delivery by its id."""
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        return {row["id"]: dict(row) for row in db.execute("SELECT * FROM delivery")}


def test_a_view_of_another_version_gives_way_to_this_ones(tmp_path):
    path = tmp_path / "a.db"
    Database(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.executescript("DROP VIEW alerts_recent; CREATE VIEW alerts_recent AS SELECT 1 AS old")
        db.execute("CREATE VIEW of_my_own AS SELECT 2 AS mine")
    Database(path).close()
    assert is_upgraded(path)
    assert query(path, "SELECT * FROM alerts_recent") == []
    assert query(path, "SELECT * FROM of_my_own") == [(2,)]


WITHOUT_ROOM = """
    import shutil, subprocess, sys
    from monitor.errors import StoreError
    from monitor.store import schema
    from monitor.store.db import Database
    schema.MIGRATIONS += ("CREATE TABLE sample (x BLOB) STRICT;\\nINSERT INTO sample VALUES (zeroblob(4000000));",)
    shutil.copy(sys.argv[1], "a.db")
    try:
        Database("a.db").close()
    except StoreError as error:
        print(error)
    shutil.copy("a.db", sys.argv[2])
    subprocess.run(["mount", "-o", "remount,size=64m", sys.argv[3]], check=True)
    Database("a.db").reading.execute("VACUUM INTO ?", (sys.argv[3] + ".db",))
"""


@pytest.mark.skipif(not can_mount(), reason="needs the right to mount a small file system")
@pytest.mark.fault("UP-5")
def test_an_upgrade_without_room_changes_nothing_and_works_when_there_is_some(tmp_path):
    first, disk, full = tmp_path / "first.db", tmp_path / "disk", tmp_path / "full.db"
    disk.mkdir()
    load(DUMPS[-1], first)
    columns, old = columns_of(first), schema_of(first)
    before = rows_of(first, columns)
    command = [sys.executable, "-c", textwrap.dedent(WITHOUT_ROOM), str(first), str(full), str(disk)]
    done = subprocess.run(on_disk(disk, "2m", *command), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("a.db: no room on the disk"), done.stdout
    assert (schema_of(full), rows_of(full, columns)) == (old, before)
    late = tmp_path / "disk.db"
    assert rows_of(late, columns, besides="migration") == without(before, "migration")
    assert query(late, "SELECT length(x) FROM sample") == [(4_000_000,)]


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    """Rows of a file, read without the service."""
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def schema_of(path: Path) -> list[tuple[object, ...]]:
    return query(path, "SELECT type, name, sql FROM sqlite_schema ORDER BY name")


def columns_of(path: Path) -> Columns:
    """The columns of each table."""
    tables = query(path, "SELECT name FROM sqlite_schema WHERE type = 'table'")
    return {name: [row[1] for row in query(path, f"PRAGMA table_info({name})")] for (name,) in tables}


def rows_of(path: Path, columns: Columns, besides: str = "") -> Rows:
    """What stands in these columns, by table."""
    asked = {table: f"SELECT {', '.join(names)} FROM {table}" for table, names in columns.items() if table != besides}
    return {table: sorted(query(path, sql), key=repr) for table, sql in asked.items()}


def without(rows: Rows, table: str) -> Rows:
    return {name: found for name, found in rows.items() if name != table}


def is_upgraded(path: Path) -> bool:
    """Whether the file is whole and of this version, and every view can be read."""
    for view in VIEWS:
        query(path, f"SELECT * FROM {view}")
    done = query(path, "SELECT number FROM migration ORDER BY number")
    whole = query(path, "PRAGMA integrity_check") == [("ok",)] and query(path, "PRAGMA foreign_key_check") == []
    return whole and done == [(number + 1,) for number in range(len(schema.MIGRATIONS))]
