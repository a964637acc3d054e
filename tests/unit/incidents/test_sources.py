"""Which reports are of one source: sister sites, carriers, copies."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.errors import RuleError
from monitor.incidents.sources import have_two_sources, source_behind
from monitor.matching.factwords import FactWords, read_fact_words
from monitor.model import Fact

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
OWNERS = {
    "owners": {"Sisters": ["one.example", "two.example", "The Wire"], "Other": ["other.example"]},
    "carriers": {"hosts": ["carrier.example"]},
}


@pytest.fixture
def owned() -> FactWords:
    return read_fact_words(OWNERS)


def report(source: str, host: str = "", slot: str = "report") -> Fact:
    return Fact(slot, "title", f"entry of {source} at {host}", source, "", NOON, host)


@pytest.mark.parametrize(
    ("source", "host", "behind"),
    [
        ("One", "one.example", "Sisters"),
        ("Two", "news.two.example", "Sisters"),
        ("the wire", "carrier.example", "Sisters"),
        ("The Wire", "", "Sisters"),
        ("Daily News", "www.carrier.example", "daily news"),
        ("", "carrier.example", "carrier.example"),
        ("Daily World", "daily.example", "daily.example"),
        ("Daily Sport", "daily.example", "daily.example"),
        ("Not two", "nottwo.example", "nottwo.example"),
        ("Daily", "", "daily"),
    ],
)
def test_who_is_behind_a_report(source: str, host: str, behind: str, owned: FactWords):
    assert source_behind(report(source, host), owned) == behind


def test_a_report_of_nobody_known_is_a_source_of_its_own(owned: FactWords):
    facts = [report("", ""), Fact("report", "t", "another", "", "", NOON)]
    assert have_two_sources(facts, owned)


def test_only_reports_count_as_sources(owned: FactWords):
    assert not have_two_sources([report("One", "one.example"), report("Third", "third.example", slot="killed")], owned)
    assert have_two_sources([report("One", "one.example"), report("Third", "third.example")], owned)
    assert not have_two_sources([], owned)


def test_an_outlet_of_two_owners_is_a_mistake_in_one_sentence():
    with pytest.raises(RuleError, match=r"facts\.toml: \[owners\] gives One\.example to A and to B; keep one of them"):
        read_fact_words({"owners": {"A": ["one.example"], "B": ["One.example"]}})
