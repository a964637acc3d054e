"""Names beside what resembles them: other names, acronyms, common words."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from monitor.matching import judge, load_rules, read_article
from monitor.matching.ruleset import RuleSet
from monitor.model import Article

RULES = """
[[concept]]
id = "cue"
terms = ["base", "camp"]
[[concept]]
id = "struck"
terms = ["struck"]
[[phrase]]
id = "base"
patterns = ["base_cued ~1 cue"]
[[rule]]
id = "base-struck"
pattern = "base ~3 struck"

[[base]]
id = "tarn"
name = "Tarn"
not_alias = ["TARN", "Tarn Smith"]
[base.aliases]
latin = ["Tarn"]

[[base]]
id = "mill"
name = "Camp Mill"
not_owner = true
[base.aliases]
latin = ["Camp Mill!", "Mill base!"]

[[base]]
id = "wold"
name = "North Wold"
[base.aliases]
latin = ["North Wold", "Wold?"]

[[base]]
id = "orba"
name = "Orba"
needs_cue = true
not_alias = ["Orba camp"]
[base.aliases]
latin = ["Orba"]
tr = ["Orba sahası!"]
"""


@cache
def _rules(folder: Path) -> RuleSet:
    (folder / "rules.toml").write_text(RULES, encoding="utf-8")
    return load_rules(folder)


@pytest.mark.parametrize(
    ("title", "bases"),
    [
        ("Tarn was struck", ["tarn"]),
        ("TARN payments were struck from the budget", []),
        ("TARN WAS STRUCK BY LAWMAKERS TODAY", []),
        ("Tarn Smith was struck by a car", []),
        ("Tarn Smith saw how Tarn was struck", ["tarn"]),
        ("Camp Mill was struck", ["mill"]),
        ("camp mill was struck", ["mill"]),
        ("In the camp Mill was struck by doubt", []),
        ("CAMP MILL WAS STRUCK BY LIGHTNING", ["mill"]),
        ("Mill base was struck", ["mill"]),
        ("Mill's base was struck", []),
        ("Mill’s base was struck", []),
        ("Orba base was struck", ["orba"]),
        ("Orba was struck", []),
        ("Orba camp was struck by floods", []),
        ("Orba sahasına baskın", ["orba"]),
    ],
)
def test_a_name_counts_only_where_it_is_the_base(tmp_path: Path, title: str, bases: list[str]) -> None:
    rules = _rules(tmp_path)
    read = read_article(Article("a", title), rules)
    assert [found.value for sentence in read.sentences for found in sentence.spans.get("base", ())] == bases


def test_a_name_spelt_like_an_acronym_still_flags(tmp_path: Path) -> None:
    assert judge(Article("a", "Tarn was struck"), _rules(tmp_path)).flagged
    assert not judge(Article("a", "TARN was struck"), _rules(tmp_path)).flagged


@pytest.mark.parametrize(
    ("title", "country"),
    [
        ("Drone kills three US soldiers near the Syrian border", ""),
        ("Drone kills three US soldiers at base in Jordan near the Syrian border", "JO"),
        ("Rockets hit US base on Iraq-Syria border", ""),
        ("Rockets hit US base in Iraq near Syria", "IQ"),
        ("Rockets hit US base in Syria", "SY"),
    ],
)
def test_a_border_or_a_neighbour_is_not_where_the_attack_was(root: Path, title: str, country: str) -> None:
    hits = judge(Article("a", title), load_rules(root / "rules")).hits
    assert {hit.country for hit in hits} == {country}


@pytest.mark.parametrize(
    ("title", "bases", "cued"),
    [
        ("Wold is a word for a hill", [], 1),
        ("Wold base struck", ["wold"], 1),
        ("North Wold base was struck", ["wold"], 0),
    ],
)
def test_one_name_of_a_base_may_need_a_cue_where_the_others_need_none(
    tmp_path: Path, title: str, bases: list[str], cued: int
) -> None:
    """A short name within the whole one is not told twice."""
    judged = judge(Article(id="1", title=title), _rules(tmp_path))
    (sentence,) = read_article(Article(id="1", title=title), _rules(tmp_path)).sentences
    assert [hit.base for hit in judged.hits] == bases
    assert len(sentence.spans.get("base_cued", ())) == cued
