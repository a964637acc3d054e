"""The address guard: hostile forms by table."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.http.guard import refusal

HOSTILE = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "198.51.100.7",
    "203.0.113.9", "198.18.0.1", "198.19.255.255", "192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "::ffff:7f00:1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::8.8.8.8",
    "64:ff9b:1::a00:1", "2002:7f00:1::1", "2002:808:808::1", "2001:0:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "ff02::1", "ff0e::1", "100::1",
    "2001:db8::1", "3fff::1", "5f00::1", "localhost", "", "0x7f.1", "017700000001", "2130706433", "1.2.3",
]  # fmt: skip
OPEN = ["8.8.8.8", "1.1.1.1", "151.101.0.81", "2606:4700:4700::1111", "2a04:4e42::81", "::ffff:8.8.8.8"]


def test_the_table_of_hostile_forms_is_long_enough():
    assert len(set(HOSTILE)) >= 30


@pytest.mark.parametrize("address", HOSTILE)
@pytest.mark.fault("HT-5")
def test_a_hostile_address_is_refused_with_a_reason(address: str):
    assert refusal(address)


@pytest.mark.parametrize("address", OPEN)
def test_a_public_address_is_dialled(address: str):
    assert refusal(address) == ""


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.9", "fd00::7", "100.64.0.1"])
def test_private_addresses_pass_where_they_are_allowed(address: str):
    assert refusal(address, allow_private=True) == ""


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "224.0.0.1", "::", "0.0.0.0", "2002:7f00:1::1"])
def test_some_addresses_never_pass(address: str):
    assert refusal(address, allow_private=True)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_that_is_mapped_is_judged_like_itself(address: IPv4Address):
    mapped = str(IPv6Address(f"::ffff:{address}"))
    assert refusal(mapped) == refusal(str(address))


@given(st.ip_addresses())
def test_nothing_local_ever_passes(address: IPv4Address | IPv6Address):
    if address.is_private or address.is_loopback or address.is_multicast or address.is_link_local:
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        assert refusal(str(address)) or (mapped and not refusal(str(mapped)))
