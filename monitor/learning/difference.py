"""What two sets of rule files say differently: bases, terms, phrases, rules, contexts, classes, settings. Pure.

Comments, blank lines and the order of tables do not count; a table that moved to another file did not change.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from monitor.errors import RuleError

RuleFiles = Mapping[str, str]  # file name → text
Table = dict[str, Any]

KINDS = ("base", "concept", "term", "phrase", "rule", "context", "class", "settings")
_NAMED_BY = {"class": ("label",), "term": ("id", "text")}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs. `details` are (key, before, after) of a changed one; a missing value is None.

    `kind` is one of KINDS, or the name of a file that other rooms read (facts.toml, floors.toml).
    """

    kind: str
    name: str
    change: Literal["added", "removed", "changed"]
    details: tuple[tuple[str, Any, Any], ...] = ()


def rule_changes(before: RuleFiles, after: RuleFiles) -> tuple[Change, ...]:
    """Everything that the second set says differently, in the order of KINDS and by name. Raises RuleError."""
    old, new = _things(before), _things(after)
    keys = sorted({*old, *new}, key=lambda key: (_rank(key[0]), key))
    return tuple(change for key in keys for change in _changes(key, old.get(key, []), new.get(key, [])))


def _rank(kind: str) -> int:
    return KINDS.index(kind) if kind in KINDS else len(KINDS)


def _changes(key: tuple[str, str], old: list[Table], new: list[Table]) -> Iterable[Change]:
    """Tables of one name may stand several times: equal ones cancel out, the rest are paired in their order."""
    kind, name = key
    gone = _without(old, new)
    come = _without(new, old)
    for before, after in zip(gone, come, strict=False):
        yield Change(kind, name, "changed", _details(before, after))
    yield from (Change(kind, name, "removed") for _ in gone[len(come) :])
    yield from (Change(kind, name, "added") for _ in come[len(gone) :])


def _without(tables: list[Table], others: list[Table]) -> list[Table]:
    left = list(others)
    kept = []
    for table in tables:
        if table in left:
            left.remove(table)
        else:
            kept.append(table)
    return kept


def _details(before: Table, after: Table) -> tuple[tuple[str, Any, Any], ...]:
    keys = dict.fromkeys((*before, *after))
    return tuple((key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key))


# --- the things that rule files hold -----------------------------------------------------------------------


def _things(files: RuleFiles) -> dict[tuple[str, str], list[Table]]:
    """(kind, name) → its tables. A concept's terms are things of their own; what is no rule table counts by its key."""
    things: dict[tuple[str, str], list[Table]] = {}
    for file, text in sorted(files.items()):
        for name, value in _read(file, text).items():
            for key, table in _of_table(file, name, value):
                things.setdefault(key, []).append(table)
    return things


def _read(file: str, text: str) -> Table:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{file}: is not valid TOML: {error}; correct that line") from error


def _of_table(file: str, name: str, value: Any) -> Iterable[tuple[tuple[str, str], Table]]:
    if name not in KINDS or file in ("facts.toml", "floors.toml", "learning.toml"):
        yield (file, name), {"value": value}
    elif name == "settings":
        yield from (((name, key), {"value": one}) for key, one in value.items())
    elif name == "concept":
        yield from (pair for table in value for pair in _of_concept(table))
    else:
        yield from (((name, _name_of(name, table)), table) for table in value)


def _of_concept(table: Table) -> Iterable[tuple[tuple[str, str], Table]]:
    """The concept without its terms, once for each value, and each term."""
    own = {key: one for key, one in table.items() if key not in ("terms", "term")}
    label = " ".join(str(own[key]) for key in ("id", "value") if own.get(key))
    yield ("concept", label), own
    for term in ({"text": text} for text in table.get("terms", ())):
        yield ("term", f"{label}: {term['text']}"), term
    for term in table.get("term", ()):
        yield ("term", f"{label}: {term.get('text', '')}"), term


def _name_of(kind: str, table: Table) -> str:
    return " ".join(str(table.get(key, "")) for key in _NAMED_BY.get(kind, ("id",)))


# --- for people --------------------------------------------------------------------------------------------

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}
_TOLD_LENGTH = 100


def told(changes: Iterable[Change]) -> list[str]:
    """One line for each thing that differs, and one below it for each key of a changed one."""
    lines: list[str] = []
    for change in changes:
        lines.append(f"{_SIGNS[change.change]} {change.kind} {change.name}")
        lines += [f"    {line}" for key, before, after in change.details for line in _told_detail(key, before, after)]
    return lines


def _told_detail(key: str, before: Any, after: Any) -> Iterable[str]:
    if isinstance(before, list) and isinstance(after, list):
        come = [one for one in after if one not in before]
        gone = [one for one in before if one not in after]
        yield from (f"{key} + {_short(one)}" for one in come)
        yield from (f"{key} - {_short(one)}" for one in gone)
        if not come and not gone:
            yield f"{key}: other order"
    elif isinstance(before, dict) and isinstance(after, dict):
        for inner in dict.fromkeys((*before, *after)):
            if before.get(inner) != after.get(inner):
                yield from _told_detail(f"{key}.{inner}", before.get(inner), after.get(inner))
    else:
        yield f"{key}: {_short(before)} → {_short(after)}"


def _short(value: Any) -> str:
    text = "·" if value is None else str(value)
    return text if len(text) <= _TOLD_LENGTH else f"{text[: _TOLD_LENGTH - 1]}…"
