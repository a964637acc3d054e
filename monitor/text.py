"""Text for matching: folding that keeps offsets into the original, tokens, sentences that survive hard-wrapped text.

A token is a run of letters and digits. "U.S." is the token "us", "K-1" the tokens "k" and "1"; apostrophes part words
and a lone "s" is dropped, so that "Peru's" is "peru" and Turkish "Ankara'da" is "ankara" and "da".
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

# Letters that Unicode does not decompose, or that one script writes in several ways (as Lucene normalises Arabic).
_LETTERS = {
    "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ə": "e",
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ئ": "ي", "ې": "ي", "ؤ": "و", "ة": "ه", "ۀ": "ه",
    "ہ": "ه",
    "ک": "ك", "گ": "ك", "ء": "",
    "ך": "כ", "ם": "מ", "ן": "נ", "ף": "פ", "ץ": "צ",
    "ё": "е", "й": "и", "ї": "і", "ў": "у", "ە": "ه",
}  # fmt: skip
_TATWEEL, _ZERO_WIDTH_NON_JOINER = "ـ", "\u200c"
_DASHES_AND_QUOTES = {
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "`": "'",
    "´": "'",
    "“": '"',
    "”": '"',
    "–": "-",
    "—": "-",
    "‑": "-",
    "…": ".",
}


def fold_letter(letter: str) -> str:
    """One character as matching sees it: lower case, without marks, one form for each letter; "" for no sound."""
    if letter == _TATWEEL:
        return ""
    if letter == _ZERO_WIDTH_NON_JOINER:
        return " "
    lowered = letter.lower()
    if lowered in _LETTERS:
        return _LETTERS[lowered]
    if letter in _DASHES_AND_QUOTES:
        return _DASHES_AND_QUOTES[letter]
    if "\u0400" <= letter <= "\u04ff":
        return lowered
    parts = unicodedata.normalize("NFKD", lowered).lower()
    return "".join(_LETTERS.get(part, part) for part in parts if unicodedata.category(part) not in ("Mn", "Cf"))


class _Folding(dict[int, str]):
    """The table for str.translate, filled as letters are met."""

    def __missing__(self, code: int) -> str:
        folded = fold_letter(chr(code))
        if len(self) < 20_000:
            self[code] = folded
        return folded


_FOLDING = _Folding()
# A dotted acronym, or a run of letters and digits.
_TOKEN = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_](?![^\W_])\.?|[^\W_]+")


_ASCII_TOKEN = re.compile(r"(?:[a-z]\.)+[a-z](?![a-z0-9])\.?|[a-z0-9]+")


def _with_plain_marks(text: str) -> str:
    """Typographic quotes and dashes as ASCII, one for one: most English text then is ASCII, which is quick."""
    if not text.isascii():
        for mark, plain in _DASHES_AND_QUOTES.items():
            text = text.replace(mark, plain)
    return text


def fold(text: str) -> str:
    """The text as matching sees it; its length may differ."""
    text = _with_plain_marks(text)
    return text.lower() if text.isascii() else text.translate(_FOLDING)


def _tokens(folded: str) -> list[str]:
    return (_ASCII_TOKEN if folded.isascii() else _TOKEN).findall(folded)


# The letters that re.IGNORECASE takes for i, s and k, and that str.lower() does not.
_TAKEN_FOR_ASCII = {"İ": "I", "ı": "i", "ſ": "s", "\u212a": "K"}


def plain_case(text: str) -> str:
    """The text, one for one, such that what a pattern finds in any case is found in a table by its lower case."""
    if not text.isascii():
        for letter, plain in _TAKEN_FOR_ASCII.items():
            text = text.replace(letter, plain)
    return text


def words_of(text: str) -> list[str]:
    """The folded tokens of a text, without offsets."""
    return [word.replace(".", "") for word in _tokens(fold(text)) if word != "s"]


def squash(text: str) -> str:
    """The folded tokens joined by blanks, with a blank at either end: for a quick look without places."""
    return f" {' '.join(_tokens(fold(text)))} ".replace(".", "").replace(" s ", " ")


@dataclass(frozen=True, slots=True)
class Token:
    """A folded word and where it stands in the original text, [start, end)."""

    text: str
    start: int
    end: int


def tokenise(text: str) -> list[Token]:
    """The tokens of a text with their places in it as written."""
    text = _with_plain_marks(text)
    if text.isascii():
        return [
            Token(found.group().replace(".", ""), found.start(), found.end())
            for found in _ASCII_TOKEN.finditer(text.lower())
            if found.group() != "s"
        ]
    folded, origin = _fold_with_origin(text)
    return [
        Token(found.group().replace(".", ""), origin[found.start()], _with_marks(text, origin[found.end() - 1] + 1))
        for found in _TOKEN.finditer(folded)
        if found.group() != "s"
    ]


def _with_marks(text: str, end: int) -> int:
    """The end of a token with the marks that stand on its last letter."""
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return end


def _fold_with_origin(text: str) -> tuple[str, list[int]]:
    """The folded text and, for each of its characters, the index of the original one."""
    pieces: list[str] = []
    origin: list[int] = []
    for index, letter in enumerate(text):
        piece = _FOLDING[ord(letter)]
        pieces.append(piece)
        origin.extend([index] * len(piece))
    return "".join(pieces), origin


# --- sentences -----------------------------------------------------------------------------------

_ABBREVIATIONS = frozenset([
    "gen", "lt", "col", "maj", "brig", "sgt", "capt", "cmdr", "cpl", "pvt", "spc", "pfc", "adm", "vice", "rep",
    "sen", "gov", "sec", "dr", "mr", "mrs", "ms", "st", "jr", "sr", "no", "vs", "mt", "ft", "jan", "feb", "mar",
    "apr", "jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec", "mon", "tue", "tues", "wed", "thu", "thurs",
    "fri", "sat", "sun", "approx", "dept", "est", "inc", "corp", "ltd", "co", "op", "cit", "fig", "al", "prof",
    "rev", "hon", "pres", "supt", "det",
])  # fmt: skip
# After a dotted acronym ("U.S.") a sentence ends only where one of these begins the next.
_OPENERS = frozenset([
    "the", "a", "an", "in", "on", "it", "its", "he", "she", "they", "we", "this", "that", "these", "those", "but",
    "and", "at", "as", "after", "for", "there", "no", "one",
])  # fmt: skip
# A run of marks or of blanks is tried from its first character only, so that a long one takes no square of its time.
# All ways to end begin with one class of characters: to the next of those Python skips at once.
_END = re.compile(
    r"[.!?…؟。\s](?:(?<=[.!?…؟。])(?<![.!?…؟。][.!?…؟。])[.!?…؟。]*+[\"'”’»)\]]*+\s+|"
    r"(?<=\n)(?:[ \t]*+\n\s*)?|(?<=\s)(?<![^\S\n]\s)\s*+[•|]\s+)"
)
_WORD_BEFORE = re.compile(r"([^\s\"“(']+)$")
_WORD_AFTER = re.compile(r"[\"'“‘«(\[]*([^\W_]+)")


def sentences(text: str) -> list[tuple[int, int]]:
    """The [start, end) of each sentence. Newlines end one only where the text is not hard-wrapped."""
    wrapped = _is_hard_wrapped(text)
    cuts = [0]
    for found in _END.finditer(text):
        if _ends_sentence(text, found, wrapped=wrapped):
            cuts.append(found.end())
    cuts.append(len(text))
    return [(start, end) for start, end in pairwise(cuts) if text[start:end].strip()]


def _is_hard_wrapped(text: str) -> bool:
    """True where lines go on in mid-sentence: at least a third of them begin in lower case."""
    lines = [line.lstrip() for line in text.split("\n")[1:] if line.strip()]
    return bool(lines) and sum(line[0].islower() for line in lines) * 3 >= len(lines)


def _ends_sentence(text: str, found: re.Match[str], *, wrapped: bool) -> bool:
    mark = found.group()
    if mark.startswith("\n") and mark.count("\n") == 1:
        return not wrapped
    if mark.count("\n") > 1 or not mark.startswith(".") or mark.startswith(".."):
        return True
    before = _WORD_BEFORE.search(text, max(0, found.start() - 30), found.start())
    after = _WORD_AFTER.match(text, found.end())
    word = before.group(1).lower() if before else ""
    following = after.group(1) if after else ""
    if word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha()):
        return False
    if "." in word and len(word) <= 5:
        return following.lower() in _OPENERS and following[:1].isupper()
    return not following[:1].islower()
