"""A quick look before a pattern changes its price, never what it finds."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from monitor.matching.quick import QuickPattern, any_of

WORDS = ("said", "said its fighters", "ministère", "k-1 it's", "isis")
TEXTS = st.lists(
    st.sampled_from(
        (*WORDS, "SAID", "Said", "İSİS", "ıſıs", "\u212a-1 It’s", "MINISTÈRE", "its", "fighters", ",", "\n")
    ),
    max_size=9,
).flatmap(lambda words: st.sampled_from((" ".join(words), "  ".join(words), "".join(words))))


def plainly(text: str) -> list[tuple[int, int]]:
    """The places of the words as one plain pattern finds them."""
    longest_first = sorted(WORDS, key=len, reverse=True)
    forms = "|".join(r"\s+".join(map(re.escape, word.split())) for word in longest_first)
    return [found.span() for found in re.finditer(rf"(?<!\w)(?:{forms})(?!\w)", text, re.IGNORECASE)]


@given(TEXTS)
def test_words_stand_where_a_plain_pattern_finds_them(text: str):
    assert [found.span() for found in any_of(WORDS).finditer(text)] == plainly(text)


@given(TEXTS, st.integers(0, 40), st.integers(0, 40))
def test_within_bounds_only_what_lies_there_is_found(text: str, start: int, end: int):
    inside = [found.span() for found in any_of(WORDS).finditer(text, start, end)]
    assert all(start <= first and last <= end for first, last in inside)
    first = any_of(WORDS).search(text, start, end)
    assert (first.span() if first else None) == (inside[0] if inside else None)


def test_no_words_find_nothing():
    assert list(any_of(()).finditer("anything")) == []


def test_words_are_told_in_lower_case_at_their_place_as_written():
    (found,) = any_of(["pentagon"]).finditer("The PENTAGON")
    assert (found.group(), found.span()) == ("pentagon", (4, 12))


def test_words_may_be_asked_for_at_a_place_or_as_the_whole():
    names = any_of(["pentagon"])
    assert names.match("The PENTAGON", 4) is not None
    assert names.match("The PENTAGON") is None
    assert names.fullmatch("PENTAGON") is not None
    assert names.fullmatch("PENTAGON said") is None


def test_a_pattern_may_say_itself_where_case_counts():
    months = QuickPattern(r"\b(?-i:May|MAY)\s+\d", "may", keeps_case=True)
    assert [months.search(text) is not None for text in ("on May 3", "ON MAY 3", "they may 3")] == [True, True, False]
