"""Bounded requests: GET with redirects followed by hand, POST without any."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpcore
import httpx

from monitor import __version__
from monitor.errors import FetchError
from monitor.http.addresses import (
    checked_url,
    credentials,
    next_hop,
    protocol_error,
    redirect_target,
    with_place,
)
from monitor.http.body import OFFERED
from monitor.http.memory import LargeBodies, Room
from monitor.http.reading import read_body, read_start
from monitor.http.resolver import Resolve, Resolver
from monitor.http.transport import GuardedTransport, tls_context
from monitor.urls import public_url, split_login

# The kinds of FetchError in which not one byte of the request left this machine.
NOT_SENT = frozenset({"url", "dns", "connect", "tls", "refused"})
# Header values are bytes; this coding gives each back as it came.
WIRE = "latin-1"
SENDING_STARTS = "http11.send_request_headers.started"

# Both log whole URLs, which may hold secrets.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Limits of all requests. Seconds and bytes; `ca_file` replaces the shipped roots."""

    user_agent: str = f"Basewatch/{__version__}"
    allow_private: bool = False
    deadline_seconds: float = 30.0
    connect_seconds: float = 10.0
    read_seconds: float = 15.0
    max_bytes: int = 10_000_000
    ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class Validators:
    """What `url` gave to ask with next time, byte for byte. Sent to that URL only."""

    url: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """One answer. `headers` have lower-case names, repeated ones joined by ", "; `body` is decoded.

    `whole` is False where the connection ended before the body did. `url` gave the answer; `redirects` are the hops
    that led there: (status, target). No address here holds user info.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    url: str = ""
    whole: bool = True
    redirects: tuple[tuple[int, str], ...] = ()
    conditional: bool = False


def surely_not_sent(error: FetchError) -> bool:
    """True where the other side cannot have seen the request; False where nobody can know."""
    return error.kind in NOT_SENT


class Http:
    """Makes requests. An async context manager; belongs to one event loop.

    It uses httpx below httpx.AsyncClient, which would keep cookies and read redirects by itself.

    Errors are FetchError with a `kind`: url, dns, connect, tls, refused (nothing was sent: `surely_not_sent`), timeout,
    network, protocol, redirect, encoding, too_large, crowded (we had no place for a large body). Their texts hold no
    user info, query or fragment of a URL, and nothing at all of the URL of a POST but its host.
    """

    def __init__(self, settings: HttpSettings | None = None, resolve: Resolve | None = None) -> None:
        self.settings = settings or HttpSettings()
        self._resolve = resolve or Resolver()
        self._tls = tls_context(self.settings.ca_file)
        self._transports = {
            allow: GuardedTransport(self._resolve, allow_private=allow, tls=self._tls) for allow in (False, True)
        }
        timeouts = httpx.Timeout(self.settings.read_seconds, connect=self.settings.connect_seconds, pool=None)
        self._timeouts = timeouts.as_dict()
        self.large_bodies = LargeBodies()

    async def __aenter__(self) -> Self:
        """Nothing is opened before the first request."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in self._transports.values():
            await transport.aclose()

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        validators: Validators | None = None,
        user_agent: str = "",
        max_bytes: int | None = None,
        deadline_seconds: float | None = None,
        allow_private: bool | None = None,
        room: Room | None = None,
    ) -> Response:
        """Fetch `url` by at most five redirects within one deadline; any status is an answer.

        A body that ends too early is given with `whole` False; one that is too large or wrongly coded raises. A large
        body waits for one of the places in memory; who keeps bodies while they are worked on gives a `room` of theirs.
        """
        allow = self.settings.allow_private if allow_private is None else allow_private
        fixed = {"User-Agent": user_agent or self.settings.user_agent, **(headers or {})}
        seconds = deadline_seconds or self.settings.deadline_seconds
        sending, most = Sending(), max_bytes or self.settings.max_bytes
        own = self.large_bodies.room()
        place = room or own
        try:
            async with asyncio.timeout(seconds), own:
                return await self._follow(url, fixed, validators, most, allow, sending, place)
        except TimeoutError:
            if place.waiting:
                why = f"no place for a large body in {seconds:g} s"
                raise FetchError(f"{public_url(url)}: {why}", "crowded") from None
            raise FetchError(f"{public_url(url)}: no whole answer in {seconds:g} s", sending.deadline_kind) from None
        except FetchError as error:
            raise with_place(error, public_url(url)) from None

    async def _follow(
        self,
        url: str,
        headers: dict[str, str],
        validators: Validators | None,
        max_bytes: int,
        allow_private: bool,
        sending: Sending,
        room: Room,
    ) -> Response:
        hops: list[tuple[int, str]] = []
        while True:
            asked = conditional(url, validators)
            async with self._open("GET", url, headers | asked, b"", allow_private, sending) as answer:
                target = redirect_target(url, answer)
                if target is None:
                    body, whole = await read_body(answer, max_bytes, room)
                    here, way = split_login(url)[0], tuple(hops)
                    return Response(answer.status_code, plain_headers(answer), body, here, whole, way, bool(asked))
            hops.append((answer.status_code, split_login(target)[0]))
            url = next_hop(url, target, hops)

    async def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        deadline_seconds: float = 20,
        max_response_bytes: int = 8192,
        allow_private: bool = False,
    ) -> Response:
        """Send `body` once, over a fresh connection, following nothing; a redirect is an answer like any other.

        Once a status has come it is returned, with what could be read of the body (`whole` tells whether all of it).
        Raises FetchError: `surely_not_sent(error)` tells "not accepted for sure" from "nobody can know".
        """
        fixed = {"User-Agent": self.settings.user_agent, **headers}
        sending = Sending()
        answered: Response | None = None
        try:
            async with (
                asyncio.timeout(deadline_seconds),
                self._open("POST", url, fixed, body, allow_private, sending) as answer,
            ):
                answered = Response(answer.status_code, plain_headers(answer), whole=False)
                text, whole = await read_start(answer, max_response_bytes)
                return Response(answer.status_code, answered.headers, text, whole=whole)
        except TimeoutError:
            if answered:
                return answered
            raise FetchError(f"no answer in {deadline_seconds:g} s", sending.deadline_kind) from None
        except FetchError:
            if answered:
                return answered
            raise

    @asynccontextmanager
    async def _open(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes,
        allow_private: bool,
        sending: Sending,
    ) -> AsyncIterator[httpx.Response]:
        """One request and its answer's headers; errors of the libraries become ours, without their texts' URLs."""
        sending.started = False
        usual = {"Accept": "*/*", "Accept-Encoding": OFFERED if method == "GET" else "identity", "Connection": "close"}
        try:
            address = checked_url(url)
            wanted = usual | credentials(address) | headers
            request = httpx.Request(
                method,
                address,
                headers=[(name.encode(WIRE), value.encode(WIRE)) for name, value in wanted.items()],
                content=body if method == "POST" else None,
                extensions={"trace": sending.trace, "timeout": self._timeouts},
            )
            answer = await self._transports[allow_private].handle_async_request(request)
            try:
                yield answer
            finally:
                await answer.aclose()
        except httpcore.TimeoutException:
            raise FetchError("no answer in time", sending.deadline_kind) from None
        except httpcore.ProtocolError as error:
            raise protocol_error(error) from None
        except (httpcore.NetworkError, OSError):
            raise FetchError("the connection broke", "network") from None
        except (httpx.InvalidURL, httpcore.UnsupportedProtocol, UnicodeError):
            raise FetchError("the URL or a header of the request cannot be used", "url") from None


class Sending:
    """Whether the request has begun to leave: tells "not sent" from "unknown" when the deadline passes."""

    def __init__(self) -> None:
        self.started = False

    async def trace(self, name: str, info: Mapping[str, Any]) -> None:  # noqa: ARG002 - the signature of httpcore
        """Note the moment of sending."""
        self.started = self.started or name == SENDING_STARTS

    @property
    def deadline_kind(self) -> str:
        """The kind of a FetchError raised now because time is up."""
        return "timeout" if self.started else "connect"


def conditional(url: str, validators: Validators | None) -> dict[str, str]:
    """The headers that ask `url` for news only (RFC 9110 13.1): both validators, as they came."""
    if validators is None or validators.url != split_login(url)[0]:
        return {}
    asked = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in asked.items() if value}


def plain_headers(answer: httpx.Response) -> dict[str, str]:
    """Headers by lower-case name, repeated ones joined as RFC 9110 5.3 says, each byte kept as one character."""
    headers: dict[str, str] = {}
    for name, value in answer.headers.raw:
        key, text = name.decode(WIRE).lower(), value.decode(WIRE)
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers
