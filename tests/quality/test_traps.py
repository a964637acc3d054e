"""Headlines that look like an attack on a watched base and are none; the name traps hold no base at all."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from monitor.matching import judge, load_rules, read_article
from monitor.matching.ruleset import RuleSet
from monitor.model import Article

FILE = Path(__file__).parent / "traps.txt"


def _traps() -> list[tuple[str, str]]:
    kind = ""
    traps: list[tuple[str, str]] = []
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            kind = line[2:].split(":")[0]
        elif line:
            traps.append((kind, line))
    return traps


TRAPS = _traps()


@cache
def _rules() -> RuleSet:
    return load_rules(Path(__file__).resolve().parents[2] / "rules")


def test_the_file_holds_200_traps_of_two_kinds() -> None:
    assert len({line for _, line in TRAPS}) >= 200
    assert {kind for kind, _ in TRAPS} == {"names", "events"}


@pytest.mark.parametrize(("kind", "headline"), TRAPS)
def test_a_trap_is_no_attack(kind: str, headline: str) -> None:
    article = Article("trap", headline)
    judgement = judge(article, _rules())
    assert not judgement.flagged, judgement.rule
    if kind == "names":
        read = read_article(article, _rules())
        assert [found.value for sentence in read.sentences for found in sentence.spans.get("base", ())] == []
        assert [term for hit in judgement.hits for term in hit.terms if term.concept == "base"] == []
