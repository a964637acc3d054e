"""What two sets of rule files say differently."""

from __future__ import annotations

import pytest

from monitor.errors import RuleError
from monitor.learning.difference import rule_changes, told

BEFORE = {
    "a.toml": """
# a comment
[settings]
threshold = 1.0
[[base]]
id = "varn"
name = "Varn"
[base.aliases]
latin = ["Varn"]
[[concept]]
id = "weapon"
value = "bow"
terms = ["arrow(s)", "bow"]
[[rule]]
id = "hit"
pattern = "weapon"
score = 1.2
[[context]]
id = "drill"
label = "drill"
before = "weapon"
""",
    "b.toml": '[[rule]]\nid = "other"\npattern = "weapon"\n',
    "floors.toml": "[labelled]\nrecall = 0.9\n",
}


def names(before, after):
    return [(one.change, one.kind, one.name) for one in rule_changes(before, after)]


def test_the_same_rules_differ_in_nothing_whatever_their_order_file_or_comments():
    moved = {
        "a.toml": BEFORE["b.toml"] + "# another comment\n" + BEFORE["a.toml"],
        "floors.toml": BEFORE["floors.toml"],
    }
    assert names(BEFORE, BEFORE) == names(BEFORE, moved) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('name = "Varn"', 'name = "Varn Camp"', ("changed", "base", "varn")),
        ('"bow"]', '"bow", "spear"]', ("added", "term", "weapon bow: spear")),
        ('"arrow(s)", ', "", ("removed", "term", "weapon bow: arrow(s)")),
        ("score = 1.2", "score = 0.9", ("changed", "rule", "hit")),
        ('label = "drill"', 'label = "drill"\nstatus = "off"', ("changed", "context", "drill")),
        ("threshold = 1.0", "threshold = 1.1", ("changed", "settings", "threshold")),
    ],
)
def test_each_kind_of_change_is_named(old, new, expected):
    after = BEFORE | {"a.toml": BEFORE["a.toml"].replace(old, new)}
    assert names(BEFORE, after) == [expected]


def test_whole_files_come_and_go():
    without = {name: text for name, text in BEFORE.items() if name != "b.toml"}
    assert names(BEFORE, without) == [("removed", "rule", "other")]
    assert names(without, BEFORE) == [("added", "rule", "other")]
    raised = BEFORE | {"floors.toml": "[labelled]\nrecall = 0.95\n"}
    assert names(BEFORE, raised) == [("changed", "floors.toml", "labelled")]


def test_a_person_reads_what_was_added_to_a_list_and_what_a_number_became():
    after = BEFORE | {
        "a.toml": BEFORE["a.toml"].replace('["Varn"]', '["Varn", "Warn"]').replace("score = 1.2", "score = 0.9")
    }
    assert told(rule_changes(BEFORE, after)) == [
        "~ base varn",
        "    aliases.latin + Warn",
        "~ rule hit",
        "    score: 1.2 → 0.9",
    ]


def test_two_tables_of_one_name_are_both_seen():
    twice = {"a.toml": '[[concept]]\nid = "x"\nterms = ["one"]\n[[concept]]\nid = "x"\nterms = ["one", "two"]\n'}
    once = {"a.toml": '[[concept]]\nid = "x"\nterms = ["one"]\n'}
    assert names(twice, once) == [
        ("removed", "concept", "x"),
        ("removed", "term", "x: one"),
        ("removed", "term", "x: two"),
    ]


def test_a_broken_file_is_named():
    with pytest.raises(RuleError, match=r"a\.toml"):
        rule_changes({"a.toml": "[[["}, {})
