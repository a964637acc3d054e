"""Is it the same event by the words that two articles share? Cosine of TF-IDF vectors (Salton and Buckley 1988).

Only where neither names a place that the rules know. Words do not tell two attacks on bases apart, for every story of
them says the same; they tell apart events of which each has names, places and numbers of its own.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence

from monitor.matching.background import Background
from monitor.model import Article, Mention
from monitor.text import words_of

Words = tuple[tuple[str, float], ...]

KEPT_WORDS = 40  # more do not group articles better
_READ_CHARACTERS = 6000


def weighed_words(article: Article, common: Collection[str], background: Background) -> Words:
    """The words of an article with their weights, heaviest first, as a vector of length 1. The title counts twice.

    A weight is the logarithm of a word's count times that of its rarity in other news. The words in `common`, by which
    the article was recognised, stand in every article on its topic; they count only where there are no others.
    """
    body = article.text if article.summary.strip() in article.text else f"{article.summary} {article.text}"
    counts = Counter(words_of(f"{article.title} {article.title} {body[:_READ_CHARACTERS]}"))
    told = {word: count for word, count in counts.items() if len(word) > 1}
    own = {word: count for word, count in told.items() if word not in common} or told
    weights = {word: (1 + math.log(count)) * math.log1p(1 / background.share(word)) for word, count in own.items()}
    heaviest = sorted(weights, key=lambda word: (-weights[word], word))[:KEPT_WORDS]
    length = math.sqrt(sum(weights[word] ** 2 for word in heaviest))
    return tuple((word, round(weights[word] / length, 4)) for word in heaviest)


def likeness(one: Words, other: Words) -> float:
    """The cosine of two vectors, 0 (no word shared) to 1 (the same words)."""
    weights = dict(other)
    return sum(weight * weights.get(word, 0.0) for word, weight in one)


def closest_likeness(mention: Mention, reports: Sequence[Mention], closest: int) -> float:
    """The mean likeness of the closest reports that have words, of which there is at least one."""
    found = sorted((likeness(mention.words, report.words) for report in reports if report.words), reverse=True)
    return sum(found[:closest]) / len(found[:closest])
