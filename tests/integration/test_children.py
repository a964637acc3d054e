"""Children that hang, crash, eat, lie and leave: no document costs another one its answer, none gets out."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import child_work as work
import pytest

from monitor.children import Children, Limits
from monitor.errors import ChildFailed
from monitor.feeds.parse import parse_feed

WALL = 20.0
FEED = b"<rss version='2.0'><channel><title>t</title><item><title>one</title><guid>00123</guid></item></channel></rss>"


def with_children(job: Callable[[Children], Awaitable[Any]], size: int = 1, **limits: int) -> Any:
    async def run() -> Any:
        async with Children(size, limits=Limits(**limits)) as children:
            return await job(children)

    return asyncio.run(run())


async def failure(children: Children, function: Callable[..., Any], *args: Any, wall_seconds: float = WALL) -> str:
    with pytest.raises(ChildFailed) as caught:
        await children.call(function, *args, wall_seconds=wall_seconds)
    return caught.value.kind


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until_gone(pid: int) -> bool:
    for _ in range(200):
        if not is_running(pid):
            return True
        time.sleep(0.05)
    return False


def test_a_parsed_feed_comes_back_whole():
    async def job(children: Children) -> Any:
        return await children.call(parse_feed, FEED, {"Content-Type": "text/xml"}, "https://e.com/", wall_seconds=WALL)

    parsed = with_children(job)
    assert parsed == parse_feed(FEED, {"Content-Type": "text/xml"}, "https://e.com/")
    assert parsed.entries[0].guid == "00123"


def test_a_child_is_reused_and_then_recycled():
    async def job(children: Children) -> list[int]:
        return [await children.call(work.pid, wall_seconds=WALL) for _ in range(6)]

    pids = with_children(job, documents=3)
    assert len(set(pids[:3])) == 1
    assert len(set(pids[3:])) == 1
    assert pids[0] != pids[3]
    assert all(wait_until_gone(pid) for pid in pids)


@pytest.mark.parametrize(
    ("function", "args", "kind"),
    [
        (work.crash, (), "died"),
        (work.leave, (0,), "died"),
        (work.leave, (3,), "died"),
        (work.raise_system_exit, (), "died"),
        (work.eat_memory, (), "error"),
        (work.answer_of, (1 << 30,), "error"),
        (work.answer_of, (64 << 20,), "error"),
        (work.unpicklable, (), "error"),
        (work.fail, (), "error"),
    ],
)
@pytest.mark.fault("HC-9")
def test_a_poison_document_fails_alone(function: Callable[..., Any], args: tuple[Any, ...], kind: str):
    async def job(children: Children) -> tuple[str, str, str]:
        fresh = await failure(children, function, *args)
        between = await children.call(work.nap, 0, wall_seconds=WALL)
        used = await failure(children, function, *args)
        after = await children.call(work.nap, 0, wall_seconds=WALL)
        assert between == after == "rested"
        return fresh, used, after

    assert with_children(job) == (kind, kind, "rested")


@pytest.mark.parametrize("function", [work.hang, work.spin])
@pytest.mark.fault("HC-9")
def test_a_child_that_hangs_is_killed_at_the_deadline(function: Callable[..., Any]):
    async def job(children: Children) -> int:
        pid = await children.call(work.pid, wall_seconds=WALL)
        assert await failure(children, function, wall_seconds=0.3) == "timeout"
        assert await children.call(work.nap, 0, wall_seconds=WALL) == "rested"
        return pid

    assert wait_until_gone(with_children(job))


@pytest.mark.fault("CC-7")
def test_a_hanging_document_does_not_hold_up_its_neighbours():
    async def job(children: Children) -> list[str]:
        poison = asyncio.create_task(failure(children, work.hang, wall_seconds=60))
        good = [await children.call(work.nap, 0, wall_seconds=WALL) for _ in range(5)]
        assert not poison.done()
        await children.close()
        assert await poison == "died"
        return good

    assert with_children(job, size=2) == ["rested"] * 5


def test_a_document_that_spoils_its_child_does_not_cost_the_next_its_answer():
    async def job(children: Children) -> list[str]:
        first = await children.call(work.die_soon, wall_seconds=WALL)
        second = await children.call(work.nap, 2, wall_seconds=WALL)
        return [first, second]

    assert with_children(job) == ["answered before dying", "rested"]


def test_a_child_killed_while_idle_is_replaced():
    async def job(children: Children) -> tuple[int, int]:
        first = await children.call(work.pid, wall_seconds=WALL)
        os.kill(first, signal.SIGKILL)
        return first, await children.call(work.pid, wall_seconds=WALL)

    first, second = with_children(job)
    assert first != second


@pytest.mark.fault("HC-9", "CR-6")
def test_a_child_killed_at_work_fails_its_document_only():
    async def job(children: Children) -> tuple[str, str]:
        pid = await children.call(work.pid, wall_seconds=WALL)
        nap = asyncio.create_task(children.call(work.nap, 0.5, wall_seconds=WALL))
        await asyncio.sleep(0.1)
        os.kill(pid, signal.SIGKILL)
        return await nap, await children.call(work.nap, 0, wall_seconds=WALL)

    assert with_children(job) == ("rested", "rested")


def test_a_child_has_no_secret_in_its_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DESK_SLACK_URL", "canary-secret")

    async def job(children: Children) -> str:
        return await children.call(work.environment, wall_seconds=WALL)

    found = with_children(job)
    assert "canary-secret" not in found
    assert "DESK_SLACK_URL" not in found


@pytest.mark.fault("CC-4")
def test_a_child_inherits_no_database_and_no_socket(tmp_path: Path):
    database = sqlite3.connect(tmp_path / "ours.db")
    database.execute("CREATE TABLE t (x)")
    with socket.create_server(("127.0.0.1", 0)) as server, (tmp_path / "log").open("w") as log:
        os.set_inheritable(server.fileno(), True)
        os.set_inheritable(log.fileno(), True)

        async def job(children: Children) -> list[str]:
            return await children.call(work.descriptors, wall_seconds=WALL)

        found = with_children(job)
    database.close()
    assert found
    assert not [target for target in found if not target.startswith(("pipe:", "/dev/null", "/proc/"))]


def test_a_child_can_write_no_file(tmp_path: Path):
    async def job(children: Children) -> str:
        return await failure(children, work.write_file, str(tmp_path / "left-behind"))

    assert with_children(job) == "error"
    assert not (tmp_path / "left-behind").exists() or not (tmp_path / "left-behind").read_bytes()


@pytest.mark.fault("HC-9")
def test_a_child_cannot_print_into_its_answers():
    async def job(children: Children) -> list[str]:
        return [await children.call(work.chatter, wall_seconds=WALL) for _ in range(3)]

    assert with_children(job) == ["answer"] * 3


def test_an_answer_runs_nothing_in_the_parent(tmp_path: Path):
    target = tmp_path / "made-by-an-answer"

    async def job(children: Children) -> str:
        return await failure(children, work.hostile_answer, str(target))

    assert with_children(job) == "error"
    assert not target.exists()


def test_every_document_works_under_limits():
    async def job(children: Children) -> dict[str, int]:
        await children.call(work.nap, 0, wall_seconds=100)
        return await children.call(work.limits, wall_seconds=10)

    found = with_children(job)
    cpu = found.pop("RLIMIT_CPU")
    assert found == {"RLIMIT_AS": 1 << 30, "RLIMIT_NOFILE": 16, "RLIMIT_FSIZE": 0, "RLIMIT_CORE": 0}
    assert 10 <= cpu <= 20


def test_closing_leaves_no_orphan_and_refuses_new_work():
    async def run() -> tuple[list[int], str, str]:
        children = Children(2)
        pids = [await children.call(work.pid, wall_seconds=WALL)]
        busy = asyncio.create_task(failure(children, work.hang))
        await asyncio.sleep(0.3)
        await children.close()
        return pids, await busy, await failure(children, work.pid)

    pids, busy, refused = asyncio.run(run())
    assert (busy, refused) == ("died", "died")
    assert all(wait_until_gone(pid) for pid in pids)


def test_what_a_child_started_is_killed_with_it():
    async def job(children: Children) -> int:
        grandchild = await children.call(work.spawn_grandchild, wall_seconds=WALL)
        assert is_running(grandchild)
        return grandchild

    assert wait_until_gone(with_children(job))


def test_a_cancelled_call_kills_its_child_and_frees_its_place():
    async def job(children: Children) -> tuple[int, str]:
        pid = await children.call(work.pid, wall_seconds=WALL)
        task = asyncio.create_task(children.call(work.hang, wall_seconds=WALL))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return pid, await children.call(work.nap, 0, wall_seconds=WALL)

    pid, answer = with_children(job)
    assert answer == "rested"
    assert wait_until_gone(pid)


PARENT = """
import asyncio, sys
sys.path[:] = {path!r}
import child_work as work
from monitor.children import Children
async def main():
    children = Children(2)
    print(await children.call(work.pid, wall_seconds=20), flush=True)
    await children.call(work.{job}, wall_seconds=600)
asyncio.run(main())
"""


@pytest.mark.parametrize("job", ["hang", "spin"])
def test_children_die_with_their_parent(job: str):
    code = PARENT.format(path=[entry for entry in sys.path if entry], job=job)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_running(pid)
        time.sleep(0.2)
        parent.kill()
    assert wait_until_gone(pid)
