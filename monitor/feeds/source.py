"""A feed's address: the noun for it, and its host."""

from __future__ import annotations

import hashlib
from ipaddress import ip_address
from urllib.parse import urlsplit

from monitor.model import Feed

ID_CHARACTERS = 12
# Names that never belong to a public site (RFC 6761, 6762, 8375 and common use).
PRIVATE_NAMES = ("localhost", "local", "internal", "home.arpa", "test", "lan")


def feed_at(url: str, title: str = "", language: str = "", user_agent: str = "") -> Feed:
    """The feed at `url`; its id is a short hash of the URL as configured."""
    return Feed(hashlib.sha256(url.encode("utf-8")).hexdigest()[:ID_CHARACTERS], url, title, language, user_agent)


def host_of(url: str) -> str:
    """The host that a request for `url` loads, in lower case; "" where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_public_host(host: str) -> bool:
    """True for a host of the open web, by its name alone; False for a private address or name."""
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(tuple(f".{name}" for name in PRIVATE_NAMES))
