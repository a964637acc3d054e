"""The body of an answer, decoded by ourselves with a cap on what comes out."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from monitor.errors import FetchError, TooLarge

OFFERED = "gzip, deflate"
GZIP_WBITS = 31
ZLIB_WBITS = 15
RAW_WBITS = -15
GZIP_MAGIC = b"\x1f\x8b"
# Who reads may stop after so many decoded bytes and ask for room: 64 kB of the wire can hold 60 MB.
STEP = 1 << 18
# A gzip file may consist of several members; nobody sends many.
MAX_MEMBERS = 100


class Body:
    """Collects the chunks of one body: `add` each, to its last step.

    Then `data` is the decoded body and `whole` says if it ended well.

    `content_encoding` is the value of the header. More than one coding is refused: 265 bytes of three codings become
    1 GiB. Raises FetchError of kind "encoding" and TooLarge at `max_bytes` (of decoded or of wire bytes).
    """

    def __init__(self, content_encoding: str, max_bytes: int) -> None:
        self._coding = one_coding(content_encoding)
        self._max_bytes = max_bytes
        self._wire_bytes = 0
        self._members = 0
        self._start = b""
        self._data = bytearray()
        self._decoder: zlib._Decompress | None = None

    @property
    def data(self) -> bytes:
        """What was decoded so far."""
        return bytes(self._data)

    @property
    def whole(self) -> bool:
        """False where the coding did not reach its end: such a body is cut, though no error tells it."""
        return self._coding == "identity" or self._wire_bytes == 0 or (self._decoder is not None and self._decoder.eof)

    def add(self, chunk: bytes) -> Iterator[int]:
        """Decode one chunk of the wire, step by step: yields the bytes decoded so far after at most `STEP` more."""
        self._wire_bytes += len(chunk)
        if self._wire_bytes > self._max_bytes:
            raise self._too_large()
        if self._coding == "identity":
            self._data += chunk
            yield len(self._data)
            return
        try:
            yield from self._decode(chunk)
        except zlib.error:
            raise FetchError(f"the body is not the {self._coding} that its header promises", "encoding") from None

    def _decode(self, chunk: bytes) -> Iterator[int]:
        if self._decoder is None:
            chunk = self._start = self._start + chunk
            if len(chunk) < 2:
                return
            self._decoder = self._new_decoder(chunk)
        while chunk:
            if self._decoder.eof:
                if self._coding != "gzip" or chunk[:1] != GZIP_MAGIC[:1]:
                    return  # padding after the end
                self._decoder = self._new_decoder(chunk)
            self._data += self._decoder.decompress(chunk, min(STEP, self._max_bytes - len(self._data) + 1))
            if len(self._data) > self._max_bytes:
                raise self._too_large()
            yield len(self._data)
            chunk = self._decoder.unconsumed_tail or self._decoder.unused_data

    def _new_decoder(self, chunk: bytes) -> zlib._Decompress:
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise self._too_large()
        if self._coding == "gzip":
            return zlib.decompressobj(GZIP_WBITS)
        return zlib.decompressobj(ZLIB_WBITS if looks_like_zlib(chunk) else RAW_WBITS)

    def _too_large(self) -> TooLarge:
        return TooLarge(f"the body is larger than the {self._max_bytes:,} bytes allowed")


def one_coding(content_encoding: str) -> str:
    """identity, gzip or deflate from a Content-Encoding header (RFC 9110 8.4); anything else raises FetchError."""
    codings = [name for part in content_encoding.split(",") if (name := part.strip().lower()) not in ("", "identity")]
    if len(codings) > 1:
        raise FetchError("the body has more than one content-coding, which is refused", "encoding")
    coding = codings[0].removeprefix("x-") if codings else "identity"
    if coding not in ("identity", "gzip", "deflate"):
        raise FetchError(f"the body has the content-coding {coding[:20]!r}, which was not offered", "encoding")
    return coding


def looks_like_zlib(start: bytes) -> bool:
    """True for a zlib header (RFC 1950); servers also send raw deflate under the same name."""
    return len(start) >= 2 and start[0] & 0x0F == 8 and (start[0] << 8 | start[1]) % 31 == 0
