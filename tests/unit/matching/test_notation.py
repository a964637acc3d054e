"""What rule files may say, and how mistakes are told."""

from __future__ import annotations

import pytest

from monitor.matching.notation import NotationError, folded_forms, read_pattern, term_forms


def test_a_term_stands_for_its_forms() -> None:
    assert term_forms("attack(s|ed)") == ("attack", "attacks", "attacked")
    assert term_forms("(long) range") == ("range", "long range")
    assert term_forms("hit|struck base") == ("hit base", "struck base")
    assert term_forms("under (rocket|drone) fire") == ("under fire", "under rocket fire", "under drone fire")


def test_forms_are_folded_to_tokens() -> None:
    assert folded_forms("one-way drone(s)") == (("one", "way", "drone"), ("one", "way", "drones"))


@pytest.mark.parametrize("bad", ["attack(s", "at)tack", "a|b|c|d|e|f|g|h " * 4])
def test_a_bad_term_is_refused(bad: str) -> None:
    with pytest.raises(NotationError):
        term_forms(bad)


def test_a_pattern_is_concepts_with_gaps() -> None:
    pattern = read_pattern("weapon ~3 hit_v target|place")
    assert [(step.concepts, step.gap) for step in pattern.steps] == [
        (("weapon",), 0),
        (("hit_v",), 3),
        (("target", "place"), 0),
    ]


@pytest.mark.parametrize("bad", ["", "~3 weapon", "weapon ~x base", "weapon (base)", "weapon Base"])
def test_a_bad_pattern_is_refused(bad: str) -> None:
    with pytest.raises(NotationError):
        read_pattern(bad)
