"""Where an attack was: each base of a list, an area, one country, or nothing certain."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.incidents.names import list_of
from monitor.incidents.told import Told
from monitor.matching.ruleset import RuleSet
from monitor.model import Base, Named

_TARGETS = ("base", "area", "base_cued")  # in a list one cue serves every name
_LIST_GAP = 90
_AND = re.compile(r"\W*\b(?:and|or|as\s+well\s+as)\s+(?:(?:in|at|on|near|the)\s+)*|\s*&\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Where:
    """A place as a mention holds it; "" where nothing is said."""

    base: str = ""
    area: str = ""
    country: str = ""


def places_of(told: Told, country: str, rules: RuleSet) -> tuple[Where, ...]:
    """The places that one hit tells were struck: several where its sentence lists bases, else one, maybe unknown.

    `country` is that of the article's hits, for a sentence that names none.
    """
    if told.countries:
        country = next(iter(told.countries)) if len(told.countries) == 1 else ""
    named = [name for name in told.names_of_target if name.concept in _TARGETS]
    targets = _without_their_areas(told.text, named, rules.bases)
    own = next((name for name in targets if name.value == told.hit.base), None)
    if own is None:
        return (Where(country=country),)  # a base of a neighbouring sentence may be that of another attack
    listed = list_of(told.text, own, targets, _LIST_GAP)
    found = dict.fromkeys(_where(name.value, country, rules.bases) for name in listed)
    return tuple(found)


def _without_their_areas(text: str, names: Sequence[Named], bases: Mapping[str, Base]) -> list[Named]:
    """Without areas that only say where a base of the list lies.

    "al-Shaddadi in Hasakah" is one place; "al-Shaddadi and Hasakah" are two, the second a base that is not named.
    """
    kept = []
    for name in names:
        within = [other for other in names if (base := bases.get(other.value)) and base.area == name.value]
        beside = any(_AND.fullmatch(text[other.end : name.start]) for other in within if other.end <= name.start)
        if name.concept != "area" or not within or beside:
            kept.append(name)
    return kept


def _where(target: str, country: str, bases: Mapping[str, Base]) -> Where:
    place = bases.get(target)
    if place is None:
        return Where(country=country)
    if place.kind == "area":
        return Where(area=place.id, country=place.country or country)
    return Where(place.id, place.area, place.country or country)
