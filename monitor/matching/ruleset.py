"""A rule set: what the rule files say, compiled. Loaded by `loader.load_rules`; frozen afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from monitor.matching.background import Background
from monitor.matching.factwords import FactWords
from monitor.matching.grades import Grade
from monitor.matching.matcher import BORDER, NOT_ALIAS, Matcher
from monitor.matching.notation import Pattern
from monitor.matching.screen import Screen
from monitor.matching.spans import NAMES
from monitor.model import Base


@dataclass(frozen=True, slots=True)
class Phrase:
    """Patterns whose matches become spans of the concept `id`. `value` "" takes the first value of its parts.

    `span` is the concept of the part that alone becomes the span; "" is the whole match.
    """

    id: str
    patterns: tuple[Pattern, ...]
    value: str = ""
    span: str = ""
    not_between: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """Patterns that tell of an attack. `needs` must stand in the same sentence, a neighbour or the title."""

    id: str
    patterns: tuple[Pattern, ...]
    score: float
    label: str
    needs: tuple[tuple[str, ...], ...] = ()
    not_between: tuple[str, ...] = ()
    immune: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Context:
    """What takes weight from one mention: a concept near it, inside it, or in its sentence or the title."""

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
    """Everything that judging needs. `bases` are the active ones by id; `version` is a hash of the TOML files."""

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
    background: Background = field(default_factory=Background)
    screen: Screen = field(default_factory=lambda: Screen((), (), ()))
    grades: tuple[Grade, ...] = ()

    @cached_property
    def names(self) -> Matcher:
        """Finds only places and weapons."""
        return self.matcher.only((*NAMES, NOT_ALIAS, BORDER))

    @cached_property
    def knows_countries(self) -> bool:
        """True where some term names a country. Looks at every term, so once."""
        return bool(self.values("country"))

    def base(self, id: str) -> Base | None:  # noqa: A002 - the noun that rule files use
        """The base or area of this id, or None."""
        return self.bases.get(id)

    def values(self, concept: str) -> frozenset[str]:
        """What the terms and phrases of a concept may stand for: the kinds of weapon for "weapon"."""
        phrases = frozenset(phrase.value for phrase in self.phrases if phrase.id == concept and phrase.value)
        return self.matcher.values(concept) | phrases

    def lacks(self, concepts: frozenset[str]) -> str:
        """Nothing where some rule or class may fire on these concepts, else the nearest rule and what it lacks."""
        return self.screen.lacks(concepts)
