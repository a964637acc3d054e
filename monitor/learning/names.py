"""The patterns in which sentences name a target: what found each name, before spellings are joined."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from wordfreq import zipf_frequency

from monitor.learning.grammar import COMMON_WORD, Grammar, Name, Word, singular
from monitor.learning.slots import Read, is_suffering

MOST_MODIFIERS = 3
_INTO_NAME = ("at", "in", "near", "of", "on", "named", "called", "including", "outside")
_FILL = ("the", "a", "an", "its", "eastern", "western", "northern", "southern", "vicinity", "of")

NamePattern = str


def patterns_of(name: Name, read: Read, heads: frozenset[str], grammar: Grammar) -> frozenset[NamePattern]:
    """Every pattern in which a sentence gives this name as a target's."""
    found = {
        "name-noun": _noun_after(name, read.words, heads, grammar) is not None,
        "noun-name": _noun_just_before(name, read.words, heads),
        "noun-in-name": _noun_then_preposition(name, read.words, heads),
        "prefix": read.words[name.start].text in grammar.prefixes and name.end - name.start > 1,
        "struck-name": _struck_before(name, read.words, grammar),
        "name-was-struck": _was_struck(name, read.words, grammar),
    }
    return frozenset(pattern for pattern, holds in found.items() if holds)


def with_neighbours(read: Read, heads: frozenset[str], grammar: Grammar) -> dict[Name, frozenset[NamePattern]]:
    """The patterns of each name of a sentence; names joined by commas or "and" share theirs."""
    found = {name: patterns_of(name, read, heads, grammar) for name in read.names}
    for group in _lists(read):
        shared = frozenset().union(*(found[name] for name in group))
        found.update(dict.fromkeys(group, shared))
    return {name: patterns for name, patterns in found.items() if patterns}


def _lists(read: Read) -> Iterator[list[Name]]:
    """Runs of names that only commas and "and" part."""
    group: list[Name] = []
    for name in read.names:
        if group and _is_joined(group[-1], name, read.words):
            group.append(name)
            continue
        if len(group) > 1:
            yield group
        group = [name]
    if len(group) > 1:
        yield group


def _is_joined(first: Name, second: Name, words: Sequence[Word]) -> bool:
    between = words[first.end : second.start]
    if not between:
        return words[second.start].gap.strip() in (",", "/")
    return len(between) == 1 and between[0].text in ("and", "or") and words[second.start].gap == " "


def _noun_after(name: Name, words: Sequence[Word], heads: frozenset[str], grammar: Grammar) -> int | None:
    """As in "al-Varn depot", "Koldavia oil refinery": the place of the noun."""
    for at in range(name.end, min(len(words), name.end + MOST_MODIFIERS + 1)):
        if words[at].gap != " ":
            return None
        if singular(words[at].text) in heads and not words[at].is_capital:
            return at
        if words[at].text in grammar.closed or words[at].text in grammar.areas:
            return None
    return None


def noun_after(name: Name, words: Sequence[Word], grammar: Grammar) -> str:
    """The noun of a phrase that a name opens, "" where there is none: "refinery" of "Koldavia oil refinery"."""
    noun = ""
    for at in range(name.end, min(len(words), name.end + MOST_MODIFIERS)):
        word = words[at]
        if word.gap != " " or word.is_capital or word.text in grammar.closed or word.text in grammar.suffering:
            break
        noun = singular(word.text)
    return noun


def _noun_just_before(name: Name, words: Sequence[Word], heads: frozenset[str]) -> bool:
    """As in "fuel depot Al-Varn", "depots- Al-Varn"."""
    if name.start == 0:
        return False
    before = words[name.start - 1]
    return singular(before.text) in heads and words[name.start].gap.strip() in ("", "-", "–", ":")


def _noun_then_preposition(name: Name, words: Sequence[Word], heads: frozenset[str]) -> bool:
    """As in "depot at al-Varn", "tank in the Koldavia refinery", "depots including the Varn depot"."""
    at = name.start - 1
    while at > 0 and (
        words[at].text in _FILL or (zipf_frequency(words[at].text, "en") >= 4.5 and words[at].is_capital)
    ):
        if words[at].text in _INTO_NAME and singular(words[at - 1].text) in heads:
            return True
        at -= 1
    return at > 0 and words[at].text in _INTO_NAME and singular(words[at - 1].text) in heads


def _struck_before(name: Name, words: Sequence[Word], grammar: Grammar) -> bool:
    """As in "targeted al-Varn", "attack on the Koldavia", "hit the vicinity of Fort Varn"."""
    at = name.start - 1
    while at > 0 and (words[at].text in _FILL or words[at].text in grammar.vicinity or words[at].is_capital):
        if words[at].gap.strip():
            return False
        at -= 1
    if at < 0 or words[name.start].gap.strip():
        return False
    word = words[at].text
    if word in grammar.going_on or (word in grammar.acting and not grammar.is_event(word)):
        return True
    if word in grammar.acting:
        return at > 0 and (words[at - 1].text == "to" or words[at - 1].text not in grammar.openers | grammar.closed)
    return word in ("on", "against", "at") and at > 0 and grammar.is_event(words[at - 1].text)


def _was_struck(name: Name, words: Sequence[Word], grammar: Grammar) -> bool:
    """As in "Varn was once again attacked": the name is the last word of the subject."""
    return name.end < len(words) and words[name.end].gap.strip() in ("", "-") and is_suffering(words, name.end, grammar)


def learn_place_nouns(reads: Sequence[Read], heads: frozenset[str], grammar: Grammar) -> frozenset[str]:
    """More nouns of targets: those that follow at least two different names which other patterns know ("field")."""
    names_of: defaultdict[str, set[str]] = defaultdict(set)
    for read in reads:
        for name in with_neighbours(read, heads, grammar):
            noun = noun_after(name, read.words, grammar)
            if noun and noun not in grammar.areas and noun not in grammar.vicinity and not grammar.is_event(noun):
                names_of[noun].add(name.text.lower().removeprefix("al-"))
    return heads | {noun for noun, names in names_of.items() if len(names) > 1}


def is_too_common(name: Name, words: Sequence[Word], grammar: Grammar) -> bool:
    """True for a single common English word; a particle or a prefix makes it a name all the same ("al-Green")."""
    if words[name.start].text in grammar.prefixes and name.end - name.start > 1:
        return False
    parts = [word.text for word in words[name.start : name.end] if word.text not in grammar.particles]
    if len(parts) < name.end - name.start:
        return not parts
    return all(zipf_frequency(part, "en") >= COMMON_WORD for part in parts)
