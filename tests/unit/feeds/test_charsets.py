from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.decode import clean, decode_body
from monitor.feeds.parse import parse_feed

TEXT = {
    "iso-8859-1": "Zürich grüßt",
    "iso-8859-2": "Zażółć gęślą jaźń",
    "windows-1251": "Ракетный удар по базе",
    "koi8-r": "Ракетный удар по базе",
    "windows-1256": "هجوم صاروخي على قاعدة",
    "gb2312": "基地遭到袭击",
    "gbk": "基地遭到袭擊",
    "big5": "基地遭到襲擊",
    "shift_jis": "基地への攻撃",
    "euc-jp": "基地への攻撃",
    "iso-2022-jp": "基地への攻撃",
    "euc-kr": "기지 공격",
    "utf-16": "基地 base",
    "windows-1254": "üsse saldırı",
}


def feed(title: str, charset: str | None = None) -> str:
    declaration = f'<?xml version="1.0" encoding="{charset}"?>' if charset else ""
    return f"{declaration}<rss version='2.0'><channel><item><title>{title}</title></item></channel></rss>"


def title_of(body: bytes, content_type: str = "text/xml") -> str:
    return parse_feed(body, {"CONTENT-TYPE": content_type}, "https://e.com/").entries[0].title


@pytest.mark.parametrize(("charset", "text"), TEXT.items())
def test_a_charset_is_believed_from_either_place(charset: str, text: str):
    assert title_of(feed(text, charset).encode(charset)) == text
    assert title_of(feed(text).encode(charset), f'text/xml; charset="{charset}"') == text


@pytest.mark.parametrize("charset", ["iso-8859-1", "us-ascii", "gbk", "utf-16", "windows-1256", "nonsense", ""])
def test_valid_utf_8_is_utf_8_whatever_is_declared(charset: str):
    body = feed("Zürich 基地 هجوم", charset).encode()
    assert title_of(body, f"text/xml; charset={charset}") == "Zürich 基地 هجوم"


def test_the_header_goes_before_the_declaration_and_a_mark_before_both():
    assert title_of(feed("基地", "utf-8").encode("gbk"), "text/xml; charset=gbk") == "基地"
    assert title_of(feed("удар", "iso-8859-1").encode("windows-1251"), "text/xml; charset=windows-1251") == "удар"
    assert title_of(codecs.BOM_UTF16_BE + feed("基地", "utf-8").encode("utf-16-be"), "text/xml; charset=gbk") == "基地"
    assert title_of(codecs.BOM_UTF8 + feed("基地", "gbk").encode(), "text/xml; charset=gbk") == "基地"


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp037"])
def test_a_charset_without_mark_is_known_by_its_first_bytes(charset: str):
    assert title_of(feed("base", charset).encode(charset)) == "base"


NO_CHARSETS = "zlib bz2 hex base64 rot13 idna punycode unicode_escape utf-7 mbcs raw_unicode_escape undefined"


@pytest.mark.parametrize("name", NO_CHARSETS.split())
@pytest.mark.fault("HT-10")
def test_hc_10_python_codecs_that_are_no_charsets_are_not_used(name: str):
    text = "+ADw-script+AD4- \\u0041 xn--a é"
    assert title_of(feed(text, name).encode(), f"text/xml; charset={name}") == text
    assert title_of(feed("caf\xe9", name).encode("latin-1"), f"text/xml; charset={name}") == "café"


@pytest.mark.fault("FD-14")
def test_fd_14_utf_7_smuggles_no_markup():
    body = b"<?xml encoding='utf-7'?><rss version='2.0'><channel>+ADw-item+AD4APA-title+AD4-x</channel></rss>"
    assert parse_feed(body, {"content-type": "text/xml; charset=UTF-7"}, "https://e.com/").entries == ()


def test_fd_14_no_control_or_half_character_is_kept():
    hostile = "a\0b\x1b[31mc\ud800d\x9be\ufffff\ufeffg"
    assert clean(hostile) == "ab[31mcdefg"
    body = feed("a&#0;b&#xD800;c&#27;d|e\0f").encode().replace(b"|", b"\xed\xa0\x80")
    title = title_of(body)
    title.encode("utf-8")
    assert not set(title) & set("\0\x1b")
    assert title.startswith("abc")


def test_a_body_cut_inside_a_character_keeps_the_rest():
    whole = feed("基地遭到袭击", "gbk").encode("gbk")
    assert "基地" in decode_body(whole[: whole.index("遭".encode("gbk")) + 1])
    assert "基地" in decode_body("基地遭".encode()[:-1])


@given(st.binary(max_size=200), st.text(max_size=30))
@pytest.mark.fault("FD-14")
def test_no_bytes_and_no_header_are_too_strange(body: bytes, content_type: str):
    decode_body(body, content_type).encode("utf-8")
    decode_body(b"<?xml encoding='" + body, f"text/xml; charset={content_type}").encode("utf-8")


@given(st.text(max_size=100))
def test_utf_8_text_comes_back(text: str):
    assert decode_body(b"<r>" + text.encode()) == clean("<r>" + text)
