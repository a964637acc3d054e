"""Which entries are worth a verdict."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.review.ask import Waiting, questions


def entry(id_, score=0.0, *, rule="", title="", flagged=False):
    return Waiting(id_, title or f"title of {id_}", "", "outlet", flagged, score, "new" if flagged else "none", rule)


def ask(waiting, limit=10, names=()):
    return questions(waiting, 1.0, lambda one: "Name" if one.id in names else "", limit)


def reasons(asked):
    return [(one.entry.id, one.why) for one in asked]


QUIET = [entry(f"quiet{number}") for number in range(40)]
UNSURE = [entry(f"unsure{number}", 1.0 + number / 100, rule="r", flagged=True) for number in range(20)]


def test_the_nearest_to_the_threshold_come_first_then_names_then_a_sample():
    asked = ask([*QUIET, *UNSURE], names={"quiet7", "quiet8", "quiet9"})
    assert [why for _, why in reasons(asked)] == ["near the threshold"] * 7 + ["a new name"] * 2 + [
        "a sample of the rest"
    ]
    assert [name for name, _ in reasons(asked)[:3]] == ["unsure0", "unsure1", "unsure2"]


def test_one_below_the_threshold_is_as_near_as_one_above():
    far, below = entry("far", 1.4, rule="r", flagged=True), entry("below", 0.9, rule="r")
    assert [name for name, _ in reasons(ask([far, below]))] == ["below", "far"]
    assert ask([entry("sure", 2.0, rule="r", flagged=True)]) == []


@pytest.mark.parametrize("waiting", [[], QUIET[:3], UNSURE[:3]])
def test_what_one_kind_cannot_fill_the_others_get(waiting):
    assert len(ask(waiting)) == len(waiting)


def test_a_title_is_asked_once():
    assert len(ask([entry("a", 1.0, rule="r", title="Same"), entry("b", 1.1, rule="r", title="same ")])) == 1


def test_the_sample_does_not_hang_on_the_order_and_moves_on_when_answered():
    first = ask(QUIET, limit=3)
    assert reasons(first) == reasons(ask(QUIET[::-1], limit=3))
    answered = {one.entry.id for one in first}
    rest = ask([one for one in QUIET if one.id not in answered], limit=3)
    assert len(rest) == 3
    assert not answered & {one.entry.id for one in rest}


@given(
    st.lists(
        st.builds(
            entry, st.text("abcdef", min_size=1, max_size=4), st.floats(-2, 3), rule=st.sampled_from(["", "r"]),
            flagged=st.booleans(),
        ),
        unique_by=lambda one: one.id,
    ),
    st.integers(1, 30),
)  # fmt: skip
def test_never_more_than_asked_for_never_one_twice_and_the_rest_is_never_forgotten(waiting, limit):
    asked = ask(waiting, limit, names={one.id for one in waiting[:3]})
    assert len(asked) <= limit
    assert len({one.entry.id for one in asked}) == len(asked)
    if any(not one.flagged and one.score <= 0 for one in waiting):
        assert any(not one.entry.flagged and one.entry.score <= 0 for one in asked)
