from __future__ import annotations

import gzip
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from opened import watching

from monitor.feeds.document import ParsedFeed
from monitor.feeds.parse import parse_feed

URL = "https://news.example.com/feeds/all.xml"
RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>
<title>Desk &amp; Wire</title><link>https://news.example.com/</link><language>en-gb</language><ttl>15</ttl>
<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
<skipHours><hour>0</hour><hour>1</hour><hour>24</hour></skipHours><skipDays><day>Saturday</day><day>Sunday</day></skipDays>
<item><title>First</title><link>https://news.example.com/1</link><guid isPermaLink="false">00123</guid>
<pubDate>Mon, 06 Mar 2023 10:00:00 +0200</pubDate><description>&lt;p&gt;One &amp;amp; two&lt;/p&gt;</description></item>
<item><title>Second</title><link>/2?a=1&amp;amp;b=2</link><guid>https://news.example.com/2</guid></item>
<item><title>Third</title><link>https://news.example.com/3</link><guid isPermaLink="false">123</guid></item>
</channel></rss>"""


ITEM = '<rss version="2.0"><channel><item><title>{}</title></item></channel></rss>'


def parse(text: str | bytes, content_type: str = "application/rss+xml") -> ParsedFeed:
    body = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return parse_feed(body, {"Content-Type": content_type}, URL)


def item(inner: str) -> ParsedFeed:
    return parse(f"<rss version='2.0'><channel><title>t</title><item>{inner}</item></channel></rss>")


def test_an_rss_feed_says_everything_that_is_asked_of_it():
    feed = parse(RSS)
    assert (feed.format, feed.title, feed.language, feed.url) == (
        "rss",
        "Desk & Wire",
        "en-gb",
        "https://news.example.com/",
    )
    assert (feed.problem, feed.complete, feed.is_feed) == ("", True, True)
    assert (feed.ttl_seconds, feed.update_seconds) == (900, 1800)
    assert feed.skip_hours == {0, 1}
    assert feed.skip_days == {6, 7}
    first, second, third = feed.entries
    assert (first.title, first.summary, first.url) == ("First", "One & two", "https://news.example.com/1")
    assert first.published_at == datetime(2023, 3, 6, 8, 0, tzinfo=UTC)
    assert second.url == "https://news.example.com/2?a=1&b=2"
    assert second.published_at is None
    assert [entry.guid for entry in (first, second, third)] == ["00123", "https://news.example.com/2", "123"]


def test_r10_a_feed_that_skips_everything_skips_nothing():
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(24))
    days = "".join(f"<day>{day}day</day>" for day in ("Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun"))
    head = f"<skipHours>{hours}</skipHours><skipDays>{days}</skipDays><ttl>-5</ttl>"
    feed = parse(f"<rss version='2.0'><channel><title>t</title>{head}</channel></rss>")
    assert (feed.skip_hours, feed.skip_days, feed.ttl_seconds) == (frozenset(), frozenset(), None)


@pytest.mark.parametrize(
    ("ttl", "seconds"), [("60", 3600), ("0", None), ("", None), ("1e9", None), ("999999999", 31_536_000)]
)
def test_ttl_is_minutes_or_nothing(ttl: str, seconds: int | None):
    feed = parse(f"<rss version='2.0'><channel><ttl>{ttl}</ttl></channel></rss>")
    assert feed.ttl_seconds == seconds


@pytest.mark.fault("FD-18")
def test_atom_rdf_and_json_follow_the_same_rules():
    atom = parse(
        "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://other.example/x/'><title>t</title><entry>"
        "<id>tag:a,1</id><title type='html'>A &lt;b&gt;bold&lt;/b&gt; word</title><link href='y'/>"
        "<published>2023-03-06T10:00:00+02:00</published><summary>short</summary></entry></feed>"
    )
    rdf = parse(
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>"
        "<channel><title>t</title></channel><item rdf:about='https://a.example/1'><title>A bold word</title>"
        "<link>https://other.example/x/y</link></item></rdf:RDF>"
    )
    json_feed = parse(
        '{"version":"https://jsonfeed.org/version/1.1","title":"t","items":[{"id":1e3,"title":"A bold word",'
        '"url":"https://other.example/x/y","content_html":"<p>short</p>","date_published":"2023-03-06T10:00:00+02:00"}]}'
    )
    assert [feed.format for feed in (atom, rdf, json_feed)] == ["atom", "rdf", "json"]
    for feed in (atom, rdf, json_feed):
        assert [(entry.title, entry.url) for entry in feed.entries] == [("A bold word", "https://other.example/x/y")]
    assert [feed.entries[0].guid for feed in (atom, rdf, json_feed)] == ["tag:a,1", "https://a.example/1", "1e3"]
    assert atom.entries[0].published_at == json_feed.entries[0].published_at == datetime(2023, 3, 6, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("", "empty"),
        (" \r\n\t\ufeff", "empty"),
        ("<!DOCTYPE html><html><body><h1>403 Forbidden</h1></body></html>", "html"),
        ("<?xml version='1.0'?><!-- x --><html xmlns='http://www.w3.org/1999/xhtml'><body/></html>", "html"),
        ("\n<head><title>Log in</title></head><form>", "html"),
        ("/etc/passwd", "not_a_feed"),
        ("http://127.0.0.1:9/feed", "not_a_feed"),
        ("Too many requests", "not_a_feed"),
        ('{"error": "rate limited"}', "not_a_feed"),
        ("{", "not_a_feed"),
        ("<opml version='2.0'><body/></opml>", "not_a_feed"),
        ("{" * 100_000, "not_a_feed"),
        ('{"items":' + "[" * 100_000, "not_a_feed"),
    ],
)
@pytest.mark.fault("FD-4")
def test_r17_what_is_no_feed_is_named(body: str, problem: str):
    feed = parse(body)
    assert feed.problem in (problem, "cut")
    assert feed.problem == problem or body.startswith('{"items"')
    assert feed.entries == ()
    assert feed.problem_text.endswith(".")
    assert not feed.complete


def test_a_compressed_body_that_nobody_announced_is_named():
    feed = parse(gzip.compress(RSS.encode()))
    assert (feed.problem, feed.entries) == ("not_a_feed", ())
    assert "gzip" in feed.problem_text


@pytest.mark.fault("FD-1")
def test_fd_1_a_body_that_names_a_file_or_an_address_opens_nothing(tmp_path: Path):
    canary = tmp_path / "canary.xml"
    canary.write_text(RSS, encoding="utf-8")
    parse(RSS)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/feed"
        xxe = (
            f'<!DOCTYPE rss [<!ENTITY a SYSTEM "file://{canary}"><!ENTITY % b SYSTEM "{address}"> %b;]>'
            f"<rss version='2.0'><channel><item><title>x &a; y</title><link>file://{canary}</link></item></channel></rss>"
        )
        include = f"<rss xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='{address}'/></rss>"
        stylesheet = f"<?xml-stylesheet href='{address}'?><!DOCTYPE rss SYSTEM '{address}'><rss version='2.0'/>"
        with watching() as seen:
            found = [parse(body) for body in (str(canary), f"file://{canary}", address, xxe, include, stylesheet)]
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert seen == []
    assert [entry.title for feed in found for entry in feed.entries if "First" in entry.title] == []
    assert all(entry.url is None for feed in found for entry in feed.entries)


@pytest.mark.fault("HC-10")
def test_an_entity_bomb_stays_small():
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE rss [<!ENTITY l0 "lol">{levels}]>{ITEM.format("&l9;")}'
    wide = f'<!DOCTYPE rss [<!ENTITY a "{"A" * 50_000}">]>{ITEM.format("&a;" * 1000)}'
    for body in (bomb, wide):
        assert all(len(entry.title) <= 500 for entry in parse(body).entries)


def test_r20_standard_entities_have_no_cap():
    feed = item(f"<title>t</title><description>{'&amp;lt; &#38; &quot; ' * 20_000}</description>")
    assert (feed.problem, len(feed.entries)) == ("", 1)
    assert feed.entries[0].text.count('"') == 20_000


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://a.b/c",
        "http://",
        "https://a:0/",
        "x" * 9000,
    ],
)
@pytest.mark.fault("HC-5")
def test_hc_5_only_web_addresses_are_links(link: str):
    feed = item(f"<title>t</title><guid isPermaLink='false'>1</guid><link>{link}</link>")
    assert [entry.url for entry in feed.entries] == [None]


def test_links_are_resolved_against_the_feed():
    feed = item("<title>t</title><guid>relative-id</guid><link>\n ../a b.html \n</link>")
    assert feed.entries[0].url == "https://news.example.com/a%20b.html"
    assert feed.entries[0].guid == "relative-id"


@pytest.mark.parametrize(
    "date",
    [
        "",
        "0000-00-00",
        "-1",
        "Mon, 32 Foo 99999 99:99:99 XYZ",
        "99999-01-01T00:00:00Z",
        "0",
        "١٢",
        "9" * 400,
        "2023-03-12T02:30:00",
    ],
)
@pytest.mark.fault("FD-13")
def test_fd_13_no_date_is_too_strange(date: str):
    feed = item(f"<title>t</title><pubDate>{date}</pubDate>")
    assert len(feed.entries) == 1
    published = feed.entries[0].published_at
    assert published is None or published.tzinfo is UTC


@pytest.mark.fault("FD-12")
def test_fd_12_an_entry_with_nothing_but_an_attachment_is_named_by_it():
    feed = item("<enclosure url='https://a.example/1.mp3' length='1' type='audio/mpeg'/>")
    assert (feed.entries[0].guid, feed.entries[0].url) == ("https://a.example/1.mp3", None)


def test_r22_what_real_feeds_do_wrong_is_read_anyway():
    broken = (
        "\r\n\r\n <?xml version='1.0'?>\n<rss version=2.0><channel><title>A & B</title><media:x>y</media:x>"
        "<item><title>Fish &amp;amp; chips &nbsp;&eacute;t&eacute; \x0b\x00\x1b[31m</title><link>https://a.example/?a=1&b=2</link></item>"
        "<item><title>R&D</title><undeclared:thing/></item></channel></rss><script>cloud</script>"
    )
    feed = parse(broken)
    assert feed.problem == "malformed"
    assert feed.complete
    assert [entry.title for entry in feed.entries] == ["Fish & chips été [31m", "R&D"]
    assert feed.entries[0].url == "https://a.example/?a=1&b=2"


POISON = [
    "<georss:point xmlns:georss='http://www.georss.org/georss'>x</georss:point>",
    "<media:player xmlns:media='http://search.yahoo.com/mrss/'>x</media:player>",
    "<summary type='base64'>!!!</summary>",
    "&#x110000; &#xD800; &#0;",
]


@pytest.mark.parametrize("poison", POISON)
@pytest.mark.parametrize("place", ["First", "Third"])
def test_one_poison_entry_costs_no_other_and_not_itself(poison: str, place: str):
    healthy = parse(RSS)
    feed = parse(RSS.replace(f"<item><title>{place}</title>", f"<item>{poison}<title>{place}</title>"))
    assert feed.complete
    assert [(entry.title, entry.guid) for entry in feed.entries] == [
        (entry.title, entry.guid) for entry in healthy.entries
    ]


def test_a_feed_wrapped_in_a_page_is_read():
    feed = parse(f"<!DOCTYPE html><html><body>{RSS.partition('?>')[2]}</body></html>")
    assert [entry.title for entry in feed.entries] == ["First", "Second", "Third"]


@pytest.mark.fault("HC-12")
def test_hc_12_a_title_is_cut_after_a_whole_grapheme():
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    for title in ("x" * 300_000, family * 400, "e\u0301" * 600, "a" + "\u0301" * 10_000):
        found = item(f"<title>{title}</title>").entries[0].title
        assert len(found) <= 500
        assert found.endswith("…")
    assert item(f"<title>{family * 400}</title>").entries[0].title.removesuffix("…").replace(family, "") == ""


def test_markup_becomes_plain_text_and_captions_go():
    markup = (
        "<![CDATA[<figure><img src=x><figcaption>File photo of a base in 2019</figcaption></figure>"
        "<p>One<br>two&nbsp;<b>three</b></p><script>alert(1)</script><p>four &lt;five&gt;</p><!-- six -->]]>"
    )
    entry = item(f"<title><![CDATA[<i>A</i> &amp; B]]></title><description>{markup}</description>").entries[0]
    assert (entry.title, entry.summary) == ("A & B", "One two three four <five>")


def test_a_full_text_is_kept_beside_the_summary():
    paragraphs = "".join(f"<p>Paragraph number {n} of the text.</p>" for n in range(200))
    short = "<description>The lead.</description>"
    both = parse(RSS.replace("<item>", f"<item>{short}<content:encoded><![CDATA[{paragraphs}]]></content:encoded>", 1))
    only = item(f"<title>t</title><description><![CDATA[{paragraphs}]]></description>")
    assert both.entries[0].text.count("\n") == 199
    assert only.entries[0].text.count("\n") == 199
    assert len(only.entries[0].summary) <= 2000
    assert item("<title>t</title><description>The lead.</description>").entries[0].text == ""


@pytest.mark.fault("FD-3")
def test_fd_3_every_cut_gives_only_whole_entries_and_says_so():
    whole = {entry.guid: entry for entry in parse(RSS).entries}
    counts = []
    for end in range(len(RSS)):
        feed = parse(RSS[:end])
        counts.append(len(feed.entries))
        for entry in feed.entries:
            assert whole[entry.guid] == entry, RSS[end - 40 : end]
        if end < RSS.index("</channel>"):
            assert not feed.complete
    assert set(counts) == {0, 1, 2, 3}
    assert counts == sorted(counts)


@pytest.mark.fault("FD-3")
def test_fd_3_a_cut_json_feed_gives_only_whole_entries():
    text = '{"version":"https://jsonfeed.org/version/1","items":[{"id":"1","title":"a"} , {"id":"2","title":"b"}]}'
    counts = [len(parse(text[:end]).entries) for end in range(len(text))]
    assert counts == sorted(counts)
    assert counts[-1] == 2
    assert not any(parse(text[:end]).complete for end in range(len(text)))


@given(st.binary(max_size=400), st.sampled_from(["", "text/xml", "text/xml; charset=zlib", "x; charset=utf-7", "\0"]))
@example(b"<?xml version='1.0' encoding='idna'?><rss/>", "")
def test_no_bytes_escape(body: bytes, content_type: str):
    feed = parse(body, content_type)
    assert feed.is_feed or feed.problem_text


MUTATION = st.tuples(st.integers(0, len(RSS)), st.integers(0, 60), st.binary(max_size=12))


@settings(max_examples=150)
@given(st.lists(MUTATION, min_size=1, max_size=6))
def test_no_mutated_feed_escapes(mutations: list[tuple[int, int, bytes]]):
    body = RSS.encode()
    for at, length, new in mutations:
        body = body[:at] + new + body[at + length :]
    feed = parse(body)
    for entry in feed.entries:
        for text in (entry.title, entry.summary, entry.text, entry.guid or "", entry.url or ""):
            text.encode("utf-8")
            assert not any(mark in text for mark in "\0\x1b\x07\x9b")
        assert len(entry.title) <= 500
        assert entry.url is None or entry.url.lower().startswith(("http://", "https://"))
