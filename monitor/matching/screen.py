"""The quick look: may any rule or class fire at all on the concepts that stand in a text? Most texts end here.

Concepts are bits of an integer, so that a pattern is a few masks and a text one number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from monitor.matching.notation import Pattern

Masks = tuple[int, ...]
MOST_REMEMBERED = 50_000


class Screen:
    """Built once from phrases, rules and classes, each given as (id, patterns)."""

    def __init__(
        self,
        phrases: Sequence[tuple[str, tuple[Pattern, ...]]],
        rules: Sequence[tuple[str, tuple[Pattern, ...]]],
        classes: Sequence[tuple[str, tuple[Pattern, ...]]],
    ) -> None:
        self._bits: dict[str, int] = {}
        self._phrases = [(self._bit(id_), masks) for id_, patterns in phrases for masks in map(self._masks, patterns)]
        self._rules = [(self._masks(pattern), id_, pattern) for id_, patterns in rules for pattern in patterns]
        class_masks = (self._masks(pattern) for _, patterns in classes for pattern in patterns)
        # By what patterns begin with, which few texts hold: what else they need, and the places of rules in their list.
        self._gates: dict[int, list[Masks]] = {}
        for first, *others in dict.fromkeys([*(masks for masks, _, _ in self._rules), *class_masks]):
            self._gates.setdefault(first, []).append(tuple(others))
        self._rules_of: dict[int, list[int]] = {}
        for place, (masks, _, _) in enumerate(self._rules):
            self._rules_of.setdefault(masks[0], []).append(place)
        self._known: dict[int, bool] = {}  # answers by concepts: most sentences hold one of few combinations

    def lacks(self, concepts: Iterable[str]) -> str:
        """Nothing where something may fire, else the nearest rule and the concepts that it lacks."""
        present = self._closure(self._of_terms(concepts))
        return "" if self._is_open(present) else self._nearest(present)

    def may_fire(self, concepts: Iterable[str]) -> bool:
        """True where some rule or class may fire."""
        terms = self._of_terms(concepts)
        known = self._known.get(terms)
        if known is None:
            known = self._is_open(self._closure(terms))
            if len(self._known) < MOST_REMEMBERED:
                self._known[terms] = known
        return known

    def _of_terms(self, concepts: Iterable[str]) -> int:
        bits = self._bits
        present = 0
        for concept in concepts:
            present |= bits.get(concept, 0)
        return present

    def _is_open(self, present: int) -> bool:
        for first, gates in self._gates.items():
            if present & first and any(all(present & mask for mask in masks) for masks in gates):
                return True
        return False

    def _nearest(self, present: int) -> str:
        """The rule with the fewest concepts absent; the first one where not even its beginning is there."""
        if not self._rules:
            return "no rule"
        begun = (place for first, places in self._rules_of.items() if present & first for place in places)
        _, nearest = min(
            ((sum(not present & mask for mask in self._rules[place][0]), place) for place in begun), default=(0, 0)
        )
        masks, id_, pattern = self._rules[nearest]
        absent = [
            "|".join(step.concepts) for step, mask in zip(pattern.steps, masks, strict=True) if not present & mask
        ]
        return f"{id_}: no {' and no '.join(absent)}"

    def _closure(self, present: int) -> int:
        """The concepts that terms give and those that phrases could build of them; phrases build on those before."""
        for bit, masks in self._phrases:
            if present & masks[0] and not present & bit and all(present & mask for mask in masks):
                present |= bit
        return present

    def _bit(self, concept: str) -> int:
        return self._bits.setdefault(concept, 1 << len(self._bits))

    def _masks(self, pattern: Pattern) -> Masks:
        masks = []
        for step in pattern.steps:
            mask = 0
            for concept in step.concepts:
                mask |= self._bit(concept)
            masks.append(mask)
        return tuple(masks)
