"""What the demo plays: the seeds as articles of a wire, and the alerts that are expected. Reads files, nothing else."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from monitor.errors import InputError
from monitor.learning.corpus import Seed, read_seeds

EXPECTED = "expected.toml"
# An article without a date of its own is old news, never fresh.
UNDATED = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Story:
    """One article as a feed and a page show it."""

    slug: str
    title: str
    paragraphs: tuple[str, ...]
    source: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Script:
    """`stories` in order of publication; `expected` are the incidents to be alerted once, as (place, day).

    `also` are places that the seeds tell of without a day: an alert on them is right, and not required.
    """

    stories: tuple[Story, ...]
    expected: frozenset[tuple[str, str]]
    also: frozenset[str]


def read_script(folder: Path) -> Script:
    """The script of a seeds folder. Raises InputError where the seeds or what is expected of them are missing."""
    stories = sorted((_story(seed) for seed in read_seeds(folder)), key=lambda story: story.published_at)
    expected, also = read_expected(folder / EXPECTED)
    return Script(tuple(stories), expected, also)


def _story(seed: Seed) -> Story:
    paragraphs = tuple(line.strip() for line in seed.text.splitlines() if line.strip())
    noon = datetime.combine(seed.published or UNDATED, time(12), UTC)
    title = seed.title or (paragraphs[0] if paragraphs else seed.id)
    return Story(seed.id, title, paragraphs, seed.source, noon)


def read_expected(file: Path) -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
    """The (place, day) pairs of the [[incident]] tables, and the places of the [[also]] tables. Raises InputError."""
    try:
        data: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        expected = frozenset((str(table["base"]), str(table["day"])) for table in data["incident"])
        return expected, frozenset(str(table["base"]) for table in data.get("also", []))
    except OSError as error:
        raise InputError(
            f"{file}: cannot be read ({error.strerror}); the demo needs it to know what to expect"
        ) from error
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise InputError(f"{file}: must hold [[incident]] tables with base and day ({error})") from error
