"""URLs of requests: which may be asked and where a redirect leads; errors that say so."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from urllib.parse import urlsplit

import httpx

from monitor.errors import AddressRefused, FetchError, TooLarge
from monitor.urls import split_login

MAX_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})


def checked_url(url: str) -> httpx.URL:
    """The URL as httpx has it. Raises FetchError where it is not one of the web."""
    parsed = httpx.URL(url)
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise FetchError("the URL is not an http or https address", "url")
    return parsed


def credentials(url: httpx.URL) -> dict[str, str]:
    """The Authorization header for the user info of a URL (RFC 7617), or none."""
    if not url.userinfo:
        return {}
    pair = base64.b64encode(f"{url.username}:{url.password}".encode()).decode("ascii")
    return {"Authorization": f"Basic {pair}"}


def redirect_target(url: str, answer: httpx.Response) -> str | None:
    """Where a redirect points, absolute and without user info it brought itself; None where there is none."""
    location = answer.headers.get("location", "").strip()
    if answer.status_code not in REDIRECTS or not location:
        return None
    try:
        here = httpx.URL(url)
        target = here.join(location).copy_with(fragment=None, userinfo=b"")
        same_origin = (here.scheme, here.host, here.port) == (target.scheme, target.host, target.port)
        return str(target.copy_with(userinfo=here.userinfo) if same_origin and here.userinfo else target)
    except (httpx.InvalidURL, ValueError):
        raise FetchError("it redirects to an address that cannot be used", "redirect") from None


def next_hop(url: str, target: str, hops: Sequence[tuple[int, str]]) -> str:
    """The URL to ask next. Raises FetchError after too many hops, in a circle, or out of the web."""
    if urlsplit(target).scheme not in ("http", "https"):
        raise AddressRefused(f"it redirects to a {urlsplit(target).scheme[:20]} address, which is not followed")
    if len(hops) > MAX_REDIRECTS:
        raise FetchError(f"it redirects more than {MAX_REDIRECTS} times", "redirect")
    if target == url or split_login(target)[0] in [earlier for _, earlier in hops[:-1]]:
        raise FetchError("it redirects in a circle", "redirect")
    return target


def protocol_error(error: Exception) -> FetchError:
    """What a broken HTTP answer is called. Of h11's sentence only the beginning: the rest may quote the other side."""
    if "Receive buffer too long" in str(error):
        return TooLarge("the headers of the answer are too large")
    return FetchError(f"the answer is not proper HTTP ({str(error).partition(':')[0][:80]})", "protocol")


def with_place(error: FetchError, place: str) -> FetchError:
    """The same error, its sentence begun with where it happened."""
    text = f"{place}: {error}"
    if isinstance(error, AddressRefused | TooLarge):
        return type(error)(text)
    return FetchError(text, error.kind)
