"""One sentence at a time: people hurt, who says so, how many weapons, what time of day."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.incidents.casualties import casualties, parse_number
from monitor.incidents.facts import more_specific, read_facts, says_again, time_of_day, weapon_count
from monitor.matching.factwords import FactWords


@pytest.mark.parametrize(
    ("sentence", "killed", "wounded"),
    [
        (
            "The strike killed an American contractor and wounded five US troops and another contractor.",
            1,
            6,
        ),
        ("Two Americans and a British soldier have been killed and 12 others injured by rockets.", 3, 12),
        ("Rocket attack on base leaves two Americans and one UK soldier dead", 3, None),
        ("US contractor killed, five service members wounded in likely drone attack", 1, 5),
        ("The strike killed one contractor and injured six others, including five service members.", 1, 6),
        ("Drone attack kills US contractor", 1, None),
        ("Drone attack kills three US service members, wounds at least 34", 3, 34),
        ("Three service members were killed and 25 injured", 3, 25),
        ("Suicide drones strike US base, wounding two", None, 2),
        ("More than 40 troops now wounded in drone attack", None, 40),
        ("At least 34 troops were injured.", None, 34),
        ("Three American soldiers were killed", 3, None),
        ("A U.S. service member was wounded on Friday.", None, 1),
        ("Trio of drones strike base, wounding two Syrian fighters", None, 2),
        ("No casualties were reported.", 0, 0),
        ("We know of no casualties", 0, 0),
        ("There were no American injuries", None, 0),
        ("The attack caused no deaths or injuries.", 0, 0),
        ("resulted in no injuries or damage to the base", None, 0),
        ("No one was killed, officials said", 0, None),
        ("US strikes killed 11 pro-Iranian fighters", None, None),
        ("Eight militants were killed in US strikes", None, None),
        ("The attack killed troops", None, None),
        ("Drones attacked the base.", None, None),
    ],
)
def test_people_hurt(sentence: str, killed: int | None, wounded: int | None, words: FactWords):
    assert casualties(sentence, words) == (killed, wounded)


@pytest.mark.parametrize(
    ("sentence", "claimed_by"),
    [
        ("Kataib Hezbollah claimed responsibility for the attack.", "Kataib Hezbollah"),
        ("The attack was claimed by the Islamic Resistance in Iraq.", "Islamic Resistance in Iraq"),
        ("Missiles hit bases housing US troops; Iran claims responsibility", "Iran"),
        ("Iran-backed militias in Iraq have claimed they were responsible for an attack", "Iran-backed militia"),
        ("The Islamic Resistance in Iraq said Monday that their forces used two drones", "Islamic Resistance in Iraq"),
        ("Kataib Hezbollah announced it would suspend operations after the drone attack", ""),
        ("No group has claimed responsibility, although Kataib Hezbollah is suspected.", ""),
        ("Nobody claimed responsibility.", ""),
        ("The attack claimed lives of two soldiers of the Islamic State.", ""),
        ("A base was hit by rockets.", ""),
    ],
)
def test_claims(sentence: str, claimed_by: str, words: FactWords):
    assert read_facts(sentence, words).claimed_by == claimed_by


@pytest.mark.parametrize(
    ("sentence", "confirmed_by"),
    [
        ("Pentagon Press Secretary Pat Ryder later confirmed the attack.", "Pentagon"),
        ("A rocket hit the base, the Pentagon said.", "Pentagon"),
        ("A U.S. official confirmed the attack on the base.", "US officials"),
        ("Central Command said drones attacked the garrison.", "CENTCOM"),
        ("The Pentagon has not confirmed the attack.", ""),
        ("The Pentagon denied reports of an attack on the base.", ""),
        ("Drones hit a base, a war monitor reported.", ""),
    ],
)
def test_confirmations(sentence: str, confirmed_by: str, words: FactWords):
    assert read_facts(sentence, words).confirmed_by == confirmed_by


def test_beside_the_attack_only_an_explicit_confirmation_counts(words: FactWords):
    said = "The Pentagon said that it will watch the border."
    confirmed = "The Pentagon later confirmed the attack."
    assert read_facts(said, words, tells_attack=False).confirmed_by == ""
    assert read_facts(confirmed, words, tells_attack=False).confirmed_by == "Pentagon"


@pytest.mark.parametrize(
    ("sentence", "denied_by"),
    [
        ("The Pentagon denied reports of an attack on the base.", "Pentagon"),
        ("Iraqi military denies that any attack took place", "Iraqi military"),
        ("Iran denied involvement in the attack.", ""),
        ("Iran denied being behind the strike.", ""),
        ("The Pentagon confirmed the attack.", ""),
    ],
)
def test_denials(sentence: str, denied_by: str, words: FactWords):
    assert read_facts(sentence, words).denied_by == denied_by


def spans_of(sentence: str, *found: str) -> list[tuple[int, int]]:
    return [(sentence.index(word), sentence.index(word) + len(word)) for word in found]


@pytest.mark.parametrize(
    ("sentence", "weapon", "count"),
    [
        ("attacked by three armed drones", "drones", 3),
        ("used two drones to attack", "drones", 2),
        ("a single rocket struck the base", "rocket", 1),
        ("at least one Katyusha rocket hit", "rocket", None),
        ("fired 15 missiles at the base", "missiles", 15),
        ("more than a dozen missiles", "missiles", None),
        ("a drone attack hit the base", "drone", None),
        ("two drone attacks in a day", "drone", None),
        ("a salvo of missiles", "missiles", None),
        ("multiple one-way drones", "drones", None),
        ("five US troops were hurt by drones", "drones", None),
    ],
)
def test_number_of_weapons(sentence: str, weapon: str, count: int | None):
    assert weapon_count(sentence, spans_of(sentence, weapon)) == count


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("on Friday morning", "morning"),
        ("hit at dawn", "morning"),
        ("overnight", "night"),
        ("late on Wednesday", "night"),
        ("Monday night", "night"),
        ("in the afternoon", "day"),
        ("from night to morning", ""),
        ("on Friday", ""),
    ],
)
def test_time_of_day(sentence: str, expected: str):
    assert time_of_day(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "attack", "expected"),
    [
        ("The base was once again attacked on Tuesday", "attacked", True),
        ("Camp pounded by rockets for second time in a week", "rockets", True),
        ("Troops attacked for a third day", "attacked", True),
        ("Dollar bonds slide further after attack on US outpost", "attack", False),
        ("Another attack on a US base", "attack", True),
        ("Additional rocket attacks on bases", "attacks", True),
        ("A second drone strike hours later", "strike", True),
        ("An attack wounded one soldier and another contractor", "attack", False),
        ("More than a dozen missiles hit the base", "missiles", False),
        ("An attack on a new base", "attack", False),
    ],
)
def test_words_for_one_more_attack(sentence: str, attack: str, expected: bool):
    assert says_again(sentence, spans_of(sentence, attack)) is expected


def test_a_named_group_says_more_than_a_militia(words: FactWords):
    assert more_specific("unnamed group", "Kataib Hezbollah", words) == "Kataib Hezbollah"
    assert more_specific("", "unnamed group", words) == "unnamed group"


def test_numbers_as_words_and_digits():
    assert [parse_number(word) for word in ("two", "1,200", "Dozen", "many")] == [2, 1200, 12, None]


@given(st.text(max_size=300))
def test_any_text_is_read_without_error(text: str):
    read_facts(text, FactWords())


_WORDS = (
    "Iran",
    "claims",
    "it",
    "struck",
    "the",
    "Pentagon",
    "denied",
    "confirmed",
    "militias",
    "said",
    "six",
    "killed",
)


@given(st.lists(st.sampled_from(_WORDS), max_size=25))
def test_any_heap_of_fact_words_is_read_without_error(words: FactWords, heap: list[str]):
    text = " ".join(heap)
    for written in (text, text.upper(), text.replace("i", "ı"), text.upper().replace("I", "İ")):
        read_facts(written, words)


@pytest.mark.parametrize("name", ["Iran", "IRAN", "İran", "İRAN", "ıran"])
def test_a_name_is_known_however_its_letters_are_cased(name: str, words: FactWords):
    assert read_facts(f"{name} claims responsibility", words).claimed_by == "Iran"


def test_the_sub_event_of_an_attack_stands_in_the_rules(words: FactWords):
    kinds = words.weapons
    assert kinds.sub_event(("drone", "rocket"), stopped=False) == "Air/drone strike"
    assert kinds.sub_event(("mortar",), stopped=False) == "Shelling/artillery/missile attack"
    assert kinds.sub_event(("mortar",), stopped=True) == "Disrupted weapons use"
    assert kinds.sub_event((), stopped=False) == ""
    assert FactWords().weapons.sub_event(("drone",), stopped=True) == ""
