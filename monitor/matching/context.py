"""What takes weight from one mention of an attack: contexts near it, and dates that are too old."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from monitor.matching.ruleset import Context, Settings
from monitor.matching.spans import Found, Match, Sentence

_FAR = 24  # words between a date and the mention that it dates
_SINCE = 8
_LATE_HOUR = 20  # UTC; further east the next day has begun


def contexts_of(
    match: Match,
    rule: str,
    immune: frozenset[str],
    sentence: Sentence,
    title: Sentence | None,
    contexts: Sequence[Context],
) -> list[Context]:
    """The contexts that act on one mention."""
    start, end = match[0].start, match[-1].end
    return [
        context
        for context in contexts
        if context.id not in immune
        and (not context.only or rule in context.only)
        and _acts(context, start, end, sentence, title)
        and not _near(sentence.of(context.unless), start, end, 8, 8)
    ]


def _acts(context: Context, start: int, end: int, sentence: Sentence, title: Sentence | None) -> bool:
    before = sentence.of(context.before) if context.before else []
    if context.blocked_by:
        walls = sentence.of(context.blocked_by)
        before = [one for one in before if not any(one.end <= wall.start and wall.end <= start for wall in walls)]
    if _near(before, start, end, context.within, 0, inside=False):
        return True
    if context.after and _near(sentence.of(context.after), start, end, 0, context.within_after, inside=False):
        return True
    if context.inside and any(start <= one.start and one.end <= end for one in sentence.of(context.inside)):
        return True
    if context.sentence and sentence.of(context.sentence):
        return True
    return bool(context.title and title is not None and title.of(context.title))


def _near(spans: Sequence[Found], start: int, end: int, left: int, right: int, *, inside: bool = True) -> bool:
    """True where a span stands at most `left` words before or `right` words after [start, end), or inside it."""
    for one in spans:
        if one.end <= start:
            if left and start - one.end < left:
                return True
        elif one.start >= end:
            if right and one.start - end < right:
                return True
        elif inside:
            return True
    return False


# --- dates -----------------------------------------------------------------------------------------


def latest_day(moment: datetime) -> date:
    """The last day that has begun where a text of this moment (UTC) may tell of: late, it is tomorrow further east."""
    day = moment.date()
    return day + timedelta(days=1) if moment.hour >= _LATE_HOUR and day < date.max else day


def is_old(match: Match, sentence: Sentence, published_at: datetime, settings: Settings) -> bool:
    """True where the date nearest to a mention lies too long before publication."""
    published = published_at.date()
    start, end = match[0].start, match[-1].end
    dated = [
        (distance, old)
        for distance, old in (
            *_explicit_dates(start, end, sentence, published, settings.old_date_days),
            *_past_years(start, end, sentence, published),
            *_weekdays(start, end, sentence, published_at, settings.old_weekday_days),
        )
        if distance <= _FAR
    ]
    return min(dated)[1] if dated else False


def _distance(span: tuple[int, int], start: int, end: int) -> int:
    return max(start - span[1], span[0] - end, 0)


def _is_since(at: int, sentence: Sentence) -> bool:
    """Counts "since Oct. 17": that is the start of a count, not the day of an attack."""
    return any(at - _SINCE < one.end <= at for one in sentence.spans.get("since", ()))


def _explicit_dates(start: int, end: int, sentence: Sentence, published: date, days: int) -> list[tuple[int, bool]]:
    dated: list[tuple[int, bool]] = []
    for month in sentence.spans.get("month", ()):
        if _is_since(month.start, sentence):
            continue
        found = _day_beside(month, sentence, published)
        if found is None:
            continue
        span, day = found
        if day > published + timedelta(days=2):
            continue
        dated.append((_distance(span, start, end), (published - day).days > days))
    return dated


def _number(sentence: Sentence, index: int) -> int | None:
    if not 0 <= index < len(sentence.tokens):
        return None
    word = sentence.tokens[index].text
    for suffix in ("st", "nd", "rd", "th"):
        word = word.removesuffix(suffix)
    return int(word) if word.isdigit() and word.isascii() and len(word) <= 4 else None


def _day_beside(month: Found, sentence: Sentence, published: date) -> tuple[tuple[int, int], date] | None:
    """The date of "March 23", "23 March", "23 March 2023"; a month alone is its last day. The year may be missing."""
    before, after = _number(sentence, month.start - 1), _number(sentence, month.end)
    later = _number(sentence, month.end + 1)
    span = (month.start, month.end)
    day = year = None
    if after is not None and 1 <= after <= 31:
        day, span = after, (month.start, month.end + 1)
        year = later if later and 1900 < later < 2100 else None
    elif before is not None and 1 <= before <= 31:
        day, span = before, (month.start - 1, month.end)
        year = after if after and 1900 < after < 2100 else None
    elif after is not None and 1900 < after < 2100:
        day, year = 28, after
    elif not any(month.start - 2 < one.end <= month.start for one in sentence.spans.get("in_word", ())):
        return None  # "may" and "march" alone are no dates
    else:
        day = 28
        if int(month.value) == published.month:
            return None
    return _date(int(month.value), day, year, published, span)


def _date(
    month: int, day: int, year: int | None, published: date, span: tuple[int, int]
) -> tuple[tuple[int, int], date] | None:
    try:
        if year is not None:
            return span, date(year, month, day)
        found = date(published.year, month, day)
        return span, found if found <= published + timedelta(days=2) else date(published.year - 1, month, day)
    except ValueError:
        return None


def _past_years(start: int, end: int, sentence: Sentence, published: date) -> list[tuple[int, bool]]:
    """Years, as in "the 2020 attack": one before that of publication; early January still tells of December."""
    latest = published.year - (2 if published.timetuple().tm_yday <= 4 else 1)
    return [
        (_distance((index, index + 1), start, end), True)
        for index, token in enumerate(sentence.tokens)
        if len(token.text) == 4 and (year := _number(sentence, index)) is not None and 1980 <= year <= latest
        if not _is_since(index, sentence)
    ]


def _weekdays(start: int, end: int, sentence: Sentence, published_at: datetime, days: int) -> list[tuple[int, bool]]:
    """Weekdays: "on Tuesday" in a text of Saturday is four days ago; "last Tuesday" is left to the contexts."""
    published = {published_at.date(), latest_day(published_at)}
    return [
        (
            _distance((one.start, one.end), start, end),
            all((day.weekday() - int(one.value)) % 7 > days for day in published),
        )
        for one in sentence.spans.get("weekday", ())
        if not _is_since(one.start, sentence)
    ]
