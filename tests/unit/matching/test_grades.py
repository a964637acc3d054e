"""Severity as rules say it: which grade fits which facts, and mistakes in the tables."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import RuleError
from monitor.incidents.grading import grave, gravest, severity
from monitor.incidents.updates import facts_of
from monitor.matching.grades import LEVELS, NUMBERS, STATED, Grade, read_grades
from monitor.matching.loader import load_rules
from monitor.model import Article, Fact, Mention

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


def facts(**values):
    return [Fact(slot, value, "e1", "Outlet", "", NOW) for slot, value in values.items()]


@pytest.fixture(scope="module")
def shipped(root):
    return load_rules(root / "rules").grades


@pytest.mark.parametrize(
    ("known", "bases", "level"),
    [
        ({}, 1, "medium"),
        ({"killed": "0", "wounded": "0"}, 1, "medium"),
        ({"killed": "1", "intercepted": "yes"}, 1, "critical"),
        ({"wounded": "2", "intercepted": "yes"}, 1, "high"),
        ({"wounded": "2", "killed": "3"}, 1, "critical"),
        ({}, 3, "high"),
        ({}, 2, "medium"),
        ({"count": "12"}, 1, "medium"),
        ({"intercepted": "yes", "count": "2"}, 1, "low"),
    ],
)
def test_the_shipped_grades(shipped, known, bases, level):
    assert severity(shipped, facts(**known), bases) == level


def test_the_first_grade_of_which_everything_fits_counts():
    grades = (Grade("high", (("wounded", 2),), ("confirmed_by",)), Grade("low", (), ("denied_by",)))
    assert severity(grades, facts(wounded="2")) == "medium"
    assert severity(grades, facts(wounded="2", confirmed_by="the ministry")) == "high"
    assert severity(grades, facts(wounded="1", confirmed_by="the ministry", denied_by="a group")) == "low"


def test_of_several_numbers_the_greatest_counts():
    several = [*facts(wounded="3"), *facts(wounded="1")]
    assert severity((Grade("high", (("wounded", 3),)),), several) == "high"


def test_a_folder_that_grades_nothing_gives_one_severity_to_all():
    assert severity(read_grades({}), facts(killed="40")) == "medium"


def test_grades_know_the_facts_that_reports_give():
    everything = Mention(
        "fort-a", "", "XX", None, None, "none", ("drone",), 2, "night", 1, 2, True, "a group", "officials", "others",
        response="struck back",
    )  # fmt: skip
    given_slots = {fact.slot for fact in facts_of(everything, Article("e1", "title"), NOW)}
    assert set(STATED) <= given_slots
    assert set(NUMBERS) - {"bases"} <= given_slots


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[severity]\nlevel = "high"', "severity must be written as [[severity]]"),
        ('[[severity]]\nlevel = "hihg"', "level = 'hihg' is unknown; write one of low, medium, high, critical"),
        ("[[severity]]\nat_least = { killed = 1 }", "level = None is unknown"),
        ('[[severity]]\nlevel = "high"\nkilled = 1', "has the unknown key `killed`; valid are level, at_least"),
        ('[[severity]]\nlevel = "high"\nat_least = { kiled = 1 }', "names the unknown fact `kiled`; valid are killed"),
        ('[[severity]]\nlevel = "high"\nat_least = { killed = "1" }', "at_least must name whole numbers above 0"),
        ('[[severity]]\nlevel = "high"\nat_least = { killed = true }', "at_least must name whole numbers above 0"),
        ('[[severity]]\nlevel = "low"\nstated = "intercepted"', "stated must be a list of facts"),
        ('[[severity]]\nlevel = "low"\nstated = ["shot"]', "names the unknown fact `shot`; valid are intercepted"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_table(text, told):
    with pytest.raises(RuleError, match=r"^facts\.toml") as error:
        read_grades(tomllib.loads(text))
    assert told in str(error.value)


LEVEL = st.sampled_from(LEVELS)
GRADES = st.lists(
    st.builds(
        Grade,
        LEVEL,
        st.dictionaries(st.sampled_from(NUMBERS), st.integers(1, 5), max_size=2).map(
            lambda known: tuple(known.items())
        ),
        st.lists(st.sampled_from(STATED), max_size=2).map(tuple),
    ),
    max_size=4,
)
FACTS = st.lists(
    st.builds(
        lambda slot, value: facts(**{slot: value})[0],
        st.sampled_from(STATED),
        st.one_of(st.integers(0, 9).map(str), st.text(max_size=3)),
    ),
    max_size=6,
)


@given(GRADES, FACTS, st.integers(1, 4))
def test_whatever_is_stated_there_is_one_level_and_the_order_of_reports_does_not_matter(grades, known, bases):
    level = severity(grades, known, bases)
    assert level in LEVELS
    assert severity(grades, known[::-1], bases) == level


@given(st.lists(LEVEL, min_size=1))
def test_the_gravest_is_at_least_as_grave_as_each(levels):
    assert all(grave(gravest(levels), level) for level in levels)
