"""Texts and terms made to explode a pattern: matching ends, and says the same (HC-7)."""

from __future__ import annotations

from contextlib import suppress

import pytest

from monitor.errors import RuleError
from monitor.matching import judge, load_rules
from monitor.model import Article

RULES = """
[[concept]]
id = "event"
terms = {event}
[[concept]]
id = "hit"
terms = ["hit(s)"]
[[rule]]
id = "fire"
pattern = "event ... hit"
weight = 5
"""
LONG = 200_000


@pytest.mark.fault("HC-7")
@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece",
    [
        "a",
        " ",
        ". ",
        '."',
        "\n ",
        " | ",
        "?!",
        "fire ",
        "fire hit ",
        "fi(re ",
        "x+",
        ".",
        "\n",
        "ا",
        "1.",
        "-",
        "(",
        "U.S. ",
    ],
)
def test_a_long_text_of_one_piece_is_judged_to_its_end(root, piece):
    text = piece * (LONG // len(piece)) + "!"
    rules = load_rules(root / "rules")
    assert judge(Article(id="a", title=text[:5000], summary=text, text=text), rules).label


@pytest.mark.fault("HC-7")
@pytest.mark.parametrize("term", ["(a+)+$", "(x+x+)+y", "[a-z]*", "a|b"])
def test_a_term_that_is_a_regular_expression_is_refused_or_words(tmp_path, term):
    (tmp_path / "rules.toml").write_text(RULES.format(event=[term]).replace("'", '"'), encoding="utf-8")
    with suppress(RuleError):
        rules = load_rules(tmp_path)
        assert not judge(Article(id="a", title="a" * 100 + " hit", summary="", text=""), rules).flagged
