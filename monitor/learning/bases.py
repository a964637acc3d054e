"""Names of the topic's targets, learned from the patterns in which the seeds name what was hit.

A name with two patterns or in two seeds is active; with one and one it is a suggestion. Countries and common words
are no names; a name that texts call a province is an area.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from wordfreq import zipf_frequency

from monitor.learning.grammar import COMMON_WORD, Grammar, Name, Word, country_codes
from monitor.learning.names import is_too_common, with_neighbours
from monitor.learning.slots import Read
from monitor.matching.spelling import Spellings, sound_key
from monitor.text import words_of

MOST_EXAMPLES = 3
LEAST_BARE_LETTERS = 4
_NEAR = 8  # words after a name in which its country may stand


@dataclass(frozen=True, slots=True)
class Support:
    """Why something was learned: the pattern, the seed and the sentence as written."""

    pattern: str
    seed: str
    sentence: str


@dataclass(frozen=True, slots=True)
class KnownBase:
    """A base that the present rules have from another source; a learned entry keeps its `facts`."""

    id: str
    name: str
    kind: Literal["base", "area"] = "base"
    aliases: tuple[str, ...] = ()
    facts: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class LearnedBase:
    """A target or an area by its spellings, most frequent first. `known` is its entry in the present rules, if any."""

    id: str
    name: str
    kind: Literal["base", "area"]
    spellings: tuple[str, ...]
    support: tuple[Support, ...]
    active: bool
    country: str = ""
    known: KnownBase | None = None

    @property
    def seeds(self) -> tuple[str, ...]:
        """The seeds that name it."""
        return tuple(sorted({one.seed for one in self.support}))

    @property
    def patterns(self) -> tuple[str, ...]:
        """The kinds of patterns that found it."""
        return tuple(sorted({one.pattern for one in self.support}))


@dataclass(frozen=True, slots=True)
class _Named:
    """One name in one sentence with the patterns that found it."""

    name: Name
    read: Read
    patterns: frozenset[str]


def learn_bases(
    reads: Sequence[Read], nouns: frozenset[str], grammar: Grammar, known: Sequence[KnownBase] = ()
) -> tuple[LearnedBase, ...]:
    """Every name that some pattern finds as a target's, by id. `nouns` are the nouns of targets."""
    countries = country_codes()
    groups: defaultdict[str, list[_Named]] = defaultdict(list)
    for read in reads:
        for name, patterns in with_neighbours(read, nouns, grammar).items():
            if is_too_common(name, read.words, grammar) or _core(name.text, grammar) in countries:
                continue
            groups[sound_key(_core(name.text, grammar))].append(_Named(name, read, patterns))
    spellings = Spellings({base.id: (base.name, *base.aliases) for base in known})
    exact = {_core(alias, grammar): base.id for base in known for alias in (base.name, *base.aliases)}
    joined: defaultdict[str, list[_Named]] = defaultdict(list)
    for named in groups.values():
        likely = Counter(id_ for one in named if (id_ := _known_id(one.name.text, exact, spellings, grammar)))
        joined[likely.most_common(1)[0][0] if likely else _new_id(named)].extend(named)
    known_by_id = {base.id: base for base in known}
    learned = [_learned(id_, named, grammar, countries, known_by_id.get(id_)) for id_, named in joined.items()]
    return tuple(sorted(learned, key=lambda base: base.id))


def _known_id(text: str, exact: Mapping[str, str], spellings: Spellings, grammar: Grammar) -> str:
    """The id of the known base that a name is a spelling of, or ""."""
    if found := exact.get(_core(text, grammar)):
        return found
    suggestion = spellings.suggest(_written(text, grammar))
    return suggestion.id if suggestion else ""


def _new_id(named: Sequence[_Named]) -> str:
    """An id from the spelling that stands most often."""
    return "-".join(words_of(_spellings(named)[0]))


def _spellings(named: Sequence[_Named]) -> tuple[str, ...]:
    counts = Counter(one.name.text for one in named)
    return tuple(sorted(counts, key=lambda text: (-counts[text], text)))


def _learned(
    id_: str,
    named: Sequence[_Named],
    grammar: Grammar,
    countries: Mapping[str, str],
    known: KnownBase | None,
) -> LearnedBase:
    spellings = _spellings(named)
    support = tuple(
        sorted(
            {Support(pattern, one.read.seed, one.read.sentence) for one in named for pattern in one.patterns},
            key=lambda one: (one.seed, one.sentence, one.pattern),
        )
    )
    seeds, patterns = {one.seed for one in support}, {one.pattern for one in support}
    is_area = known.kind == "area" if known else any(_is_area(one, grammar) for one in named)
    return LearnedBase(
        id=id_,
        name=known.name if known else spellings[0],
        kind="area" if is_area else "base",
        spellings=spellings,
        support=support,
        active=len(seeds) > 1 or len(patterns) > 1,
        country="" if known else _country(named, countries),
        known=known,
    )


def _core(text: str, grammar: Grammar) -> str:
    """A name without article or area word, folded: "al-Varn" → "varn", "Varn Province" → "varn"."""
    words = words_of(text)
    kept = [word for word in words if word not in grammar.areas]
    while len(kept) > 1 and kept[0] in grammar.particles:
        kept = kept[1:]
    return " ".join(kept or words)


def _written(text: str, grammar: Grammar) -> str:
    """A name as written, without an area word: "al-Varn Province" → "al-Varn"."""
    first, _, last = text.rpartition(" ")
    return first if first and last.lower() in grammar.areas else text


def _is_area(one: _Named, grammar: Grammar) -> bool:
    """As in "Varn province", "province of Varn", "the Koldavia area of Varn"."""
    words, name = one.read.words, one.name
    around = [*_texts(words[name.end - 1 : name.end + 1]), *_texts(words[max(0, name.start - 2) : name.start - 1])]
    of_area = (
        name.start > 1
        and words[name.start - 1].text == "of"
        and words[name.start - 2].text in (grammar.areas | {"area", "city", "town"})
    )
    return of_area or any(word in grammar.areas for word in around)


def _texts(words: Sequence[Word]) -> list[str]:
    return [word.text for word in words]


def _country(named: Sequence[_Named], countries: Mapping[str, str]) -> str:
    """The country that the words after the name most often give; "" where none or two do so equally."""
    votes = Counter(
        codes[0]
        for one in named
        if (codes := countries_in(one.read.words[one.name.end : one.name.end + _NEAR], countries))
    )
    best = votes.most_common(2)
    if not best or (len(best) == 2 and best[0][1] == best[1][1]):
        return ""
    return best[0][0]


def countries_in(words: Sequence[Word], countries: Mapping[str, str]) -> list[str]:
    """The codes of the countries that words name as places ("in eastern Norway", "of Chad"), in order."""
    found = []
    for at, word in enumerate(words):
        code = countries.get(word.text)
        if code is not None and word.is_capital and len(word.text) > 3:
            before = [one.text for one in words[max(0, at - 3) : at]]
            if "in" in before or "of" in before[-2:]:
                found.append(code)
    return found


def bare_forms(base: LearnedBase, grammar: Grammar) -> tuple[str, ...]:
    """Spellings without their article, where what is left is no common word: "al-Varn" → "Varn"."""
    forms = []
    for spelling in base.spellings:
        parts = re.split(r"[-\s]", spelling, maxsplit=1)
        if len(parts) == 2 and parts[0].lower() in grammar.particles:
            rest = parts[1]
            if (
                len(rest) >= LEAST_BARE_LETTERS
                and zipf_frequency(rest, "en") < COMMON_WORD
                and rest not in base.spellings
            ):
                forms.append(rest)
    return tuple(dict.fromkeys(forms))
