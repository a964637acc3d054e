"""Article text from 181 real news pages: the score may not fall below its floor."""

from __future__ import annotations

from pathlib import Path

import pytest
from gold_pages import gold_pages
from shingles import score

from monitor.articles.extract import extract_page

FLOOR_F1 = 0.955
FLOOR_PRECISION = 0.95


def test_the_score_is_right_on_known_pairs():
    exact = score([("one two three four five", "one two three four five")])
    half = score([("a b c d e", "a b c d x")])
    missed = score([("a b c d e", "a b c d e"), ("f g h i", "")])
    twice = score([("a b c d", "a b c d a b c d")])
    assert (exact.f1, exact.precision, exact.recall) == (1, 1, 1)
    assert (half.precision, half.recall) == (0.5, 0.5)
    assert (missed.precision, missed.recall) == (1, 0.5)
    assert (twice.precision, twice.recall) == (0.2, 1)


@pytest.mark.corpus
def test_extraction_keeps_its_score(corpus: Path):
    found = score((page.text, extract_page(page.html, page.url).text) for page in gold_pages(corpus))
    assert found.f1 >= FLOOR_F1
    assert found.precision >= FLOOR_PRECISION
