"""The words by which articles state facts of an attack, read from rules/facts.toml; their grammar is in incidents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.errors import RuleError
from monitor.matching.quick import QuickPattern, any_of
from monitor.text import plain_case

NOTHING = any_of(())


@dataclass(frozen=True, slots=True)
class Names:
    """Names and the ways in which texts write them; the more telling a name, the lower its `rank`."""

    pattern: QuickPattern = NOTHING
    shown: Mapping[str, str] = field(default_factory=dict)
    rank: Mapping[str, int] = field(default_factory=dict)

    def find(self, text: str) -> tuple[tuple[int, int, str], ...]:
        """(start, end, name as shown) of each, in order."""
        return tuple(
            (found.start(), found.end(), self.shown[" ".join(found.group().lower().split())])
            for found in self.pattern.finditer(plain_case(text))
        )


@dataclass(frozen=True, slots=True)
class ResponseWords:
    """Words that say that the attacked side struck back; `shown` is how that is told."""

    shown: str = ""
    by: QuickPattern = NOTHING
    did: QuickPattern = NOTHING
    nouns: QuickPattern = NOTHING
    struck: QuickPattern = NOTHING
    ties: QuickPattern = NOTHING
    own_ties: QuickPattern = NOTHING
    undone: QuickPattern = NOTHING


@dataclass(frozen=True, slots=True)
class WeaponKinds:
    """What is known of kinds of weapons: those that reports take for one another, and ACLED's sub-events of attacks."""

    alike: frozenset[str] = frozenset()
    stopped: str = ""
    sub_events: tuple[tuple[str, frozenset[str]], ...] = ()

    def are_alike(self, one: Iterable[str], other: Iterable[str]) -> bool:
        """True where both name a kind that is taken for one of the other's."""
        return not self.alike.isdisjoint(one) and not self.alike.isdisjoint(other)

    def sub_event(self, weapons: Iterable[str], *, stopped: bool) -> str:
        """The sub-event of an attack with these weapons, or ""."""
        if stopped:
            return self.stopped
        return next((name for name, kinds in self.sub_events if not kinds.isdisjoint(weapons)), "")


@dataclass(frozen=True, slots=True)
class FactWords:
    """Vocabulary of facts; empty patterns find nothing.

    `owners` gives the owner of an outlet by host or name, `carriers` are hosts that show articles of other outlets; all
    casefolded.
    """

    claimants: Names = field(default_factory=Names)
    officials: Names = field(default_factory=Names)
    others: Names = field(default_factory=Names)
    say: QuickPattern = NOTHING
    claim: QuickPattern = NOTHING
    confirm: QuickPattern = NOTHING
    state: QuickPattern = NOTHING
    deny: QuickPattern = NOTHING
    did: QuickPattern = NOTHING
    event: QuickPattern = NOTHING
    effect: QuickPattern = NOTHING
    victims: tuple[str, ...] = ()
    other_victims: QuickPattern = NOTHING
    response: ResponseWords = field(default_factory=ResponseWords)
    weapons: WeaponKinds = field(default_factory=WeaponKinds)
    owners: Mapping[str, str] = field(default_factory=dict)
    carriers: frozenset[str] = frozenset()


def read_fact_words(table: Mapping[str, Any]) -> FactWords:
    """The vocabulary of a parsed facts.toml; what is absent is empty. Raises RuleError for an outlet of two owners."""
    verbs = table.get("verbs", {})
    casualties = table.get("casualties", {})
    return FactWords(
        claimants=_names(table.get("claimants", {})),
        officials=_names(table.get("officials", {})),
        others=_names(table.get("others", {})),
        say=any_of(verbs.get("say", ())),
        claim=any_of(verbs.get("claim", ())),
        confirm=any_of(verbs.get("confirm", ())),
        state=any_of(verbs.get("state", ())),
        deny=any_of(verbs.get("deny", ())),
        did=any_of(verbs.get("did", ())),
        event=any_of(table.get("nouns", {}).get("event", ())),
        effect=any_of(table.get("nouns", {}).get("effect", ())),
        victims=tuple(sorted(map(str.lower, casualties.get("victims", ())), key=lambda word: (-len(word), word))),
        other_victims=any_of(casualties.get("others", ())),
        response=_response(table.get("response", {})),
        weapons=_weapons(table.get("weapons", {})),
        owners=_owners(table.get("owners", {})),
        carriers=frozenset(host.casefold() for host in table.get("carriers", {}).get("hosts", ())),
    )


def _weapons(table: Mapping[str, Any]) -> WeaponKinds:
    return WeaponKinds(
        alike=frozenset(table.get("alike", ())),
        stopped=table.get("stopped", ""),
        sub_events=tuple((name, frozenset(kinds)) for name, kinds in table.get("sub_events", {}).items()),
    )


def _owners(table: Mapping[str, Iterable[str]]) -> dict[str, str]:
    owners: dict[str, str] = {}
    for owner, outlets in table.items():
        for outlet in outlets:
            other = owners.setdefault(outlet.casefold(), owner)
            if other != owner:
                raise RuleError(f"facts.toml: [owners] gives {outlet} to {other} and to {owner}; keep one of them")
    return owners


def _response(table: Mapping[str, Any]) -> ResponseWords:
    return ResponseWords(
        shown=table.get("shown", ""),
        by=any_of(table.get("by", ())),
        did=any_of(table.get("did", ())),
        nouns=any_of(table.get("nouns", ())),
        struck=any_of(table.get("struck", ())),
        ties=any_of(table.get("ties", ())),
        own_ties=any_of(table.get("own_ties", ())),
        undone=any_of(table.get("undone", ())),
    )


def _names(table: Mapping[str, Iterable[str]]) -> Names:
    shown = {
        " ".join(plain_case(word).lower().replace("’", "'").split()): name
        for name, words in table.items()
        for word in words
    }
    return Names(any_of(shown), shown, {name: rank for rank, name in enumerate(dict.fromkeys(shown.values()))})
