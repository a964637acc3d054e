"""The page behind an entry: fetched once, within bounds. Talks only through monitor.http."""

from __future__ import annotations

from monitor.errors import BadStatus, FetchError
from monitor.feeds.result import PollingSettings
from monitor.http import Http, Response, Room

ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
PAGE_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml", "")


async def fetch_page(http: Http, url: str, settings: PollingSettings, room: Room | None = None) -> Response:
    """The page at `url`, whole.

    Raises FetchError where there is none: BadStatus, kind "type" or "cut", or one of Http's.
    """
    response = await http.get(
        url,
        headers={"Accept": ACCEPT},
        user_agent=settings.user_agent,
        max_bytes=settings.max_page_bytes,
        deadline_seconds=settings.deadline_seconds,
        allow_private=settings.allow_private_addresses,
        room=room,
    )
    if response.status != 200 or response.headers.get("cf-mitigated", "").lower() == "challenge":
        raise BadStatus(f"the page answered {response.status}", response.status, response.url, response.headers)
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in PAGE_TYPES:
        raise FetchError(f"the page is {kind[:40]!r} and no text", "type")
    if not response.whole:
        raise FetchError("the page ends too early", "cut")
    return response
