"""The address guard over a whole process: in children, since it cannot be taken away again."""

from __future__ import annotations

import asyncio

import child_work
import pytest
from loopback import says, serving

from monitor.children import Children


def in_child(function, *args):
    async def go():
        async with serving(says(b"")) as server, Children(1) as children:
            port = int(server.url.rpartition(":")[2])
            return await children.call(function, *(port if arg == "port" else arg for arg in args), wall_seconds=60)

    return asyncio.run(go())


@pytest.mark.fault("HT-5")
def test_a_name_that_gives_another_address_the_second_time_gets_no_further():
    """Rebinding: what is vetted is what is dialled, each time."""
    told = in_child(child_work.dial_guarded, "port", ["127.0.0.1", "169.254.169.254", "127.0.0.1"], True)
    assert told[:4] == ["connected", "PermissionError", "connected", "2"]
    assert told[4:] == ["its address 169.254.169.254 is link-local"]


@pytest.mark.fault("HT-5")
def test_private_addresses_are_refused_unless_allowed():
    told = in_child(child_work.dial_guarded, "port", ["127.0.0.1", "10.0.0.1", "192.168.1.1", "0.0.0.0"], False)
    assert told[:5] == ["PermissionError"] * 4 + ["0"]


@pytest.mark.parametrize("private", [False, True])
def test_names_sockets_of_this_machine_and_datagrams_are_watched_too(private):
    allowed = ["dialled: 1"] * 2 if private else ["PermissionError"] * 2
    refused = ["PermissionError"] * 3
    assert in_child(child_work.dial_oddly, private) == ["PermissionError", *allowed, *refused]
