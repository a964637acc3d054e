"""Verdicts become a proposal. Rules of an invented topic: arrows on castles."""

from __future__ import annotations

import tomllib

import pytest

from monitor.learning.folder import check_rule_files
from monitor.learning.grammar import read_grammar
from monitor.learning.verdicts import Case, revise
from monitor.matching import judge
from monitor.model import Article

FILES = {
    "a.toml": """
[[base]]
id = "varnholm"
name = "Varnholm"
country = "ZZ"
[base.aliases]
latin = ["Varnholm"]   # as the wires write it
[[concept]]
id = "weapon"
terms = ["arrow(s)"]
[[concept]]
id = "hit_v"
terms = ["hit", "struck"]
[[concept]]
id = "castle"
terms = ["castle"]
[[concept]]
id = "country"
value = "ZZ"
terms = ["zedland"]
[[concept]]
id = "drill_word"
terms = ["drill"]
[[phrase]]
id = "target"
patterns = ["castle", "base"]
[[rule]]
id = "weapon-hits"     # the plain one
pattern = "weapon ~3 hit_v ~3 target"
score = 1.2
[[rule]]
id = "castle-struck"
pattern = "castle ~2 hit_v"
score = 1.1
[[context]]
id = "drill"
label = "drill"
before = "drill_word"
after = "drill_word"
"""
}
GRAMMAR = read_grammar({"words": {"closed": ["the", "a", "in", "of", "at", "on", "for"], "particles": ["al"]}})
SURE = ["Arrows hit castle at dawn", "Arrows hit castle, mayor says", "Arrows struck Varnholm", "Arrows hit the castle"]


def case(number, title, *, label):
    return Case(Article(f"{number:03}", title), label, f"event {number}")


def cases(right=(), wrong=()):
    return [case(number, title, label=True) for number, title in enumerate(right)] + [
        case(100 + number, title, label=False) for number, title in enumerate(wrong)
    ]


def proposal(*given, files=FILES):
    rules = check_rule_files(files)
    return revise([one for group in given for one in group], rules, files, GRAMMAR)


def steps(revision):
    return [step.what for step in revision.steps]


def flags(files, title):
    return judge(Article("x", title), check_rule_files(files)).flagged


def test_no_verdicts_and_right_ones_change_nothing():
    for given in ((), cases(right=SURE)):
        revision = proposal(given)
        assert revision.steps == ()
        assert revision.files == FILES


def test_words_beside_false_alarms_become_a_context_that_spares_what_is_confirmed():
    wrong = ["Arrows hit castle in puppetry hall", "Puppetry: arrows hit castle", "At puppetry, arrows struck castle"]
    revision = proposal(cases(right=SURE, wrong=wrong))
    (new,) = revision.contexts
    assert (new.words, len(new.entries)) == ("puppetry", 3)
    assert "weapon-hits" in new.rules
    assert not any(flags(revision.files, title) for title in wrong)
    assert all(flags(revision.files, title) for title in SURE)
    context = tomllib.loads(revision.files["verdicts.toml"])["context"][0]
    assert context["source"] == "verdicts"
    assert (
        steps(revision) == ["context verdict-puppetry: + beside castle-struck, weapon-hits"] or len(revision.steps) == 1
    )


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (["Arrows hit castle in puppetry hall", "Puppetry: arrows hit castle"], SURE),
        (
            ["Arrows hit castle in puppetry hall", "Puppetry: arrows hit castle", "At puppetry, arrows struck castle"],
            [*SURE, "Arrows hit castle during puppetry festival, three dead"],
        ),
    ],
)
def test_two_false_alarms_or_one_confirmed_report_make_no_context(wrong, right):
    assert proposal(cases(right=right, wrong=wrong)).contexts == ()


def test_copies_of_one_false_alarm_are_one():
    assert proposal(cases(right=SURE, wrong=["Puppetry: arrows hit castle"] * 5)).steps == ()


def test_words_of_the_rules_are_never_a_context():
    wrong = [f"Zedland: arrows hit castle {word}" for word in ("one", "two", "three")]
    assert proposal(cases(right=SURE, wrong=wrong)).contexts == ()


DULL = ["Castle hit on air", "Castle struck by gloom", "Castle hit parade", "Castle a hit", "The castle was hit again"]


def test_a_rule_that_is_wrong_for_sure_is_switched_off_where_it_stands():
    revision = proposal(cases(right=SURE, wrong=DULL))
    assert "rule castle-struck: switch off" in steps(revision)
    assert not any(flags(revision.files, title) for title in DULL)
    assert all(flags(revision.files, title) for title in SURE)
    assert revision.files["a.toml"].count("\n") == FILES["a.toml"].count("\n") + 1
    assert "# as the wires write it" in revision.files["a.toml"]


def test_a_rule_that_is_more_often_wrong_than_right_is_lowered():
    revision = proposal(cases(right=["Castle struck twice"], wrong=DULL[:3]))
    assert steps(revision) == ["rule castle-struck: lower its score from 1.1 to 0.9"]
    assert not flags(revision.files, DULL[0])


def test_a_context_that_hid_true_reports_is_switched_off():
    hidden = [f"After {word} drill arrows hit castle" for word in ("a", "its", "one", "another")]
    revision = proposal(cases(right=hidden))
    assert steps(revision) == ["context drill: switch off"]
    assert all(flags(revision.files, title) for title in hidden)


def test_a_new_spelling_of_a_known_base_is_proposed_from_what_was_confirmed():
    title = "Arrows struck al-Varnhoolm in Zedland"
    assert not flags(FILES, title)
    revision = proposal(cases(right=[title]))
    assert steps(revision) == ["base varnholm: + al-Varnhoolm"]
    assert flags(revision.files, title)
    assert proposal(cases(wrong=[title])).steps == ()


def test_what_was_accepted_is_not_proposed_again():
    wrong = ["Arrows hit castle in puppetry hall", "Puppetry: arrows hit castle", "At puppetry, arrows struck castle"]
    given = cases(right=[*SURE, "Arrows struck al-Varnhoolm in Zedland"], wrong=wrong + DULL)
    once = proposal(given)
    assert len(once.steps) == 3
    assert proposal(given, files=once.files).steps == ()


def test_the_same_verdicts_give_the_same_bytes_in_whatever_order():
    given = cases(
        right=SURE, wrong=["Puppetry: arrows hit castle", "Arrows hit castle of puppetry", "Castle hit: puppetry"]
    )
    assert proposal(given).files == proposal(given[::-1]).files


def test_terms_of_many_false_alarms_are_named_for_a_person():
    revision = proposal(cases(wrong=DULL))
    assert "castle: castle" in [record.id for record in revision.review]
