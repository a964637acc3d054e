"""Two rule sets on the same history."""

from __future__ import annotations

import pytest

from monitor.engine.compare import compare, score


def line(name, reason):
    return {"id": name, "reason": reason, "alert": reason in ("new", "update", "possible_update")}


def test_gained_lost_and_changed_are_told_apart():
    before = [line("a", "new"), line("b", "none"), line("c", "repeat"), line("d", "none"), line("e", "new")]
    after = [line("a", "none"), line("b", "new"), line("c", "none"), line("d", "none"), line("e", "update")]
    found = compare(before, after)
    assert (found.gained, found.lost) == (("b",), ("a",))
    assert found.changed == (("c", "repeat", "none"), ("e", "new", "update"))
    assert found.alerts == (2, 2)
    assert found.scores is None


def test_scores_count_flags_not_alerts_and_only_labelled_items():
    lines = [line("a", "repeat"), line("b", "new"), line("c", "none"), line("d", "none"), line("x", "new")]
    found = score(lines, {"a": True, "b": False, "c": True, "d": False})
    assert (found.right, found.wrong, found.missed) == (1, 1, 1)
    assert (found.precision, found.recall, found.f1) == (0.5, 0.5, 0.5)


def test_nothing_to_count_is_none_not_zero():
    empty = score([], {})
    assert (empty.precision, empty.recall, empty.f1) == (None, None, None)


def test_replays_of_different_length_are_refused():
    with pytest.raises(ValueError, match="argument 2"):
        compare([line("a", "new")], [])
