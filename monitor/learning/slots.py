"""Where sentences say what was hit: the noun phrases of targets, and the nouns that head them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.learning.corpus import SeedText
from monitor.learning.grammar import Grammar, Name, Word, find_names, read_words, singular


@dataclass(frozen=True, slots=True)
class Read:
    """A seed's sentence with its words and names."""

    seed: str
    sentence: str
    words: tuple[Word, ...]
    names: tuple[Name, ...]


def read_seed_texts(texts: Iterable[SeedText], grammar: Grammar) -> tuple[Read, ...]:
    """Every sentence of the seeds, read."""
    read: list[Read] = []
    for text in texts:
        for sentence in text.sentences:
            words = read_words(sentence)
            read.append(Read(text.id, sentence, words, find_names(words, grammar)))
    return tuple(read)


# --- target nouns --------------------------------------------------------------------------------


def noun_phrase_end(words: Sequence[Word], start: int, grammar: Grammar) -> int:
    """Where the noun phrase that begins at `start` (openers already skipped) ends."""
    at = start
    while at < len(words) and (at == start or words[at].gap in (" ", "-")):
        word = words[at].text
        if word in grammar.closed or (at > start and _is_verb(words, at, grammar)):
            break
        at += 1
    return at


def _is_verb(words: Sequence[Word], at: int, grammar: Grammar) -> bool:
    """True for a lower-case word in the form of a verb: "caused", "housing", "hit"; not "backed" of "X-backed"."""
    word = words[at].text
    if words[at].is_capital or words[at].gap == "-":
        return False
    return word.endswith(("ing", "ed")) or (word in grammar.acting | grammar.suffering and not grammar.is_event(word))


def skip_openers(words: Sequence[Word], at: int, grammar: Grammar) -> int:
    """The first word after determiners and numbers."""
    while at < len(words) and words[at].gap == " " and (words[at].text in grammar.openers or words[at].text.isdigit()):
        at += 1
    return at


def target_slots(read: Read, grammar: Grammar) -> list[tuple[int, int]]:
    """Noun phrases [start, end) in which a sentence says what was hit: "attack on …", "targeted …", "… was hit"."""
    slots: list[tuple[int, int]] = []
    words = read.words
    for at in range(len(words)):
        if _points_at_target(words, at, grammar):
            start = skip_openers(words, at + 1, grammar)
            end = noun_phrase_end(words, start, grammar)
            if end > start:
                slots.append((start, end))
        elif is_suffering(words, at, grammar):
            start = _phrase_start(words, at, grammar)
            if start < at:
                slots.append((start, at))
    return slots


def _points_at_target(words: Sequence[Word], at: int, grammar: Grammar) -> bool:
    """True for the last word before a target: "on" of "attack on", "at" of "an attack at", "targeted"."""
    word = words[at].text
    if word in ("on", "at", "against") and at and grammar.is_event(words[at - 1].text):
        return True
    if word in grammar.going_on:
        return True
    if word not in grammar.acting:
        return False
    return not grammar.is_event(word) or (
        not (at and words[at - 1].text in grammar.openers) and not _is_noun_use(words, at, grammar)
    )


def _is_noun_use(words: Sequence[Word], at: int, grammar: Grammar) -> bool:
    """As in "attack" is a noun where a preposition or the end follows: "an attack on", "the strike."."""
    return at + 1 >= len(words) or words[at + 1].text in grammar.closed - grammar.openers or words[at + 1].gap != " "


def is_suffering(words: Sequence[Word], at: int, grammar: Grammar) -> bool:
    """True where a passive begins at `at`: "was hit", "were once again attacked", "came under", "hit by"."""
    if any(
        tuple(word.text for word in words[at : at + len(form)]) == form for form in grammar.comes_under if len(form) > 1
    ):
        return True
    if words[at].text in grammar.suffering and at and at + 1 < len(words) and words[at + 1].text == "by":
        return True
    if words[at].text not in ("was", "were", "been", "is", "are", "being", "has", "have"):
        return False
    following = [word.text for word in words[at + 1 : at + 5]]
    for index, word in enumerate(following):
        if word in grammar.suffering:
            return index <= 1 or all(other in ("once", "again", "been", "also", "twice") for other in following[:index])
        if index > 2:
            break
    return False


def _phrase_start(words: Sequence[Word], end: int, grammar: Grammar) -> int:
    """Where the noun phrase that ends at `end` begins."""
    at = end
    while at > 0 and words[at - 1].text not in grammar.closed and not (at < end and words[at].gap not in (" ", "-")):
        at -= 1
    return at


def learn_heads(reads: Sequence[Read], grammar: Grammar) -> dict[str, frozenset[str]]:
    """The nouns of what was hit → the seeds in which they stand there: the last lower-case word of each target slot."""
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for read in reads:
        for start, end in target_slots(read, grammar):
            noun = _last_noun(read.words[start:end], grammar)
            if noun:
                seen[noun].add(read.seed)
    return {noun: frozenset(seeds) for noun, seeds in sorted(seen.items())}


def _last_noun(phrase: Sequence[Word], grammar: Grammar) -> str:
    for word in reversed(phrase):
        if word.is_capital or word.text.isdigit():
            continue
        if grammar.is_event(word.text) or len(word.text) < 3 or word.text.endswith("ed"):
            return ""
        return singular(word.text)
    return ""
