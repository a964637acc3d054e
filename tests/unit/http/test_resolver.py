"""Names that never answer cost their own feed and no other; every look-up ends."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from name_server import alone, can_be_alone

from monitor.errors import FetchError
from monitor.http import Resolver
from monitor.http.transport import MAX_ADDRESSES_TRIED


def found(*addresses: str) -> list[tuple[Any, ...]]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in addresses]


@pytest.fixture
def silence() -> Iterator[threading.Event]:
    """Names wait for this event; it is set at the end, so that no thread is left."""
    event = threading.Event()
    yield event
    event.set()


def look_up(event: threading.Event, asked: list[str]):
    def answer(host: str, port: int, **_: object) -> list[tuple[Any, ...]]:  # noqa: ARG001
        asked.append(host)
        if "silent" in host:
            event.wait(20)
        if "missing" in host:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if "strange" in host:
            raise UnicodeError
        return [] if "empty" in host else found("192.0.2.7", "192.0.2.7", "192.0.2.8")

    return answer


def test_addresses_come_once_and_in_order(silence: threading.Event):
    resolver = Resolver(look_up=look_up(silence, []))
    assert asyncio.run(call(resolver, "good.example")) == ["192.0.2.7", "192.0.2.8"]


async def call(resolver: Resolver, host: str) -> list[str]:
    return list(await resolver(host, 80))


@pytest.mark.parametrize("host", ["missing.example", "strange.example", "empty.example", "silent.example"])
@pytest.mark.fault("DN-1")
def test_a_name_without_answer_is_an_error_of_its_kind(silence: threading.Event, host: str):
    resolver = Resolver(look_up=look_up(silence, []), deadline_seconds=0.05)
    with pytest.raises(FetchError, match=host) as caught:
        asyncio.run(call(resolver, host))
    assert caught.value.kind == "dns"


@pytest.mark.skipif(not can_be_alone(), reason="needs the right to a network of its own")
@pytest.mark.fault("DN-1", "DN-3")
def test_every_answer_of_a_server_of_names_is_an_error_of_its_kind_or_few_connections(tmp_path: Path):
    """A real server and the resolver of the system; a thousand addresses come over TCP, and four are tried."""
    lost = ["missing", "servfail", "refused", "empty", "circle", "garbage", "silent"]
    names = [f"{name}.example" for name in [*lost, "many", "mixed", "good"]]
    done = subprocess.run(alone(tmp_path, *names), capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for name in lost:
        assert (found[f"{name}.example"]["kind"], found[f"{name}.example"]["dialled"]) == ("dns", 0), found
        assert f"{name}.example" in found[f"{name}.example"]["words"]
    assert (found["many.example"]["kind"], found["many.example"]["dialled"]) == ("connect", MAX_ADDRESSES_TRIED)
    assert (found["mixed.example"]["kind"], found["mixed.example"]["dialled"]) == ("refused", 0)
    assert (found["good.example"]["kind"], found["good.example"]["dialled"]) == ("connect", 1)


@pytest.mark.fault("DN-2")
def test_fifty_names_that_never_answer_do_not_hold_up_a_good_one(silence: threading.Event):
    async def main() -> list[str]:
        resolver = Resolver(look_up=look_up(silence, []), deadline_seconds=15)
        waiting = [asyncio.create_task(call(resolver, f"silent{number}.example")) for number in range(50)]
        await asyncio.sleep(0)
        good = await call(resolver, "good.example")
        assert not [task for task in waiting if task.done()]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return good

    assert asyncio.run(main()) == ["192.0.2.7", "192.0.2.8"]


def test_a_name_has_one_look_up_at_a_time_and_their_number_is_bounded(silence: threading.Event):
    asked: list[str] = []

    async def main() -> None:
        resolver = Resolver(look_up=look_up(silence, asked), deadline_seconds=0.05, max_threads=3)
        for _ in range(4):
            with pytest.raises(FetchError, match="not resolved in"):
                await resolver("silent.example", 80)
        for number in (1, 2):
            with pytest.raises(FetchError, match="not resolved in"):
                await resolver(f"silent{number}.example", 80)
        with pytest.raises(FetchError, match="too many names"):
            await resolver("good.example", 80)
        silence.set()
        await asyncio.gather(*resolver._running.values())
        assert await resolver("good.example", 80)

    asyncio.run(main())
    assert asked == ["silent.example", "silent1.example", "silent2.example", "good.example"]
