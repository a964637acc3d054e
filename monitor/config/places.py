"""Where a key stands in a TOML text: tomllib reads values but keeps no lines."""

from __future__ import annotations

import re

Path = tuple[str | int, ...]

_TABLE = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")


def line_of(text: str, path: Path) -> int | None:
    """The line, from 1, of the key at `path` or of the nearest table that holds it; None where nothing is found."""
    places = _places(text)
    for end in range(len(path), 0, -1):
        if path[:end] in places:
            return places[path[:end]]
    return None


def dotted(path: Path) -> str:
    """A path as people write it: sink[1].url_env, counted from 1 as people count."""
    parts = ""
    for step in path:
        parts += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if parts else step
    return parts


def _places(text: str) -> dict[Path, int]:
    places: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _TABLE.match(line):
            table = _names(header[2])
            if header[1] == "[[":
                places.setdefault(table, number)
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            places.setdefault(table, number)
        elif key := _KEY.match(line):
            places.setdefault((*table, *_names(key[1])), number)
    return places


def _names(dotted_key: str) -> Path:
    return tuple(part.strip().strip("\"'") for part in dotted_key.split("."))
