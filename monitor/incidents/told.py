"""One hit as its sentence tells it: the text, where the hit's words stand in it, and what it names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.incidents.names import countries_in
from monitor.matching.factwords import FactWords
from monitor.matching.quick import QuickPattern
from monitor.model import Article, Hit, Named, Part

_CIRCUMSTANCES = ("base", "area", "country", "weapon")  # a hit's terms beside the words for the attack and its target
WHAT_CAME_BEFORE = QuickPattern(
    r"\b(?:after|following|answer(?:s|ed|ing)?|in\s+(?:apparent\s+)?(?:retaliation|response|revenge|reprisal)|as\s+(?:retaliation|revenge))\b",
    "after", "following", "answer", "retaliation", "response", "revenge", "reprisal",
)  # fmt: skip
_DAYS_AFTER = re.compile(r"\b(?:days|weeks|months)\s+after\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Told:
    """A hit and its sentence. Ranges are characters [start, end) of `text`.

    `words` are the hit's terms, `weapons` those for weapons; `clause` is the part between what the attack followed
    ("after …") and what followed it, which tells the attack itself. `is_earlier` where the sentence tells of another
    attack days later. `names_of_target` may be those of the attack's target, `countries` those it may lie in.
    """

    hit: Hit
    text: str
    words: tuple[tuple[int, int], ...]
    weapons: tuple[tuple[int, int], ...]
    clause: tuple[int, int]
    is_earlier: bool
    names_of_target: tuple[Named, ...]
    countries: frozenset[str]


def tell(article: Article, hit: Hit, words: FactWords) -> Told:
    """A hit with its sentence."""
    text = part_of(article, hit.sentence.part)[hit.sentence.start : hit.sentence.end]
    found = [
        (term.concept, (term.span.start - hit.sentence.start, term.span.end - hit.sentence.start))
        for term in hit.terms
        if term.span.part == hit.sentence.part and hit.sentence.start <= term.span.start < hit.sentence.end
    ]
    clause = _clause(text, [span for concept, span in found if concept not in _CIRCUMSTANCES])
    names_of_target = _names_of_target(hit.names, clause)
    return Told(
        hit=hit,
        text=text,
        words=tuple(span for _concept, span in found),
        weapons=tuple(span for concept, span in found if concept == "weapon"),
        clause=clause,
        is_earlier=bool(_DAYS_AFTER.search(text[: clause[0]]) and words.event.search(text, 0, clause[0])),
        names_of_target=names_of_target,
        countries=countries_in(text, names_of_target, words),
    )


def _names_of_target(names: tuple[Named, ...], clause: tuple[int, int]) -> tuple[Named, ...]:
    """The names of the attack's own clause; of the whole sentence where a later clause names no country."""
    start, end = clause
    own = tuple(name for name in names if start <= name.start < end)
    return names if start and not any(name.concept == "country" for name in own) else own


def part_of(article: Article, part: Part) -> str:
    """The text of one part of an article."""
    return {"title": article.title, "summary": article.summary, "text": article.text}[part]


def without_what_came_before(sentence: str) -> str:
    """A sentence up to its first "after" or "in response": what stands behind it is another event."""
    found = WHAT_CAME_BEFORE.search(sentence, 1)
    return sentence[: found.start()] if found else sentence


def _clause(text: str, attack: list[tuple[int, int]]) -> tuple[int, int]:
    """From the last "after" before the words for the attack to the first one behind them."""
    first = min((start for start, _end in attack), default=0)
    last = max((end for _start, end in attack), default=0)
    before = [found.end() for found in WHAT_CAME_BEFORE.finditer(text, 0, first)]
    behind = WHAT_CAME_BEFORE.search(text, last)
    return (before[-1] if before else 0), (behind.start() if behind else len(text))
