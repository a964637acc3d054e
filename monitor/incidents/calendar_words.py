"""Names of months, weekdays and small numbers as English news writes them."""

from __future__ import annotations

_MONTHS = (
    ("January", "Jan"), ("February", "Feb"), ("March", "Mar"), ("April", "Apr"), ("May",), ("June", "Jun"),
    ("July", "Jul"), ("August", "Aug"), ("September", "Sept", "Sep"), ("October", "Oct"), ("November", "Nov"),
    ("December", "Dec"),
)  # fmt: skip
_WEEKDAYS = (
    ("Monday", "Mon"), ("Tuesday", "Tues", "Tue"), ("Wednesday", "Wed"), ("Thursday", "Thurs", "Thur", "Thu"),
    ("Friday", "Fri"), ("Saturday", "Sat"), ("Sunday", "Sun"),
)  # fmt: skip
NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
MONTH_NUMBER = {name.lower(): number for number, names in enumerate(_MONTHS, 1) for name in names}
WEEKDAY_NUMBER = {name.lower(): number for number, names in enumerate(_WEEKDAYS) for name in names}
# The first letters of every name and of its short forms.
MONTH_PIECES = tuple(dict.fromkeys(name[:3] for name in MONTH_NUMBER))
WEEKDAY_PIECES = tuple(dict.fromkeys(name[:3] for name in WEEKDAY_NUMBER))


def _names(table: tuple[tuple[str, ...], ...]) -> str:
    """Alternation of names as English writes them: capitalised or all capitals, so that "may" stays a verb."""
    names = sorted({form for names in table for name in names for form in (name, name.upper())}, key=len, reverse=True)
    return f"(?-i:{'|'.join(names)})"


MONTH = rf"(?P<month>{_names(_MONTHS)})\b\.?+"
WEEKDAY = rf"(?P<weekday>{_names(_WEEKDAYS)})\b\.?"
