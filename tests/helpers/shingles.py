"""The score of the article-extraction-benchmark (scrapinghub): 4-token shingles, counted, each page weighing the same.

Definition: tokens are runs of word characters; a page's shingles are its runs of four tokens with their counts;
precision and recall are the means over pages of tp/(tp+fp) and tp/(tp+fn), F1 is the harmonic mean of the two means.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

_TOKEN = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Score:
    f1: float
    precision: float
    recall: float


def score(pairs: Iterable[tuple[str, str]]) -> Score:
    """The score over pages, each a pair (gold text, extracted text)."""
    counts = [_counts(_shingles(gold), _shingles(found)) for gold, found in pairs]
    precision = statistics.mean(_ratio(tp, fp, fn) for tp, fp, fn in counts if tp + fp)
    recall = statistics.mean(_ratio(tp, fn, fp) for tp, fp, fn in counts if tp + fn)
    return Score(2 * precision * recall / (precision + recall), precision, recall)


def _counts(gold: Counter[tuple[str, ...]], found: Counter[tuple[str, ...]]) -> tuple[int, int, int]:
    both = (gold & found).total()
    return both, found.total() - both, gold.total() - both


def _ratio(right: int, wrong: int, other_wrong: int) -> float:
    """right / (right + wrong); 1 where nothing at all is wrong."""
    return 1.0 if wrong == other_wrong == 0 else right / (right + wrong)


def _shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    tokens = _TOKEN.findall(text)
    starts = range(max(1, len(tokens) - size + 1)) if tokens else range(0)
    return Counter(tuple(tokens[start : start + size]) for start in starts)
