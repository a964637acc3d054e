"""What one article tells: places, days, weapons and people of each attack, read with the rules the project ships."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telling import Telling, Told

from monitor.incidents import consider, extract_mentions
from monitor.incidents.updates import facts_of
from monitor.matching import RuleSet, judge, load_rules
from monitor.model import Article, Mention

FRIDAY = datetime(2023, 3, 24, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def rules(root: Path) -> RuleSet:
    return load_rules(root / "rules")


def news(rules: RuleSet, title: str, summary: str = "", text: str = "") -> list[Mention]:
    article = Article("entry", title, summary, text, source="s.example", published_at=FRIDAY, seen_at=FRIDAY)
    found = extract_mentions(article, judge(article, rules), rules)
    return [mention for mention in found if not mention.background]


def test_every_base_of_a_list_is_an_attack(rules: RuleSet):
    found = news(rules, "Rockets hit US bases al-Tanf, al-Shaddadi and al-Omar in Syria")
    assert {mention.base for mention in found} == {"al-tanf", "al-shaddadi", "al-omar"}


@pytest.mark.parametrize(
    ("title", "places"),
    [
        ("Rockets hit US base al-Shaddadi in Hasakah", {"al-shaddadi"}),
        ("Rockets hit US base al-Shaddadi, Hasakah", {"al-shaddadi"}),
        ("Rockets hit US bases in al-Shaddadi and Hasakah", {"al-shaddadi", "hasakah"}),
        ("Rockets hit US bases at al-Shaddadi as well as in Hasakah", {"al-shaddadi", "hasakah"}),
        ("Rockets hit US bases al-Shaddadi in Hasakah and al-Malikiyah", {"al-shaddadi", "al-malikiyah"}),
        ("Rockets hit US bases al-Shaddadi, al-Malikiyah and Hasakah", {"al-shaddadi", "al-malikiyah", "hasakah"}),
    ],
)
def test_an_area_of_a_list_is_a_base_that_is_not_named(rules: RuleSet, title: str, places: set[str]):
    assert {mention.base or mention.area for mention in news(rules, title)} == places


def test_the_places_of_a_list_are_different_attacks(rules: RuleSet):
    found = news(rules, "Missiles hit US base in Erbil and another base in Anbar province in Iraq")
    assert [(mention.base, mention.area) for mention in found] == [("erbil", ""), ("", "anbar")]


def test_title_and_summary_tell_of_one_attack(rules: RuleSet):
    (told,) = news(
        rules,
        "Drone attack on US base in Syria wounds two",
        "Three drones attacked the al-Tanf garrison on Thursday, the US military said. Two fighters were wounded.",
    )
    assert (told.base, told.country, told.count, told.wounded) == ("al-tanf", "SY", 3, 2)
    assert (told.date_from, told.date_to, told.date_source) == (date(2023, 3, 23), date(2023, 3, 23), "sentence")
    assert told.confirmed_by == "US military"


def test_the_day_of_the_answer_is_not_that_of_the_attack(rules: RuleSet):
    (told,) = news(
        rules,
        "US hits three militia sites in Iraq",
        "Raids on Thursday answered the missile attack that injured Americans at an airfield in the west on Tuesday.",
    )
    assert (told.date_from, told.date_to) == (date(2023, 3, 21), date(2023, 3, 21))


def test_the_country_of_the_attackers_is_not_that_of_the_attack(rules: RuleSet):
    found = news(rules, "Islamic Resistance in Iraq claims drone attack on US base in Syria")
    assert [mention.country for mention in found] == ["SY"]


@pytest.mark.parametrize(
    "title",
    [
        "Five rockets launched from Iraq towards US base in Syria",
        "Iraqi faction claims drone attack on US base in Syria",
        "Drones fired from Iraqi territory hit US base in Syria",
    ],
)
def test_where_the_fire_came_from_is_not_where_the_attack_was(rules: RuleSet, title: str):
    (told,) = news(rules, title)
    assert told.country == "SY"


def test_two_countries_are_no_country(rules: RuleSet):
    (told,) = news(rules, "US bases in Iraq and Syria attacked by drones")
    assert told.country == ""


@pytest.mark.parametrize(
    "told_beside",
    [
        "Several blasts were heard inside the base on Wednesday evening, two guards said.",
        "Smoke was seen above the runway on Wednesday evening.",
    ],
)
def test_what_was_heard_of_an_attack_dates_it(rules: RuleSet, told_beside: str):
    (told,) = news(rules, "Rockets hit Ain al-Asad base hosting US forces", told_beside)
    assert (told.date_from, told.date_to, told.date_source) == (date(2023, 3, 22), date(2023, 3, 23), "inherited")


@pytest.mark.parametrize(
    "beside", ["A minister spoke on Wednesday in Basra.", "It is the first attack since American raids on Wednesday."]
)
def test_another_sentence_with_a_day_dates_no_attack(rules: RuleSet, beside: str):
    (told,) = news(rules, "Rockets hit Ain al-Asad base hosting US forces", beside)
    assert told.date_source == "publication"


@pytest.mark.parametrize("place", ["near Baghdad airport", "at Baghdad International Airport", "at Victoria base"])
def test_the_base_at_the_airport_of_the_capital_goes_by_the_airports_name(rules: RuleSet, place: str):
    (told,) = news(rules, f"Rockets fired at US military facility {place}")
    assert told.base == "camp-victory"


def test_a_turkish_name_of_the_attackers_stops_no_decision(rules: RuleSet):
    (told,) = news(rules, "İran drone attack on US base in Syria")
    assert told.country == "SY"


def test_the_dead_of_an_earlier_attack_are_not_those_of_this_one(rules: RuleSet):
    (told, *_) = news(rules, "Rockets hit US base in Syria after US strikes that killed 19 people")
    assert told.killed is None


def test_the_dead_of_an_earlier_attack_in_another_sentence_are_not_those_of_this_one(rules: RuleSet):
    (told,) = news(
        rules,
        "Rockets hit US base in Iraq again",
        "The new attack on the base comes days after a similar attack killed two Americans.",
    )
    assert told.killed is None


def test_the_lead_gives_base_and_day_to_a_title_without_them(rules: RuleSet):
    (told,) = news(
        rules,
        "Ballistic missiles hit US base in Iraq",
        "The salvo at Ain al-Asad caused little damage, an officer said. The attack came on Thursday morning.",
    )
    assert told.base == "ain-al-asad"
    assert told.date_to == date(2023, 3, 23)


def test_a_day_beside_a_verb_of_speech_is_a_fallback_two_days_wide(rules: RuleSet):
    (told,) = news(rules, "Drones attack US base in Syria", "The Pentagon said Thursday that drones hit al-Tanf.")
    assert (told.date_from, told.date_to, told.date_source) == (date(2023, 3, 22), date(2023, 3, 23), "reporting")


def test_without_a_day_the_attack_is_of_publication_or_the_day_before(rules: RuleSet):
    (told,) = news(rules, "Drones attack US base in Syria")
    assert (told.date_from, told.date_to, told.date_source) == (date(2023, 3, 23), date(2023, 3, 24), "publication")


def test_a_report_of_the_first_hours_of_a_day_further_east_is_of_that_day(rules: RuleSet):
    thursday_night = datetime(2023, 3, 23, 22, 30, tzinfo=UTC)
    article = Article(
        "entry", "Rockets hit US base at al-Tanf in Syria early on Friday", published_at=thursday_night, source="s"
    )
    judgement = judge(article, rules)
    (told,) = extract_mentions(article, judgement, rules)
    assert judgement.flagged
    assert (told.date_from, told.date_to, told.background) == (date(2023, 3, 24), date(2023, 3, 24), False)


def test_two_attacks_of_one_article_stay_two(rules: RuleSet):
    found = news(
        rules,
        "Missiles hit US base in Syria",
        text="""A US base at al-Omar oil field in Syria was hit by missiles on Friday morning.

A day earlier a drone attack hit a US base near Hasakah in Syria. The drone attack killed a US contractor.""",
    )
    places = {mention.base or mention.area: (mention.date_from, mention.weapons) for mention in found}
    assert places["al-omar"] == (date(2023, 3, 24), ("missile",))
    assert places["hasakah"] == (date(2023, 3, 23), ("drone",))


def test_last_weeks_attack_is_background(rules: RuleSet):
    article = Article("entry", "On March 3 rockets hit the US base at al-Tanf in Syria", published_at=FRIDAY)
    found = extract_mentions(article, judge(article, rules), rules)
    assert all(mention.background for mention in found)


def test_an_article_without_hits_tells_nothing(rules: RuleSet):
    article = Article("entry", "City council agrees on a new school", published_at=FRIDAY)
    considered = consider(article, judge(article, rules), rules, [])
    assert (considered.flagged, considered.incidents) == (False, ())


def test_each_base_of_a_wave_is_an_attack_of_its_own_told_once(rules: RuleSet):
    telling = Telling(rules)

    def tell(number: int, title: str) -> Told:
        return telling.tell(Article(f"e{number}", title, source=f"s{number}", published_at=FRIDAY, seen_at=FRIDAY))

    first = tell(1, "Rockets hit US base at al-Tanf in Syria on Friday")
    both = tell(2, "Rockets hit US bases al-Tanf and al-Shaddadi in Syria on Friday")
    assert (first.speech.reason, both.speech.reason) == ("new", "new")
    assert {incident.base for incident in both.considered.incidents} == {"al-tanf", "al-shaddadi"}
    alone = tell(3, "Rockets hit US base at al-Shaddadi in Syria on Friday")
    assert (alone.speech.reason, [one.base for one in alone.considered.incidents]) == ("repeat", ["al-shaddadi"])
    assert tell(4, "Rockets hit US base at al-Omar in Syria on Friday").speech.reason == "new"


def test_the_same_article_decided_twice_gives_the_same(rules: RuleSet):
    article = Article("entry", "Drones attack US base at al-Tanf in Syria", published_at=FRIDAY, seen_at=FRIDAY)
    judgement = judge(article, rules)
    assert consider(article, judgement, rules, []) == consider(article, judgement, rules, [])


PHRASES = st.sampled_from(
    [
        "Drones attack US base in Syria", "al-Tanf", "on Friday", "late", "killed two", "US troops", "after",
        "rockets hit", "al-Omar, al-Shaddadi and", "Pentagon confirmed", "denied", "Kataib Hezbollah said its", ".",
        "in January", "\n\n", "another attack", "no casualties", "U.S.", "“", "’s", "12", "نفط", "Åéß",
    ]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(PHRASES, max_size=25), st.lists(PHRASES, max_size=25))
def test_any_heap_of_phrases_is_read_without_error(rules: RuleSet, title: list[str], text: list[str]):
    article = Article("entry", " ".join(title), text=" ".join(text), published_at=FRIDAY, seen_at=FRIDAY)
    considered = consider(article, judge(article, rules), rules, [])
    for incident in considered.incidents:
        assert incident.date_from is None or incident.date_to is None or incident.date_from <= incident.date_to


FIRES = """
[[concept]]
id = "event"
terms = ["fire"]
[[base]]
id = "ruwais"
name = "Ruwais refinery"
[base.aliases]
latin = ["Ruwais"]
[[rule]]
id = "fire"
pattern = "event"
score = 1.2
"""
COUNTRIES = '[[concept]]\nid = "country"\nvalue = "BE"\nterms = ["belgium"]\n'


def test_a_mention_without_a_place_keeps_words_unless_the_rules_know_countries(tmp_path: Path):
    """A few known bases do not place the events that happen elsewhere."""
    (tmp_path / "fires.toml").write_text(FIRES, encoding="utf-8")
    (elsewhere,) = news(load_rules(tmp_path), "Fire in a warehouse in Ghent")
    assert "ghent" in dict(elsewhere.words)
    assert [mention.words for mention in news(load_rules(tmp_path), "Fire at Ruwais")] == [()]
    (tmp_path / "countries.toml").write_text(COUNTRIES, encoding="utf-8")
    assert [mention.words for mention in news(load_rules(tmp_path), "Fire in a warehouse in Ghent")] == [()]


def test_each_fact_stands_in_the_sentence_that_states_it(rules: RuleSet):
    title, dead = "Drones hit US base in Syria", "Two soldiers were killed in the attack."
    article = Article("entry", title, "", f"Drones struck the al-Tanf garrison. {dead}", published_at=FRIDAY)
    (told,) = extract_mentions(article, judge(article, rules), rules)
    sentences = {fact.slot: fact.sentence for fact in facts_of(told, article, FRIDAY)}
    assert sentences["weapons"] == title
    assert sentences["base"] == "Drones struck the al-Tanf garrison."
    assert sentences["killed"] == dead
