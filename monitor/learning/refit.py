"""Weights refitted to verdicts: logistic ridge regression around the present weights, which are its prior. Pure.

An article's chance of being right is a logistic function of how far its best mention stands above the threshold. Only
differences from the present weights are fitted, and each costs its square (Hoerl and Kennard 1970), so that few
verdicts move little. All reports of one event together count as one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEAST_OBSERVATIONS = 30
LEAST_GROUPS = 5
LEAST_SEEN = 3  # observations in which a weight must act to be changed
STEEPNESS = 5.0  # a mention 0.2 above the threshold is right with a chance of .73
PENALTY = 10.0
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

    Nothing where there are too few verdicts or events, or where weights fitted on other events do not foretell the
    verdicts on an event better than the present ones.
    """
    groups = sorted({one.group for one in observations})
    if len(observations) < LEAST_OBSERVATIONS or len(groups) < LEAST_GROUPS:
        return {}
    if _held_out_loss(observations, groups) >= loss(observations, {}):
        return {}
    seen = Counter(name for one in observations for name in one.acts)
    fitted = fit(observations)
    rounded = {name: round(round(value / ROUNDING) * ROUNDING, 2) for name, value in sorted(fitted.items())}
    return {name: value for name, value in rounded.items() if value and seen[name] >= LEAST_SEEN}


def fit(observations: Sequence[Observation]) -> dict[str, float]:
    """The differences that make loss and penalty least; plain gradient descent with a step that cannot overshoot."""
    shares = _shares(observations)
    change = dict.fromkeys(sorted({name for one in observations for name in one.acts}), 0.0)
    steepest = sum(
        shares[one.group] * STEEPNESS**2 / 4 * sum(value**2 for value in one.acts.values()) for one in observations
    )
    step = 1 / (PENALTY + steepest)
    for _ in range(_STEPS):
        slope = {name: PENALTY * value for name, value in change.items()}
        for one in observations:
            error = shares[one.group] * STEEPNESS * (_chance(one, change) - one.label)
            for name, value in one.acts.items():
                slope[name] += error * value
        for name in change:
            change[name] -= step * slope[name]
    return change


def loss(observations: Sequence[Observation], change: Mapping[str, float]) -> float:
    """The log loss of the verdicts under changed weights, each group counted once."""
    shares = _shares(observations)
    total = 0.0
    for one in observations:
        chance = min(max(_chance(one, change), 1e-9), 1 - 1e-9)
        total -= shares[one.group] * math.log(chance if one.label else 1 - chance)
    return total


def _held_out_loss(observations: Sequence[Observation], groups: Sequence[str]) -> float:
    """The loss of each event under weights fitted without it; many events are left out in ten lots."""
    total = 0.0
    for fold in range(min(_FOLDS, len(groups))):
        out = set(groups[fold::_FOLDS])
        change = fit([one for one in observations if one.group not in out])
        total += loss([one for one in observations if one.group in out], change)
    return total


def _shares(observations: Sequence[Observation]) -> dict[str, float]:
    return {group: 1 / count for group, count in Counter(one.group for one in observations).items()}


def _chance(one: Observation, change: Mapping[str, float]) -> float:
    above = one.margin + sum(value * change.get(name, 0.0) for name, value in one.acts.items())
    return 1 / (1 + math.exp(-max(min(STEEPNESS * above, 500.0), -500.0)))
