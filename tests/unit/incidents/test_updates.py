"""What is new about an incident, and how sure it is."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from monitor.incidents.evolve import opened, updated
from monitor.incidents.updates import confidence, facts_of, news_of
from monitor.matching.factwords import FactWords, WeaponKinds
from monitor.model import Article, Incident, Mention

NOON = datetime(2023, 3, 24, 12, tzinfo=UTC)
DAY = date(2023, 3, 24)
KINDS = WeaponKinds(alike=frozenset({"rocket", "missile"}))


def mention(**known: object) -> Mention:
    values: dict[str, object] = {"base": "north", "area": "", "country": "SY", "weapons": ("drone",)}
    return Mention(date_from=DAY, date_to=DAY, date_source="sentence", **(values | known))  # type: ignore[arg-type]


def article(source: str = "one.example", title: str = "Base attacked") -> Article:
    return Article(f"entry of {source}", title, source=source)


def after(*reports: Mention, source: str = "one.example") -> Incident:
    incident = opened("id", reports[0], facts_of(reports[0], article(source), NOON), NOON)
    for report in reports[1:]:
        facts, _changes = news_of(incident, report, article(source), NOON, KINDS)
        incident = updated(incident, report, facts, NOON)
    return incident


def changes(before: Incident, told: Mention, title: str = "Base attacked") -> list[tuple[str, str, str]]:
    return list(news_of(before, told, article("two.example", title), NOON, KINDS)[1])


@pytest.mark.parametrize("slot", ["claimed_by", "confirmed_by", "denied_by", "response"])
def test_the_first_word_of_a_party_is_news_and_the_second_is_not(slot: str):
    first = mention(**{slot: "them"})
    assert changes(after(mention()), first) == [(slot, "", "them")]
    assert changes(after(mention(), first), first) == []
    assert changes(after(mention(), first), mention(**{slot: "others"})) == []


def test_a_rising_toll_is_news_once():
    assert changes(after(mention()), mention(wounded=2)) == [("wounded", "", "2")]
    two = after(mention(), mention(wounded=2))
    assert changes(two, mention(wounded=2)) == []
    assert changes(two, mention(wounded=24)) == [("wounded", "2", "24")]


def test_an_older_toll_is_no_news_but_a_correction_is():
    many = after(mention(wounded=2), mention(wounded=24))
    assert changes(many, mention(wounded=2)) == []
    assert changes(many, mention(wounded=22), "Army corrects toll to 22 wounded") == [("wounded", "24", "22")]


def test_a_correction_is_news_once_whatever_older_tolls_are_repeated():
    older = {"source": "late.example"}
    many = after(mention(wounded=2), mention(wounded=24))
    repeated = updated(many, mention(), facts_of(mention(wounded=2), article(**older), NOON), NOON)
    assert changes(repeated, mention(wounded=22), "Army corrects toll to 22 wounded") == [("wounded", "24", "22")]
    corrected = updated(repeated, mention(), facts_of(mention(wounded=22), article("army.example"), NOON), NOON)
    again = updated(corrected, mention(), facts_of(mention(wounded=24), article(**older), NOON), NOON)
    assert changes(again, mention(wounded=22), "Toll corrected to 22 wounded") == []


def test_that_nobody_was_hurt_is_no_news():
    assert changes(after(mention()), mention(killed=0, wounded=0)) == []


def test_a_count_is_corrected_once():
    two = after(mention(count=2))
    assert changes(two, mention(count=3)) == [("count", "2", "3")]
    assert changes(after(mention(count=2), mention(count=3)), mention(count=2)) == []
    assert changes(after(mention()), mention(count=3)) == []


def test_another_weapon_is_news_but_missiles_for_rockets_are_not():
    assert changes(after(mention()), mention(weapons=("rocket",))) == [("weapons", "drone", "rocket")]
    assert changes(after(mention(weapons=("rocket",))), mention(weapons=("missile",))) == []


def test_the_base_of_an_unnamed_attack_is_news():
    assert changes(after(mention(base="")), mention()) == [("base", "", "north")]


def test_the_same_in_other_words_is_no_news():
    known = after(mention(confirmed_by="the army", wounded=2, count=3))
    assert changes(known, mention(confirmed_by="the army", wounded=2, count=3), "Three drones hurt two at base") == []


def test_facts_are_appended_with_source_and_sentence():
    facts, _ = news_of(
        after(mention()), mention(wounded=2, sentence="Two were hurt."), article("two.example"), NOON, KINDS
    )
    wounded = next(fact for fact in facts if fact.slot == "wounded")
    assert (wounded.value, wounded.source, wounded.sentence) == ("2", "two.example", "Two were hurt.")


def test_a_source_that_repeats_itself_adds_no_fact():
    assert news_of(after(mention(count=2)), mention(count=2), article("one.example"), NOON, KINDS)[0] == ()


def test_one_source_is_a_rumour_two_are_a_claim_an_official_one_confirms(words: FactWords):
    one = after(mention())
    assert confidence(one, words) == "rumour"
    facts, _ = news_of(one, mention(), article("two.example"), NOON, KINDS)
    assert confidence(updated(one, mention(), facts, NOON), words) == "claim"
    assert confidence(after(mention(confirmed_by="the army")), words) == "confirmed"


def test_a_copy_is_no_second_source(words: FactWords):
    one = after(mention())
    facts, _ = news_of(one, mention(), article("two.example"), NOON, KINDS, copy=True)
    assert confidence(updated(one, mention(), facts, NOON), words) == "rumour"
