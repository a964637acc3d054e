"""Does a sentence say that the attacked side has struck back? Its words come from the rules (ResponseWords).

Only what was done counts: no threat, no plan, and nothing that came before the attack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from monitor.incidents.dates import DayMention, resolve_days
from monitor.incidents.stated import stated
from monitor.incidents.told import WHAT_CAME_BEFORE
from monitor.incidents.when import is_of_speech
from monitor.matching.factwords import FactWords, ResponseWords
from monitor.model import Mention

Span = tuple[int, int]

_ACTS = 45  # characters between who acts and the verb
_OBJECT = 60  # characters between a verb and its noun
_NAMED = 25  # characters between the noun of a deed without a verb and who did it
_HEDGE = 40  # characters before who acts in which a word may say that it was not done
_HEDGE_BEHIND = 12  # and behind what was done: "US strikes could follow"
_NOT_DOING = re.compile(r"[;:]|\b(?:by|that|who|which)\s|^-(?!led)", re.IGNORECASE)
_PASSIVE = re.compile(r"\b(?:was|were|is|are|been|being)\s+(?:\w+ly\s+)?$", re.IGNORECASE)
_MEANS = re.compile(r"\s+(?:with|by)\b", re.IGNORECASE)  # what follows is what was done
_NO_OBJECT = re.compile(r"\s*(?:$|[^\w\s]|(?:in|at|near|on|again|with|by|as)\b)", re.IGNORECASE)
_WAS = re.compile(r"\s+(?:were|was|(?:have|has|had)\s+been)\s+", re.IGNORECASE)
_CAUSE = re.compile(r"\b(?:after|following|despite|since|to|for)\s+(?:[\w.'’-]+\s+){0,2}$", re.IGNORECASE)
_KIND = re.compile(r"\s+(?:(?!(?:for|to|against|by|with)\b)[\w.'’-]+\s+){0,2}", re.IGNORECASE)
_TO = re.compile(r"\s+(?:for|to)\b", re.IGNORECASE)
_ONE_OF_A_TALE = re.compile(r"\ban?\s+$", re.IGNORECASE)  # "it escalated with an American retaliatory strike"
_CLAUSE_BEGINS = re.compile(r"(?:^|[,;:—–“\"]|\band|\bthat|\bthen)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Response:
    """That the attacked side struck back: as a fact is told, and the last day it may have been, where one is said."""

    told: str
    date_to: date | None = None


def response_in(
    sentence: str, words: FactWords, published: date | None, attack: Sequence[Span] = ()
) -> Response | None:
    """The response that a sentence tells, or None.

    `attack` are the words for the attack, where the sentence tells of it: a deed before "after the attack" answers it.
    Else the words of the deed must say that it is an answer ("in response", "retaliatory").
    """
    plain, answer = sentence.replace("’", "'"), words.response
    for deed in _deeds(plain, words):
        cause = _cause(plain, deed, attack, answer)
        if (cause or _is_tied(plain, deed, answer)) and not _is_undone(plain, deed, answer):
            days = _days(plain, deed, (0, cause) if cause else (deed[0] if attack else 0, len(plain)), published, words)
            return Response(_told(answer.shown, days), days.date_to if days else None)
    return None


def with_response(
    mention: Mention, sentence: str, words: FactWords, published: date | None, attack: Sequence[Span] = ()
) -> Mention:
    """The mention with the response that a sentence tells, if it came no earlier; one with a day wins."""
    found = response_in(sentence, words, published, attack) if mention.response in ("", words.response.shown) else None
    if found is None or (mention.response and found.date_to is None):
        return mention
    if found.date_to and mention.date_from and found.date_to < mention.date_from:
        return mention
    return stated(mention, replace(mention, response=found.told), sentence.strip())


# --- what was done -------------------------------------------------------------------------------


def _deeds(text: str, words: FactWords) -> Iterator[Span]:
    """From who acted to what was done; deeds of anybody else are not among them."""
    answer = words.response
    for verb in answer.did.finditer(text):
        noun = answer.nouns.search(text, verb.end(), verb.end() + _OBJECT)
        actor = _actor_before(text, verb.start(), words)
        if noun and actor is not None and not _NOT_DOING.search(text[verb.end() : noun.start()]):
            yield actor, noun.end()
    for verb in answer.struck.finditer(text):
        is_answer = answer.own_ties.fullmatch(verb.group()) and not _MEANS.match(text, verb.end())
        actor = _actor_before(text, verb.start(), words)
        is_noun = actor is not None and answer.own_ties.search(text, actor, verb.start()) is not None
        if actor is not None and not is_noun and (is_answer or not _NO_OBJECT.match(text, verb.end())):
            yield actor, verb.end()
    yield from _deeds_named(text, words)


def _deeds_named(text: str, words: FactWords) -> Iterator[Span]:
    """Deeds told by their noun: "retaliatory American strikes", "air strikes were carried out"."""
    answer = words.response
    for noun in answer.nouns.finditer(text):
        was = _WAS.match(text, noun.end())
        done = answer.did.match(text, was.end()) if was else None
        if done:
            actor = _actor_before(text, noun.start(), words)
            if actor is not None:
                yield actor, done.end()
        kind = answer.own_ties.search(text, max(0, noun.start() - _NAMED), noun.start())
        if kind and _KIND.fullmatch(text, kind.end(), noun.start()):
            by = answer.by.search(text, max(0, kind.start() - _NAMED), noun.start())
            start = min(by.start(), kind.start()) if by else 0
            if by and not _ONE_OF_A_TALE.search(text[:start]):
                yield start, noun.end()


def _actor_before(text: str, verb: int, words: FactWords) -> int | None:
    """Where the attacked side is named as who acts, shortly before a verb; None where somebody else does."""
    actors = list(words.response.by.finditer(text, max(0, verb - _ACTS), verb))
    if not actors:
        return None
    between = text[actors[-1].end() : verb]
    others = words.claimants.pattern.search(between) or words.others.pattern.search(between)
    if others or _NOT_DOING.search(between) or _PASSIVE.search(between):
        return None
    return actors[-1].start()


# --- whether it answers an attack ----------------------------------------------------------------


def _cause(text: str, deed: Span, attack: Sequence[Span], answer: ResponseWords) -> int | None:
    """Where "after the attack" or "in response to" begins behind a deed, or None."""
    after = WHAT_CAME_BEFORE.search(text, deed[1])
    if after and any(start >= after.end() for start, _end in attack):
        return after.start()
    return next((tie.start() for tie in answer.ties.finditer(text, deed[1]) if _TO.match(text, tie.end())), None)


def _is_tied(text: str, deed: Span, answer: ResponseWords) -> bool:
    """True where the deed's words say that it answers something: in themselves, behind them, or to begin with."""
    if answer.own_ties.search(text, *deed) or answer.ties.search(text, deed[1]):
        return True
    return any(_CLAUSE_BEGINS.search(text[: tie.start()]) for tie in answer.ties.finditer(text, 0, deed[0]))


def _is_undone(text: str, deed: Span, answer: ResponseWords) -> bool:
    """True where it is only announced or denied, or where it is what the attack itself came after."""
    hedged = answer.undone.search(text, max(0, deed[0] - _HEDGE), deed[1] + _HEDGE_BEHIND)
    return hedged is not None or _CAUSE.search(text[: deed[0]]) is not None


# --- when ----------------------------------------------------------------------------------------


def _days(text: str, deed: Span, within: Span, published: date | None, words: FactWords) -> DayMention | None:
    """The days named for the deed within a part of the text: the rest, and "Monday's …", are of what it answers."""
    days = [
        day
        for day in resolve_days(text, published)
        if day.is_narrow
        and within[0] <= day.span[0]
        and day.span[1] <= within[1]
        and not text[slice(*day.span)].endswith("'s")
        and not is_of_speech(text, day, [deed], words)
    ]
    return min(days, key=lambda day: max(deed[0] - day.span[1], day.span[0] - deed[1], 0), default=None)


def _told(shown: str, days: DayMention | None) -> str:
    if days is None:
        return shown
    named = dict.fromkeys((days.date_from.isoformat(), days.date_to.isoformat()))
    return f"{shown} on {' or '.join(named)}"
