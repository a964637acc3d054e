from __future__ import annotations

import socket
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opened import watching

from monitor.articles.extract import Page, drop_repeats, extract_page

URL = "https://www.example.com/world/story-1"
SENTENCES = [
    f"This is sentence number {n} of the report, and it is long enough to be told from a menu." for n in range(12)
]
PARAGRAPHS = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)


def page(body: str, head: str = "") -> str:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


def extract(markup: str | bytes, url: str = URL, content_type: str = "text/html") -> Page:
    return extract_page(markup if isinstance(markup, bytes) else markup.encode(), url, content_type)


def test_an_article_is_told_from_its_surroundings():
    head = (
        "<title>Story | Example</title><meta property='og:title' content='A story &amp; more'>"
        "<link rel='canonical' href='/world/story-1?id=7'>"
        "<meta property='article:published_time' content='2023-03-24T22:00:00Z'>"
    )
    around = "<nav><ul><li><a href='/a'>World</a></li><li><a href='/b'>Sport</a></li></ul></nav>"
    photo = "<figure><img src='x.jpg'><figcaption>A file photo shows a runway in 2019.</figcaption></figure>"
    comments = "<div id='comments'><p>First comment, I think that this is all wrong.</p></div>"
    found = extract(page(f"{around}<article><h1>A story</h1>{photo}{PARAGRAPHS}</article>{comments}", head))
    assert [line for line in found.text.split("\n") if line in SENTENCES] == SENTENCES
    assert "runway" not in found.text
    assert "First comment" not in found.text
    assert found.title == "A story & more"
    assert found.url == "https://www.example.com/world/story-1?id=7"
    assert found.published_on == date(2023, 3, 24)


@pytest.mark.parametrize(
    "canonical",
    [
        "https://other.example/story",
        "javascript:alert(1)",
        "/",
        "https://www.example.com",
        "file:///etc/passwd",
        "http://[::1",
    ],
)
@pytest.mark.fault("HC-15")
def test_hc_15_a_canonical_address_is_believed_within_the_site_only(canonical: str):
    assert extract(page(PARAGRAPHS, f"<link rel=canonical href='{canonical}'>")).url is None


def test_og_url_helps_where_there_is_no_canonical_link():
    assert (
        extract(page(PARAGRAPHS, "<meta property=og:url content='https://example.com/s'>")).url
        == "https://example.com/s"
    )


@pytest.mark.parametrize("depth", [200, 256, 300, 2_000])
def test_no_depth_hides_the_text(depth: int):
    found = extract(page("<div>" * depth + PARAGRAPHS + "</div>" * depth))
    assert found.text.split("\n") == SENTENCES


def test_a_page_that_a_script_would_fill_gives_its_linked_data():
    body = "\\n".join(SENTENCES)
    data = (
        f'<script type="application/ld+json">{{"@graph":[{{"@type":"NewsArticle","articleBody":"{body}"}}]}}</script>'
    )
    assert extract(page("<div id=app>Loading</div>", data)).text.split() == " ".join(SENTENCES).split()


def test_the_same_page_gives_the_same_text_however_often():
    markup = page(f"<article>{PARAGRAPHS}</article>")
    assert len({extract(markup).text for _ in range(6)}) == 1


def test_a_body_that_stands_twice_stands_once():
    article = "\n".join(SENTENCES)
    assert drop_repeats(f"{article}\n{article}") == article
    assert drop_repeats(f"{article}\n\n{article.replace(',', ' ,')}") == article
    assert drop_repeats(article) == article
    assert drop_repeats("a\nb\na") == "a\nb\na"
    assert (
        drop_repeats("Same line\nmiddle words\nother words\nSame line")
        == "Same line\nmiddle words\nother words\nSame line"
    )
    assert drop_repeats("") == ""


@pytest.mark.parametrize(
    "text", ["", "   ", "\0", "/etc/passwd", "{}", "<", "<html>", "<!--", "\x1f\x8b\x08", "%PDF-1.7"]
)
def test_what_is_no_page_gives_nothing(text: str):
    found = extract(text)
    assert (found.text, found.url, found.published_on) == ("", None, None)


@pytest.mark.fault("FD-1")
def test_fd_1_a_page_that_names_a_file_or_an_address_opens_nothing(tmp_path: Path):
    canary = tmp_path / "canary.html"
    canary.write_text(page(PARAGRAPHS), encoding="utf-8")
    extract(page(PARAGRAPHS))
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x.html"
        frame = page(f"<iframe src='{address}'></iframe><img src='{address}'>{PARAGRAPHS}", f"<base href='{address}'>")
        with watching() as seen:
            for body in (str(canary), f"file://{canary}", address, f" {address}", frame):
                extract(body)
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert seen == []


def test_the_charset_of_a_page_is_found():
    text = "Это длинное предложение о том, что произошло вчера вечером, и оно не похоже на меню. " * 8
    markup = f"<html><head><meta charset='windows-1251'></head><body><article><p>{text}</p></article></body></html>"
    assert "произошло вчера" in extract(markup.encode("windows-1251")).text
    plain = markup.replace("<meta charset='windows-1251'>", "")
    assert (
        "произошло вчера" in extract(plain.encode("windows-1251"), content_type="text/html; charset=windows-1251").text
    )


@given(st.binary(max_size=300))
def test_no_bytes_escape(body: bytes):
    extract(body).text.encode("utf-8")


MUTATION = st.tuples(st.integers(0, 1200), st.integers(0, 40), st.binary(max_size=12))


@settings(max_examples=60)
@given(st.lists(MUTATION, min_size=1, max_size=5))
def test_no_mutated_page_escapes(mutations: list[tuple[int, int, bytes]]):
    body = page(f"<article>{PARAGRAPHS}</article>", "<title>t</title><link rel=canonical href=/x>").encode()
    for at, length, new in mutations:
        body = body[:at] + new + body[at + length :]
    found = extract(body)
    for text in (found.text, found.title, found.url or ""):
        text.encode("utf-8")
        assert not set(text) & set("\0\x1b\x9b")
