"""Bodies, identity, baseline and manners through the whole poll path: R19 to R30 of docs/polling.md."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from loopback import Handler, Request, answer, says, serving
from polling import START, Desk, desk, feed, item, rss, script, watching

from monitor.feeds.arrivals import FLOOD
from monitor.feeds.autodiscover import announced_feeds
from monitor.feeds.result import PollingSettings
from monitor.feeds.source import feed_at
from monitor.health.watch import watch
from monitor.store import feeds as store


def poll_all(tmp_path: Path, *answers: bytes, polls: int | None = None) -> tuple[Desk, list[tuple[object, ...]]]:
    """Poll these answers in turn; the desk and its entries (guid, title, baseline, edited)."""

    async def main() -> tuple[Desk, list[tuple[object, ...]]]:
        async with watching(tmp_path, script(*answers)) as (made, _):
            for _ in range(polls or len(answers)):
                await made.poll()
            rows = made.entries("guid, title, baseline, edited_at IS NOT NULL")
            return made, [tuple(row) for row in rows]

    return asyncio.run(main())


# --- R19: limits and codings --------------------------------------------------------------------

BODY = rss([item(number) for number in range(50)])
PACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress, "identity": bytes}


@pytest.mark.parametrize("coding", PACK)
def test_r19_a_feed_in_any_offered_coding_is_read(tmp_path: Path, coding: str):
    _, rows = poll_all(tmp_path, answer(200, PACK[coding](BODY), Content_Encoding=coding))
    assert len(rows) == 50


@pytest.mark.fault("HT-1")
def test_r19_a_bomb_costs_its_feed_one_poll(tmp_path: Path):
    bomb = answer(200, gzip.compress(bytes(30_000_000)), Content_Encoding="gzip")
    made, rows = poll_all(tmp_path, feed(1), bomb, feed(1, 2))
    assert [at.result.failure for at in made.polled] == ["", "refused", ""]
    assert "larger than" in made.polled[1].result.error
    assert len(rows) == 2


@pytest.mark.parametrize("coding", PACK)
@pytest.mark.fault("FD-3")
def test_r19_a_feed_cut_at_any_byte_loses_nothing_and_ends_nothing(tmp_path: Path, coding: str):
    """Entries before the cut are taken at once; the next whole poll brings the rest, and nothing twice."""
    wire = PACK[coding](BODY)
    head = f"HTTP/1.1 200 X\r\nContent-Encoding: {coding}\r\nContent-Type: text/xml\r\n\r\n".encode()
    cuts = range(1, len(wire) - 20, len(wire) // 25)

    async def main() -> None:
        async with watching(tmp_path, script(*[head + wire[:cut] for cut in cuts], head + wire)) as (made, server):
            counts = []
            for _ in cuts:
                await made.poll()
                assert made.polled[-1].result.failure in ("cut", "not_a_feed")
                assert (made.state.last_ok_at, made.state.entry_count) == (None, None)
                counts.append(len(made.entries()))
            assert counts == sorted(counts)
            assert counts[-1] > counts[0]
            await made.poll(hours=9)
            rows = made.entries("guid, edited_at, baseline")
            assert {row["guid"] for row in rows} == {f"id-{number}" for number in range(50)}
            assert len(rows) == 50
            assert not [row for row in rows if row["edited_at"]]
            assert len(server.requests) == len(cuts) + 1

    asyncio.run(main())


# --- R20 R21 R22: what the parser must bear, through the whole path -------------------------------


def test_r20_entities_by_the_thousand(tmp_path: Path):
    body = rss([item(1, "A &amp; B " * 40, extra=f"<description>{'&lt;b&gt; &amp; ' * 20_000}</description>")])
    _, rows = poll_all(tmp_path, answer(200, body))
    assert len(rows) == 1


@pytest.mark.parametrize(
    ("declared", "header", "coding"),
    [
        ("utf-8", "text/xml", "utf-8"),
        ("iso-8859-1", "text/xml", "iso-8859-1"),
        ("utf-8", "text/xml; charset=windows-1251", "windows-1251"),
        ("iso-8859-1", "text/xml; charset=us-ascii", "utf-8"),
        ("gbk", "text/xml; charset=gbk", "utf-8"),
    ],
)
def test_r21_charsets(tmp_path: Path, declared: str, header: str, coding: str):
    title = {"windows-1251": "База обстреляна", "iso-8859-1": "Stützpunkt"}.get(coding, "Stützpunkt 基地 база")
    text = rss([item(1, title)]).decode().replace("?>", f" encoding='{declared}'?>", 1)
    _, rows = poll_all(tmp_path, answer(200, text.encode(coding), Content_Type=header))
    assert [row[1] for row in rows] == [title]


def test_r22_real_sloppiness(tmp_path: Path):
    sloppy = b"\n\n  " + rss([item(1, "Tom & Jerry\x0b &nbsp; media:x", extra="<media:thumbnail url='x'/>")])
    _, rows = poll_all(tmp_path, answer(200, sloppy))
    assert [row[1] for row in rows] == ["Tom & Jerry media:x"]


@pytest.mark.fault("FD-2")
def test_a_feed_that_is_not_well_formed_is_read_and_told_once(tmp_path: Path):
    broken = answer(200, rss([item(1), item(2, "Tom & Jerry <b>")]), ETag="v")

    async def main() -> None:
        async with watching(tmp_path, script(broken, broken, feed(1, 2))) as (made, _):
            for _ in range(2):
                await made.poll()
                assert made.open_notices() == {"feed_malformed"}
                assert (made.state.failures, made.state.etag) == (0, "v")
            assert len(made.entries()) == 2
            assert len(made.db.rows("SELECT 1 FROM notice")) == 1
            await made.poll()
            assert made.open_notices() == set()

    asyncio.run(main())


# --- R23: identity ------------------------------------------------------------------------------


def edition(how: str) -> Callable[[int], bytes]:
    """The feed as it looks at the n-th fetch, by a habit of real feeds."""

    def body(fetch: int) -> bytes:
        scheme = "http" if fetch % 2 else "https"
        lines = {
            "guid rotates": f"<guid>{fetch}-a</guid><link>https://news.example/a</link>",
            "link token": f"<guid>a</guid><link>https://news.example/a?utm_source={fetch}&amp;at_x={fetch}</link>",
            "scheme flips": f"<guid>{scheme}://news.example/a</guid><link>{scheme}://news.example/a</link>",
            "slash flips": f"<guid>https://news.example/a{'/' * (fetch % 2)}</guid>",
            "guid goes": "<link>https://news.example/a</link>" + ("<guid>a</guid>" if fetch == 0 else ""),
            "url changes": f"<guid>a</guid><link>https://news.example/{fetch}</link>",
            "nothing but a title": "",
        }
        stamp = "<pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate>"
        return answer(200, rss([f"<item><title>Story</title>{lines[how]}{stamp}</item>"]))

    return body


@pytest.mark.parametrize(
    "how",
    ["guid rotates", "link token", "scheme flips", "slash flips", "guid goes", "url changes", "nothing but a title"],
)
@pytest.mark.fault("FD-5")
def test_r23_one_article_stays_one_entry(tmp_path: Path, how: str):
    made, rows = poll_all(tmp_path, *[edition(how)(fetch) for fetch in range(5)])
    assert len(rows) == 1
    assert not made.polled[-1].arrivals.new


@pytest.mark.fault("FD-6")
def test_r23_a_guid_that_two_articles_share_loses_neither(tmp_path: Path):
    both = [
        f"<item><guid>same</guid><title>Story {name}</title><link>https://news.example/{name}</link></item>"
        for name in "ab"
    ]
    _, rows = poll_all(tmp_path, *[answer(200, rss(both))] * 3)
    assert sorted(row[1] for row in rows) == ["Story a", "Story b"]
    assert not [row for row in rows if row[3]]


def test_an_edited_entry_is_undecided_again(tmp_path: Path):
    async def main() -> None:
        first, second = (
            answer(200, rss([item(1, title), item(2)])) for title in ("Base attacked", "Base attacked, 2 hurt")
        )
        async with watching(tmp_path, script(first, second)) as (made, _):
            await made.poll()
            with made.db.writing() as tx:
                tx.execute(
                    "UPDATE entry SET state = 'decided', page_state = 'done', text = 'page', text_source = 'page'"
                )
            await made.poll()
            rows = {row["guid"]: row for row in made.entries()}
            assert (rows["id-1"]["state"], rows["id-1"]["title"]) == ("undecided", "Base attacked, 2 hurt")
            assert (rows["id-1"]["text"], rows["id-1"]["text_source"]) == ("page", "page")
            assert (rows["id-2"]["state"], rows["id-2"]["edited_at"]) == ("decided", None)

    asyncio.run(main())


def test_a_baseline_entry_that_is_dated_anew_is_news(tmp_path: Path):
    old, later = START - timedelta(days=9), START + timedelta(minutes=5)

    async def main() -> list[int]:
        editions = [
            answer(200, rss([item(1, "As it happened", old), item(2, "Corrected", old)])),
            answer(200, rss([item(1, "As it happened: base hit", later), item(2, "Corrected again", old)])),
        ]
        async with watching(tmp_path, script(*editions)) as (made, _):
            await made.poll()
            assert [row["baseline"] for row in made.entries()] == [1, 1]
            await made.poll()
            return [row["baseline"] for row in sorted(made.entries(), key=lambda row: row["guid"])]

    assert asyncio.run(main()) == [0, 1]


# --- R24 R25: first poll, dates, floods ---------------------------------------------------------


@pytest.mark.fault("FD-8")
def test_r24_the_backlog_of_a_new_feed_is_baseline(tmp_path: Path):
    old = [item(number, date=START - timedelta(days=2 + number)) for number in range(300)]
    fresh = [item(900, date=START - timedelta(hours=3)), item(901, date=None)]
    made, rows = poll_all(tmp_path, answer(200, rss(fresh + old)), answer(200, rss([item(902, date=None), *old])))
    assert {row[0] for row in rows if not row[2]} == {"id-900", "id-902"}
    assert len(rows) == 303
    assert not made.polled[1].arrivals.flood


def test_r24_backfill_is_what_the_operator_says(tmp_path: Path):
    async def main() -> None:
        settings = PollingSettings(allow_private_addresses=True, host_delay_seconds=0, backfill_hours=24 * 365 * 10)
        old = answer(200, rss([item(1, date=START - timedelta(days=900))]))
        async with watching(tmp_path, script(old), settings=settings) as (made, _):
            await made.poll()
            assert [row["baseline"] for row in made.entries()] == [0]

    asyncio.run(main())


def test_r25_dates_decide_nothing_alone(tmp_path: Path):
    dates = ["Mon, 02 Mar 2041 08:00:00 GMT", "02 Mar 1970", "Mon, 00 Foo 0000", "99999", "", "2026-03-02T08:00:00"]
    items = [
        f"<item><guid>{number}</guid><title>{number}</title><pubDate>{date}</pubDate></item>"
        for number, date in enumerate(dates)
    ]

    async def main() -> None:
        async with watching(tmp_path, script(feed(1000), answer(200, rss(items)))) as (made, _):
            await made.poll()
            await made.poll()
            rows = [row for row in made.entries() if row["guid"] != "id-1000"]
            assert len(rows) == len(dates)
            assert not [row for row in rows if row["baseline"]]
            assert all(row["published_at"] is None or row["published_at"] <= row["first_seen_at"] for row in rows)
            assert "0" in [row["guid"] for row in rows if row["published_at"] == row["first_seen_at"]]

    asyncio.run(main())


@pytest.mark.fault("FD-7")
def test_an_archive_published_again_is_told_and_kept_quiet(tmp_path: Path):
    archive = [item(number, date=START - timedelta(days=9)) for number in range(100, 600)]

    async def main() -> None:
        answers = (feed(1), answer(200, rss([item(2), *archive])), feed(1, 2))
        async with watching(tmp_path, script(*answers)) as (made, _):
            await made.poll()
            await made.poll()
            assert made.open_notices() == {"feed_flood"}
            assert sum(row["baseline"] for row in made.entries()) == 500 >= FLOOD
            assert [row["baseline"] for row in made.entries() if row["guid"] == "id-2"] == [0]
            await made.poll()
            assert made.open_notices() == set()

    asyncio.run(main())


def test_more_than_a_thousand_entries_come_in_turns_and_none_is_lost(tmp_path: Path):
    body = rss([item(number) for number in range(2300)])

    async def main() -> None:
        async with watching(tmp_path, script(answer(200, body, ETag="v"))) as (made, server):
            counts = []
            for _ in range(3):
                await made.poll()
                counts.append(len(made.entries("id")))
                assert ("feed_too_large" in made.open_notices()) == (counts[-1] < 2300)
            assert counts == [1000, 2000, 2300]
            assert ["if-none-match" in request.headers for request in server.requests] == [False] * 3
            assert made.state.etag == "v"
            assert made.clock() - START < timedelta(minutes=5)

    asyncio.run(main())


@pytest.mark.fault("FD-11")
def test_all_new_entries_may_hide_missed_ones(tmp_path: Path):
    async def main() -> None:
        async with watching(tmp_path, script(feed(1, 2), feed(3, 4), answer(500), feed(4, 5))) as (made, _):
            await made.poll()
            for expected in ({"overflow"}, {"overflow"}, set()):
                await made.poll()
                watch(made.db, made.clock())
                assert made.open_notices() == expected

    asyncio.run(main())


# --- R26 R27 R28 R30: manners -------------------------------------------------------------------


def test_r26_r27_what_a_request_says_of_itself(tmp_path: Path):
    async def main() -> list[Request]:
        settings = PollingSettings(
            allow_private_addresses=True, host_delay_seconds=0, user_agent="Desk/2 (+https://desk.example)"
        )
        sets_cookie = says(answer(200, rss([item(1)]), Set_Cookie="a=b; Path=/"))
        async with serving(sets_cookie) as server, desk(tmp_path, settings) as made:
            made.watch(server.url + "/feed?format=rss")
            for _ in range(2):
                await made.poll()
            return server.requests

    for request in asyncio.run(main()):
        assert request.headers["user-agent"] == "Desk/2 (+https://desk.example)"
        assert request.target == "/feed?format=rss"
        assert not {"cookie", "referer", "a-im", "authorization"} & request.headers.keys()


def test_r26_a_feed_may_have_a_user_agent_of_its_own(tmp_path: Path):
    async def main() -> None:
        async with serving(says(feed(1))) as server, desk(tmp_path) as made:
            with made.db.writing() as tx:
                store.set_feeds(tx, [feed_at(server.url + "/feed", user_agent="Mozilla/5.0 (odd)")], made.clock())
            await made.poll()
            assert server.requests[0].headers["user-agent"] == "Mozilla/5.0 (odd)"

    asyncio.run(main())


PAGE = b"""<html><head><base href="https://cdn.example/site/">
<link rel="alternate" type="application/rss+xml" title="Comments" href="comments.xml">
<link rel="alternate feed" type="application/atom+xml" href="atom.xml">
<link rel="alternate" type="application/feed+json" href="/feed.json">
<link rel="stylesheet" type="text/css" href="x.css"><link rel="alternate" hreflang="de" href="/de">
</head></html>"""


def test_r28_a_page_announces_its_feeds():
    assert announced_feeds(PAGE, "https://news.example/") == (
        "https://cdn.example/site/atom.xml",
        "https://cdn.example/feed.json",
        "https://cdn.example/site/comments.xml",
    )


def test_r28_a_page_in_place_of_a_feed_says_where_its_feed_is(tmp_path: Path):
    made, rows = poll_all(tmp_path, answer(200, PAGE, Content_Type="text/html"))
    assert made.polled[0].result.error.endswith("It announces https://cdn.example/site/atom.xml as its feed.")
    assert rows == []


@pytest.mark.parametrize("target", ["http://127.0.0.1:1/", "http://[::1]/", "file:///etc/passwd", "http://10.0.0.1/"])
def test_r30_a_feed_may_not_lead_inside(tmp_path: Path, target: str):
    """Where private addresses are not allowed, neither the feed nor its redirects reach one."""

    async def main() -> None:
        inside: Handler = says(answer(302, Location=target))
        async with serving(inside) as server, desk(tmp_path, PollingSettings(host_delay_seconds=0)) as made:
            made.watch(server.url + "/feed")
            await made.poller.poll_due()
            assert made.polled[0].result.failure == "refused"
            assert "a loopback address" in made.state.last_error
            assert server.requests == []

    asyncio.run(main())
