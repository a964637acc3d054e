"""Words that stand in for a place: how alike two articles are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.incidents.likeness import KEPT_WORDS, closest_likeness, likeness, weighed_words
from monitor.matching.background import Background
from monitor.model import Article, Mention

BACKGROUND = Background(1000, {"the": 990, "in": 950, "rain": 40})


def words(title: str, *, common: tuple[str, ...] = (), text: str = "") -> tuple[tuple[str, float], ...]:
    return weighed_words(Article("a", title, text=text), common, BACKGROUND)


def test_the_same_words_are_wholly_alike_and_others_not_at_all():
    same = words("Rain in the north")
    assert likeness(same, same) == pytest.approx(1, abs=1e-3)
    assert likeness(same, words("Shares fell")) == 0
    assert likeness(words(""), same) == 0


def test_a_rare_word_shared_counts_more_than_a_common_one():
    here = words("Rain in Ghent")
    assert likeness(here, words("Floods reach Ghent")) > likeness(here, words("Calm in Lyon"))


def test_what_every_article_on_the_topic_says_does_not_count():
    one, other = (
        words(title, common=("fire", "refinery")) for title in ("Refinery fire in Ghent", "Refinery fire, Lyon")
    )
    assert likeness(one, other) < 0.1


def test_a_title_of_nothing_but_the_topic_keeps_its_words():
    assert dict(words("Refinery fire", common=("fire", "refinery"))).keys() == {"refinery", "fire"}


def test_without_counts_of_other_news_all_words_weigh_the_same():
    found = weighed_words(Article("a", "Rain in the north"), (), Background())
    assert len({weight for _word, weight in found}) == 1


@given(st.text(max_size=200), st.text(max_size=200))
def test_likeness_is_between_nothing_and_all_and_the_same_both_ways(one: str, other: str):
    left, right = words(one, text=other), words(other)
    assert len(left) <= KEPT_WORDS
    assert 0 <= likeness(left, right) <= 1.001
    assert likeness(left, right) == pytest.approx(likeness(right, left))


def test_the_closest_reports_decide_and_those_without_words_say_nothing():
    told = Mention("", "", "", None, None, "none", words=words("Rain in Ghent"))
    far = Mention("", "", "", None, None, "none", words=words("Shares fell"))
    silent = Mention("", "", "", None, None, "none")
    assert closest_likeness(told, [far, silent, told], 1) == pytest.approx(1, abs=1e-3)
    assert closest_likeness(told, [far, silent, told], 5) == pytest.approx(0.5, abs=1e-3)
