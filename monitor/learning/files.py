"""The edge of this room: reads what learning needs from a rules folder and writes what was proposed.

Nothing that is there and different is overwritten unless it was accepted.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.errors import InputError, RuleError
from monitor.learning.bases import KnownBase
from monitor.learning.grammar import Grammar, read_grammar
from monitor.learning.learn import BASES_FILE, KEYWORDS_FILE, Material, Proposal
from monitor.matching.background import BACKGROUND_FILE, read_background

GRAMMAR_FILE, GENERAL_FILE = "learning.toml", "general.toml"
_KEPT_FACTS = ("country", "lat", "lon", "precision", "area", "needs_cue", "not_alias")


def read_material(rules: Path, out: Path | None = None) -> Material:
    """What learning needs from a rules folder; the present learned files and known bases are those of `out`.

    Raises InputError or RuleError with one sentence for what is missing or broken.
    """
    target = out or rules
    return Material(
        background=read_background(_existing(rules, BACKGROUND_FILE)),
        grammar=read_grammar(_toml(_existing(rules, GRAMMAR_FILE))),
        known=tuple(
            {base.id: base for folder in (rules, target) if folder.is_dir() for base in _known_bases(folder)}.values()
        ),
        present=tuple((name, _text(target / name)) for name in (BASES_FILE, KEYWORDS_FILE) if (target / name).exists()),
        general=tuple(
            (name, _text(_existing(rules, name)))
            for name in (GENERAL_FILE, GRAMMAR_FILE, BACKGROUND_FILE, "facts.toml")
        ),
    )


def grammar_of(rules: Path) -> Grammar:
    """The grammar of a rules folder; one without words where it has none."""
    path = rules / GRAMMAR_FILE
    return read_grammar(_toml(path) if path.exists() else {})


def _existing(folder: Path, name: str) -> Path:
    if not (folder / name).exists():
        raise InputError(f"{folder / name} is missing; learning needs the rules folder that comes with Basewatch")
    return folder / name


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(f"{path.name}: is not valid TOML: {error}; correct that line") from error


def _known_bases(folder: Path) -> Iterator[KnownBase]:
    """The bases of a folder that were not learned from seeds."""
    for path in sorted(folder.glob("*.toml")):
        for table in _toml(path).get("base", ()):
            if table.get("source") == "seed" or not table.get("id"):
                continue
            aliases = tuple(str(alias).rstrip("!?") for names in table.get("aliases", {}).values() for alias in names)
            facts = tuple((key, table[key]) for key in _KEPT_FACTS if key in table)
            name = str(table.get("name", table["id"]))
            yield KnownBase(table["id"], name, "area" if table.get("kind") == "area" else "base", aliases, facts)


@dataclass(frozen=True, slots=True)
class Written:
    """The files that were written, and those left as they were because they differ and were not accepted."""

    written: tuple[Path, ...]
    held: tuple[Path, ...]


def write(proposal: Proposal, material: Material, folder: Path, *, accept: bool = False) -> Written:
    """Put the proposal into a folder, with the general files that it lacks; overwrite what differs only if accepted."""
    folder.mkdir(parents=True, exist_ok=True)
    written, held = [], []
    for name, text in material.general:
        if not (folder / name).exists():
            (folder / name).write_text(text, encoding="utf-8")
            written.append(folder / name)
    for name, text in proposal.files:
        path = folder / name
        present = _text(path) if path.exists() else None
        if present == text:
            continue
        if present is not None and not accept:
            held.append(path)
            continue
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return Written(tuple(written), tuple(held))
