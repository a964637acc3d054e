"""Bytes of a feed or a page become text: which charset they really have, and no character that XML forbids.

Order: byte order mark, then UTF-8 where the bytes are valid UTF-8 whatever is declared, then the HTTP charset, then the
document's own declaration (RFC 7303, with UTF-8 moved up since wrong declarations are common). Names are looked up in
a list of charsets that feeds use, never in Python's codecs at large: zlib, idna, unicode_escape and UTF-7 stand there.
"""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins like it
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# How "<" and the character after it look in charsets that are no superset of ASCII (XML 1.0, appendix F).
_SIGNATURES = (
    (re.compile(rb"<\0\0\0", re.DOTALL), "utf-32-le"),
    (re.compile(rb"\0\0\0<", re.DOTALL), "utf-32-be"),
    (re.compile(rb"<\0[^\0]\0", re.DOTALL), "utf-16-le"),
    (re.compile(rb"\0<\0[^\0]", re.DOTALL), "utf-16-be"),
    (re.compile(rb"\x4c\x6f\xa7\x94", re.DOTALL), "cp037"),
)
# What a label means in practice (WHATWG Encoding Standard: the wider charset of the same family).
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-16": "utf-16-le",
    "utf-32": "utf-32-le",
}
_KNOWN = frozenset(
    ["utf-8", "cp1252", "cp1254", "cp874", "gb18030", "cp932", "cp949", "big5", "big5hkscs", "euc_jp", "iso2022_jp"]
    + ["utf-16-le", "utf-16-be", "koi8-r", "koi8-u", "cp866", "mac-roman", "mac-cyrillic", "johab"]
    + [f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)]
    + [f"cp125{n}" for n in (0, 1, 3, 5, 6, 7, 8)]
)
_DECLARED = re.compile(rb"(?:encoding|charset)\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})")
_HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\ufeff]")
_HEAD_BYTES = 2048


def decode_body(body: bytes, content_type: str = "") -> str:
    """The text of a document; `content_type` is the HTTP header's value. Never raises; holds no control character."""
    for mark, charset in _BOMS:
        if body.startswith(mark):
            return clean(body[len(mark) :].decode(charset, "replace"))
    start = body[:_HEAD_BYTES].lstrip(b" \t\r\n")[:4]
    for signature, charset in _SIGNATURES:
        if signature.match(start):
            return clean(body.decode(charset, "replace"))
    http = _HTTP_CHARSET.search(content_type)
    inside = _DECLARED.search(body[:_HEAD_BYTES])
    declared = [_charset(http[1])] if http else []
    declared += [_charset(inside[1].decode("ascii"))] if inside else []
    if "iso2022_jp" in declared and b"\x1b$" in body:
        return clean(body.decode("iso2022_jp", "replace"))
    for charset in ["utf-8", *filter(None, declared)]:
        text = _strictly(body, charset)
        if text is not None:
            return clean(text)
    return clean(_as_well_as_possible(body, next(filter(None, declared), "utf-8")))


def clean(text: str) -> str:
    """Text without the characters that XML and terminals forbid: controls, lone surrogates, non-characters."""
    return _FORBIDDEN.sub("", text)


def _charset(label: str) -> str | None:
    """The charset that a label names, if it is one that documents are written in."""
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    name = _WIDER.get(name, name)
    return name if name in _KNOWN else None


def _strictly(body: bytes, charset: str) -> str | None:
    """The text if every byte fits; a character cut off at the very end is forgiven, for bodies are cut."""
    try:
        return codecs.getincrementaldecoder(charset)("strict").decode(body, final=False)
    except UnicodeDecodeError:
        return None


def _as_well_as_possible(body: bytes, charset: str) -> str:
    """No charset fits: the one that leaves the fewest holes, Windows' Western one where UTF-8 is plainly wrong."""
    text = body.decode(charset, "replace")
    if charset == "utf-8" and text.count("\ufffd") * 2 > len(re.findall(rb"[\x80-\xff]", body)):
        return body.decode("cp1252", "replace")
    return text
