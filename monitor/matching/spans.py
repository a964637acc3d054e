"""What is found in a sentence: spans of concepts, and the patterns that join them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from monitor.matching.notation import Pattern
from monitor.model import Named, Part
from monitor.text import Token

MOST_MATCHES = 24
NAMED = ("base", "area")
NAMES = ("base", "area", "country", "base_cued", "weapon")


@dataclass(frozen=True, slots=True)
class Found:
    """Tokens [start, end) of a sentence that stand for a concept. `parts` are the spans a phrase was joined from."""

    concept: str
    start: int
    end: int
    value: str = ""
    rule: str = ""
    weight: float = 0.0
    parts: tuple[Found, ...] = ()

    def leaves(self) -> Iterator[Found]:
        """The terms that this span was built from, in order; a base with its cue is one term."""
        if not self.parts or self.concept in NAMED:
            yield self
        for part in self.parts:
            yield from part.leaves()


@dataclass(slots=True)
class Sentence:
    """One sentence of a part with everything found in it, by concept, each list sorted by start."""

    part: Part
    start: int
    end: int
    tokens: Sequence[Token]
    lead: bool
    may_tell: bool = True  # by its words a rule or a class may fire on it
    index: int = 0
    spans: dict[str, list[Found]] = field(default_factory=dict)

    def add(self, found: Found) -> None:
        """Add a span, kept in order; the same span of the same concept is kept once."""
        known = self.spans.setdefault(found.concept, [])
        place = _place(found)
        if not known or _place(known[-1]) < place:
            known.append(found)  # most are found in order
            return
        at = bisect_left(known, place, key=_place)
        after = bisect_right(known, place, at, key=_place)
        if all(one.value != found.value for one in known[at:after]):
            known.insert(at, found)

    def of(self, concepts: Sequence[str]) -> list[Found]:
        """The spans of any of these concepts, in order."""
        if len(concepts) == 1:
            return self.spans.get(concepts[0], [])
        known = [self.spans[concept] for concept in concepts if concept in self.spans]
        if len(known) < 2:
            return known[0] if known else []
        return sorted((found for spans in known for found in spans), key=_place)


def _place(found: Found) -> tuple[int, int]:
    return found.start, found.end


def names_of(sentence: Sentence) -> tuple[Named, ...]:
    """The bases, areas, countries and weapons that a sentence names, in order; phrases built on them are not names."""
    found = [
        Named(concept, span.value, sentence.tokens[span.start].start, sentence.tokens[span.end - 1].end)
        for concept in NAMES
        for span in sentence.spans.get(concept, ())
        if not span.parts
    ]
    return tuple(sorted(found, key=lambda name: (name.start, name.end)))


Match = tuple[Found, ...]


def find(pattern: Pattern, sentence: Sentence, not_between: Sequence[str] = ()) -> list[Match]:
    """Every way in which the pattern fits, the tightest first for each first span, at most MOST_MATCHES."""
    columns: list[list[Found]] = []
    for step in pattern.steps:
        column = sentence.of(step.concepts)
        if not column:
            return []
        columns.append(column)
    barred = sentence.of(tuple(not_between)) if not_between else []
    matches: list[Match] = []
    for first in columns[0]:
        _extend((first,), 1, pattern, columns, barred, matches)
        if len(matches) >= MOST_MATCHES:
            break
    return matches


def _extend(
    so_far: Match,
    at: int,
    pattern: Pattern,
    columns: Sequence[Sequence[Found]],
    barred: Sequence[Found],
    matches: list[Match],
) -> None:
    if at == len(columns):
        matches.append(so_far)
        return
    end = so_far[-1].end
    limit = end + pattern.steps[at].gap
    for found in columns[at]:
        if found.start > limit or len(matches) >= MOST_MATCHES:
            return
        if found.start >= end and not _is_barred(end, found, barred):
            _extend((*so_far, found), at + 1, pattern, columns, barred, matches)


def _is_barred(end: int, found: Found, barred: Sequence[Found]) -> bool:
    """True where a barred span lies in the gap; one that overlaps the next element is part of it."""
    return any(end <= one.start and one.end <= found.start for one in barred)
