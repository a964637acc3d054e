"""How often something is right, from few verdicts: the Beta posterior on a uniform prior, with its interval. Pure.

With r right and w wrong the share is Beta(1 + r, 1 + w). For whole numbers its distribution is a sum of binomial terms
(Abramowitz and Stegun, 26.5.24), so that no library is needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

CENTRAL = 0.9
_HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Share:
    """The share of right ones: its mean and the limits of the central interval, each in [0, 1]."""

    low: float
    mean: float
    high: float


def share(right: int, wrong: int, central: float = CENTRAL) -> Share:
    """The share after `right` and `wrong` verdicts, with the interval that holds it with the chance `central`."""
    a, b = 1 + right, 1 + wrong
    tail = (1 - central) / 2
    return Share(quantile(a, b, tail), a / (a + b), quantile(a, b, 1 - tail))


def quantile(a: int, b: int, chance: float) -> float:
    """Where Beta(a, b) reaches this chance; `a` and `b` are whole numbers from 1."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if below(a, b, middle) < chance:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def below(a: int, b: int, x: float) -> float:
    """The chance that Beta(a, b) lies below x: that of at least `a` successes in a + b - 1 trials."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    trials = a + b - 1
    terms = (
        math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
        + k * math.log(x) + (trials - k) * math.log1p(-x)
        for k in range(a, trials + 1)
    )  # fmt: skip
    return min(1.0, math.fsum(math.exp(term) for term in terms))
