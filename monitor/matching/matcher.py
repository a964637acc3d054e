"""Terms in text: one automaton over folded tokens finds every term of every concept at once.

Patterns and text are joined as " token token " with blanks around, so that only whole words match. All overlapping ones
are wanted: leftmost-longest would silently drop names that share words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import ahocorasick_rs

from monitor.matching.spans import Found, Sentence
from monitor.model import Part
from monitor.text import squash, tokenise

_OWNER = re.compile(r"['’]s\s")
NOT_ALIAS = "not_alias"  # the concept of names that resemble a base's and are none
BORDER = "border"  # the concept of a country named as a neighbour only


@dataclass(frozen=True, slots=True)
class Entry:
    """One word sequence of one concept. `exact` is the only accepted writing (an acronym), "" for any.

    `is_capital` is true of a name that begins with a whole word in capitals: "Fort Hope" is not "hold the fort: hope".
    `not_owner` is true of a name that is a person's as well: "Hope's base" is not "Hope base".
    """

    words: tuple[str, ...]
    concept: str
    value: str
    rule: str
    weight: float = 0.0
    exact: str = ""
    is_name: bool = False
    is_capital: bool = False
    not_owner: bool = False


class Matcher:
    """Finds entries in texts. Built once for a rule set."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        of: dict[str, list[Entry]] = {}
        for entry in entries:
            of.setdefault(f" {' '.join(entry.words)} ", []).append(entry)
        self._entries = list(of.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(of)) if of else None
        self._concepts = [frozenset(entry.concept for entry in entries) for entries in self._entries]
        # Patterns that stand for acronyms and for nothing else: a word may be a name as well.
        acronyms = {
            index: {entry.exact for entry in entries}
            for index, entries in enumerate(self._entries)
            if all(entry.exact.isupper() for entry in entries)
        }
        self._acronyms = {
            index: tuple(sorted(words | {".".join(word) for word in words})) for index, words in acronyms.items()
        }

    def values(self, concept: str) -> frozenset[str]:
        """What the terms of a concept may stand for."""
        entries = (entry for entries in self._entries for entry in entries)
        return frozenset(entry.value for entry in entries if entry.concept == concept and entry.value)

    def only(self, concepts: Iterable[str]) -> Matcher:
        """A matcher for the entries of these concepts alone."""
        wanted = frozenset(concepts)
        return Matcher(entry for entries in self._entries for entry in entries if entry.concept in wanted)

    def concepts_in(self, text: str) -> frozenset[str]:
        """The concepts that may stand in a text: a quick look without places or case."""
        if self._automaton is None:
            return frozenset()
        joined = squash(text)
        found = {index for index, _, _ in self._automaton.find_matches_as_indexes(joined, overlapping=True)}
        for index in found.intersection(self._acronyms):
            if not any(form in text for form in self._acronyms[index]):
                found.discard(index)
        return frozenset().union(*(self._concepts[index] for index in found)) if found else frozenset()

    def read(self, text: str, part: Part, bounds: tuple[int, int], *, lead: bool) -> Sentence:
        """One sentence of a part, [start, end), with every term found in it."""
        start, end = bounds
        tokens = tokenise(text[start:end])
        sentence = Sentence(part, start, end, tokens, lead)
        if self._automaton is None or not tokens:
            return sentence
        written = text[start:end]
        shouted, no_capitals = _is_shouted(written), written.islower()
        words = [token.text for token in tokens]
        at = _blank_positions(words)
        joined = f" {' '.join(words)} "
        for index, begin, stop in self._automaton.find_matches_as_indexes(joined, overlapping=True):
            first, after = at[begin], at[stop - 1]
            form = written[tokens[first].start : tokens[after - 1].end]
            for entry in self._entries[index]:
                if _is_written_so(entry, form, shouted=shouted, no_capitals=no_capitals):
                    sentence.add(Found(entry.concept, first, after, entry.value, entry.rule, entry.weight))
        _drop_other_names(sentence)
        _drop_parts_of_names(sentence)
        _drop_borders(sentence)
        return sentence


def _drop_other_names(sentence: Sentence) -> None:
    """Take out names that stand within the name of something else: "York" in "New York"."""
    for other in sentence.spans.pop(NOT_ALIAS, ()):
        for concept in sentence.spans:
            sentence.spans[concept] = [
                one
                for one in sentence.spans[concept]
                if one.rule != other.rule or not (other.start <= one.start and one.end <= other.end)
            ]


def _drop_parts_of_names(sentence: Sentence) -> None:
    """Take out names that need a cue within a sure name of the same base: "al-Asad" in "Ain al-Asad"."""
    sure, doubtful = sentence.spans.get("base"), sentence.spans.get("base_cued")
    if sure and doubtful:
        sentence.spans["base_cued"] = [
            one
            for one in doubtful
            if not any(one.rule == name.rule and name.start <= one.start and one.end <= name.end for name in sure)
        ]


def _drop_borders(sentence: Sentence) -> None:
    """Take out countries named only as a neighbour: "near the Syrian border" says where it is not."""
    for border in sentence.spans.get(BORDER, ()):
        sentence.spans["country"] = [
            one
            for one in sentence.spans.get("country", ())
            if not (border.start <= one.start and one.end <= border.end)
        ]


def _blank_positions(words: Sequence[str]) -> dict[int, int]:
    """The place of each blank in the joined text → the index of the token after it."""
    positions = {0: 0}
    place = 0
    for index, word in enumerate(words, start=1):
        place += len(word) + 1
        positions[place] = index
    return positions


def _is_shouted(written: str) -> bool:
    """True where a whole sentence stands in capitals, so that case says nothing."""
    letters = [*filter(str.isalpha, written)]
    return len(letters) > 12 and sum(map(str.isupper, letters)) > 0.8 * len(letters)


def _is_written_so(entry: Entry, written: str, *, shouted: bool, no_capitals: bool) -> bool:
    """Case decides for acronyms ("US" is not "us") and against names in capitals ("ORAN" is not "Oran")."""
    if entry.exact:
        return "." in written or written == entry.exact
    if entry.not_owner and _OWNER.search(written):
        return False
    if entry.is_capital and written[:1].islower() and not no_capitals:
        return False
    if entry.is_name and not shouted and len(written) < 8:
        return not any(word.isupper() and word.isalpha() for word in written.split(" "))
    return True
