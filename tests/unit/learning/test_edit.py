"""One value of a rule file is changed, and everything else stays as people wrote it."""

from __future__ import annotations

import tomllib

import pytest

from monitor.errors import RuleError
from monitor.learning.edit import add_alias, set_key

TEXT = """# kept
[[rule]]  # the first
id = "hit"   # kept too
score = 1.2
patterns = [
  "weapon",
]
[[rule]]
id = "other"
pattern = "weapon"
[[base]]
id = "varn"
name = "Varn"
[base.aliases]
latin = ["Varn"]
ar = []
[[base]]
id = "zim"
name = "Zim"
"""


def test_a_value_that_is_there_is_replaced_and_one_that_is_not_is_added():
    lower = set_key(TEXT, "rule", "hit", "score", 0.9, "why")
    assert lower == TEXT.replace("score = 1.2", "score = 0.9  # why")
    off = set_key(TEXT, "rule", "other", "status", "off")
    assert off == TEXT.replace('id = "other"\n', 'id = "other"\nstatus = "off"\n')


@pytest.mark.parametrize(("base", "script"), [("varn", "latin"), ("varn", "ar"), ("varn", "ru"), ("zim", "latin")])
def test_a_spelling_is_added_where_a_list_is_and_where_there_is_none(base, script):
    changed = tomllib.loads(add_alias(TEXT, base, 'Wa"rn', script))
    before = tomllib.loads(TEXT)
    (table,) = (one for one in changed["base"] if one["id"] == base)
    assert table["aliases"][script][0] == 'Wa"rn'
    assert [one for one in changed["base"] if one["id"] != base] == [one for one in before["base"] if one["id"] != base]


@pytest.mark.parametrize(
    "text",
    [
        'rule = [{id = "hit"}]\n',
        "[[rule]]\nid = 'hit'\nscore = [\n  1.2\n]\n",
        '[[rule]]\nid = "it"\n',
    ],
)
def test_a_form_that_cannot_be_edited_safely_is_refused(text):
    with pytest.raises(RuleError, match="by hand"):
        set_key(text, "rule", "hit", "score", 0.9)


def test_line_ends_stay():
    assert "\n" not in set_key(TEXT.replace("\n", "\r\n"), "rule", "other", "score", 0.5).replace("\r\n", "")


def test_every_table_of_the_shipped_rules_can_be_edited(root):
    edited = 0
    for file in sorted((root / "rules").glob("*.toml")):
        text = file.read_text()
        tables = tomllib.loads(text)
        for kind, key, value in (("rule", "status", "off"), ("rule", "score", 0.1), ("context", "takes", 0.1)):
            for table in tables.get(kind, ()):
                assert set_key(text, kind, table["id"], key, value) != text
                edited += 1
        for table in tables.get("base", ()):
            assert "Xyzzy" in add_alias(text, table["id"], "Xyzzy")
            edited += 1
    assert edited > 100
