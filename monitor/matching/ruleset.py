"""A rule set: what the rule files say, compiled. Loaded by `loader.load_rules`; frozen afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.matching.factwords import FactWords
from monitor.matching.matcher import Matcher
from monitor.matching.notation import Pattern
from monitor.model import Base

MOST_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Phrase:
    """Patterns whose matches become spans of the concept `id`. `value` "" takes the value of the first part that has one."""

    id: str
    patterns: tuple[Pattern, ...]
    value: str = ""
    not_between: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """Patterns that tell of an attack. `needs` are concepts that must stand in the same sentence, a neighbour or the title."""

    id: str
    patterns: tuple[Pattern, ...]
    score: float
    label: str
    needs: tuple[tuple[str, ...], ...] = ()
    not_between: tuple[str, ...] = ()
    immune: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Context:
    """What takes weight from one mention: a concept within some words of it, inside it, or in its sentence or the title."""

    id: str
    label: str
    takes: float
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    sentence: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    within: int = 6
    within_after: int = 4
    unless: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] = ()
    only: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ClassRule:
    """How an article that tells of no fresh attack is named: the first class whose pattern fits the lead."""

    label: str
    patterns: tuple[Pattern, ...]
    title_only: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """The few numbers of judging, from [settings] of a rule file."""

    threshold: float = 1.0
    lead_sentences: int = 3
    lead_characters: int = 500
    old_date_days: int = 4
    old_weekday_days: int = 3
    old_label: str = "followup"


@dataclass(frozen=True)
class RuleSet:
    """Everything that judging needs. `bases` are the active ones by id; `version` is a hash of what was loaded."""

    version: str
    bases: Mapping[str, Base]
    matcher: Matcher
    phrases: tuple[Phrase, ...]
    rules: tuple[Rule, ...]
    contexts: tuple[Context, ...]
    classes: tuple[ClassRule, ...]
    settings: Settings
    facts: FactWords
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _screened: dict[frozenset[str], str] = field(default_factory=dict, repr=False, compare=False)

    def base(self, id: str) -> Base | None:  # noqa: A002 - the noun that rule files use
        """The base or area of this id, or None."""
        return self.bases.get(id)

    def lacks(self, concepts: frozenset[str]) -> str:
        """ "" where some rule or class may fire on these concepts, else the nearest rule and what it lacks.

        Remembered by concepts: most articles hold one of few combinations.
        """
        known = self._screened.get(concepts)
        if known is None:
            known = self._lacks(concepts)
            if len(self._screened) < MOST_REMEMBERED:
                self._screened[concepts] = known
        return known

    def _lacks(self, concepts: frozenset[str]) -> str:
        possible = self._reachable(concepts)
        nearest = (99, "", "")
        for id_, patterns in [(rule.id, rule.patterns) for rule in self.rules]:
            for pattern in patterns:
                absent = [step.concepts for step in pattern.steps if not possible.intersection(step.concepts)]
                if not absent:
                    return ""
                nearest = min(nearest, (len(absent), id_, " and ".join("|".join(names) for names in absent)))
        for class_rule in self.classes:
            for pattern in class_rule.patterns:
                if all(possible.intersection(step.concepts) for step in pattern.steps):
                    return ""
        return f"{nearest[1]}: no {nearest[2]}" if nearest[1] else "no rule"

    def _reachable(self, concepts: frozenset[str]) -> set[str]:
        """The concepts that terms or phrases could give; phrases build on those before them."""
        possible = set(concepts)
        for phrase in self.phrases:
            if phrase.id not in possible and any(
                all(possible.intersection(step.concepts) for step in pattern.steps) for pattern in phrase.patterns
            ):
                possible.add(phrase.id)
        return possible
