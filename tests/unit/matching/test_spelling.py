"""Keys of spellings: what they join, what they keep apart, and that they only ever suggest one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.matching.spelling import Spellings, skeleton, sound_key

KNOWN = Spellings(
    {
        "hasaka": ["al-Hasakah", "الحسكة"],
        "shadad": ["al-Shaddadi"],
        "omar": ["al-Omar"],
        "east": ["Karim North"],
        "west": ["Kareem North"],
        "gate": ["Gate of Tarim!", "ABCD"],
    },
    {"hasaka": ["Hasek"]},
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ain al-Asad", "Ayn el-Esed"),
        ("al-Hasakah", "Hassakeh"),
        ("Shaddadi", "Şeddadi"),
        ("Эт-Танф", "at-Tanf"),
        ("asch-Schaddadi", "Shaddadi"),
        ("Qamishli", "Kameshli"),
        ("Rmeilane", "Rmeilan"),
    ],
)
def test_spellings_of_one_name_sound_alike(one: str, other: str) -> None:
    assert sound_key(one) == sound_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Harir", "Hariri"), ("Harir", "Harim"), ("Maliki", "Malikiyah"), ("Shadid", "Shaddadi")]
)
def test_other_names_sound_otherwise(one: str, other: str) -> None:
    assert sound_key(one) != sound_key(other)


def test_a_script_without_vowels_shares_the_skeleton() -> None:
    assert skeleton("رميلان") == skeleton("Rumeilan") == skeleton("רמילאן")


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("Hassaké", "hasaka"),
        ("al-Hasaka", "hasaka"),
        ("Schaddadi", "shadad"),
        ("Gate of Tareem", "gate"),
    ],
)
def test_a_new_spelling_is_suggested(name: str, id_: str) -> None:
    suggestion = KNOWN.suggest(name)
    assert suggestion is not None
    assert suggestion.id == id_
    assert suggestion.ratio >= 70


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Hasek", "a person said that it is none"),
        ("Umar", "two consonants say too little"),
        ("Karem North", "two names sound so"),
        ("abcd", "an acronym has no sound"),
        ("Paris", "nothing is like it"),
        ("", "there is nothing"),
        ("...", "there is no letter"),
    ],
)
def test_nothing_is_suggested(name: str, why: str) -> None:
    assert KNOWN.suggest(name) is None, why


@given(st.text(max_size=40))
def test_any_text_has_a_key(text: str) -> None:
    suggestion = KNOWN.suggest(text)
    assert sound_key(text).split() == [word for word in sound_key(text).split(" ") if word]
    assert suggestion is None or len(skeleton(text)) >= 3


@given(st.sampled_from(["al-Hasakah", "al-Shaddadi", "Gate of Tarim"]), st.sampled_from(["lower", "upper", "title"]))
def test_case_changes_nothing(name: str, case: str) -> None:
    suggestion = KNOWN.suggest(getattr(name, case)())
    assert suggestion is not None
    assert suggestion.alias == name
