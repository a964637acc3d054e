"""Words that the seeds use far more than other news: log-odds with an informative Dirichlet prior.

After Monroe, Colaresi and Quinn, "Fightin' Words" (2008): the background's document frequencies are the prior, so that
a rare word needs more evidence than a common one. Sentences are counted, capped for each seed: no long seed decides.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from monitor.learning.corpus import SeedText
from monitor.learning.grammar import Grammar
from monitor.matching.background import Background
from monitor.text import words_of

MOST_COUNTED_IN_SEED = 3
PRIOR_STRENGTH = 500.0


@dataclass(frozen=True, slots=True)
class Keyword:
    """A term that stands out: its z-score, the seeds that use it and one sentence."""

    text: str
    score: float
    seeds: tuple[str, ...]
    sentence: str


def learn_keywords(
    texts: Sequence[SeedText],
    background: Background,
    grammar: Grammar,
    *,
    least_seeds: int = 3,
    least_score: float = 1.96,
) -> tuple[Keyword, ...]:
    """The terms of the seeds that stand out from the background, strongest first; ties in the order of the alphabet."""
    counts: Counter[str] = Counter()
    seeds: dict[str, list[str]] = {}
    example: dict[str, str] = {}
    for text in texts:
        in_seed: Counter[str] = Counter()
        for sentence in text.sentences:
            terms = set(_terms(words_of(sentence), grammar))
            in_seed.update(terms)
            for term in terms:
                example.setdefault(term, sentence)
        for term, count in in_seed.items():
            counts[term] += min(count, MOST_COUNTED_IN_SEED)
            seeds.setdefault(term, []).append(text.id)
    total = sum(counts.values())
    found = [
        Keyword(term, round(score, 2), tuple(seeds[term]), example[term])
        for term, count in counts.items()
        if len(seeds[term]) >= least_seeds and (score := _z_score(count, total, background, term)) >= least_score
    ]
    return tuple(sorted(found, key=lambda one: (-one.score, one.text)))


def _terms(words: Sequence[str], grammar: Grammar) -> Iterable[str]:
    """The words and pairs of a sentence that can be keywords: no closed-class words, days, months or numbers."""
    kept = [word if _is_content(word, grammar) else "" for word in words]
    yield from (word for word in kept if word)
    yield from (f"{first} {second}" for first, second in pairwise(kept) if first and second)


def _is_content(word: str, grammar: Grammar) -> bool:
    return word not in grammar.closed and word not in grammar.openers and len(word) > 1 and word.isalpha()


def _z_score(count: int, total: int, background: Background, term: str) -> float:
    """The log-odds ratio of a term against the background, in standard deviations."""
    share = background.share(term)
    prior = PRIOR_STRENGTH * share
    other = share * background.articles
    delta = math.log((count + prior) / (total + PRIOR_STRENGTH - count - prior)) - math.log(
        (other + prior) / (background.articles + PRIOR_STRENGTH - other - prior)
    )
    return delta / math.sqrt(1.0 / (count + prior) + 1.0 / (other + prior))
