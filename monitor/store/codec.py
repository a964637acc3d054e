"""Mentions as JSON and back: the one place that knows how they lie in a column."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from typing import Any

from monitor.model import Evidence, Mention

DAYS = ("date_from", "date_to")
LISTS = ("weapons",)
KNOWN = frozenset(field.name for field in dataclasses.fields(Mention))


def to_json(value: object) -> str:
    """Compact JSON with the characters as written."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def plain(value: Mention | Evidence) -> dict[str, Any]:
    """The fields of a dataclass by name, as they are: `dataclasses.asdict` would copy each of them."""
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}


def mention_to_json(mention: Mention) -> str:
    """A mention as a JSON object; days as ISO dates."""
    values = plain(mention)
    for name in DAYS:
        values[name] = day_text(values[name])
    return to_json(values)


def mention_from_json(text: str) -> Mention:
    """The inverse of `mention_to_json`; keys of a later version are ignored."""
    values = {name: value for name, value in json.loads(text).items() if name in KNOWN}
    for name in DAYS:
        values[name] = to_day(values[name])
    for name in LISTS:
        values[name] = tuple(values[name])
    values["words"] = tuple((word, weight) for word, weight in values.get("words", ()))
    values["stated_in"] = tuple((slot, sentence) for slot, sentence in values.get("stated_in", ()))
    return Mention(**values)


def day_text(day: date | None) -> str | None:
    """A day as ISO text; None stays None."""
    return day.isoformat() if day else None


def to_day(text: str | None) -> date | None:
    """The inverse of `day_text`."""
    return date.fromisoformat(text) if text else None
