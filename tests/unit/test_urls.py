from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.urls import canonical_url, normalise_guid, same_site

SAME = [
    ["https://example.com/a", "https://example.com/a#comments-123456", "https://example.com/a#ftag=CADf328eec"],
    ["https://example.com/a", "https://example.com/a#close-modal", "https://example.com/a#xtor=RSS-12345678"],
    ["http://www.example.com/a/b", "https://example.com/a/b/", "https://EXAMPLE.com:443/a/b#top"],
    ["https://example.com/a?id=7", "https://example.com/a?utm_source=rss&id=7&utm_medium=x&fbclid=abc"],
    ["https://example.com/a?a=1&b=2", "https://example.com/a?b=2&a=1"],
    [
        "https://m.example.com/a",
        "https://mobile.example.com/a",
        "https://amp.example.com/a",
        "https://www.m.example.com/a",
    ],
    [
        "https://edition.example.com/a",
        "https://example.com/a/amp",
        "https://example.com/a/amp/",
        "https://example.com/a?amp",
    ],
    ["https://example.com/a.html", "https://example.com/a.amp.html", "https://example.com/amp/a.html"],
    ["https://example.com/a", "https://www.google.com/amp/s/www.example.com/a", "https://example.com/a?outputType=amp"],
    [
        "https://example.com/a",
        "https://example-com.cdn.ampproject.org/c/s/example.com/a",
        "https://example.com/a/print",
    ],
    ["https://example.com/", "https://example.com", "https://example.com/index.html", "https://example.com/Index.php"],
    [
        "https://example.com/world/a",
        "https://example.com/world/a?at_medium=RSS&at_campaign=x",
        "http://example.com./world/a",
    ],
    ["https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"],
]
DIFFERENT = [
    ("https://example.com/live#h_660a2f1e9d0c4b7a", "https://example.com/live#h_01c4d7e7b9a0f3e2"),
    ("https://example.com/live#post-1234567", "https://example.com/live"),
    ("https://example.com/a?id=1", "https://example.com/a?id=2"),
    ("https://example.com/a?p=1&q=2", "https://example.com/a?p=2&q=1"),
    ("https://example.com/A", "https://example.com/a"),
    ("https://news.example.com/a", "https://sport.example.com/a"),
    ("https://example.com:8000/a", "https://example.com:8001/a"),
    ("https://m.com/a", "https://com/a"),
    ("https://example.com/champ", "https://example.com/ch"),
    ("https://example.com/print", "https://example.com/"),
    ("https://example.com/a%2Fb", "https://example.com/a%252Fb"),
    ("https://example.com/news.php?source=3", "https://example.com/news.php?source=4"),
]


@pytest.mark.parametrize("group", SAME)
@pytest.mark.fault("HC-15")
def test_addresses_of_one_page_become_one(group: list[str]):
    assert len({canonical_url(url) for url in group}) == 1


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_addresses_of_two_pages_stay_two(one: str, other: str):
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize("text", ["", "  ", "tag:example.com,2024:1", "mailto:a@b.c", "https://", "http://[::1", "a b"])
def test_what_is_no_web_address_comes_back_trimmed(text: str):
    assert canonical_url(text) == text.strip()


def test_a_password_does_not_stay_in_a_key():
    assert canonical_url("https://user:secret@example.com/feed") == "https://example.com/feed"


HOST = st.from_regex(r"(www\.|m\.|amp\.){0,2}[a-z]{1,5}\.(com|co\.uk)", fullmatch=True)
PATH = st.lists(
    st.sampled_from(["a", "amp", "print", "index.html", "x.amp.html", "%2F", "ä", "A b", "..", ""]), max_size=5
)
QUERY = st.lists(st.sampled_from(["id=1", "utm_source=x", "b=%FF", "a", "=", "ref=z", "x=%26y%3D"]), max_size=4)
URL = st.builds(
    lambda scheme, host, path, query: f"{scheme}://{host}/{'/'.join(path)}{'?' if query else ''}{'&'.join(query)}",
    st.sampled_from(["http", "https", "HTTPS"]),
    HOST,
    PATH,
    QUERY,
)


@given(URL | st.text() | st.builds("http://{}".format, st.text()))
def test_the_canonical_form_is_its_own_canonical_form(url: str):
    once = canonical_url(url)
    assert canonical_url(once) == once
    once.encode("utf-8")


@given(URL)
def test_scheme_order_and_tracking_do_not_matter(url: str):
    address, _, query = url.partition("?")
    turned = "&".join(reversed(query.split("&"))) + "&utm_campaign=x&gclid=1" if query else "utm_campaign=x"
    flipped = ("http:" if address.lower().startswith("https:") else "https:") + address.partition(":")[2]
    if len({part.partition("=")[0] for part in query.split("&")}) == len(query.split("&")):
        assert canonical_url(f"{flipped}?{turned}") == canonical_url(url)


def test_ids_are_text():
    ids = ["00123", "123", "1e3", "1000", "123.0", "tag:a,1", "TAG:a,1", "9" * 5000]
    assert [normalise_guid(f" {guid} ") for guid in ids] == ids


@pytest.mark.parametrize("variant", ["https://a.com/1/", "http://a.com/1", "HTTP://A.com/1/", "https://a.com/1"])
def test_variants_of_an_address_id_are_one(variant: str):
    assert normalise_guid(variant) == "https://a.com/1"


@given(st.text() | URL)
def test_a_normalised_id_stays(guid: str):
    assert normalise_guid(normalise_guid(guid)) == normalise_guid(guid)


def test_sites():
    assert same_site("https://www.example.com/a", "http://m.example.com/b")
    assert same_site("https://news.example.com/a", "https://example.com/b")
    assert not same_site("https://example.com.evil.net/", "https://example.com/")
    assert not same_site("https://badexample.com/", "https://example.com/")
    assert not same_site("http://[::1", "https://example.com/")
    assert not same_site("javascript:alert(1)", "https://example.com/")
