"""Weights refitted to verdicts: ridge around the present weights, which are its prior, with a squared hinge loss. Pure.

A mention should stand some way above the threshold where a person confirms it, and some way below where not. Only what
does not is a loss (Chang, Hsieh and Lin 2008), so that weights that work stay. Only differences from the present
weights are fitted, and each costs its square (Hoerl and Kennard 1970), so that few verdicts move little. All reports of
one event together count as one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEAST_OBSERVATIONS = 30
LEAST_GROUPS = 5
LEAST_SEEN = 3  # observations in which a weight must act to be changed
SAFE = 0.1  # how far from the threshold a mention should stand, on its right side
PENALTY = 3.0
ROUNDING = 0.05
_STEPS = 400
_FOLDS = 10


@dataclass(frozen=True, slots=True)
class Observation:
    """One article with a verdict: how far above the threshold it stands, which weights act and in which direction."""

    margin: float
    acts: Mapping[str, float]
    label: bool
    group: str


def refit(observations: Sequence[Observation]) -> dict[str, float]:
    """Weight → difference from the present one, in steps of ROUNDING.

    Nothing where there are too few verdicts or events, or where weights fitted on other events do not decide an event
    with fewer mistakes than the present ones, or where the rounded ones decide no more verdicts rightly.
    """
    groups = sorted({one.group for one in observations})
    if len(observations) < LEAST_OBSERVATIONS or len(groups) < LEAST_GROUPS:
        return {}
    if _held_out_mistakes(observations, groups) >= mistakes(observations, {}):
        return {}
    seen = Counter(name for one in observations for name in one.acts)
    fitted = fit(observations)
    rounded = {name: round(round(value / ROUNDING) * ROUNDING, 2) for name, value in sorted(fitted.items())}
    change = {name: value for name, value in rounded.items() if value and seen[name] >= LEAST_SEEN}
    return change if _wrong(observations, change) < _wrong(observations, {}) else {}


def fit(observations: Sequence[Observation]) -> dict[str, float]:
    """The differences that make loss and penalty least; plain gradient descent with a step that cannot overshoot."""
    shares = _shares(observations)
    change = dict.fromkeys(sorted({name for one in observations for name in one.acts}), 0.0)
    steepest = sum(2 * shares[one.group] * sum(value**2 for value in one.acts.values()) for one in observations)
    step = 1 / (PENALTY + steepest)
    for _ in range(_STEPS):
        slope = {name: PENALTY * value for name, value in change.items()}
        for one in observations:
            error = 2 * shares[one.group] * _shortfall(one, change) * (-1 if one.label else 1)
            for name, value in one.acts.items():
                slope[name] += error * value
        for name in change:
            change[name] -= step * slope[name]
    return change


def loss(observations: Sequence[Observation], change: Mapping[str, float]) -> float:
    """The squared shortfalls under changed weights, each group counted once."""
    shares = _shares(observations)
    return math.fsum(shares[one.group] * _shortfall(one, change) ** 2 for one in observations)


def mistakes(observations: Sequence[Observation], change: Mapping[str, float]) -> float:
    """How much is decided wrongly under changed weights, each group counted once."""
    shares = _shares(observations)
    wrong = (one for one in observations if _is_wrong(one, change))
    return round(math.fsum(shares[one.group] for one in wrong), 9)


def _wrong(observations: Sequence[Observation], change: Mapping[str, float]) -> int:
    return sum(_is_wrong(one, change) for one in observations)


def _is_wrong(one: Observation, change: Mapping[str, float]) -> bool:
    return (round(_margin(one, change), 9) >= 0) != one.label


def _held_out_mistakes(observations: Sequence[Observation], groups: Sequence[str]) -> float:
    """The mistakes on each event under weights fitted without it; many events are left out in ten lots."""
    total = 0.0
    for fold in range(min(_FOLDS, len(groups))):
        out = set(groups[fold::_FOLDS])
        change = fit([one for one in observations if one.group not in out])
        total += mistakes([one for one in observations if one.group in out], change)
    return round(total, 9)


def _shares(observations: Sequence[Observation]) -> dict[str, float]:
    return {group: 1 / count for group, count in Counter(one.group for one in observations).items()}


def _shortfall(one: Observation, change: Mapping[str, float]) -> float:
    """How much an article lacks to stand safely on its right side of the threshold; 0 where nothing."""
    above = _margin(one, change)
    return max(0.0, SAFE - above if one.label else SAFE + above)


def _margin(one: Observation, change: Mapping[str, float]) -> float:
    return one.margin + sum(value * change.get(name, 0.0) for name, value in one.acts.items())
