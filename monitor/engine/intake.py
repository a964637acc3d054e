"""Articles from a file of lines: what `replay` reads. A bad line is reported and skipped; it never stops the rest."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from monitor.errors import InputError
from monitor.model import Article

GZIP_MAGIC = b"\x1f\x8b"
LABELS = {"yes": True, "no": False, True: True, False: False}
TEXT_FIELDS = ("url", "title", "text", "source", "lang")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the input: its number from 1, and an article or one sentence that says what is wrong."""

    number: int
    article: Article | None
    problem: str = ""


def read_lines(path: Path) -> Iterator[Line]:
    """Read JSON lines, gzipped or not. Raises InputError where the file itself cannot be read."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == GZIP_MAGIC
        with gzip.open(path, "rb") if packed else path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield read_line(number, line)
    except (OSError, EOFError) as error:
        raise InputError(f"{path}: cannot be read ({error}); give a JSON lines file, gzipped or not") from error


def read_line(number: int, line: bytes) -> Line:
    """One line as an article: id, url, title, published, text, source, lang; other keys are ignored."""
    try:
        values = json.loads(line)
        if not isinstance(values, dict):
            return Line(number, None, f"line {number}: is not a JSON object; write one object a line")
        return Line(number, article_of(values))
    except (ValueError, RecursionError) as error:
        return Line(number, None, f"line {number}: {error}; correct the line or remove it")


def article_of(values: dict[str, Any]) -> Article:
    """An article from one object. Raises ValueError with the key that cannot be used."""
    if not isinstance(values.get("id"), str | int) or isinstance(values["id"], bool) or values["id"] == "":
        raise ValueError("key `id` must be a text that is not empty")
    for name in TEXT_FIELDS:
        if not isinstance(values.get(name, ""), str | None):
            raise ValueError(f"key `{name}` must be a text")  # noqa: TRY004 - a bad value to its reader
    texts = {name: clean(values.get(name) or "") for name in TEXT_FIELDS}
    return Article(
        id=clean(str(values["id"])),
        title=texts["title"],
        text=texts["text"],
        url=texts["url"],
        source=texts["source"],
        language=texts["lang"],
        published_at=to_published(values.get("published")),
        text_source="given",
    )


def clean(text: str) -> str:
    """Text that any database and terminal can hold: lone surrogates and NUL are replaced."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", " ")


def to_published(value: object) -> datetime | None:
    """A date, an ISO time or an RFC 5322 time, as UTC; empty or missing is unknown. Raises ValueError."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError("key `published` must be a text: a date or an ISO time")  # noqa: TRY004 - as above
    try:
        at = datetime.fromisoformat(value.strip())
    except ValueError:
        try:
            at = parsedate_to_datetime(value)
        except (ValueError, IndexError):
            raise ValueError(f"key `published` is no date or ISO time: {value[:40]!r}") from None
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"key `published` is outside the calendar: {value[:40]!r}") from None


def read_labels(path: Path) -> dict[str, bool]:
    """Labels of articles by id: JSON lines or one JSON array of objects with `id` and `label` (yes or no).

    Raises InputError where the file cannot be read or a label is neither.
    """
    try:
        text = path.read_text(encoding="utf-8").strip()
        rows = json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines() if line]
        return {str(row["id"]): LABELS[row["label"]] for row in rows}
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as labels ({error})") from error
    except (KeyError, TypeError) as error:
        raise InputError(f"{path}: each label needs an `id` and a `label` that is yes or no ({error!r})") from error
