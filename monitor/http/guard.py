"""The address guard: which addresses must never be dialled. Pure."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

# What `is_global` of the older supported Pythons lets through, and what can smuggle an IPv4 address inside an IPv6 one.
# IANA special-purpose address registries; RFC 6052, 8215 (NAT64), 3056 (6to4), 4380 (Teredo), 9602 (SRv6), 9637.
NEVER = tuple(
    (ip_network(network), what)
    for network, what in (
        ("0.0.0.0/8", "this network"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("169.254.0.0/16", "link-local"),
        ("::/128", "unspecified"),
        ("64:ff9b::/96", "translated IPv4"),
        ("64:ff9b:1::/48", "translated IPv4"),
        ("100::/64", "discard-only"),
        ("2001::/32", "a Teredo tunnel"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "a 6to4 tunnel"),
        ("3fff::/20", "documentation"),
        ("5f00::/16", "segment routing"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
LOOPBACK_V6 = IPv6Address("::1")
COMPATIBLE_V4 = ip_network("::/96")


def refusal(text: str, *, allow_private: bool = False) -> str:
    """Why the address `text` must not be dialled, in a few words; "" where it may be.

    `allow_private` lets loopback and private networks through (a server of one's own), but never link-local (cloud
    metadata lives there), multicast, reserved or tunnelled addresses.
    """
    try:
        address = ip_address(text)
    except ValueError:
        return "not an address"
    if isinstance(address, IPv6Address) and address.scope_id:
        return "an address with a zone"
    return _refusal(address, allow_private=allow_private)


def _refusal(address: Address, *, allow_private: bool) -> str:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return _refusal(address.ipv4_mapped, allow_private=allow_private)
        if address in COMPATIBLE_V4 and address != LOOPBACK_V6:
            return "an IPv4-compatible address"
    for network, what in NEVER:
        if address.version == network.version and address in network:
            return what
    if allow_private or (address.is_global and not address.is_multicast and not address.is_reserved):
        return ""
    return "a loopback address" if address.is_loopback else "a private address"
