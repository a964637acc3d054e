"""What is watched, and an article's judgement with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Base:
    """A watched place of the topic: a named target, or an area (`kind` "area") that holds several.

    `lat`/`lon` are WGS 84 degrees or None; `area` is the id of the area that holds it, or "".
    """

    id: str
    name: str
    kind: Literal["base", "area"] = "base"
    country: str = ""
    lat: float | None = None
    lon: float | None = None
    area: str = ""


Part = Literal["title", "summary", "text"]


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open character range [start, end) of one part of an article, as written there."""

    part: Part
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a rule found in a text. `concept` is the rule set's id for it, e.g. "weapon" or "base".

    `value` is what the term stands for: a base's id, a weapon class, a country; `text` is as written.
    """

    concept: str
    rule: str
    value: str
    span: Span
    text: str
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Named:
    """A place or weapon that a sentence names: what it stands for, and its characters [start, end) there."""

    concept: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for a judgement, fit to be shown: the rule, the words as written, and their sentence."""

    rule: str
    concept: str
    text: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One attack on a watched target as one sentence (or two neighbours) tells it, before dates and identity.

    `base` is a rule id or "" where the target is not named; `country` is ISO 3166 alpha-2 or "";
    `fresh` is False where a context (see `contexts`) takes it away; `label` is its class by the labelling rule.
    `names` are the bases, areas, countries and weapons that its sentence names, in order.
    """

    rule: str
    label: str
    score: float
    fresh: bool
    base: str
    country: str
    sentence: Span
    terms: tuple[Term, ...]
    contexts: tuple[str, ...] = ()
    lead: bool = True
    names: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one article. `flagged` means: its title or lead tells of a fresh attack.

    `rule` decided; `missing` says, for what was not flagged, the nearest rule and the condition that failed.
    """

    flagged: bool
    label: str
    score: float
    rule: str
    hits: tuple[Hit, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    missing: str = ""
    rules_version: str = ""
