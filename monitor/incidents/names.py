"""What a sentence names: the countries and weapons of the attack, and which names stand in one list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from monitor.matching.factwords import FactWords
from monitor.model import Named

# What may stand between two names of one list: "al-Tanf, and the base in al-Omar", "X as well as U.S. bases in Y".
_LISTED = re.compile(r"(?:,|\band\b|\bor\b|\bas\s+well\s+as\b|&|/|^\s*-+\s*$)", re.IGNORECASE)
_PARTED = re.compile(
    r"\b(?:after|before|while|but|following|hours?|days?|later|earlier|when|whereas|also|from|against|since)\b|[.;:]\s",
    re.IGNORECASE,
)
_WEAPON_GAP = 25
_FROM = 5  # characters between a group and its country: "militias in Iraq"
_LAUNCHED_FROM = re.compile(r"\bfrom\s+(?:the\s+)?$", re.IGNORECASE)


def countries_in(text: str, names: Sequence[Named], words: FactWords) -> frozenset[str]:
    """The countries that a sentence names, without those that only say where the attackers or the fire came from."""
    countries = [name for name in names if name.concept == "country"]
    attackers = [(start - 1, end + _FROM) for start, end, _name in words.claimants.find(text)] if countries else []
    return frozenset(
        name.value
        for name in countries
        if not any(name.start <= end and start <= name.end for start, end in attackers)
        and not _LAUNCHED_FROM.search(text, max(0, name.start - 10), name.start)
    )


def weapons_of(text: str, names: Sequence[Named], spans: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """The kinds of weapon of a hit: those at `spans`, and those listed with them ("drones and rockets")."""
    weapons = [name for name in names if name.concept == "weapon" and name.value]
    own = [weapon for weapon in weapons if any(weapon.start < end and start < weapon.end for start, end in spans)]
    listed = [name for weapon in own for name in list_of(text, weapon, weapons, _WEAPON_GAP)]
    return tuple(dict.fromkeys(name.value for name in (*own, *listed)))


def list_of(text: str, own: Named, names: Sequence[Named], gap: int) -> list[Named]:
    """The names that stand in one list with `own`, itself included, in order."""
    beside = {*_listed(text, own, names, 1, gap), *_listed(text, own, names, -1, gap)}
    return sorted({own, *beside}, key=lambda name: name.start)


def _listed(text: str, own: Named, targets: Sequence[Named], step: int, gap: int) -> Iterator[Named]:
    """The names that stand in one list with `own`, on one side of it."""
    ordered = (
        [name for name in targets if name.start >= own.start]
        if step > 0
        else [name for name in reversed(targets) if name.end <= own.end]
    )
    last = own
    for name in ordered:
        if name.start < last.end and last.start < name.end:
            continue
        between = text[last.end : name.start] if step > 0 else text[name.end : last.start]
        if len(between) > gap or _PARTED.search(between) or not _LISTED.search(between):
            return
        yield name
        last = name
