"""Folding, tokens with their places, sentences."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text import fold, sentences, tokenise, words_of


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("U.S. troops", ["us", "troops"]),
        ("the U.S.-led coalition", ["the", "us", "led", "coalition"]),
        ("Syria's al-Tanf", ["syria", "al", "tanf"]),
        ("Syria’s K-1", ["syria", "k", "1"]),
        ("5:51 p.m. local", ["5", "51", "pm", "local"]),
        ("Tanf'a", ["tanf", "a"]),
        ("ÜSSÜNE saldırı", ["ussune", "saldiri"]),
        ("İncirlik", ["incirlik"]),
        ("قاعدةُ الأسد", ["قاعده", "الاسد"]),
        ("التنـــف", ["التنف"]),
        ("عین‌الاسد", ["عين", "الاسد"]),
        ("Ёлка", ["елка"]),
        ("пулемёт", ["пулемет"]),
    ],
)
def test_tokens_have_one_form(written: str, words: list[str]) -> None:
    assert words_of(written) == words
    assert [token.text for token in tokenise(written)] == words


@given(st.text(max_size=80))
def test_a_token_stands_where_it_says(text: str) -> None:
    tokens = tokenise(text)
    assert [token.text for token in tokens] == words_of(text)
    for token in tokens:
        assert 0 <= token.start < token.end <= len(text)
        assert token.text in fold(text[token.start : token.end]).replace(".", "")
    assert all(one.end <= other.start or one.start <= other.start for one, other in pairwise(tokens))


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = words_of(text)
    assert words_of(" ".join(once)) == [word for word in once if word != "s"]
    assert isinstance(fold(text), str)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Gen. Pat Ryder said so. It was 5 a.m. in Iraq.", 2),
        ("The U.S. Central Command spoke. Nobody was hurt.", 2),
        ("It came from the U.S. The attack was over.", 2),
        ("Rockets hit a base in\neastern Syria on Friday\nand nobody was hurt. It\nwas the second one.", 2),
        ("A heading\nThe text begins here and goes on. It ends.", 3),
        ("One.\n\nTwo", 2),
        ("Sgt. Smith of St. Louis met Lt. Col. Jones.", 1),
        ("", 0),
    ],
)
def test_sentences_survive_wires(text: str, count: int) -> None:
    assert len(sentences(text)) == count


@given(st.text(alphabet="ab.A \n!?”", max_size=80))
def test_sentences_cover_the_text_in_order(text: str) -> None:
    found = sentences(text)
    assert all(start < end for start, end in found)
    assert all(one[1] <= other[0] for one, other in pairwise(found))
    kept = "".join(text[start:end] for start, end in found)
    assert "".join(kept.split()) == "".join(text.split())
