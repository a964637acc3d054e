"""How results are shown: calm tables for people, JSON for machines; nothing of a feed's text acts on the terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.redact import one_line, plain

# What the exit codes mean; docs/commands.md says the same.
FINE = 0
NOT_WELL = 1
CANNOT_BE_USED = 2
ALREADY_RUNNING = 3
BUG = 70

PIPE_WIDTH = 160
SENTENCE_SHOWN = 300


def console(*, stderr: bool = False) -> Console:
    """A console as wide as the terminal; in a pipe wide enough that no table is cut to pieces."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else PIPE_WIDTH, highlight=False, soft_wrap=False)


def say(text: str = "", style: str = "") -> None:
    """One line for a person, on standard output; never interpreted as markup."""
    console().print(Text(plain(text), style=style), soft_wrap=True)


def tell(text: str, style: str = "") -> None:
    """One line about the work, on standard error, so that it never mixes with a result."""
    console(stderr=True).print(Text(plain(text), style=style), soft_wrap=True)


def refuse(text: str, code: int = CANNOT_BE_USED) -> NoReturn:
    """End with one sentence and an exit code."""
    tell(f"basewatch: {text}", style="red")
    raise typer.Exit(code)


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its key in the rows, its header, and how it is laid out."""

    key: str
    header: str
    style: str = ""
    right: bool = False
    fixed: bool = False
    ratio: int | None = None


# Words that a reader should see at once.
STYLES = {
    "new": "bold red", "update": "yellow", "possible_update": "yellow", "reminder": "yellow",
    "repeat": "dim", "baseline": "dim",
    "none": "dim", "ok": "green", "failing": "red", "gone": "red", "dead": "bold red", "held": "red",
    "unknown": "yellow", "pending": "yellow", "sent": "green", "right": "green", "wrong": "red",
    "confirmed": "green", "rumour": "dim",
}  # fmt: skip


def print_table(rows: Sequence[Mapping[str, Any]], columns: Iterable[Column], empty: str) -> None:
    """Rows as an aligned table, or one sentence where there are none."""
    if not rows:
        say(empty, style="dim")
        return
    wanted = list(columns)
    stretch = any(column.ratio for column in wanted)
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False, expand=stretch)
    for column in wanted:
        table.add_column(
            column.header,
            style=column.style,
            justify="right" if column.right else "left",
            no_wrap=column.fixed or column.ratio is not None,
            overflow="ellipsis" if column.fixed or column.ratio is not None else "fold",
            ratio=column.ratio,
        )
    for row in rows:
        table.add_row(*(cell(row.get(column.key)) for column in wanted))
    console().print(table)


def cell(value: object) -> Text:
    """One value as a cell: nothing as a dot, lists joined, known words in their colour."""
    if value is None or value in ("", [], ()):
        return Text("·", style="dim")
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    text = plain(text)
    return Text(text, style=STYLES.get(text, ""))


def print_evidence(evidence: Iterable[tuple[str, str, str]]) -> None:
    """The words (rule, text, sentence) that made a judgement: each sentence once for each rule, with its words."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for rule, text, sentence in evidence:
        found.setdefault((rule, sentence), {})[one_line(text)] = None
    for (rule, sentence), words in found.items():
        line = Text(f"    {plain(rule)}: ")
        line.append(", ".join(words), style="bold")
        screen = console()
        screen.print(line, soft_wrap=True)
        screen.print(Text(f"      “{one_line(sentence, SENTENCE_SHOWN)}”", style="dim"), soft_wrap=True)


def command() -> str:
    """How a person calls this program here: `.venv/bin/basewatch` beside a checkout, else the name alone."""
    called = Path(sys.argv[0])
    return str(called) if called.name == "basewatch" and not called.is_absolute() else "basewatch"


def moment(value: object) -> str:
    """A stored time as people read it: to the minute, UTC."""
    return str(value)[:16].replace("T", " ") if value else ""
