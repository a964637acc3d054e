"""The resolver reads calendars as news writes them: always looking back from the day of publication."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.incidents.dates import resolve_days

FRIDAY = date(2023, 3, 24)


def days(text: str, published: date | None = FRIDAY) -> list[tuple[str, str]]:
    return [(str(day.date_from), str(day.date_to)) for day in resolve_days(text, published)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # weekdays: the last such day on or before publication, that day included
        ("was attacked on Friday", ("2023-03-24", "2023-03-24")),
        ("was attacked on Thursday", ("2023-03-23", "2023-03-23")),
        ("was attacked on Saturday", ("2023-03-18", "2023-03-18")),
        ("Thursday's attack", ("2023-03-23", "2023-03-23")),
        ("Thursday’s attack", ("2023-03-23", "2023-03-23")),
        ("an attack last Friday", ("2023-03-17", "2023-03-17")),
        ("early Thursday morning", ("2023-03-23", "2023-03-23")),
        ("hit on Thurs.", ("2023-03-23", "2023-03-23")),
        # nights belong to two days
        ("late on Thursday", ("2023-03-23", "2023-03-24")),
        ("late Wednesday", ("2023-03-22", "2023-03-23")),
        ("on Wednesday night", ("2023-03-22", "2023-03-23")),
        ("Tuesday evening", ("2023-03-21", "2023-03-22")),
        ("overnight Wednesday", ("2023-03-22", "2023-03-23")),
        ("overnight", ("2023-03-23", "2023-03-24")),
        ("last night", ("2023-03-23", "2023-03-24")),
        ("in the last 24 hours", ("2023-03-23", "2023-03-24")),
        # around publication
        ("this morning", ("2023-03-24", "2023-03-24")),
        ("earlier today", ("2023-03-24", "2023-03-24")),
        ("yesterday afternoon", ("2023-03-23", "2023-03-23")),
        ("tonight", ("2023-03-24", "2023-03-24")),
        # so long ago
        ("two days ago", ("2023-03-22", "2023-03-22")),
        ("3 days ago", ("2023-03-21", "2023-03-21")),
        ("a week ago", ("2023-03-17", "2023-03-17")),
        ("a few hours ago", ("2023-03-23", "2023-03-24")),
        ("several days ago", ("2023-03-17", "2023-03-22")),
        # wide
        ("last week", ("2023-03-13", "2023-03-19")),
        ("earlier this week", ("2023-03-20", "2023-03-24")),
        ("over the past week", ("2023-03-17", "2023-03-24")),
        ("over the weekend", ("2023-03-18", "2023-03-19")),
        ("answer the weekend drone strike", ("2023-03-18", "2023-03-19")),
        ("last month", ("2023-02-01", "2023-02-28")),
        ("in January, three drones", ("2023-01-01", "2023-01-31")),
        ("in late December", ("2022-12-01", "2022-12-31")),
        ("in March", ("2023-03-01", "2023-03-24")),
        ("in October 2021", ("2021-10-01", "2021-10-31")),
        # explicit, with and without a year
        ("on March 23", ("2023-03-23", "2023-03-23")),
        ("on 23 March 2023", ("2023-03-23", "2023-03-23")),
        ("on Jan. 8, 2020,", ("2020-01-08", "2020-01-08")),
        ("on the 3rd of January", ("2023-01-03", "2023-01-03")),
        ("ON 30 DECEMBER", ("2022-12-30", "2022-12-30")),
        ("ON 3 JAN", ("2023-01-03", "2023-01-03")),
        ("on 2023-03-23", ("2023-03-23", "2023-03-23")),
        ("29-10-2022", ("2022-10-29", "2022-10-29")),
        ("10/24/2022", ("2022-10-24", "2022-10-24")),
        ("the night of 7 to 8 January", ("2023-01-07", "2023-01-08")),
        ("on March 21-22", ("2023-03-21", "2023-03-22")),
        ("on December 31", ("2022-12-31", "2022-12-31")),
    ],
)
def test_words_for_days(text, expected):
    assert days(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "troops may have fired",
        "they march on",
        "a sun-lit wed couple sat down",
        "since Thursday",
        "until March 30",
        "next Friday",
        "90 attacks since Oct. 17",
        "killed 5 of 12 people",
        "on 31 February",
        "at 5:51 p.m.",
        "the M-16 rifle",
        "every Sunday",
        "hit two days before the pope's visit",
        "on weekend leave",
    ],
)
def test_what_names_no_day_of_an_event(text):
    assert days(text) == []


def test_without_a_day_of_publication_only_whole_dates_are_known():
    assert days("on Friday, yesterday, on March 3 and on 8 January 2020", None) == [("2020-01-08", "2020-01-08")]


def test_a_day_earlier_counts_from_the_day_named_before_it():
    found = resolve_days("hit by missiles on Thursday, a day after the first attack", FRIDAY)
    assert [day.date_from for day in found] == [date(2023, 3, 23), date(2023, 3, 22)]
    assert found[1].anchored


def test_a_day_earlier_counts_from_the_anchor_where_the_text_names_no_day():
    assert resolve_days("a day after they struck", FRIDAY, date(2023, 3, 22))[0].date_from == date(2023, 3, 21)


def test_spans_show_the_words_as_written():
    text = "A base was hit late on Thursday; another on March 21."
    assert [text[slice(*day.span)] for day in resolve_days(text, FRIDAY)] == ["late on Thursday", "March 21"]


@pytest.mark.parametrize("published", [date(2024, 2, 29), date(2023, 1, 1), date(2024, 12, 31)])
def test_a_leap_day_is_the_latest_one(published):
    found = resolve_days("on 29 February", published)[0].date_from
    assert (found.month, found.day) == (2, 29)
    assert found <= published


WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
DATES = st.dates(date(1990, 1, 1), date(2035, 12, 31))


@given(DATES, st.sampled_from(WEEKDAYS))
def test_a_weekday_is_that_weekday_within_the_week_that_ends_with_publication(published, name):
    found = resolve_days(f"attacked on {name}", published)[0]
    assert found.date_from.weekday() == WEEKDAYS.index(name)
    assert timedelta(0) <= published - found.date_from <= timedelta(days=6)


@given(DATES, DATES)
def test_a_written_date_is_found_again(published, day):
    for text in (
        f"on {day:%d %B %Y}",
        f"on {day:%B} {day.day}, {day.year}",
        f"on {day.isoformat()}",
        f"ON {day:%d %B %Y}".upper(),
    ):
        assert days(text, published) == [(str(day), str(day))]


def test_late_in_the_day_a_weekday_may_be_that_of_a_place_further_east():
    thursday, friday = date(2023, 3, 23), FRIDAY

    def told(text, latest):
        return [day.date_from for day in resolve_days(text, thursday, latest=latest)]

    assert told("early on Friday", friday) == [friday]
    assert told("early on Friday", None) == [friday - timedelta(days=7)]
    assert told("on Thursday", friday) == [thursday]
    assert told("on Wednesday", friday) == [date(2023, 3, 22)]
    assert told("yesterday", friday) == [date(2023, 3, 22)]


@given(DATES, st.integers(0, 300))
def test_a_date_without_a_year_is_the_latest_one(published, back):
    day = published - timedelta(days=back)
    if (day.month, day.day) != (2, 29):
        assert days(f"on {day:%B} {day.day}", published) == [(str(day), str(day))]


@pytest.mark.parametrize("text", ["fıve days ago", "FİVE DAYS AGO", "five dayſ ago"])
def test_letters_that_only_case_makes_ascii_are_read(text):
    assert days(text) == [("2023-03-19", "2023-03-19")]


@given(st.text(max_size=300), st.dates())
def test_any_text_and_any_day_give_ordered_intervals_and_spans(text, published):
    end = 0
    for day in resolve_days(text, published):
        assert day.date_from <= day.date_to
        assert end <= day.span[0] < day.span[1] <= len(text)
        end = day.span[1]


_PIECES = [
    "on",
    "late",
    "night",
    "Monday",
    "March",
    "May",
    "31",
    "29",
    "3",
    "2023",
    "ago",
    "days",
    "last",
    "week",
    "a",
    "two",
    "-",
    "/",
    "of",
    "the",
    "years",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=25), st.dates(date.min, date.max))
def test_any_heap_of_calendar_words_is_read_without_error(words, published):
    for text in (" ".join(words), " ".join(words).upper()):
        for day in resolve_days(text, published):
            assert day.date_from <= day.date_to
