"""Patterns in any case with a quick look before them: most sentences hold nothing of what most patterns look for.

Where a pattern itself ignores case, Python tries it anew at every character. In a text in lower case it skips to where
it may begin; and one pass of an automaton tells that a piece which any match must hold is not there.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator

import ahocorasick_rs

from monitor.text import plain_case


class QuickPattern:
    """A pattern, written in lower case, for texts in any case; it is tried only where one of its pieces stands.

    Each match must hold one of the `pieces`. Matches tell their places in the text as written, their words in lower
    case. A pattern that `keeps_case` is tried on the text as written and says itself where case counts, as `(?-i:…)`.
    """

    def __init__(self, pattern: str, *pieces: str, keeps_case: bool = False) -> None:
        self._pattern = re.compile(pattern, re.IGNORECASE if keeps_case else 0)
        self._pieces = ahocorasick_rs.AhoCorasick(pieces)
        self._keeps_case = keeps_case

    def finditer(self, text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
        """Every match within the characters [start, end), in order."""
        lowered = plain_case(text).lower()
        if not self._pieces.find_matches_as_indexes(lowered[start:end]):
            return iter(())
        return self._pattern.finditer(text if self._keeps_case else lowered, start, end)

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """The first match within the characters [start, end), or None."""
        return next(self.finditer(text, start, end), None)

    def match(self, text: str, start: int = 0) -> re.Match[str] | None:
        """A match that begins at the character `start`, or None."""
        return self._pattern.match(self._as_read(text), start)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """The whole text as a match, or None."""
        return self._pattern.fullmatch(self._as_read(text))

    def _as_read(self, text: str) -> str:
        return text if self._keeps_case else plain_case(text).lower()


def any_of(words: Iterable[str]) -> QuickPattern:
    """A pattern for any of these literal words, whole, any case, blanks as wide as the text has them; longest first."""
    ordered = sorted({word for word in words if word.strip()}, key=lambda word: (-len(word), word))
    forms = [plain_case(word).lower().replace("’", "'").split() for word in ordered]
    found = "|".join(r"\s+".join(map(re.escape, parts)) for parts in forms)
    return QuickPattern(rf"(?<!\w)(?:{found or '(?!)'})(?!\w)", *{max(parts, key=len) for parts in forms})
