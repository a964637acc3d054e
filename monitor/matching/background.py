"""How common words are in other news: the counts of `background.tsv` in a folder of rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from monitor.errors import RuleError

BACKGROUND_FILE = "background.tsv"
FLOOR = 3.0  # count of a term that stands below the floor of the file


@dataclass(frozen=True, slots=True)
class Background:
    """In how many of `articles` other articles each term (word or pair of words) stands."""

    articles: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    def share(self, term: str) -> float:
        """The share of background articles that hold a term; never 0."""
        return max(self.counts.get(term, 0), FLOOR) / max(self.articles, 1)


def read_background(path: Path) -> Background:
    """The counts of a background file: its articles in the first line, then term, tab, count. Raises RuleError."""
    try:
        first, *rows = path.read_text(encoding="utf-8").splitlines()
        pairs = (row.split("\t") for row in rows)
        return Background(int(first), {term: int(count) for term, count in pairs})
    except (OSError, ValueError) as error:
        raise RuleError(
            f"{path} is no background file ({error}); make one with benchmarks/make_background.py"
        ) from error


def background_of(folder: Path) -> Background:
    """The background of a folder of rules; empty, so that all words count as equally common, where it has none."""
    path = folder / BACKGROUND_FILE
    return read_background(path) if path.exists() else Background()
