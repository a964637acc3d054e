from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.document import ParsedEntry
from monitor.feeds.identity import entries_of
from monitor.model import Entry

DAY = datetime(2023, 3, 6, tzinfo=UTC)


def only(entry: ParsedEntry) -> Entry:
    (found,) = entries_of("feed", [entry])
    return found


def meet(one: ParsedEntry, other: ParsedEntry) -> bool:
    """True where whoever stores entries would know the second for the first."""
    return bool(set(only(one).aliases) & set(only(other).aliases))


def test_an_entry_is_known_by_its_guid_whatever_else_changes():
    first = ParsedEntry(title="First words", url="https://a.com/1", guid="tag:1", published_at=DAY)
    edited = ParsedEntry(title="Other words", url="https://a.com/moved", guid="tag:1")
    assert only(first).id == only(edited).id


@pytest.mark.fault("FD-5")
def test_an_entry_is_known_by_its_link_when_the_guid_rotates_or_goes():
    first = ParsedEntry(title="t", url="http://www.a.com/1?utm_source=rss", guid="1")
    assert meet(first, ParsedEntry(title="t", url="https://a.com/1/", guid="2"))
    assert meet(first, ParsedEntry(title="t", url="https://m.a.com/1", guid=None))


@pytest.mark.fault("FD-5")
def test_an_id_that_is_an_address_flips_between_http_and_https():
    assert (
        only(ParsedEntry(title="t", guid="http://a.com/1/")).id
        == only(ParsedEntry(title="t", guid="https://a.com/1")).id
    )


def test_title_and_date_count_only_where_guid_and_link_are_missing():
    same = ParsedEntry(title="Explosion reported", published_at=DAY)
    assert only(same).id == only(replace(same, summary="longer now")).id
    assert only(same).id != only(replace(same, published_at=None)).id
    one, other = (ParsedEntry(title="Explosion reported", url=f"https://a.com/{n}", published_at=DAY) for n in (1, 2))
    assert not meet(one, other)
    assert not any(alias.startswith("hash:") for alias in only(one).aliases)


@pytest.mark.fault("FD-17")
def test_fd_17_ids_that_look_like_numbers_stay_apart():
    guids = ["00123", "123", "1e3", "1000", "123.0", "9" * 4000, "9" * 4001]
    entries = entries_of("feed", [ParsedEntry(title="t", guid=guid) for guid in guids])
    assert [entry.guid for entry in entries] == guids
    assert len({entry.id for entry in entries}) == len(guids)


@pytest.mark.fault("FD-6")
def test_fd_6_a_guid_that_different_entries_share_says_nothing():
    shared = [ParsedEntry(title=f"t{n}", url=f"https://a.com/{n}", guid="item") for n in range(3)]
    entries = entries_of("feed", shared)
    assert len(entries) == 3
    assert not any("guid:item" in entry.aliases for entry in entries)
    assert len(entries_of("feed", [ParsedEntry(title=f"t{n}", guid="item") for n in range(3)])) == 3


def test_a_link_that_different_entries_share_says_nothing():
    live = [ParsedEntry(title=f"t{n}", url="https://a.com/live", guid=str(n)) for n in range(3)]
    assert [entry.aliases for entry in entries_of("feed", live)] == [("guid:0",), ("guid:1",), ("guid:2",)]
    assert only(ParsedEntry(title="t", url="https://a.com/", guid="1")).aliases == ("guid:1",)


def test_an_entry_that_stands_twice_is_one():
    entry = ParsedEntry(title="t", url="https://a.com/1", guid="1")
    assert len(entries_of("feed", [entry, entry, replace(entry, url="http://www.a.com/1/")])) == 1


def test_feeds_do_not_share_identities():
    entry = ParsedEntry(title="t", guid="1")
    assert entries_of("one", [entry])[0].id != entries_of("other", [entry])[0].id


@pytest.mark.fault("FD-12")
def test_fd_12_entries_without_anything_but_a_summary_stay_apart():
    assert len(entries_of("feed", [ParsedEntry(title="", summary=text) for text in ("a", "b", "a")])) == 2


ENTRY = st.builds(
    ParsedEntry,
    title=st.sampled_from(["", "a", "b"]),
    url=st.sampled_from([None, "https://a.com/1", "https://a.com/2?id=1", "https://a.com/"]),
    guid=st.sampled_from([None, "1", "01", "https://a.com/1", "https://a.com/g"]),
    published_at=st.sampled_from([None, DAY]),
)


def flipped(entry: ParsedEntry) -> ParsedEntry:
    """The same entry as another fetch of the same feed may give it."""
    url = (
        entry.url.replace("https://", "http://www.") + ("&" if "?" in entry.url else "?") + "utm_source=x"
        if entry.url
        else None
    )
    guid = entry.guid.replace("https://", "http://") + "/" if entry.guid and "://" in entry.guid else entry.guid
    return replace(entry, url=url, guid=guid)


@given(st.lists(ENTRY, max_size=8), st.randoms())
def test_order_scheme_and_tracking_change_no_identity(parsed: list[ParsedEntry], random):
    known = entries_of("feed", parsed)
    shuffled = [flipped(entry) for entry in parsed]
    random.shuffle(shuffled)
    assert {entry.id for entry in entries_of("feed", shuffled)} == {entry.id for entry in known}


@given(st.lists(ENTRY, max_size=8))
def test_nothing_that_differs_in_words_is_lost_and_no_alias_has_two_owners(parsed: list[ParsedEntry]):
    entries = entries_of("feed", parsed)
    aliases = [alias for entry in entries for alias in entry.aliases]
    assert len(aliases) == len(set(aliases))
    assert {entry.title for entry in entries} == {entry.title for entry in parsed}
    assert all(entry.aliases for entry in entries)
