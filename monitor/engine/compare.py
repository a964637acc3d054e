"""Two rule sets on the same history: what is gained, lost and changed, and how each scores on labels. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FLAGGED = ("new", "update", "possible_update", "repeat")
OutputLine = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Score:
    """Precision and recall of `flagged` against labels; each is None where nothing can be counted."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float | None:
        """Right flags among all flags."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        """Right flags among all items labelled yes."""
        return self.right / (self.right + self.missed) if self.right + self.missed else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall."""
        both = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / both if both else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Ids of articles whose alert was gained or lost, or whose reason changed; alerts and scores of each side."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    changed: tuple[tuple[str, str, str], ...]
    alerts: tuple[int, int]
    scores: tuple[Score, Score] | None = None


def is_flagged(line: OutputLine) -> bool:
    """True where the service saw a fresh attack in the article."""
    return line["reason"] in FLAGGED


def score(lines: Iterable[OutputLine], labels: Mapping[str, bool]) -> Score:
    """Count flags against labels (article id to yes or no); articles without a label do not count."""
    right = wrong = missed = 0
    for line in lines:
        label = labels.get(line["id"])
        if label is None:
            continue
        flagged = is_flagged(line)
        right += flagged and label
        wrong += flagged and not label
        missed += label and not flagged
    return Score(right, wrong, missed)


def compare(
    before: Sequence[OutputLine], after: Sequence[OutputLine], labels: Mapping[str, bool] | None = None
) -> Comparison:
    """Compare two replays of the same articles, line by line."""
    gained, lost, changed = [], [], []
    for old, new in zip(before, after, strict=True):
        if new["alert"] and not old["alert"]:
            gained.append(new["id"])
        elif old["alert"] and not new["alert"]:
            lost.append(new["id"])
        elif old["reason"] != new["reason"]:
            changed.append((new["id"], old["reason"], new["reason"]))
    return Comparison(
        gained=tuple(gained),
        lost=tuple(lost),
        changed=tuple(changed),
        alerts=(sum(line["alert"] for line in before), sum(line["alert"] for line in after)),
        scores=(score(before, labels), score(after, labels)) if labels else None,
    )
