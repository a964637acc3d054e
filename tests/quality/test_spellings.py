"""New and known spellings of bases: read right, never as another base, and no look-alike read at all.

A spelling is read right where the rules find it beside a cue word of its language, or else its keys suggest the base.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import pytest

from monitor.matching import load_rules, read_article
from monitor.matching.ruleset import RuleSet
from monitor.matching.spelling import Spellings
from monitor.model import Article

TABLE = tomllib.loads((Path(__file__).parent / "spellings.toml").read_text(encoding="utf-8"))
LOOKALIKES = [name for names in TABLE.pop("lookalikes").values() for name in names]
SENTENCES = {
    "english": "Rockets hit the {} base on Monday",
    "french": "Tirs de roquettes contre la base {} lundi",
    "german": "Raketen auf Stützpunkt {} am Montag",
    "spanish": "Cohetes contra la base {} el lunes",
    "turkish": "{} üssüne roketli saldırı",
    "russian": "Ракетный удар по базе {} в понедельник",
    "arabic": "هجوم صاروخي على قاعدة {} يوم الاثنين",
    "persian": "حمله موشکی به پایگاه {} روز دوشنبه",
    "hebrew": "ירי רקטות לעבר בסיס {} ביום שני",
}
SPELLINGS = [
    (language, id_, name) for language, bases in TABLE.items() for id_, names in bases.items() for name in names
]


@cache
def _rules() -> RuleSet:
    return load_rules(Path(__file__).resolve().parents[2] / "rules")


@cache
def _spellings() -> Spellings:
    bases = {id_: names for id_, names in _rules().aliases.items() if _rules().bases[id_].kind == "base"}
    return Spellings(bases, _rules().not_aliases)


def _bases_in(text: str) -> set[str]:
    read = read_article(Article("a", text), _rules())
    return {found.value for sentence in read.sentences for found in sentence.spans.get("base", ())}


def _reading(language: str, name: str) -> set[str]:
    found = _bases_in(SENTENCES[language].format(name))
    suggested = _spellings().suggest(name)
    return found or ({suggested.id} if suggested else set())


def test_at_least_99_of_100_spellings_are_read_right_and_none_as_another_base() -> None:
    readings = {spelling: _reading(spelling[0], spelling[2]) for spelling in SPELLINGS}
    assert len(readings) >= 100
    assert {spelling: found for spelling, found in readings.items() if found - {spelling[1]}} == {}
    missed = [spelling for spelling, found in readings.items() if not found]
    assert len(missed) <= len(readings) // 100, missed


def test_at_least_85_of_100_spellings_need_no_suggestion() -> None:
    unknown = [name for language, id_, name in SPELLINGS if _bases_in(SENTENCES[language].format(name)) != {id_}]
    assert len(unknown) <= len(SPELLINGS) * 15 // 100, unknown


@pytest.mark.parametrize("name", LOOKALIKES)
def test_a_lookalike_is_no_base(name: str) -> None:
    assert len(LOOKALIKES) >= 65
    assert _spellings().suggest(name) is None
    assert _bases_in(f"A statement on {name} was read in the base on Monday") == set()
    assert _bases_in(f"{name} said on Monday") == set()
