"""Seed articles, as given and as learned from: furniture of the page is cut, doubled text is counted once.

A seeds folder holds .txt files and, where known, a manifest.toml with a [[seed]] table for each: file, title, source,
published (date), language. `read_seeds` only reads; everything else is pure.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from monitor.errors import InputError
from monitor.text import sentences, words_of


@dataclass(frozen=True, slots=True)
class Seed:
    """One seed article as its file gives it. `id` is the file's name without its ending."""

    id: str
    title: str
    text: str
    source: str = ""
    published: date | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class SeedText:
    """What is learned from: the sentences of one seed, title first, each once, without furniture."""

    id: str
    sentences: tuple[str, ...]


# --- reading a folder ----------------------------------------------------------------------------


def read_seeds(folder: Path) -> tuple[Seed, ...]:
    """The seeds of a folder, ordered by file name. Raises InputError with one sentence for what cannot be used."""
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; give one with .txt seed articles")
    described = _manifest(folder / "manifest.toml")
    files = sorted(folder.glob("*.txt"))
    if not files:
        raise InputError(f"{folder} holds no .txt files; put one seed article into each")
    missing = sorted(set(described) - {file.name for file in files})
    if missing:
        raise InputError(
            f"{folder / 'manifest.toml'} names {missing[0]}, which is not in the folder; add it or cut its entry"
        )
    return tuple(_read_seed(file, described.get(file.name, {})) for file in files)


def _manifest(path: Path) -> dict[str, Mapping[str, Any]]:
    if not path.exists():
        return {}
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("seed", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not valid TOML: {error}") from error
    if not isinstance(entries, list) or not all(isinstance(entry, dict) and entry.get("file") for entry in entries):
        raise InputError(f"{path} needs a [[seed]] table with a file for each seed")
    return {str(entry["file"]): entry for entry in entries}


def _read_seed(file: Path, entry: Mapping[str, Any]) -> Seed:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8 text; convert it, for example with iconv") from error
    published = entry.get("published")
    if isinstance(published, datetime):
        published = published.date()
    if published is not None and not isinstance(published, date):
        raise InputError(f"manifest.toml: published of {file.name} is no date; write it as 2024-01-31")
    title = str(entry.get("title", "")) or _first_line(text)
    return Seed(file.stem, title, text, str(entry.get("source", "")), published, str(entry.get("language", "")))


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


# --- cutting furniture ---------------------------------------------------------------------------

_COMMENTS = re.compile(
    r"^(?:comments?|(?:leave|post|add|write) a (?:comment|reply)|related (?:articles?|news|stories))\W*$", re.IGNORECASE
)
_BYLINE = re.compile(r"^(?:by|written by|reporting by|edited by)\s+[A-Z][^.]{2,60}$", re.IGNORECASE)
_CREDIT = re.compile(
    r"contributed to this (?:report|story|article)|getty images|via (?:reuters|ap|afp)\b|"
    r"\(?photo(?:graph)? (?:by|credit)|"
    r"representational image|^(?:image|photo|file photo|caption)\s*[:/]",
    re.IGNORECASE,
)
# As in "TEHRAN- ", "ERBIL, Some Region - ", "WASHINGTON (Agency) - ", "BAGHDAD: ".
_DATELINE = re.compile(r"^[A-Z][A-Z'.-]{2,}(?: [A-Z]{2,})*(?:, [A-Z][\w. ]{1,30})?(?: \([\w /]+\))?\s?(?:[-–—]+|:)\s*")
_SENTENCE_END = re.compile(r"[.!?…:;,”\"’)]\s*$")
_FEWEST_WORDS = 4


def clean(seed: Seed) -> SeedText:
    """The seed's sentences, the title first: without bylines, datelines, credits, comment sections and repeats."""
    known: set[tuple[str, ...]] = set()
    kept: list[str] = []
    for sentence in (seed.title, *_body(seed.text)):
        key = tuple(words_of(sentence))
        if key and key not in known:
            known.add(key)
            kept.append(" ".join(sentence.split()))
    return SeedText(seed.id, tuple(kept))


def _body(text: str) -> Iterator[str]:
    for line in text.splitlines():
        stripped = line.strip()
        if _COMMENTS.match(stripped):
            return
        if not stripped or _BYLINE.match(stripped) or _CREDIT.search(stripped) or _is_furniture(stripped):
            continue
        told = _DATELINE.sub("", stripped)
        yield from (told[start:end].strip() for start, end in sentences(told))


def _is_furniture(line: str) -> bool:
    """A short line that is no sentence: a share count, a caption, a bare date, a button."""
    return len(words_of(line)) < _FEWEST_WORDS and not _SENTENCE_END.search(line)
