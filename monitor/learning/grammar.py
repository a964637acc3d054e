"""How the learner reads a sentence: its words as written, the general words of events, names and noun phrases.

The word lists come from rules/learning.toml and name no topic; what a topic's targets and weapons are is learned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel import Locale
from wordfreq import zipf_frequency

from monitor.text import tokenise

_LOOSE_PARTICLES = frozenset(
    {"al", "el", "de", "del", "bin", "ibn", "abu", "von", "van"}
)  # they also stand without a hyphen
COMMON_WORD = 3.6  # zipf frequency from which an English word is too common to be a name on its own


@dataclass(frozen=True, slots=True)
class Word:
    """One token: folded, as written, and what stands between it and the one before."""

    text: str
    written: str
    gap: str

    @property
    def is_capital(self) -> bool:
        """True where it is written like a name or an acronym."""
        return self.written[:1].isupper()


def read_words(sentence: str) -> tuple[Word, ...]:
    """The words of a sentence. A possessive ending counts as part of the gap after a word."""
    words: list[Word] = []
    end = 0
    for token in tokenise(sentence):
        words.append(Word(token.text, sentence[token.start : token.end], sentence[end : token.start]))
        end = token.end
    return tuple(words)


def singular(word: str) -> str:
    """The singular of a regular English plural; other words as they are."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if (
        len(word) > 4
        and word.endswith(("ses", "xes", "zes", "ches", "shes"))
        and not word.endswith(("bases", "cases", "uses"))
    ):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@dataclass(frozen=True, slots=True)
class Grammar:
    """The general words of events; verbs as the forms in which they act, suffer and go on."""

    acting: frozenset[str]
    suffering: frozenset[str]
    going_on: frozenset[str]
    launching: frozenset[str]
    harming: frozenset[str]
    comes_under: tuple[tuple[str, ...], ...]
    holding: frozenset[str]
    events: frozenset[str]
    deliberate: frozenset[str]
    people: frozenset[str]
    areas: frozenset[str]
    vicinity: frozenset[str]
    prefixes: frozenset[str]
    particles: frozenset[str]
    closed: frozenset[str]
    openers: frozenset[str]
    hurt: tuple[str, ...]
    aftermath: tuple[str, ...]
    verbs: Mapping[str, tuple[tuple[str, ...], ...]]

    def is_event(self, word: str) -> bool:
        """True for a noun of what happens, in either number."""
        return singular(word) in self.events or word in self.events


def read_grammar(table: Mapping[str, Any]) -> Grammar:
    """The grammar of a parsed learning.toml; what is absent is empty."""
    verbs, nouns, words = table.get("verbs", {}), table.get("nouns", {}), table.get("words", {})
    strike = [line.split() for line in verbs.get("strike", ())]
    harm = [line.split() for line in verbs.get("harm", ())]
    launch = [line.split() for line in verbs.get("launch", ())]
    return Grammar(
        acting=frozenset(form for forms in strike for form in (*present_forms(forms[0]), *forms[1:2])),
        suffering=frozenset(forms[-1] for forms in [*strike]),
        going_on=frozenset(ing_form(forms[0]) for forms in strike),
        launching=frozenset(
            form for forms in launch for form in (*present_forms(forms[0]), *forms[1:], ing_form(forms[0]))
        ),
        harming=frozenset(
            form for forms in harm for form in (*present_forms(forms[0]), *forms[1:], ing_form(forms[0]))
        ),
        comes_under=tuple(tuple(text.split()) for text in verbs.get("suffer", ())),
        holding=frozenset(form for line in verbs.get("hold", ()) for form in all_forms(line.split())),
        events=frozenset(nouns.get("event", ())),
        deliberate=frozenset(nouns.get("deliberate", ())),
        people=frozenset(nouns.get("people", ())),
        areas=frozenset(nouns.get("area", ())),
        vicinity=frozenset(nouns.get("vicinity", ())),
        prefixes=frozenset(nouns.get("prefix", ())),
        particles=frozenset(words.get("particles", ())),
        closed=frozenset(words.get("closed", ())),
        openers=frozenset(words.get("openers", ())),
        hurt=tuple(words.get("hurt", ())),
        aftermath=tuple(words.get("aftermath", ())),
        verbs={name: tuple(tuple(line.split()) for line in lines) for name, lines in verbs.items() if name != "suffer"},
    )


def present_forms(base: str) -> tuple[str, str]:
    """The base form and its third person: "attack" and "attacks"."""
    return base, base + ("es" if base.endswith(("s", "sh", "ch", "x")) else "s")


def ing_form(base: str) -> str:
    """The -ing form: drop a final e, double a final consonant after a single short vowel."""
    if base.endswith("e"):
        return base[:-1] + "ing"
    doubles = len(base) <= 4 and base[-1] not in "aeiouwxyrkld" and base[-2] in "aeiou" and base[-3:-2] not in "aeiou"
    return base + base[-1] * doubles + "ing"


def all_forms(forms: Sequence[str]) -> tuple[str, ...]:
    """Every form of a verb given as base, past and, where it differs, participle."""
    return tuple(dict.fromkeys((*present_forms(forms[0]), *forms[1:], ing_form(forms[0]))))


# --- names ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Name:
    """Words [start, end) of a sentence that are written as one proper name."""

    start: int
    end: int
    text: str


def find_names(words: Sequence[Word], grammar: Grammar) -> tuple[Name, ...]:
    """The proper names of a sentence in order: runs of capitalised words with particles, common words cut in front."""
    names: list[Name] = []
    at = 0
    while at < len(words):
        end = _name_end(words, at, grammar)
        if end == at:
            at += 1
            continue
        name = _trimmed(words, at, end, grammar)
        if name is not None:
            names.append(name)
        at = end
    return tuple(names)


def _name_end(words: Sequence[Word], start: int, grammar: Grammar) -> int:
    at = start
    while at < len(words) and (at == start or words[at].gap in (" ", "-")):
        if words[at].is_capital and not words[at].written.isdigit():
            at += 1
        elif _is_particle(words, at, grammar):
            at += 2
        else:
            break
    return at


def _is_particle(words: Sequence[Word], at: int, grammar: Grammar) -> bool:
    """A lower-case part of a name: "al" in "al-Varn", "ez" in "Varn ez-Zim"."""
    if words[at].text not in grammar.particles or at + 1 >= len(words):
        return False
    after = words[at + 1]
    return after.is_capital and (after.gap == "-" or (after.gap == " " and words[at].text in _LOOSE_PARTICLES))


def _trimmed(words: Sequence[Word], start: int, end: int, grammar: Grammar) -> Name | None:
    """The name without common words in front of it ("Northern Al-Varn"); None where only such words are left."""
    while start < end and _is_common(words, start, end, grammar):
        start += 1
    if start == end or (end - start == 1 and len(words[start].text) < 3):
        return None
    text = "".join((word.gap if index else "") + word.written for index, word in enumerate(words[start:end]))
    return Name(start, end, text)


def _is_common(words: Sequence[Word], at: int, end: int, grammar: Grammar) -> bool:
    word = words[at]
    if word.text in grammar.particles and at + 1 < end and (words[at + 1].gap == "-" or word.text in _LOOSE_PARTICLES):
        return False
    if word.text in grammar.prefixes and at + 1 < end:
        return False
    return word.text in grammar.closed or zipf_frequency(word.text, "en") >= COMMON_WORD


# --- countries -----------------------------------------------------------------------------------

_OTHER_NAMES = {"usa": "US", "us": "US", "america": "US", "uk": "GB", "britain": "GB", "turkey": "TR", "russia": "RU"}


def country_codes() -> dict[str, str]:
    """Folded English country names → ISO 3166 alpha-2 codes."""
    territories = Locale("en").territories
    codes = {name.lower(): code for code, name in territories.items() if len(code) == 2 and code.isalpha()}
    return {**codes, **_OTHER_NAMES}


def folded(words: Iterable[Word]) -> str:
    """The words as matching sees them."""
    return " ".join(word.text for word in words)
