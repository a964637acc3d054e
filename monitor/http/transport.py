"""The way to the wire: a connection pool that dials only vetted addresses, below httpx's transport seam."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import certifi
import httpcore
import httpx

from monitor.errors import AddressRefused, FetchError
from monitor.http.guard import refusal
from monitor.http.resolver import Resolve

# An answer with a thousand addresses is not tried a thousand times.
MAX_ADDRESSES_TRIED = 4
# A dead first address (often IPv6) must leave time for the next.
NEXT_ADDRESS_SECONDS = 3.0


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves a name once, vets every address of the answer, and dials exactly one of those.

    Raises FetchError of kind dns, connect or tls, and AddressRefused: in all of these nothing was sent.
    """

    def __init__(self, resolve: Resolve, *, allow_private: bool) -> None:
        self._resolve = resolve
        self._allow_private = allow_private
        self._wire = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of httpcore
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to one of the addresses of `host`."""
        addresses = await self._vetted(host, port)
        last_error = ""
        for place, address in enumerate(addresses, start=1):
            seconds = timeout if place == len(addresses) else min(timeout or NEXT_ADDRESS_SECONDS, NEXT_ADDRESS_SECONDS)
            try:
                stream = await self._wire.connect_tcp(address, port, seconds, local_address, socket_options)
            except httpcore.ConnectTimeout:
                last_error = "no answer in time"
            except httpcore.ConnectError as error:
                last_error = _connect_reason(error)
            else:
                return GuardedStream(stream, host)
        raise FetchError(f"{host} port {port} cannot be reached ({last_error})", "connect")

    async def _vetted(self, host: str, port: int) -> Sequence[str]:
        addresses = await self._resolve(host.removeprefix("[").removesuffix("]"), port)
        for address in addresses:
            why = refusal(address, allow_private=self._allow_private)
            if why:
                raise AddressRefused(f"{host} is not dialled: its address {address} is {why}")
        return addresses[:MAX_ADDRESSES_TRIED]

    async def sleep(self, seconds: float) -> None:
        """Wait, for httpcore."""
        await asyncio.sleep(seconds)


class GuardedStream(httpcore.AsyncNetworkStream):
    """A connection whose TLS errors say so: before TLS stands, nothing was sent."""

    def __init__(self, stream: httpcore.AsyncNetworkStream, host: str) -> None:
        self._stream = stream
        self._host = host

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of httpcore
    ) -> httpcore.AsyncNetworkStream:
        """Raise FetchError of kind tls where the other side cannot prove who it is."""
        try:
            return await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except (httpcore.ConnectError, httpcore.ConnectTimeout, ssl.SSLError, OSError) as error:
            raise FetchError(f"no TLS connection with {self._host} ({_tls_reason(error)})", "tls") from None

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - as above
        """Read as httpcore does."""
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as above
        """Write as httpcore does."""
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks of a stream."""
        return self._stream.get_extra_info(info)


class GuardedTransport(httpx.AsyncBaseTransport):
    """httpx's transport over a pool of our own. Every request has a fresh connection: an idle one may be dead."""

    def __init__(self, resolve: Resolve, *, allow_private: bool, tls: ssl.SSLContext) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=None,
            max_keepalive_connections=0,
            network_backend=GuardedBackend(resolve, allow_private=allow_private),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the errors of httpcore and our own pass as they are."""
        answer = await self._pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            status_code=answer.status, headers=answer.headers, stream=RawBody(answer), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        """Close the pool."""
        await self._pool.aclose()


class RawBody(httpx.AsyncByteStream):
    """The body of an answer as it comes over the wire."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Chunks of at most 64 KiB."""
        async for chunk in self._answer.aiter_stream():
            yield chunk

    async def aclose(self) -> None:
        """Give the connection back."""
        await self._answer.aclose()


def tls_context(ca_file: str | None = None) -> ssl.SSLContext:
    """Verify against the shipped roots, or `ca_file`; the environment (SSL_CERT_FILE …) has no say."""
    return ssl.create_default_context(cafile=ca_file or certifi.where())


def _connect_reason(error: BaseException) -> str:
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return (isinstance(error, OSError) and error.strerror) or "connection refused"


def _tls_reason(error: BaseException) -> str:
    found: BaseException | None = error
    while found:
        if isinstance(found, ssl.SSLCertVerificationError):
            return found.verify_message
        if isinstance(found, ssl.SSLError):
            return found.reason or "handshake failed"
        found = found.__cause__ or found.__context__
    return "no answer in time" if isinstance(error, httpcore.ConnectTimeout) else "the connection was closed"
