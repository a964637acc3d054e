"""How alike two texts are by the words that they share: cosine of TF-IDF vectors (Salton and Buckley 1988). Pure.

Text alone does not tell two attacks apart, for every story names the same things; it groups stories of general news.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping

Vector = Mapping[str, float]

_WORD = re.compile(r"[^\W_]{2,}")


def vector(text: str, documents_with: Mapping[str, int], documents: int) -> Vector:
    """The words of a text by weight, of length 1: the logarithm of their count times that of their rarity.

    `documents_with` says in how many of `documents` texts a word stands; a word that is in none counts as rare.
    """
    counts = Counter(_WORD.findall(text.lower()))
    weights = {
        word: (1 + math.log(count)) * math.log((documents + 1) / (documents_with.get(word, 0) + 1))
        for word, count in counts.items()
    }
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {word: weight / length for word, weight in weights.items() if weight > 0} if length else {}


def likeness(one: Vector, other: Vector) -> float:
    """The cosine of two vectors, 0 (no word shared) to 1 (the same words)."""
    if len(other) < len(one):
        one, other = other, one
    return sum(weight * other.get(word, 0.0) for word, weight in one.items())
