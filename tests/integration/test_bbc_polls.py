"""The real poll path over loopback HTTP through successive real polls of real feeds, with a virtual clock."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import re
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from loopback import Request, answer, serving
from polling import OPEN, Desk, desk

from monitor.children import Children
from monitor.engine.poll import reading_in
from monitor.health.watch import alarms_now, habits_now
from monitor.store.db import now_text

GUID = re.compile(r"<guid[^>]*>(.*?)</guid>|<yt:videoId>(.*?)</yt:videoId>", re.DOTALL)
ITEM = re.compile(r"<(item|entry)>.*?</\1>", re.DOTALL)


def polls(corpus: Path, archive: str, feed: str) -> Iterator[tuple[datetime, bytes]]:
    """The polls of one feed, in order: when, and the body."""
    folder = corpus / "feed_polls"
    lines = [json.loads(line) for line in (folder / f"{archive}_manifest.jsonl").read_text().splitlines()]
    with tarfile.open(folder / f"{archive}_polls.tar") as bodies:
        for line in lines:
            file = bodies.extractfile(line["path"]) if line["feed"] == feed else None
            if file:
                yield datetime.fromtimestamp(line["ts"], UTC), gzip.decompress(file.read())


class Publisher:
    """Serves one body at a time as a good server does: with validators, and 304 where the entries are unchanged."""

    def __init__(self) -> None:
        self.body = b""
        self.etag = ""
        self.not_modified = 0

    def publish(self, body: bytes, at: datetime) -> None:
        self.body = body
        items = "".join(match[0] for match in ITEM.finditer(body.decode("utf-8", "replace")))
        self.etag = f'"{hashlib.sha256(items.encode()).hexdigest()[:16]}"'
        self.last_modified = f"{at:%a, %d %b %Y %H:%M:%S GMT}"

    async def __call__(self, request: Request, writer: asyncio.StreamWriter) -> None:
        unchanged = request.headers.get("if-none-match") == self.etag
        self.not_modified += unchanged
        headers = {"ETag": self.etag} if unchanged else {"ETag": self.etag, "Last_Modified": self.last_modified}
        kind = "text/html" if self.body.lstrip()[:5].lower() == b"<html" else "text/xml"
        writer.write(answer(304 if unchanged else 200, self.body, Content_Type=kind, **headers))
        await writer.drain()


async def poll_now(made: Desk, at: datetime) -> None:
    """Poll at this moment whatever was due: the recorded polls have a rhythm of their own."""
    made.clock.at = at
    with made.db.writing() as tx:
        tx.execute("UPDATE feed_state SET next_poll_at = ?", (now_text(at),))
    await made.poller.poll_due()


def check_stored(made: Desk, guids: set[str], first_seen: dict[str, datetime]) -> None:
    stored = [row["guid"] for row in made.entries("guid")]
    assert len(stored) == len(set(stored)), "an entry is stored twice"
    assert set(stored) == guids
    seen = {row["guid"]: row["first_seen_at"] for row in made.entries("guid, first_seen_at")}
    assert seen == {guid: now_text(at) for guid, at in first_seen.items()}
    aliases = made.db.row("SELECT count(DISTINCT entry_id) AS entries FROM entry_alias")
    assert aliases is not None
    assert aliases["entries"] == len(guids)


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("feed", "number"),
    [pytest.param("home_uk", 1500, marks=pytest.mark.slow), ("world", 88), ("world_middle_east", 156)],
)
def test_successive_real_polls_store_each_entry_once(corpus: Path, tmp_path: Path, feed: str, number: int):
    async def main() -> None:
        publisher = Publisher()
        first_seen: dict[str, datetime] = {}
        fulls, done = 0, 0
        async with Children(1) as children:
            read = reading_in(children, 10)
            async with serving(publisher) as server, desk(tmp_path, OPEN, read=read) as made:
                made.watch(server.url + "/rss.xml")
                for at, body in polls(corpus, "bbc", feed):
                    publisher.publish(body, at)
                    for match in GUID.finditer(body.decode()):
                        first_seen.setdefault(match[1] or match[2], at)
                    await poll_now(made, at)
                    done += 1
                    polled = made.polled.pop()
                    assert polled.result.failure == ""
                    if done % 10 == 0:
                        assert alarms_now(made.db, at) == [], "a healthy feed raises an alarm"
                        assert await habits_now(made.db, at) == [], "a healthy feed departs from its habits"
                    fulls += not polled.result.unchanged
                    assert (made.state.etag, made.state.failures) == (publisher.etag, 0)
                    if not polled.result.unchanged:
                        assert made.state.last_modified == publisher.last_modified
                        assert made.state.last_full_at == at
                check_stored(made, set(first_seen), first_seen)
                baseline = made.entries("baseline, first_seen_at, published_at")
                assert all(row["first_seen_at"] == baseline[0]["first_seen_at"] for row in baseline if row["baseline"])
                assert (done, len(server.requests)) == (number, number)
        assert fulls + publisher.not_modified == number
        assert publisher.not_modified > 0
        print(f"{feed}: {len(first_seen)} entries, {fulls} whole feeds, {publisher.not_modified} times 304")

    asyncio.run(main())


@pytest.mark.corpus
def test_a_real_outage_of_27_days_clears_nothing(corpus: Path, tmp_path: Path):
    """One paper's feed became a web page that says 403, with status 200, and came back after 27 days."""

    async def main() -> None:
        publisher = Publisher()
        first_seen: dict[str, datetime] = {}
        failed = 0
        async with serving(publisher) as server, desk(tmp_path) as made:
            made.watch(server.url + "/rss.xml")
            for at, body in polls(corpus, "mixed", "latimes"):
                before = made.state
                stored = made.entries("id, state, title, content_hash")
                publisher.publish(body, at)
                await poll_now(made, at)
                result = made.polled.pop().result
                if b"<rss" in body[:500]:
                    assert result.failure == ""
                    for match in GUID.finditer(body.decode()):
                        first_seen.setdefault(match[1], at)
                    continue
                failed += 1
                assert result.failure == "not_a_feed"
                kept = ("etag", "last_modified", "validators_url", "entry_count", "last_ok_at", "last_full_at")
                assert [getattr(made.state, name) for name in kept] == [getattr(before, name) for name in kept]
                assert made.state.failures == before.failures + 1
                assert made.entries("id, state, title, content_hash") == stored
                failing = "failing" in [alarm.kind for alarm in alarms_now(made.db, at)]
                assert failing == (made.state.failures >= 3 and at - made.state.last_ok_at >= timedelta(hours=1))
            assert failed == 75
            assert made.state.failures == 0
            check_stored(made, set(first_seen), first_seen)

    asyncio.run(main())


@pytest.mark.corpus
def test_real_empty_bodies_are_failures(corpus: Path, tmp_path: Path):
    names = ("dailytelegraph", "bbc", "fox", "gmanews", "nytimes", "nzherald", "pa", "philstar", "rnz", "smh", "wsj")
    bodies = [poll for name in names for poll in polls(corpus, "mixed", name)]
    assert len(bodies) == 12

    async def main() -> None:
        publisher = Publisher()
        async with serving(publisher) as server, desk(tmp_path) as made:
            made.watch(server.url + "/rss.xml")
            for at, body in sorted(bodies):
                publisher.publish(body, at)
                await poll_now(made, at)
                assert made.polled[-1].result.failure == "not_a_feed"
                assert made.state.validators_url is None
            assert made.entries() == []

    asyncio.run(main())


@pytest.mark.corpus
def test_a_real_video_channel_stores_each_entry_once(corpus: Path, tmp_path: Path):
    async def main() -> None:
        publisher = Publisher()
        ids: set[str] = set()
        async with serving(publisher) as server, desk(tmp_path) as made:
            made.watch(server.url + "/feed.atom")
            for at, body in polls(corpus, "mixed", "aljazeeraenglish"):
                publisher.publish(body, at)
                ids |= {f"yt:video:{match[2]}" for match in GUID.finditer(body.decode()) if match[2]}
                await poll_now(made, at)
                assert made.polled[-1].result.failure == ""
            stored = [row["guid"] for row in made.entries("guid")]
            assert len(stored) == len(set(stored))
            assert set(stored) == ids

    asyncio.run(main())
