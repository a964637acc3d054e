"""The words by which articles state facts of an attack, read from rules/facts.toml; their grammar is in incidents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.text import plain_case

NOTHING = re.compile(r"(?!)")


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern for any of these literal words, whole, any case, blanks as wide as the text has them; longest first."""
    ordered = sorted({word for word in words if word.strip()}, key=lambda word: (-len(word), word))
    if not ordered:
        return NOTHING
    forms = (r"\s+".join(re.escape(part) for part in word.replace("’", "'").split()) for word in ordered)
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Names:
    """Names and the ways in which texts write them."""

    pattern: re.Pattern[str] = NOTHING
    shown: Mapping[str, str] = field(default_factory=dict)

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
    by: re.Pattern[str] = NOTHING
    did: re.Pattern[str] = NOTHING
    nouns: re.Pattern[str] = NOTHING
    struck: re.Pattern[str] = NOTHING
    ties: re.Pattern[str] = NOTHING
    own_ties: re.Pattern[str] = NOTHING
    undone: re.Pattern[str] = NOTHING


@dataclass(frozen=True, slots=True)
class FactWords:
    """Vocabulary of facts; empty patterns find nothing."""

    claimants: Names = field(default_factory=Names)
    officials: Names = field(default_factory=Names)
    others: Names = field(default_factory=Names)
    say: re.Pattern[str] = NOTHING
    claim: re.Pattern[str] = NOTHING
    confirm: re.Pattern[str] = NOTHING
    state: re.Pattern[str] = NOTHING
    deny: re.Pattern[str] = NOTHING
    did: re.Pattern[str] = NOTHING
    event: re.Pattern[str] = NOTHING
    victims: tuple[str, ...] = ()
    other_victims: re.Pattern[str] = NOTHING
    response: ResponseWords = field(default_factory=ResponseWords)


def read_fact_words(table: Mapping[str, Any]) -> FactWords:
    """The vocabulary of a parsed facts.toml; what is absent is empty."""
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
        victims=tuple(sorted(casualties.get("victims", ()), key=lambda word: (-len(word), word))),
        other_victims=any_of(casualties.get("others", ())),
        response=_response(table.get("response", {})),
    )


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
    return Names(any_of(shown), shown)
