"""How grave an event is by the rules: the [[severity]] tables of facts.toml, of which the first that fits counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from monitor.errors import RuleError
from monitor.model import Severity

# How grave an event is, least first.
LEVELS: tuple[Severity, ...] = get_args(Severity)
USUAL: Severity = "medium"
# Facts that count something; `bases` is how many places the article that opened the incident tells of at once.
NUMBERS = ("killed", "wounded", "count", "bases")
STATED = ("intercepted", "claimed_by", "confirmed_by", "denied_by", "response", "killed", "wounded", "count")
KEYS = ("level", "at_least", "stated", "note")


@dataclass(frozen=True, slots=True)
class Grade:
    """One [[severity]] table. All of it must fit: numbers by fact that are reached, facts that some report states."""

    level: Severity
    at_least: tuple[tuple[str, int], ...] = ()
    stated: tuple[str, ...] = ()


def read_grades(table: Mapping[str, Any]) -> tuple[Grade, ...]:
    """The [[severity]] tables of a parsed facts.toml, in their order; none where it has none. Raises RuleError."""
    tables = table.get("severity", [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise RuleError("facts.toml: severity must be written as [[severity]]")
    return tuple(_grade(number, one) for number, one in enumerate(tables, start=1))


def _grade(number: int, table: Mapping[str, Any]) -> Grade:
    where = f"facts.toml: [[severity]] number {number}"
    for key in table:
        if key not in KEYS:
            raise RuleError(f"{where} has the unknown key `{key}`; valid are {', '.join(KEYS)}")
    level, at_least, stated = table.get("level"), table.get("at_least", {}), table.get("stated", [])
    if level not in LEVELS:
        raise RuleError(f"{where}: level = {level!r} is unknown; write one of {', '.join(LEVELS)}")
    if not isinstance(at_least, dict) or not all(type(least) is int and least > 0 for least in at_least.values()):
        raise RuleError(f"{where}: at_least must name whole numbers above 0, such as {{ killed = 1 }}")
    if not isinstance(stated, list):
        raise RuleError(f'{where}: stated must be a list of facts, such as ["intercepted"]')
    for named, valid in ((at_least, NUMBERS), (stated, STATED)):
        for slot in named:
            if slot not in valid:
                raise RuleError(f"{where} names the unknown fact `{slot}`; valid are {', '.join(valid)}")
    return Grade(level, tuple(at_least.items()), tuple(stated))
