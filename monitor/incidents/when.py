"""The days of one attack: those named beside it, else beside a verb of speech, else around publication."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from monitor.incidents.dates import DayMention, resolve_days
from monitor.incidents.told import Told
from monitor.matching.factwords import FactWords
from monitor.model import DateSource

_ONE_DAY = timedelta(days=1)
_CLAUSE = re.compile(r",|\bthat\b|\bhow\b")  # what stands between a verb of speech and what was said


def days_of_attack(
    told: Told, published: date | None, latest: date | None, anchor: date | None, words: FactWords
) -> tuple[date | None, date | None, DateSource]:
    """The days of the attack: named beside it, else named beside a verb of speech, else around publication."""
    days = resolve_days(told.text, published, anchor, latest)
    of_event = [day for day in days if not is_of_speech(told.text, day, told.words, words)]
    narrow = [day for day in of_event if day.is_narrow]
    narrow = [day for day in narrow if told.clause[0] <= day.span[0] < told.clause[1]] or narrow
    if narrow:
        best = min(narrow, key=lambda day: _distance(day, told.words))
        return best.date_from, best.date_to, "sentence"
    if of_event:
        best = min(of_event, key=lambda day: _distance(day, told.words))
        return best.date_from, best.date_to, "sentence"
    spoken = [day for day in days if day.is_narrow]
    if spoken:
        return spoken[0].date_from - _ONE_DAY, spoken[0].date_from, "reporting"
    if published is None:
        return None, None, "none"
    return published - _ONE_DAY, published, "publication"


def is_of_speech(text: str, day: DayMention, attack: Sequence[tuple[int, int]], words: FactWords) -> bool:
    """True where the day belongs to a verb of speech ("said Monday", "on Sunday confirmed"), not to the attack."""
    start, end = day.span
    before = list(words.say.finditer(text, max(0, start - 45), start))
    if before:
        between = (before[-1].end(), start)
        if (
            between[1] - between[0] <= 30
            and not _crosses(between, attack)
            and not _CLAUSE.search(text[slice(*between)])
        ):
            return True
    after = words.say.search(text, end, min(len(text), end + 25))
    return after is not None and after.start() - end <= 12 and "," not in text[end : after.start()]


def _crosses(between: tuple[int, int], spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < between[1] and end > between[0] for start, end in spans)


def _distance(day: DayMention, spans: Sequence[tuple[int, int]]) -> int:
    """Characters between a day and the nearest word of the hit."""
    return min((max(start - day.span[1], day.span[0] - end, 0) for start, end in spans), default=day.span[0])
