"""One attack told twice in an article becomes one mention."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from monitor.incidents.facts import more_specific
from monitor.incidents.identity import place_of, score_place, score_weapons
from monitor.incidents.same_day import score_days
from monitor.incidents.stated import stated
from monitor.matching.factwords import FactWords
from monitor.model import DateSource, Mention

_CLEARLY = 0.4
_TRUST: Mapping[DateSource, int] = {"sentence": 4, "inherited": 3, "reporting": 2, "publication": 1, "none": 0}


def merge_into(
    merged: list[Mention], mention: Mention, words: FactWords, *, may_open: bool, beside: Collection[int] = ()
) -> int:
    """Add a mention to the one of the same article that it repeats, or as a new one; where it is now.

    What stands deep in a text and names no place may add to an attack told before, if it is of the same weapons, but is
    no news by itself. `beside` is where the other places of the same list are: those are other attacks.
    """
    fitting = [
        index
        for index, other in enumerate(merged)
        if index not in beside
        and _same_in_article(other, mention, words)
        and (may_open or not set(mention.weapons) - set(other.weapons))
    ]
    fitting.sort(key=lambda index: (-_fit(merged[index], mention, words), index))
    if fitting and (may_open or not _is_doubtful(mention, [merged[index] for index in fitting], words)):
        merged[fitting[0]] = merge(merged[fitting[0]], mention, words)
        return fitting[0]
    merged.append(mention if may_open else replace(mention, background=True))
    return len(merged) - 1


def _is_doubtful(mention: Mention, fitting: list[Mention], words: FactWords) -> bool:
    """True where a mention could be of several attacks of the article nearly as well."""
    return len(fitting) > 1 and _fit(fitting[0], mention, words) - _fit(fitting[1], mention, words) < _CLEARLY


def _same_in_article(one: Mention, other: Mention, words: FactWords) -> bool:
    """Within one article a lesser clue is enough: nothing known of either may contradict."""
    if one.background != other.background and not _is_fresh_after_all(one, other):
        return False
    if score_place(place_of(one), place_of(other)) < 0:
        return False
    both_dated = one.date_source == other.date_source == "sentence"
    if both_dated and score_days(one, other) < 0:
        return False
    if one.base and one.base == other.base and not both_dated and not other.again:
        return True  # one base, and no word that it was struck twice
    if score_weapons(one.weapons, other.weapons, words.weapons) < 0:
        return False
    return one.count is None or other.count is None or one.count == other.count


def _is_fresh_after_all(one: Mention, other: Mention) -> bool:
    """True for a dated attack of these days, told as background ("came after a drone hit …") and as news."""
    background, news = (one, other) if one.background else (other, one)
    if not (background.date_source == "sentence" and news.date_source != "sentence" and background.weapons):
        return False
    return bool(set(background.weapons) & set(news.weapons)) and score_days(background, news) > 0


def _fit(one: Mention, other: Mention, words: FactWords) -> float:
    weapons = score_weapons(one.weapons, other.weapons, words.weapons)
    return score_place(place_of(one), place_of(other)) + score_days(one, other) + weapons


def merge(first: Mention, second: Mention, words: FactWords) -> Mention:
    """One mention with what both know; the first decides where both do, but the better dated one dates it."""
    dated = max(first, second, key=lambda mention: (_TRUST[mention.date_source], _exactness(mention)))
    answered = max(first, second, key=lambda mention: len(mention.response))  # the one that names a day
    placed = first if first.base or not (second.base or (second.area and not first.area)) else second
    merged = replace(
        first,
        base=placed.base,
        area=placed.area or first.area,
        country=placed.country or first.country or second.country,
        date_from=dated.date_from,
        date_to=dated.date_to,
        date_source=dated.date_source,
        weapons=tuple(dict.fromkeys((*first.weapons, *second.weapons))),
        count=first.count if first.count is not None else second.count,
        time_of_day=first.time_of_day or second.time_of_day,
        killed=either(first.killed, second.killed),
        wounded=either(first.wounded, second.wounded),
        intercepted=first.intercepted or second.intercepted,
        claimed_by=more_specific(first.claimed_by, second.claimed_by, words),
        confirmed_by=first.confirmed_by or second.confirmed_by,
        denied_by=first.denied_by or second.denied_by,
        response=answered.response,
        background=first.background and second.background,
        again=first.again or second.again,
        sub_event=first.sub_event or second.sub_event,
        score=max(first.score, second.score),
    )
    return stated(first, merged, second)


def either(first: int | None, second: int | None) -> int | None:
    """The first number where there is one, else the second; none hurt is a number."""
    return first if first is not None else second


def _exactness(mention: Mention) -> int:
    if mention.date_from is None or mention.date_to is None:
        return -1000
    return -(mention.date_to - mention.date_from).days
