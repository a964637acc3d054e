"""The notation of rule files: terms with simple inflection, and patterns of concepts with gaps.

A term is words; `attack(s|ed)` stands for attack, attacks and attacked; `(long) range` for range and long range;
`hit|struck` for either word. A pattern is concepts in order: `weapon ~3 strike_verb ~6 position` allows at most three
words between the first two; without `~` the next follows at once. `a|b` means either concept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

from monitor.text import words_of

MOST_FORMS = 400
_SUFFIXES = re.compile(r"^([^()|]+)\(([^()]*)\)$")
_OPTIONAL = re.compile(r"^\(([^()]+)\)$")


class NotationError(ValueError):
    """A term or a pattern that cannot be read; the message says why."""


def term_forms(term: str) -> tuple[str, ...]:
    """Every word sequence that a term stands for, as written (not folded), in a fixed order."""
    choices = [_word_forms(word) for word in _split_words(term)]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > MOST_FORMS:
        raise NotationError(f"stands for {count} forms, at most {MOST_FORMS} are allowed")
    forms = (" ".join(word for word in words if word) for words in product(*choices))
    return tuple(dict.fromkeys(form for form in forms if form))


def _split_words(term: str) -> list[str]:
    """Blanks part words, but not inside parentheses."""
    words = re.findall(r"(?:[^\s()]*\([^()]*\)[^\s()]*|[^\s()]+)", term)
    if "".join(words) != re.sub(r"\s+(?![^()]*\))", "", term):
        raise NotationError("has a parenthesis that does not close")
    return words


def _word_forms(word: str) -> list[str]:
    optional = _OPTIONAL.match(word)
    if optional:
        return ["", *optional.group(1).split("|")]
    suffixed = _SUFFIXES.match(word)
    if suffixed:
        stem, suffixes = suffixed.groups()
        return [stem, *(stem + suffix for suffix in suffixes.split("|") if suffix)]
    if "(" in word or ")" in word:
        raise NotationError(f"has a word that cannot be read: {word}")
    return [part for part in word.split("|") if part]


def folded_forms(term: str) -> tuple[tuple[str, ...], ...]:
    """The token sequences of a term as matching sees them."""
    forms = (tuple(words_of(form)) for form in term_forms(term))
    return tuple(dict.fromkeys(form for form in forms if form))


@dataclass(frozen=True, slots=True)
class Step:
    """One element of a pattern: a span of any of these concepts, at most `gap` words after the one before."""

    concepts: tuple[str, ...]
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Pattern:
    """Concepts in order, within one sentence."""

    text: str
    steps: tuple[Step, ...]

    @property
    def concepts(self) -> frozenset[str]:
        """Every concept that the pattern names."""
        return frozenset(concept for step in self.steps for concept in step.concepts)


def read_pattern(text: str) -> Pattern:
    """A pattern from its notation."""
    steps: list[Step] = []
    gap = 0
    for piece in text.split():
        if piece.startswith("~"):
            if not piece[1:].isdigit() or not steps:
                raise NotationError(f"has a gap that cannot be read: {piece}")
            gap = int(piece[1:])
            continue
        if not re.fullmatch(r"[a-z0-9_-]+(\|[a-z0-9_-]+)*", piece):
            raise NotationError(f"has a concept that cannot be read: {piece}")
        steps.append(Step(tuple(piece.split("|")), gap))
        gap = 0
    if not steps:
        raise NotationError("is empty")
    return Pattern(text, tuple(steps))
