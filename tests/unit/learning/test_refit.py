"""Weights refitted around the present ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.learning.refit import LEAST_OBSERVATIONS, ROUNDING, Observation, fit, loss, refit


def seen(name, *, label, group, margin=0.2):
    return Observation(margin, {f"rule {name}": 1.0}, label, group)


def history(bad_label=False):
    """40 articles of 10 events: one rule is always right, the other always wrong."""
    good = [seen("good", label=True, group=f"event {number % 5}") for number in range(20)]
    return good + [seen("bad", label=bad_label, group=f"alarm {number % 5}") for number in range(20)]


def test_a_rule_that_is_always_wrong_is_lowered_and_a_right_one_is_not():
    found = refit(history())
    assert found["rule bad"] < -0.1
    assert found.get("rule good", 0.0) >= 0


def test_a_context_that_hides_true_reports_takes_less():
    hidden = [
        Observation(-0.8, {"rule good": 1.0, "context drill": -1.0}, True, f"event {number % 8}")
        for number in range(40)
    ]
    found = refit(hidden)
    assert found["context drill"] < -0.1
    assert found["rule good"] > 0.1


def test_too_few_verdicts_or_events_change_nothing():
    assert refit(history()[: LEAST_OBSERVATIONS - 1]) == {}
    one_event = [seen("bad", label=False, group=f"event {number % 4}") for number in range(40)]
    assert refit(one_event) == {}


def test_a_weight_that_acted_twice_stays():
    rare = [seen("rare", label=False, group=f"rare {number}") for number in range(2)]
    assert "rule rare" not in refit(history() + rare)


def test_what_does_not_foretell_other_events_is_not_learned():
    """Each event's own rule explains it and no other: nothing is gained on events that were left out."""
    own = [seen(f"of {number % 8}", label=False, group=f"event {number % 8}") for number in range(40)]
    assert refit(own) == {}


def test_many_copies_of_one_event_count_as_one():
    base = history()
    copies = [*base, *(seen("good", label=False, group="one alarm") for _ in range(200))]
    single = [*base, seen("good", label=False, group="one alarm")]
    assert fit(copies)["rule good"] == pytest.approx(fit(single)["rule good"], abs=1e-6)


@given(
    st.lists(
        st.builds(
            Observation,
            margin=st.floats(-2, 2),
            acts=st.dictionaries(st.sampled_from(["rule a", "rule b", "context c"]), st.sampled_from([1.0, -1.0])),
            label=st.booleans(),
            group=st.sampled_from("abcdefg"),
        ),
        max_size=50,
    )
)
def test_a_fit_never_makes_the_verdicts_it_knows_less_likely(observations):
    change = fit(observations)
    assert loss(observations, change) <= loss(observations, {}) + 1e-9
    for name, value in refit(observations).items():
        assert any(name in one.acts for one in observations)
        assert abs(value / ROUNDING - round(value / ROUNDING)) < 1e-6
