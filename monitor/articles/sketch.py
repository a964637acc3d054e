"""Is it the same text? FracMinHash sketches and their containment.

A sketch keeps the hashes of those three-word shingles that fall in the lowest eighth of the hash range (scaled MinHash,
Irber et al. 2022), so that two sketches can be compared whatever their lengths: a brief is contained in the story that
it cuts. A short text keeps all its shingles, for an eighth of thirty tells nothing.
"""

from __future__ import annotations

import re
import sys
import zlib
from array import array
from collections.abc import Collection, Mapping

SHINGLE_WORDS = 3
SCALE = 8
SHORT = 160  # shingles; a text with fewer keeps them all
COPY = 0.35  # of the smaller text; unrelated texts share less than a tenth
MIN_SHARED = 6  # fewer shared hashes than this are chance: a title alone is no text
COMMON = 20  # a hash in more documents than this is boilerplate

_WORD = re.compile(r"\w+")
_RANGE = 2**32
_LIMIT = _RANGE // SCALE


def sketch(text: str) -> frozenset[int]:
    """The sketch of a text: 32-bit hashes of its kept shingles; empty for a text shorter than a shingle."""
    words = _WORD.findall(text.lower())
    shingles = zip(*(words[start:] for start in range(SHINGLE_WORDS)), strict=False)
    hashes = frozenset(_mixed({zlib.crc32(" ".join(shingle).encode()) for shingle in shingles}))
    return hashes if len(hashes) < SHORT else frozenset(value for value in hashes if value < _LIMIT)


def _mixed(values: Collection[int]) -> array[int]:
    """The finalizer of MurmurHash3: CRC alone is linear, and its low values are no fair sample.

    It is reckoned for all 32-bit values at once, as one long number with 64 bits for each, which hold any product.
    """
    low = int.from_bytes(array("Q", [0xFFFFFFFF]) * len(values), sys.byteorder)
    mixed = int.from_bytes(array("Q", values), sys.byteorder)
    mixed ^= mixed >> 16 & low
    mixed = mixed * 0x85EBCA6B & low
    mixed ^= mixed >> 13 & low
    mixed = mixed * 0xC2B2AE35 & low
    mixed ^= mixed >> 16 & low
    return array("Q", mixed.to_bytes(8 * len(values), sys.byteorder))


def containment(one: frozenset[int], other: frozenset[int]) -> float:
    """How much of the smaller sketch the larger one holds, 0 to 1, both read at the coarser scale of the two."""
    one, other = _same_scale(one, other)
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0


def is_copy(one: frozenset[int], other: frozenset[int]) -> bool:
    """True where one text is the other, cut, edited or with additions."""
    return len(one & other) >= MIN_SHARED and containment(one, other) >= COPY


def best_copy(text: frozenset[int], others: Mapping[str, frozenset[int]]) -> str | None:
    """The id of the text that `text` copies most closely, or None; of equals the first."""
    copies = [key for key, other in others.items() if is_copy(text, other)]
    return max(copies, key=lambda key: containment(text, others[key]), default=None)


def _same_scale(one: frozenset[int], other: frozenset[int]) -> tuple[frozenset[int], frozenset[int]]:
    if _is_whole(one) == _is_whole(other):
        return one, other
    return _coarse(one), _coarse(other)


def _is_whole(hashes: frozenset[int]) -> bool:
    return any(value >= _LIMIT for value in hashes)


def _coarse(hashes: frozenset[int]) -> frozenset[int]:
    return frozenset(value for value in hashes if value < _LIMIT)
