"""Counting right and wrong: what the quality tests of the rules share."""

from __future__ import annotations

import gzip
import hashlib
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.matching import RuleSet, judge
from monitor.model import Article

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of flagged against yes."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)


def floors(name: str) -> dict[str, float]:
    """The floors of one table of rules/floors.toml."""
    return tomllib.loads((ROOT / "rules" / "floors.toml").read_text(encoding="utf-8"))[name]


def read_lines(path: Path) -> list[dict[str, Any]]:
    """JSON lines, gzipped or not."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in content.decode("utf-8").split("\n") if line]


def sha256(path: Path) -> str:
    """The hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def article_of(line: dict[str, Any]) -> Article:
    """A line as `replay` reads it: the text may be a summary or a full text."""
    published = datetime.fromisoformat(line["published"]) if line.get("published") else None
    if published is not None and published.tzinfo is None:
        published = published.replace(tzinfo=UTC)
    return Article(
        line.get("id", "x"), line["title"], text=line["text"] or "", published_at=published, text_source="given"
    )


def score(lines: Iterable[dict[str, Any]], rules: RuleSet) -> tuple[Score, list[str]]:
    """The score of the rules alone (no memory of incidents), and the ids that they got wrong."""
    right = wrong = missed = 0
    errors: list[str] = []
    for line in lines:
        flagged, yes = judge(article_of(line), rules).flagged, line["label"] == "yes"
        right += flagged and yes
        wrong += flagged and not yes
        missed += yes and not flagged
        if flagged != yes:
            errors.append(f"{'missed' if yes else 'wrong'} {line.get('id', line['title'])}")
    return Score(right, wrong, missed), errors
