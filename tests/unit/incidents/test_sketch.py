"""The same text is recognised however it is cut; another text is not."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.sketch import best_copy, containment, is_copy, sketch

WORDS = [f"word{number}" for number in range(2000)]


def text(seed: int, length: int) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=length))


def test_a_brief_is_a_copy_of_the_story_that_it_cuts():
    story = text(1, 900)
    assert is_copy(sketch(story), sketch(" ".join(story.split()[:120])))


def test_a_short_item_is_a_copy_of_the_long_story_that_starts_with_it():
    story = text(2, 1500)
    assert is_copy(sketch(" ".join(story.split()[:100])), sketch(story))


def test_two_stories_are_no_copies():
    assert not is_copy(sketch(text(3, 500)), sketch(text(4, 500)))


def test_a_shared_title_alone_is_no_copy():
    assert not is_copy(sketch("US base in Syria attacked again"), sketch("US base in Syria attacked again"))


def test_case_and_punctuation_change_nothing():
    assert sketch("A base, in Syria: was hit!") == sketch("a BASE in syria was hit")


def test_the_closest_text_is_named_and_of_equals_the_first():
    story = text(5, 60)
    others = {"a": sketch(text(6, 60)), "b": sketch(story), "c": sketch(story), "d": sketch(story[:250])}
    assert best_copy(sketch(story), others) == "b"
    assert best_copy(sketch(text(7, 60)), others) is None


@given(st.text(max_size=400), st.text(max_size=400))
def test_containment_is_symmetric_and_within_bounds(one, other):
    left, right = sketch(one), sketch(other)
    assert containment(left, right) == containment(right, left)
    assert 0 <= containment(left, right) <= 1
    assert not left or containment(left, left) == 1


def test_stored_sketches_stay_comparable():
    """A change of the hash would make every text of the last month a new one."""
    assert sorted(sketch("Drones hit the base again")) == [1050990260, 2962081990, 4214694100]
