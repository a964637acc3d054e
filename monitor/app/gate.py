"""Rules that fall below their floors on verdicts are refused, unless they do better than those in force.

The floors stand in the table [verdicts] of floors.toml of the rules in force, so that no rules lower their own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitor.engine.compare import Score
from monitor.errors import RuleError
from monitor.learning.folder import check_rule_files
from monitor.learning.verdicts import Case, distinct
from monitor.matching import RuleSet, judge
from monitor.review.cases import verdict_cases
from monitor.store.db import Database

FILE = "floors.toml"


@dataclass(frozen=True, slots=True)
class Floors:
    """The least precision and recall on verdicts, counted once there are `least` different articles with one."""

    precision: float = 0.0
    recall: float = 0.0
    least: float = 20


def pass_gate(db: Database, present: Mapping[str, str], proposed: Mapping[str, str]) -> None:
    """Raise RuleError where proposed rule files (name → text) fall below the floors and are no better than before."""
    floors = read_floors(present.get(FILE) or proposed.get(FILE, ""))
    cases = distinct(verdict_cases(db))
    if floors is None or len(cases) < floors.least:
        return
    now, then = _score(present, cases), score_cases(check_rule_files(proposed), cases)
    mistakes = [
        f"{name} on {len(cases)} verdicts is {found:.2f}, below its floor of {floor:.2f}"
        for name, found, floor, before in (
            ("precision", then.precision, floors.precision, now.precision if now else None),
            ("recall", then.recall, floors.recall, now.recall if now else None),
        )
        if found is not None and found < floor and (before is None or found <= before)
    ]
    if mistakes:
        raise RuleError(
            f"the rules are refused: {'; '.join(mistakes)} ([verdicts] of {FILE}); "
            "see `basewatch learn --from-verdicts`, or force them"
        )


def score_cases(rules: RuleSet, cases: Iterable[Case]) -> Score:
    """How the rules alone do on articles with a verdict."""
    decided = [(judge(case.article, rules).flagged, case.label) for case in cases]
    return Score(
        right=decided.count((True, True)), wrong=decided.count((True, False)), missed=decided.count((False, True))
    )


def _score(files: Mapping[str, str], cases: Iterable[Case]) -> Score | None:
    """The score of the rules in force; None where there are none that can be loaded."""
    try:
        return score_cases(check_rule_files(files), cases)
    except RuleError:
        return None


def read_floors(text: str) -> Floors | None:
    """The floors on verdicts of a floors.toml; None where it has none. Raises RuleError."""
    try:
        table = tomllib.loads(text).get("verdicts")
        return None if table is None else Floors(**{key: _number(value) for key, value in table.items()})
    except (tomllib.TOMLDecodeError, TypeError, AttributeError) as error:
        raise RuleError(
            f"{FILE}: [verdicts] takes the numbers precision, recall and least, nothing else ({error}); correct it"
        ) from error


def _number(value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise TypeError(f"{value!r} is no such number")
    return value
