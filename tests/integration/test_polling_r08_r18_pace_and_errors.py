"""Pace, errors and other people's mistakes over real HTTP: R8 to R18 of docs/polling.md."""

from __future__ import annotations

import asyncio
from datetime import UTC, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from loopback import Handler, Request, answer, says, serving
from polling import OPEN, START, desk, feed, item, rss, script, watching

from monitor.feeds.result import PollingSettings
from monitor.health.watch import alarms_now
from monitor.model import FeedState
from monitor.store import feeds as store
from monitor.store import pages


def wait_after(tmp_path: Path, *answers: bytes, polls: int = 2, **options: object) -> float:
    """Seconds until the next poll, after so many polls."""

    async def main() -> float:
        async with watching(tmp_path, script(*answers), **options) as (made, _):
            for _ in range(polls):
                await made.poll()
            return made.wait_seconds

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("channel", "headers", "seconds"),
    [
        ("", {}, 900),
        ("<ttl>30</ttl>", {}, 1800),
        ("<ttl>100000</ttl>", {}, 3600),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", {}, 1800),
        ("", {"Cache_Control": "max-age=2000"}, 2000),
        ("", {"Expires": "Mon, 02 Mar 2026 01:00:00 GMT", "Date": "Mon, 02 Mar 2026 00:30:00 GMT"}, 1800),
        ("<ttl>20</ttl>", {"Cache_Control": "max-age=2000"}, 2000),
    ],
)
def test_r8_the_feed_may_raise_the_interval(tmp_path: Path, channel: str, headers: dict[str, str], seconds: float):
    assert wait_after(tmp_path, feed(1, channel=channel, **headers)) == seconds


def test_r9_cache_control_counts_on_a_304(tmp_path: Path):
    assert wait_after(tmp_path, feed(1, ETag="x"), answer(304, Cache_Control="max-age=2500")) == 2500


def test_r10_skipped_hours_are_gmt(tmp_path: Path):
    skipped = "<skipHours>" + "".join(f"<hour>{hour}</hour>" for hour in range(9, 14)) + "</skipHours>"

    async def main() -> None:
        async with watching(tmp_path, script(feed(1, channel=skipped))) as (made, _):
            await made.poll()
            assert made.state.next_poll_at.astimezone(UTC) == START.replace(hour=14)

    asyncio.run(main())


def test_r11_a_restart_polls_nothing_before_its_time(tmp_path: Path):
    async def main() -> None:
        async with watching(tmp_path, script(feed(1))) as (made, server):
            await made.poll()
            async with desk(tmp_path) as again:
                again.clock.at = made.clock.at + timedelta(seconds=60)
                await again.poller.poll_due()
                assert len(server.requests) == 1
                again.clock.move(seconds=900)
                await again.poller.poll_due()
                assert len(server.requests) == 2

    asyncio.run(main())


def test_r11_one_connection_to_a_host_at_a_time_with_a_pause(tmp_path: Path):
    times: list[float] = []

    async def slow(request: Request, writer: asyncio.StreamWriter) -> None:  # noqa: ARG001
        times.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0.02)
        writer.write(feed(1))

    async def main() -> int:
        settings = PollingSettings(allow_private_addresses=True, host_delay_seconds=0.05)
        async with serving(slow) as server, desk(tmp_path, settings) as made:
            made.watch(*[f"{server.url}/{number}" for number in range(6)])
            await made.poller.poll_due()
            assert len(server.requests) == 6
            return server.open_at_most

    assert asyncio.run(main()) == 1
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.06


def test_one_round_polls_each_feed_once_however_fast_feeds_fall_due_again(tmp_path: Path):
    async def main() -> None:
        settings = PollingSettings(allow_private_addresses=True, host_delay_seconds=0, every_seconds=1)
        async with serving(says(feed(1))) as server, desk(tmp_path, settings) as made:
            made.watch(*[f"{server.url}/{number}" for number in range(5)])
            made.poller._on_recorded = lambda _: made.clock.move(seconds=5)
            await made.poller.poll_due()
            assert len(server.requests) == 5

    asyncio.run(main())


@pytest.mark.fault("CC-1")
def test_two_pollers_never_poll_the_same_feed_or_host(tmp_path: Path):
    async def slow(request: Request, writer: asyncio.StreamWriter) -> None:  # noqa: ARG001
        await asyncio.sleep(0.01)
        writer.write(feed(1))

    async def main() -> None:
        async with serving(slow) as server, desk(tmp_path) as one, desk(tmp_path) as two:
            one.watch(*[f"{server.url}/{number}" for number in range(8)])
            for _ in range(8):
                await asyncio.gather(one.poller.poll_due(), two.poller.poll_due())
            assert sorted(request.target for request in server.requests) == [f"/{number}" for number in range(8)]
            assert server.open_at_most == 1

    asyncio.run(main())


@pytest.mark.fault("CC-5", "CR-8")
def test_a_lease_that_ran_out_is_taken_over_and_the_late_result_refused(tmp_path: Path):
    async def main() -> None:
        async with watching(tmp_path, script(feed(1, ETag="new"))) as (made, _):
            with made.db.writing() as tx:
                (dead,) = store.lease(tx, made.clock(), 9, 60)
                assert store.lease(tx, made.clock(), 9, 60) == []
            made.clock.move(seconds=61)
            await made.poller.poll_due()
            late = made.poller.record(dead, made.polled[0].result)
            assert (late, made.state.etag) == (None, "new")

    asyncio.run(main())


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=-3650), timedelta(hours=1), timedelta(days=3650)])
@pytest.mark.fault("CK-1")
def test_a_clock_that_jumps_stops_no_polling(tmp_path: Path, jump: timedelta):
    async def main() -> None:
        async with watching(tmp_path, script(feed(1))) as (made, server):
            made.clock.at = START - jump
            await made.poll(seconds=0)
            made.clock.at = START
            for _ in range(5):
                await made.poll(minutes=15)
            assert 5 <= len(server.requests) <= 7

    asyncio.run(main())


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "seconds"), [("5000", 5000), ("Mon, 02 Mar 2026 02:00:00 GMT", 7200), ("999999999", 86_400)]
)
@pytest.mark.fault("HT-9")
def test_r12_retry_after_is_obeyed(tmp_path: Path, status: int, value: str, seconds: float):
    busy = answer(status, Retry_After=value, Date="Mon, 02 Mar 2026 00:00:00 GMT")
    assert wait_after(tmp_path, busy, polls=1) == seconds


@pytest.mark.parametrize("value", ["-5", "later", ""])
@pytest.mark.fault("HT-9")
def test_r12_a_retry_after_that_means_nothing_is_ignored(tmp_path: Path, value: str):
    assert wait_after(tmp_path, answer(503, Retry_After=value), polls=1) == 900 + 0.5 * 900


@pytest.mark.parametrize(("status", "others_wait"), [(429, True), (503, False)])
def test_r13_a_public_host_that_says_429_rests_as_a_whole(tmp_path: Path, status: int, others_wait: bool):
    async def busy(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(status, Retry_After="5000") if request.target == "/a" else feed(1))

    async def loopback(host: str, port: int) -> list[str]:  # noqa: ARG001 - every name is here
        return ["127.0.0.1"]

    async def main() -> None:
        async with serving(busy) as server, desk(tmp_path, OPEN, resolve=loopback) as made:
            port = server.url.rpartition(":")[2]
            made.watch(f"http://one.example:{port}/a", f"http://one.example:{port}/b", f"http://two.example:{port}/c")
            await made.poller.poll_due()
            waits = [(state.next_poll_at - made.clock()).total_seconds() for state in made.states()]
            assert waits[0] == 5000
            assert (waits[1] == 5000) == others_wait
            assert waits[2] < 900

    asyncio.run(main())


def test_r13_it_is_the_host_that_answered_that_rests(tmp_path: Path):
    async def busy(request: Request, writer: asyncio.StreamWriter) -> None:
        there = f"http://busy.example:{request.headers['host'].rpartition(':')[2]}/"
        ways = {"/a": answer(302, Location=there), "/": answer(429, Retry_After="5000")}
        writer.write(ways.get(request.target, feed(1)))

    async def loopback(host: str, port: int) -> list[str]:  # noqa: ARG001 - every name is here
        return ["127.0.0.1"]

    async def main() -> None:
        async with serving(busy) as server, desk(tmp_path, OPEN, resolve=loopback) as made:
            port = server.url.rpartition(":")[2]
            made.watch(f"http://busy.example:{port}/c")
            await made.poller.poll_due()
            made.watch(f"http://busy.example:{port}/c", f"http://one.example:{port}/a", f"http://one.example:{port}/b")
            await made.poller.poll_due()
            waits = [(state.next_poll_at - made.clock()).total_seconds() for state in made.states()]
            assert waits[:2] == [5000, 5000]
            assert waits[2] < 900
            assert pages.resting_hosts(made.db.reading, made.clock()) == {"busy.example"}

    asyncio.run(main())


def test_r13_on_a_private_host_only_the_feed_rests(tmp_path: Path):
    async def busy(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(429, Retry_After="5000") if request.target == "/a" else feed(1))

    async def main() -> None:
        async with serving(busy) as server, desk(tmp_path) as made:
            made.watch(f"{server.url}/a", f"{server.url}/b")
            await made.poller.poll_due()
            waits = [(state.next_poll_at - made.clock()).total_seconds() for state in made.states()]
            assert waits[0] == 5000
            assert waits[1] < 900

    asyncio.run(main())


def test_r14_errors_back_off_and_are_told_and_success_ends_both(tmp_path: Path):
    async def main() -> None:
        async with watching(tmp_path, script(*[answer(500)] * 6, feed(1))) as (made, _):
            waits = []
            for _ in range(6):
                await made.poll()
                waits.append(made.wait_seconds)
            assert waits == sorted(waits)
            assert waits[-1] > 9000
            assert [alarm.kind for alarm in alarms_now(made.db, made.clock())] == ["failing"]
            await made.poll()
            assert (made.state.failures, made.state.last_error) == (0, None)
            assert alarms_now(made.db, made.clock()) == []

    asyncio.run(main())


def test_r14_one_feeds_trouble_is_never_anothers(tmp_path: Path):
    """Feeds that hang, drip, bomb, redirect inside and never resolve; the good ones come through on time."""

    async def hang(request: Request, writer: asyncio.StreamWriter) -> None:  # noqa: ARG001
        await asyncio.sleep(60)

    async def drip(request: Request, writer: asyncio.StreamWriter) -> None:  # noqa: ARG001
        while True:
            writer.write(b"H")
            await writer.drain()
            await asyncio.sleep(0.05)

    async def resolve(host: str, port: int) -> list[str]:  # noqa: ARG001
        if "silent" in host:
            await asyncio.sleep(60)
        return ["127.0.0.1"]

    inside = says(answer(302, Location="http://169.254.169.254/"))
    bad: tuple[Handler, ...] = (hang, drip, inside, says(b"garbage"), says(b""), says(answer(200, b"\0" * 9999)))

    async def main() -> None:
        settings = PollingSettings(allow_private_addresses=True, host_delay_seconds=0, deadline_seconds=2)
        async with serving(says(feed(1))) as good, desk(tmp_path, settings, resolve=resolve) as made:
            urls = [f"{good.url.replace('127.0.0.1', f'good{number}.example')}/feed" for number in range(30)]
            servers = [serving(handler) for handler in bad]
            started = [await server.__aenter__() for server in servers]
            urls += [f"{at.url.replace('127.0.0.1', f'bad{number}.example')}/" for number, at in enumerate(started * 3)]
            urls += [f"http://silent{number}.example/feed" for number in range(10)]
            made.watch(*urls)
            assert made.poller.start_due() == len(urls)
            await made.poller.finish()
            assert len(made.polled) == len(urls)
            slow = ("silent", "bad0.", "bad1.", "bad6.", "bad7.", "bad12.", "bad13.")
            ended = [any(name in at.feed.url for name in slow) for at in made.polled]
            assert ended.index(True) == len(urls) - sum(ended), "a hanging feed ended before one that does not hang"
            assert sum(not at.result.failure for at in made.polled) == 30
            for server in servers:
                await server.__aexit__(None, None, None)

    asyncio.run(main())


def test_r14_a_mistake_of_ours_costs_one_feed_one_turn(tmp_path: Path):
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    async def main() -> None:
        async with watching(tmp_path, script(feed(1)), read=broken) as (made, server):
            await made.poller.poll_due()
            assert (len(server.requests), made.polled) == (1, [])
            made.clock.move(hours=1)
            await made.poller.poll_due()
            assert len(server.requests) == 2

    asyncio.run(main())


@pytest.mark.fault("DN-5")
def test_an_outage_of_our_own_is_over_when_it_is_over(tmp_path: Path):
    """Nothing answers for six hours: no feed is made to wait longer than its usual pace afterwards."""

    async def main() -> None:
        async with desk(tmp_path, OPEN) as made:
            made.watch("http://127.0.0.1:1/a", "http://127.0.0.1:2/b")
            for _ in range(24):
                await made.poll(minutes=15)
            assert [state.failures for state in made.states()] == [24, 24]
            assert made.wait_seconds == 900

    asyncio.run(main())


@pytest.mark.fault("FD-16")
def test_r15_410_stops_polling_and_tells(tmp_path: Path):
    async def main() -> None:
        async with watching(tmp_path, script(answer(404), answer(410), feed(1))) as (made, server):
            await made.poll()
            assert not made.state.gone
            await made.poll()
            assert made.state.gone
            assert made.open_notices() == {"feed_gone"}
            await made.poll(days=30)
            assert len(server.requests) == 2
            assert made.db.row("SELECT state FROM feeds_health")["state"] == "gone"

    asyncio.run(main())


def moving(status: int) -> Handler:
    async def handler(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(status, Location="/new") if request.target == "/feed" else feed(1))

    return handler


@pytest.mark.parametrize(("status", "proposed"), [(301, True), (308, True), (302, False), (303, False), (307, False)])
@pytest.mark.fault("FD-16")
def test_r16_a_lasting_permanent_redirect_is_proposed_and_never_saved(tmp_path: Path, status: int, proposed: bool):
    async def main() -> None:
        async with watching(tmp_path, moving(status)) as (made, server):
            for day in range(6):
                assert "feed_moved" not in made.open_notices() or day > 4
                await made.poll(days=1)
            assert ("feed_moved" in made.open_notices()) == proposed
            assert made.state.moved_to == (server.url + "/new" if proposed else None)
            assert [at.url for at, _ in store.feeds(made.db.reading)] == [server.url + "/feed"]

    asyncio.run(main())


def test_r16_two_feeds_that_become_one_are_told(tmp_path: Path):
    async def main() -> None:
        async with serving(moving(301)) as server, desk(tmp_path) as made:
            made.watch(server.url + "/feed", server.url + "/new")
            for _ in range(6):
                await made.poll(days=1)
            text = made.db.row("SELECT text FROM notice WHERE kind = 'feed_moved'")["text"]
            assert "watched already" in text

    asyncio.run(main())


def test_r16_a_redirect_to_something_else_than_a_feed_is_no_move(tmp_path: Path):
    async def portal(request: Request, writer: asyncio.StreamWriter) -> None:
        page = answer(200, b"<html>Log in</html>", Content_Type="text/html")
        writer.write(answer(301, Location="/login") if request.target == "/feed" else page)

    async def main() -> None:
        async with watching(tmp_path, portal) as (made, _):
            for _ in range(8):
                await made.poll(days=1)
            assert made.state.moved_to is None
            assert made.open_notices() == set()

    asyncio.run(main())


@pytest.mark.parametrize(
    "page",
    [
        answer(200, b"<!doctype html><html><title>News</title></html>", Content_Type="text/html"),
        answer(200, b"<html><form>Password</form></html>", Content_Type="application/rss+xml"),
        answer(403, b"<html>403</html>", Content_Type="text/html"),
        answer(200, rss([item(9)]), cf_mitigated="challenge"),
        answer(503, b"<html>Checking your browser</html>"),
        answer(401),
    ],
)
@pytest.mark.fault("FD-4")
def test_r17_a_page_in_place_of_a_feed_is_a_failure_that_keeps_everything(tmp_path: Path, page: bytes):
    async def main() -> None:
        async with watching(tmp_path, script(feed(1, 2, ETag="v"), page, feed(1, 2, 3))) as (made, _):
            await made.poll()
            before, entries = made.state, [tuple(row) for row in made.entries()]
            await made.poll()
            assert made.polled[-1].result.failure != ""
            kept = [name for name in FeedState.__slots__ if name not in CHANGING]
            assert [getattr(made.state, name) for name in kept] == [getattr(before, name) for name in kept]
            assert [tuple(row) for row in made.entries()] == entries
            await made.poll()
            assert len(made.entries()) == 3

    asyncio.run(main())


CHANGING = ("next_poll_at", "last_polled_at", "last_status", "last_error", "last_failure", "failures")


@pytest.mark.fault("FD-10")
def test_r18_entries_that_vanish_and_return_are_the_same_entries(tmp_path: Path):
    async def main() -> None:
        async with watching(tmp_path, script(feed(1, 2, 3), feed(3), feed(1, 2, 3, 4))) as (made, _):
            await made.poll()
            ids = {row["id"] for row in made.entries()}
            await made.poll()
            assert {row["id"] for row in made.entries()} == ids
            await made.poll(days=90)
            assert len({row["id"] for row in made.entries()} - ids) == 1
            assert not made.entries("edited_at")[0]["edited_at"]

    asyncio.run(main())


def test_r18_no_entries_where_there_were_some_is_a_failure(tmp_path: Path):
    async def main() -> None:
        async with watching(tmp_path, script(feed(1, 2), feed(), feed(1, 2))) as (made, _):
            await made.poll()
            await made.poll()
            assert made.polled[-1].result.failure == "emptied"
            assert "where there were 2" in made.state.last_error
            assert (made.state.entry_count, made.state.failures, made.wait_seconds) == (2, 1, 900)
            await made.poll()
            assert made.state.failures == 0

    asyncio.run(main())


def test_r18_a_feed_that_was_always_empty_is_well(tmp_path: Path):
    async def main() -> None:
        async with watching(tmp_path, script(feed())) as (made, _):
            await made.poll()
            await made.poll()
            assert (made.state.failures, made.state.entry_count) == (0, 0)

    asyncio.run(main())
