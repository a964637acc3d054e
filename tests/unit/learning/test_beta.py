"""The share of right ones, from few verdicts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.learning.beta import below, quantile, share

counts = st.integers(0, 400)


def test_known_values():
    assert below(2, 2, 0.3) == pytest.approx(3 * 0.3**2 - 2 * 0.3**3)
    assert share(0, 4).high == pytest.approx(1 - 0.05 ** (1 / 5))
    assert share(4, 0).low == pytest.approx(0.05 ** (1 / 5))
    assert (share(0, 0).low, share(0, 0).mean, share(0, 0).high) == pytest.approx((0.05, 0.5, 0.95))


@given(counts, counts)
def test_the_mean_lies_in_the_interval_and_the_interval_in_0_to_1(right, wrong):
    found = share(right, wrong)
    assert 0 < found.low < found.mean < found.high < 1


@given(counts, counts)
def test_one_more_right_raises_and_one_more_wrong_lowers_everything(right, wrong):
    here, more, less = share(right, wrong), share(right + 1, wrong), share(right, wrong + 1)
    assert less.low < here.low < more.low
    assert less.mean < here.mean < more.mean
    assert less.high < here.high < more.high


@given(counts, counts)
def test_right_and_wrong_mirror_each_other(right, wrong):
    here, mirror = share(right, wrong), share(wrong, right)
    assert here.low == pytest.approx(1 - mirror.high, abs=1e-9)


@given(st.integers(1, 200), st.integers(1, 200), st.floats(0.01, 0.99))
def test_the_quantile_is_where_the_chance_is_reached(a, b, chance):
    assert below(a, b, quantile(a, b, chance)) == pytest.approx(chance, abs=1e-6)


@given(st.integers(0, 100))
def test_more_verdicts_of_the_same_kind_narrow_the_interval(times):
    few, many = share(times, times), share(times + 1, times + 1)
    assert many.high - many.low < few.high - few.low
