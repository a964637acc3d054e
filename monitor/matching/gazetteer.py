"""Bases and areas as terms: every spelling of the table, with the forms that a script's grammar gives a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from monitor.errors import RuleError
from monitor.matching.matcher import NOT_ALIAS, Entry
from monitor.model import Base
from monitor.text import words_of

_ARABIC_PREFIXES = ("و", "ف", "ب", "ل", "ك", "وب", "ول", "فب")
_HEBREW_PREFIXES = ("ב", "ל", "ה", "ו", "מ", "ש", "וב", "של")
# Folded: й is и.
_RUSSIAN_HARD = ("а", "у", "ом", "е", "и", "ы", "ои", "еи", "ов", "ам", "ами", "ах")
_RUSSIAN_SOFT = ("ии", "ию", "иеи", "я", "ю", "ем", "ью", "ев", "ям", "ями", "ях", "ую", "ая")
_RUSSIAN_ENDINGS = (*_RUSSIAN_HARD, *_RUSSIAN_SOFT)
_TURKISH_ENDINGS = ("nu", "ni", "ne", "na", "nde", "nda", "nden", "ndan", "nun", "nin", "ndeki", "ndaki")  # folded
_LEAST_LETTERS = 3
_LEAST_WORD = 4  # articles and the like are shorter, and written either way


def is_active(table: Mapping[str, Any]) -> bool:
    """True for a base that is watched; suggestions and those switched off are not."""
    return str(table.get("status", "active")) == "active"


def base_of(file: str, table: Mapping[str, Any]) -> Base:
    """The base of a [[base]] table. Raises RuleError where a key is missing or no number."""
    for key in ("id", "name"):
        if not isinstance(table.get(key), str) or not table[key]:
            raise RuleError(f"{file}: a [[base]] needs the key `{key}` with a text")
    kind = table.get("kind", "base")
    if kind not in ("base", "area"):
        raise RuleError(f'{file}: {table["id"]}: kind = "{kind}" is unknown; write base or area')
    for key in ("lat", "lon"):
        if not isinstance(table.get(key, 0.0), int | float):
            raise RuleError(f"{file}: {table['id']}: {key} must be a number of degrees")
    return Base(
        id=table["id"],
        name=table["name"],
        kind=kind,
        country=table.get("country", ""),
        lat=table.get("lat"),
        lon=table.get("lon"),
        area=table.get("area", ""),
    )


def base_entries(table: Mapping[str, Any]) -> Iterable[Entry]:
    """The terms of a base: concept "base" or "area"; "base_cued" where the name alone may mean something else.

    That is so of all names of a base that needs a cue but those that end with "!", and of those that end with "?".
    """
    kind = table.get("kind", "base")
    cued = frozenset(table.get("script_cue", ()))
    rule = f"base:{table['id']}"
    not_owner = bool(table.get("not_owner"))
    for script, aliases in table.get("aliases", {}).items():
        needs_cue = bool(table.get("needs_cue")) or script in cued
        for alias in aliases:
            bare = alias.rstrip("!?")
            concept = f"{kind}_cued" if alias.endswith("?") or (needs_cue and alias == bare) else kind
            for words in name_forms(bare, script):
                yield Entry(words, concept, table["id"], rule, 1.0, _acronym(bare), True, _is_capital(bare), not_owner)
    for other in table.get("not_alias", ()):
        yield Entry(tuple(words_of(other)), NOT_ALIAS, table["id"], rule, exact=_acronym(other))


def _acronym(name: str) -> str:
    return name if name.isupper() and name.isascii() and name.isalpha() else ""


def _is_capital(name: str) -> bool:
    """True of a name that opens with a whole word, not with an article, in capitals."""
    first = name.replace("-", " ").split(" ")[0]
    return first[:1].isupper() and len(first) >= _LEAST_WORD


def name_forms(name: str, script: str) -> tuple[tuple[str, ...], ...]:
    """The token sequences by which a text may write a name: as given, and with the prefixes or cases of its script."""
    words = tuple(words_of(name))
    if not words:
        return ()
    if script in ("ar", "fa", "he"):
        prefixes = _HEBREW_PREFIXES if script == "he" else _ARABIC_PREFIXES
        return (words, *((prefix + words[0], *words[1:]) for prefix in prefixes), *_assimilated(words, script))
    if script == "ru":
        return _russian_cases(words)
    if script == "tr" and len(words) > 1 and words[-1].endswith(("u", "i")):
        return (words, *((*words[:-1], words[-1] + ending) for ending in _TURKISH_ENDINGS))
    return (words,)


def _assimilated(words: tuple[str, ...], script: str) -> tuple[tuple[str, ...], ...]:
    """Arabic لـ before the article is written as one: التنف → للتنف."""
    if script == "he" or not words[0].startswith("ال"):
        return ()
    return (("لل" + words[0][2:], *words[1:]), ("ولل" + words[0][2:], *words[1:]))


def _russian_cases(words: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The last word in every case, alone or with the words before it: Нью-Йорке, Вышнего Волочка."""
    if not _is_declined(words[-1]):
        return (words,)
    forms = [words]
    for ending in _RUSSIAN_ENDINGS:
        for stem in _stems(words[-1]):
            forms.append((*words[:-1], stem + ending))
            before = (_stems(word)[-1] + ending if _is_declined(word) else word for word in words[:-1])
            forms.append((*before, stem + ending))
    return tuple(dict.fromkeys(forms))


def _is_declined(word: str) -> bool:
    return len(word) >= _LEAST_LETTERS and "\u0400" <= word[0] <= "\u04ff"


def _stems(word: str) -> tuple[str, ...]:
    """A word as it is and without its last vowels: Москва, Москв."""
    stem = word.rstrip("аеиоуыья")
    return (word, stem) if len(stem) >= _LEAST_LETTERS else (word,)
