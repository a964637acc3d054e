"""When did it happen? The days that English news text names, resolved against its day of publication.

News looks back: a weekday is the last such day on or before publication (that day included), a date without a year is
the latest one that is not after publication. Nothing here knows what a sentence is about; it only reads calendars.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from monitor.incidents.calendar_words import (
    MONTH,
    MONTH_NUMBER,
    MONTH_PIECES,
    NUMBERS,
    WEEKDAY,
    WEEKDAY_NUMBER,
    WEEKDAY_PIECES,
)
from monitor.matching.quick import QuickPattern
from monitor.text import plain_case

How = Literal["explicit", "weekday", "relative", "month", "wide"]


@dataclass(frozen=True, slots=True)
class DayMention:
    """Days named in a text: the closed interval `date_from`..`date_to`, where they stand, what kind of words did it.

    `span` is a half-open character range of the text that was read. `how` "wide" and "month" hardly date an event.
    `anchored` marks words that count from another event ("a day after …"): the days are those of what follows them.
    """

    date_from: date
    date_to: date
    span: tuple[int, int]
    how: How
    anchored: bool = False

    @property
    def is_narrow(self) -> bool:
        """True where the interval is at most two days wide: fit to date an event."""
        return (self.date_to - self.date_from).days <= 1


_ONE_DAY = timedelta(days=1)
_FUTURE_SLACK = timedelta(days=1)  # an article may be dated a time zone earlier than the event it tells of

_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_TO_DAY = r"(?:\s*(?:-|–|—|/|to|and|or)\s*(?:the\s+)?(?P<day2>[0-3]?\d)(?:st|nd|rd|th)?)?"
_YEAR = r"(?:,?\s+(?:of\s+)?(?P<year>(?:19|20)\d\d)\b)?"
_COUNT = rf"(?P<count>\d{{1,2}}|{'|'.join(NUMBERS)})"
_BEFORE = r"(?:(?P<before>last|this|past|late|early|overnight|next|since|until|till|every)(?:\s+(?:on|of))?\s+)?"
_AFTER = r"(?:[\s-]+(?P<after>night|evening|morning|afternoon|overnight|late|midnight)\b)?"
_NIGHT = re.compile(r"\b(?:late|overnight|night|evening|midnight)\b", re.IGNORECASE)
_NOT_OF_THE_EVENT = {"since", "until", "till", "next", "every"}

Words = re.Match[str]


def _weekday(words: Words, latest: date) -> tuple[date, date] | None:
    number = WEEKDAY_NUMBER[words["weekday"].lower()]
    back = (latest.weekday() - number) % 7
    before = (words["before"] or "").lower()
    if before == "last" and back == 0:
        back = 7
    day = latest - timedelta(days=back)
    return _with_night(words.group(), day)


def _with_night(text: str, day: date) -> tuple[date, date]:
    """A night belongs to two days, and "late Sunday" in one time zone is Monday in another."""
    return (day, day + _ONE_DAY) if _NIGHT.search(text) else (day, day)


def _day_of(year: int, month: int, day: int) -> date | None:
    return date(year, month, day) if 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1] else None


def _latest(published: date | None, month: int, day: int) -> date | None:
    """The latest such day that is not after publication; 29 February may lie four or eight years back."""
    if published is None:
        return None
    limit = published + _FUTURE_SLACK
    candidates = (_day_of(limit.year - back, month, day) for back in range(9) if limit.year > back)
    return next((found for found in candidates if found is not None and found <= limit), None)


def _explicit(words: Words, published: date | None) -> tuple[date, date] | None:
    month = MONTH_NUMBER[words["month"].lower()]
    first, last = int(words["day"]), int(words["day2"] or words["day"])
    if words["year"]:
        days = _day_of(int(words["year"]), month, first), _day_of(int(words["year"]), month, last)
    else:
        days = _latest(published, month, first), _latest(published, month, last)
    if days[0] is None:
        return None
    end = days[1] if days[1] is not None and days[1] >= days[0] else days[0]
    if end == days[0] and _NIGHT.search(words.group()):
        end += _ONE_DAY
    return days[0], end


def _numeric(words: Words, _published: date | None) -> tuple[date, date] | None:
    if words["y"]:
        day = _day_of(int(words["y"]), int(words["m"]), int(words["d"]))
    else:
        first, second, year = int(words["p"]), int(words["q"]), int(words["r"])
        # slashes are read month first, as the wires that use them do; dashes and dots day first, as most of the world
        month_first = second > 12 or ("/" in words.group() and first <= 12)
        day = _day_of(year, first, second) if month_first else _day_of(year, second, first)
    return None if day is None else (day, day)


def _month_only(words: Words, published: date | None) -> tuple[date, date] | None:
    month = MONTH_NUMBER[words["month"].lower()]
    if words["year"]:
        first = date(int(words["year"]), month, 1)
    else:
        found = _latest(published, month, 1)
        if found is None:
            return None
        first = found
    last = first.replace(day=monthrange(first.year, first.month)[1])
    return first, min(last, published) if published is not None and first <= published else last


def _near_day(words: Words, published: date) -> tuple[date, date]:
    said = words.group().lower()
    if said.startswith("yesterday"):
        return _with_night(said, published - _ONE_DAY)
    if said.startswith(("last", "overnight", "the night before", "in the last", "in the past", "within", "over the")):
        return published - _ONE_DAY, published
    return published, published


def _ago(words: Words, published: date) -> tuple[date, date] | None:
    unit, said = words["unit"].lower(), words["count"].lower()
    if said in ("few", "several", "couple"):
        return _vaguely_ago(unit, said, published)
    number = NUMBERS.get(said) or int(said)
    if unit == "minute":
        return published, published
    if unit == "hour":
        return published - timedelta(days=max(1, -(-number // 24))), published
    if unit == "day":
        day = published - timedelta(days=number)
        return day, day
    days = {"week": 7, "month": 30, "year": 365}[unit] * number
    day = published - timedelta(days=days)
    return (
        (day, day)
        if unit == "week" and number == 1
        else (day - timedelta(days=days // 4), day + timedelta(days=days // 4))
    )


def _vaguely_ago(unit: str, said: str, published: date) -> tuple[date, date]:
    if unit == "minute":
        return published, published
    if unit == "hour":
        return published - _ONE_DAY, published
    least, most = (2, 2) if said == "couple" else (2, 7)
    days = {"day": 1, "week": 7, "month": 30, "year": 365}[unit]
    return published - timedelta(days=most * days), published - timedelta(days=least * days)


def _period(words: Words, published: date) -> tuple[date, date]:
    unit = (words["unit"] or "weekend").lower()
    which = (words["which"] or "").lower()
    if unit == "weekend":
        saturday = published - timedelta(days=(published.weekday() - 5) % 7)
        return saturday, min(saturday + _ONE_DAY, published)
    if which == "past" and unit == "week":
        return published - timedelta(days=7), published
    starts = {
        "week": published - timedelta(days=published.weekday()),
        "month": published.replace(day=1),
        "year": published.replace(month=1, day=1),
    }
    this = starts[unit]
    if "this" in which:
        return this, published
    before = {"week": this - timedelta(days=7), "month": (this - _ONE_DAY).replace(day=1)}
    return before.get(unit, (this - _ONE_DAY).replace(month=1, day=1)), this - _ONE_DAY


def _from_anchor(words: Words, anchor: date) -> tuple[date, date]:
    said = words.group().lower()
    step = NUMBERS.get((words["steps"] or "one").lower(), 1)
    forward = "later" in said or said.startswith(("the next", "the following"))
    if "same" in said:
        step = 0
    day = anchor + timedelta(days=step if forward else -step)
    return day, day


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One way to name days. `needs` says from where it counts: `latest` is publication where the day begins first."""

    how: How
    words: QuickPattern
    resolve: Callable[[Words, date], tuple[date, date] | None]
    needs: Literal["nothing", "published", "latest", "anchor"] = "published"


def _compile(pattern: str, *pieces: str) -> QuickPattern:
    return QuickPattern(rf"(?<![\w-]){pattern}(?!\w)", *pieces, keeps_case=True)


_NIGHT_OF = r"(?:(?:the\s+)?night\s+(?:of|from|between)\s+)?"
_PATTERNS = (
    _Pattern("explicit", _compile(
        r"(?:(?P<y>(?:19|20)\d\d)-(?P<m>[01]\d)-(?P<d>[0-3]\d)|"
        r"(?P<p>[0-3]?\d)[-/.](?P<q>[0-3]?\d)[-/.](?P<r>(?:19|20)\d\d))", "19", "20"),
             _numeric, needs="nothing"),
    _Pattern("explicit", _compile(
        rf"{_NIGHT_OF}{_BEFORE}{_DAY}{_TO_DAY}\s+(?:of\s+)?{MONTH}{_YEAR}{_AFTER}", *MONTH_PIECES),
             _explicit, needs="nothing"),
    _Pattern("explicit", _compile(
        rf"{_NIGHT_OF}{_BEFORE}{MONTH}\s+(?:the\s+)?{_DAY}(?![\d:]){_TO_DAY}{_YEAR}{_AFTER}", *MONTH_PIECES),
             _explicit, needs="nothing"),
    _Pattern("weekday", _compile(rf"{_NIGHT_OF}{_BEFORE}{WEEKDAY}(?:'s|’s)?{_AFTER}", *WEEKDAY_PIECES), _weekday,
             needs="latest"),
    _Pattern("relative", _compile(
        r"(?:yesterday(?:\s+(?:night|evening|morning|afternoon))?|today|tonight|overnight|last\s+(?:night|evening)|the\s+night\s+before|"
        r"(?:early\s+|late\s+)?this\s+(?:very\s+)?(?:morning|afternoon|evening|noon|dawn)|"
        r"(?:in|within|over|during)\s+the\s+(?:last|past)\s+(?:24|twenty-four|few|several|12)\s+hours)",
        "yesterday", "today", "night", "evening", "morning", "noon", "dawn", "hours"), _near_day),
    _Pattern("relative", _compile(
        rf"(?P<count>few|several|couple|\d{{1,2}}|{'|'.join(NUMBERS)})\s+(?:of\s+)?(?P<unit>minute|hour|day|week|month|year)s?\s+ago",
        "ago"), _ago),
    _Pattern("relative", _compile(
        r"(?:(?P<steps>a|one|two|three|four|five|six)\s+days?\s+(?:after|earlier|before(?!\s+\w)|later)|the\s+(?:previous|next|following|same)\s+day|"
        r"the\s+day\s+(?:before|after))",
        "after", "earlier", "before", "later", "previous", "next", "following", "same"),
             _from_anchor, needs="anchor"),
    _Pattern("wide", _compile(
        r"(?:(?P<which>earlier\s+this|later\s+this|last|this|past|previous)\s+(?P<unit>weekend|week|month|year)|"
        r"(?:over|at|during)\s+the\s+weekend|"
        r"weekend(?=\s+(?:\w+\s+){0,2}(?:attack|strike|assault|barrage|raid)))", "week", "month", "year"), _period),
    _Pattern("month", _compile(
        rf"(?:(?:in|of|during|last|this|early|mid|late|since|until)(?:\s+|-))+{MONTH}{_YEAR}(?!\s+\d)", *MONTH_PIECES),
             _month_only, needs="nothing"),
    _Pattern("month", _compile(rf"{MONTH},?\s+(?P<year>(?:19|20)\d\d)", "19", "20"), _month_only, needs="nothing"),
)  # fmt: skip


def resolve_days(
    text: str, published: date | None, anchor: date | None = None, latest: date | None = None
) -> tuple[DayMention, ...]:
    """Every day that `text` names, in order.

    `published` is the local day of publication; without it only dates that name their year are resolved. `anchor` is
    the day that "a day earlier" counts from where the text names none before it; without it, the day of publication.
    `latest` is the last day that had begun anywhere by then: weekdays may be of there; without it, that of publication.
    """
    found: list[DayMention] = []
    read_to = 0
    counts_from = {"published": published, "latest": latest or published}
    for pattern, words in _candidates(plain_case(text)):
        if words.start() < read_to:
            continue
        read_to = words.end()  # also where they name no day of an event: "since Oct. 17" is not October either
        counts_from["anchor"] = _last_narrow(found) or anchor or published
        day = _resolve(pattern, words, counts_from.get(pattern.needs, published))
        if day is not None:
            found.append(day)
    return tuple(found)


def _candidates(text: str) -> list[tuple[_Pattern, Words]]:
    """All matches, the earliest first and of those that start together the longest first."""
    matches = [(pattern, words) for pattern in _PATTERNS for words in pattern.words.finditer(text)]
    return sorted(matches, key=lambda match: (match[1].start(), -match[1].end()))


def _last_narrow(found: list[DayMention]) -> date | None:
    return next((day.date_from for day in reversed(found) if day.is_narrow and not day.anchored), None)


def _resolve(pattern: _Pattern, words: Words, day: date | None) -> DayMention | None:
    groups = words.groupdict()
    if (groups.get("before") or "").lower() in _NOT_OF_THE_EVENT:
        return None
    if day is None and pattern.needs != "nothing":
        return None
    try:
        days = pattern.resolve(words, day)  # type: ignore[arg-type]  # None only where the pattern needs nothing
    except OverflowError:  # "40 years ago" said in the year 30
        return None
    if days is None:
        return None
    return DayMention(days[0], days[1], words.span(), pattern.how, anchored=pattern.needs == "anchor")
