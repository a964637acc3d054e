"""Which known name a new spelling may stand for. It only suggests: the alias table is the truth, and a person accepts.

Two keys. The sound key writes letters that transliterations confuse as one, in Latin script whatever the text's; the
skeleton is its consonants. A name is suggested where the sound keys are the same, or else the skeletons are, the sound
keys are alike and both end in the same kind of sound. Ask only for a name that stands beside a cue word, an article or
a country.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from monitor.text import fold, words_of

LEAST_RATIO = 70.0
LEAST_CONSONANTS = 3  # a shorter skeleton is shared by too many names

_ARTICLES = frozenset(
    ("al", "el", "il", "ul", "l", "a", "e", "en", "an", "ad", "ed", "ar", "er", "as", "es", "ash", "esh")
)
_ARTICLES |= {"asch", "at", "et", "az", "ez"}
# The sound of each folded letter of Arabic, Hebrew and Cyrillic; weak ones, which one script leaves out, become vowels.
_LETTERS_OF = {
    "a": "اאая", "b": "بپבбп", "d": "دذضדд", "e": "еэ", "f": "فפф", "g": "غגг", "h": "حخهהחх", "i": "يיийы",
    "j": "جژж", "k": "قكכקк", "l": "لלл", "m": "مמм", "n": "نנн", "o": "о", "r": "رרр", "s": "سصסצсц", "S": "شچשчшщ",
    "t": "تثطטתт", "u": "وוую", "w": "в", "z": "زظזз", "": "عעьъ",
}  # fmt: skip
_LATIN = {letter: sound for sound, letters in _LETTERS_OF.items() for letter in letters}
_PAIRS = (
    ("sch", "S"), ("dzh", "j"), ("dj", "j"), ("dg", "g"), ("sh", "S"), ("ch", "S"), ("kh", "h"), ("gh", "g"),
    ("th", "t"), ("dh", "d"), ("ph", "f"), ("ck", "k"),
)  # fmt: skip
_HUSHED = str.maketrans({"ş": "sh", "Ş": "Sh", "š": "sh", "Š": "Sh", "č": "ch", "Č": "Ch"})  # folding drops their marks
_ONE_LETTER = str.maketrans("cqpveiyou", "kkbwaaauu")
_DOUBLE = re.compile(r"(.)\1+")
_VOWELS = re.compile(r"[auw]")
_FEMININE = re.compile(r"(?:[iy]+[ae]h?|ih)$")  # "Aliya" is not "Ali"
_SILENT_END = re.compile(r"(?<=[auw])h$|(?<=an)a$")  # Jiddah is Jidda, French Rahmane is Rahman


@lru_cache(maxsize=20_000)
def sound_key(name: str) -> str:
    """The name as it sounds, words parted by blanks, articles cut: "Vadi el-Jouz" and "Wadi al-Juz" share theirs."""
    words = [_sound_of(word) for word in _without_articles(words_of(name.translate(_HUSHED)))]
    return " ".join(word for word in words if word)


def skeleton(name: str) -> str:
    """The consonants of the sound key: what is left where a script writes no vowels."""
    return _VOWELS.sub("", sound_key(name))


def _without_articles(words: list[str]) -> list[str]:
    kept = [word for word in words if _to_latin(word) not in _ARTICLES]
    return [_cut_arabic_article(word) for word in kept] or words


def _cut_arabic_article(word: str) -> str:
    """Arabic and Hebrew write the article as part of the word."""
    for article in ("ال", "אל"):
        if word.startswith(article) and len(word) - len(article) >= LEAST_CONSONANTS:
            return word.removeprefix(article)
    return word


def _to_latin(word: str) -> str:
    return word if word.isascii() else "".join(_LATIN.get(letter, letter) for letter in word)


def _sound_of(word: str) -> str:
    latin = _to_latin(word).replace("dj", "j")
    for pair, letter in _PAIRS:
        latin = latin.replace(pair, letter)
    latin = _FEMININE.sub("Y", latin)
    sound = _DOUBLE.sub(r"\1", latin.translate(_ONE_LETTER))
    return _SILENT_END.sub("", sound) if _SILENT_END.search(sound) else re.sub(r"h$", "a", sound)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A known name that a new spelling may stand for; `ratio` is the likeness of their sound keys, 0 to 100."""

    id: str
    alias: str
    ratio: float


class Spellings:
    """The known names by their keys. `aliases` are spellings by the id of what they name, `not_aliases` by what not."""

    def __init__(
        self, aliases: Mapping[str, Iterable[str]], not_aliases: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        self._by_sound: dict[str, list[tuple[str, str]]] = {}
        self._by_skeleton: dict[str, list[tuple[str, str]]] = {}
        for id_, names in aliases.items():
            for name in names:
                self._add(id_, name.rstrip("!?"))
        self._barred = {_written(name) for names in (not_aliases or {}).values() for name in names}

    def _add(self, id_: str, name: str) -> None:
        consonants = skeleton(name)
        if len(consonants.replace(" ", "")) < LEAST_CONSONANTS or _is_acronym(name):
            return
        self._by_sound.setdefault(sound_key(name), []).append((id_, name))
        self._by_skeleton.setdefault(consonants, []).append((id_, name))

    def suggest(self, name: str) -> Suggestion | None:
        """The one known name that a spelling may stand for; None where there is none, or more than one."""
        if _written(name) in self._barred:
            return None
        found = self._same_sound(name) or self._alike(name)
        return found[0] if len({one.id for one in found}) == 1 else None

    def _same_sound(self, name: str) -> list[Suggestion]:
        return [
            Suggestion(id_, alias, 100.0)
            for id_, alias in self._by_sound.get(sound_key(name), ())
            if _says_enough(name, alias)
        ]

    def _alike(self, name: str) -> list[Suggestion]:
        sound = sound_key(name)
        alike = [
            Suggestion(id_, alias, round(fuzz.ratio(sound, sound_key(alias)), 1))
            for id_, alias in self._by_skeleton.get(skeleton(name), ())
            if _ending(sound) == _ending(sound_key(alias)) and _says_enough(name, alias)
        ]
        likely = [one for one in alike if one.ratio >= LEAST_RATIO]
        return sorted(likely, key=lambda one: (-one.ratio, one.id, one.alias))


def _says_enough(name: str, alias: str) -> bool:
    """Three consonants are too few across scripts: Russian "Борис" would be English "brass"."""
    return len(skeleton(name)) > LEAST_CONSONANTS or _script(name) == _script(alias)


def _script(name: str) -> str:
    letter = next((letter for letter in fold(name) if letter.isalpha()), "")
    return unicodedata.name(letter, "").split(" ")[0]


def _is_acronym(name: str) -> bool:
    return name.isupper() and name.isascii() and name.isalpha()


def _written(name: str) -> str:
    return " ".join(fold(name).split())


def _ending(sound: str) -> str:
    """The last sound where it is a vowel: "Karimi" is not "Karim"."""
    return sound[-1:] if sound[-1:] in ("a", "u") else ""
