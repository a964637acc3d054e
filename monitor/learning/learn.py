"""Seeds in, a proposal out: the one entry of this room."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.learning.bases import KnownBase, countries_in, learn_bases
from monitor.learning.compose import context_tables, phrase_tables, rule_tables
from monitor.learning.corpus import Seed, clean
from monitor.learning.grammar import Grammar, country_codes
from monitor.learning.keywords import Keyword, learn_keywords
from monitor.learning.names import learn_place_nouns
from monitor.learning.propose import Lesson, Place, Tables, base_tables, concept_tables
from monitor.learning.roles import learn_roles
from monitor.learning.slots import Read, learn_heads, read_seed_texts, target_slots
from monitor.learning.write import toml_text
from monitor.matching.background import Background

LEAST_SEEDS = 2
LEAST_SHARE = 0.05
LEAST_PREFIX = 4
BASES_FILE, KEYWORDS_FILE = "bases-learned.toml", "keywords.toml"
_BASES_COMMENT = """Targets named in the seed articles, written by `basewatch learn`.
Change it by learning again, or move an entry to bases.toml.
status = "suggested": one pattern in one seed only; a person decides. support: patterns counted over sentences."""
_KEYWORDS_COMMENT = """Words of the topic, learned from the seed articles by `basewatch learn`.
weight is the z-score against other news. The rules are a fallback: they decide only where no other file has rules."""


@dataclass(frozen=True, slots=True)
class Material:
    """What learning needs beside the seeds: counts of other news, the grammar, and the present rules.

    `known` are the bases that people or a gazetteer put into the present rules; `present` are the learned files as they
    are now, `general` the general files that a learned folder needs a copy of (both: file name → text).
    """

    background: Background
    grammar: Grammar
    known: tuple[KnownBase, ...] = ()
    present: tuple[tuple[str, str], ...] = ()
    general: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was learned, as the files that would hold it (file name → text) and as their tables."""

    lesson: Lesson
    files: tuple[tuple[str, str], ...]
    tables: Tables


def learn(seeds: Sequence[Seed], material: Material) -> Proposal:
    """Learn bases and keywords from seeds. Pure; the same arguments give the same bytes."""
    lesson = take_lesson(seeds, material)
    bases = base_tables(lesson.bases, material.grammar)
    words = (
        *concept_tables(lesson, material.grammar),
        *phrase_tables(lesson),
        *rule_tables(lesson, material.grammar),
        *context_tables(lesson),
    )
    files = ((BASES_FILE, toml_text(_BASES_COMMENT, bases)), (KEYWORDS_FILE, toml_text(_KEYWORDS_COMMENT, words)))
    return Proposal(lesson, files, (*bases, *words))


def least_seeds(seeds: int) -> int:
    """In how many seeds a word must show a role: two, and one in twenty of many."""
    return min(seeds, max(LEAST_SEEDS, math.ceil(seeds * LEAST_SHARE)))


def take_lesson(seeds: Sequence[Seed], material: Material) -> Lesson:
    """What the seeds teach, before it becomes tables."""
    grammar = material.grammar
    texts = [clean(seed) for seed in sorted(seeds, key=lambda seed: seed.id)]
    reads = read_seed_texts(texts, grammar)
    least = least_seeds(len(texts))
    heads = frozenset(noun for noun, in_seeds in learn_heads(reads, grammar).items() if len(in_seeds) >= least)
    nouns = learn_place_nouns(reads, heads, grammar)
    keywords = learn_keywords(texts, material.background, grammar, least_seeds=min(len(texts), least + 1))
    return Lesson(
        seeds=tuple(text.id for text in texts),
        nouns=nouns,
        bases=learn_bases(reads, nouns, grammar, material.known),
        roles=learn_roles(reads, nouns, grammar, least),
        keywords=keywords,
        places=_places(reads, keywords, grammar, least),
    )


def _places(reads: Sequence[Read], keywords: Sequence[Keyword], grammar: Grammar, least: int) -> tuple[Place, ...]:
    """The countries in which enough seeds place what was hit, with the keywords made from their names."""
    codes = country_codes()
    seeds: defaultdict[str, set[str]] = defaultdict(set)
    sentence: dict[str, str] = {}
    for read in reads:
        for code in countries_in(read.words, codes) if target_slots(read, grammar) else ():
            seeds[code].add(read.seed)
            sentence.setdefault(code, read.sentence)
    names = {code: name for name, code in sorted(codes.items(), reverse=True)}
    return tuple(
        Place(code, _words_for(names[code], keywords), tuple(sorted(seeds[code])), sentence[code])
        for code in sorted(seeds)
        if len(seeds[code]) >= least
    )


def _words_for(name: str, keywords: Sequence[Keyword]) -> tuple[str, ...]:
    made = (
        one.text
        for one in keywords
        if len(name) >= LEAST_PREFIX and one.text.startswith(name[:LEAST_PREFIX]) and " " not in one.text
    )
    return tuple(dict.fromkeys((name, *sorted(made))))
