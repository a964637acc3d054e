"""Sentences name targets in patterns; countries, common words and places without a pattern are no targets."""

import pytest

from monitor.learning.bases import KnownBase, learn_bases
from monitor.learning.names import with_neighbours

NOUNS = frozenset({"refinery", "depot", "plant"})


@pytest.mark.parametrize(
    ("sentence", "name", "pattern"),
    [
        ("Fire broke out in the Koldavia oil refinery.", "Koldavia", "name-noun"),
        ("Workers left the depot Varnholt in haste.", "Varnholt", "noun-name"),
        ("Smoke rose over a plant near Varnholt today.", "Varnholt", "noun-in-name"),
        ("The group said it targeted Varnholt with two rockets.", "Varnholt", "struck-name"),
        ("There was an attack on Varnholt before dawn.", "Varnholt", "struck-name"),
        ("Officials said Varnholt was once again attacked.", "Varnholt", "name-was-struck"),
        ("Shells landed in Camp Liberty overnight.", "Camp Liberty", "prefix"),
    ],
)
def test_each_pattern_finds_its_name(read, grammar, sentence, name, pattern):
    (one,) = [one for one in read(sentence) if one.sentence == sentence]
    found = {found.text: patterns for found, patterns in with_neighbours(one, NOUNS, grammar).items()}
    assert pattern in found[name]


def test_names_in_a_list_share_their_pattern(read, grammar):
    (one,) = read("The depots- Al-Varn, Koldavia, and Ez-Zim- came under attack.")
    assert {name.text for name in with_neighbours(one, NOUNS, grammar)} == {"Al-Varn", "Koldavia", "Ez-Zim"}


def learned(reads, grammar, known=()):
    return {base.id: base for base in learn_bases(reads, NOUNS, grammar, known)}


@pytest.mark.parametrize(
    "sentence",
    [
        "A refinery in Norway was hit by lightning.",
        "A refinery in Djibouti was hit by lightning.",
        "The mayor of Varnholt spoke of the weather.",
        "The Victory refinery is safe.",
    ],
)
def test_countries_common_words_and_bystanders_are_no_targets(read, grammar, sentence):
    assert learned(read(sentence), grammar) == {}


def test_one_pattern_in_one_seed_only_suggests(read, grammar):
    once = learned(read("Smoke rose over a plant near Varnholt today."), grammar)
    twice = learned(read("Smoke rose over a plant near Varnholt today.", "They targeted Varnholt again."), grammar)
    assert not once["varnholt"].active
    assert twice["varnholt"].active


def test_spellings_of_one_name_are_joined(read, grammar):
    found = learned(
        read("They targeted al-Koldavi.", "The Al-Koldavvi depot burned.", "They targeted Koldavi twice."), grammar
    )
    (base,) = found.values()
    assert set(base.spellings) == {"al-Koldavi", "Al-Koldavvi", "Koldavi"}


def test_what_texts_call_a_province_is_an_area(read, grammar):
    found = learned(read("A refinery in Varnholt province was hit.", "They targeted Varnholt."), grammar)
    assert found["varnholt"].kind == "area"


def test_a_spelling_of_a_known_base_takes_its_id_and_facts(read, grammar):
    known = KnownBase("east-works", "Eastern Works", "base", ("Coldavia",), (("country", "XX"), ("lat", 1.5)))
    found = learned(read("They targeted Koldavia.", "The Koldavia refinery burned."), grammar, [known])
    assert found["east-works"].known == known
    assert found["east-works"].spellings == ("Koldavia",)
