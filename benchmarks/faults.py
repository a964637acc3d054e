"""The fault bench: run every test that stands for a case of tests/faults.toml, and count the cases that passed.

    python benchmarks/faults.py [options of pytest]     run, and print "N faults, n passed" by group
    python benchmarks/faults.py --write                 write docs/faults.md from the catalogue and the marks

A case passes when one of its tests passed and none failed. What was skipped, or has no test, has not passed.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "tests" / "faults.toml"
PAGE = ROOT / "docs" / "faults.md"
Marks = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Titles by id, names of groups by the letters before the hyphen, and why a case has nothing to test."""

    faults: dict[str, str]
    groups: dict[str, str]
    starred: frozenset[str]
    nothing_to_test: dict[str, str]

    def of_group(self, letters: str) -> list[str]:
        """The ids of a group, in order."""
        return [fault for fault in self.faults if fault.startswith(letters + "-")]


def function_of(item: pytest.Item) -> str:
    """A test without its parameters."""
    return item.nodeid.partition("[")[0]


def read_catalogue() -> Catalogue:
    content = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    return Catalogue(content["faults"], content["groups"], frozenset(content["starred"]), content["nothing_to_test"])


def read_marks(kind: str) -> Marks:
    """The tests by the case that they stand for, as `path::name`, read from the sources."""
    found: Marks = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for fault in marked(node, kind):
                    found.setdefault(fault, []).append(f"{path.relative_to(ROOT).as_posix()}::{node.name}")
    return found


def marked(node: ast.FunctionDef | ast.AsyncFunctionDef, kind: str) -> list[str]:
    """The ids in `@pytest.mark.<kind>("id", …)` above a test."""
    calls = [call for call in node.decorator_list if isinstance(call, ast.Call)]
    named = [call for call in calls if ast.unparse(call.func) == f"pytest.mark.{kind}"]
    return [ast.literal_eval(argument) for call in named for argument in call.args]


@dataclass(slots=True, eq=False)
class Results:
    """A plugin of pytest that notes what became of each case, and of each control."""

    outcomes: dict[str, set[str]] = field(default_factory=dict)
    cases: dict[str, list[str]] = field(default_factory=dict)
    controls: dict[str, set[str]] = field(default_factory=dict)

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out the long runs of what has a short one too, and note which case each test stands for.

        The runs of hundreds of kills take an hour; they are asked for by name (docs/delivery.md).
        """
        short = {function_of(item) for item in items if not item.get_closest_marker("soak")}
        long = [item for item in items if item.get_closest_marker("soak") and function_of(item) in short]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
        for item in items:
            self.cases[item.nodeid] = [str(name) for mark in item.iter_markers("fault") for name in mark.args]
            if item.get_closest_marker("control"):
                self.controls[item.nodeid] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what became of a test, or of what it needs."""
        if report.when != "call" and report.passed:
            return
        for fault in self.cases.get(report.nodeid, []):
            self.outcomes.setdefault(fault, set()).add(report.outcome)
        if report.nodeid in self.controls:
            self.controls[report.nodeid].add(report.outcome)

    def state(self, fault: str) -> str:
        """What became of a case: passed, failed, skipped, or without a test."""
        outcomes = self.outcomes.get(fault, set())
        if "failed" in outcomes:
            return "failed"
        if "passed" in outcomes:
            return "passed"
        return "skipped" if outcomes else "without a test"


def summary(catalogue: Catalogue, results: Results) -> str:
    """The count by group, what did not pass by name, and the controls."""
    testable = [fault for fault in catalogue.faults if fault not in catalogue.nothing_to_test]
    states = {fault: results.state(fault) for fault in testable}
    lines = [""]
    for letters, name in catalogue.groups.items():
        group = [fault for fault in catalogue.of_group(letters) if fault in states]
        lines.append(f"{name:24} {len(group):3} faults, {sum(states[one] == 'passed' for one in group):3} passed")
        lines += [f"    {one} {states[one]}: {catalogue.faults[one]}" for one in group if states[one] != "passed"]
    counts = Counter(states.values())
    starred = sum(states.get(one) == "passed" for one in catalogue.starred)
    seen = sum(outcome == {"passed"} for outcome in results.controls.values())
    lines += [
        f"{len(testable)} faults, {counts['passed']} passed",
        f"{counts['failed']} failed, {counts['skipped']} skipped, {counts['without a test']} without a test",
        f"{len(catalogue.nothing_to_test)} more have nothing to test",
        f"{len(catalogue.starred)} most valuable, {starred} passed",
        f"{len(results.controls)} controls, {seen} see their mistake",
    ]
    return "\n".join(lines)


def page(catalogue: Catalogue, faults: Marks, controls: Marks) -> str:
    """docs/faults.md: every case with its tests, or why it has none."""
    tested = sum(fault in faults for fault in catalogue.faults)
    lines = [
        "# Faults",
        "",
        f"What the service must survive: {len(catalogue.faults)} cases. {tested} have tests, and",
        f"{len(catalogue.nothing_to_test)} have nothing to test today. ★ marks the most valuable.",
        "`make faults` runs them all and prints how many passed; a case that is skipped or has no test has not passed.",
        "",
        "Written by `python benchmarks/faults.py --write` from `tests/faults.toml` and the marks of the tests.",
    ]
    for letters, name in catalogue.groups.items():
        lines += ["", f"## {name}", "", "| | case | tests |", "|---|---|---|"]
        for fault in catalogue.of_group(letters):
            star = "★ " if fault in catalogue.starred else ""
            lines.append(f"| {star}{fault} | {catalogue.faults[fault]} | {tests_of(fault, faults, catalogue)} |")
    lines += ["", "## Controls", "", "Each makes a known mistake, which the tests of its case must see.", ""]
    lines += [f"- {fault}: {links(tests)}" for fault, tests in sorted(controls.items())]
    return "\n".join(lines) + "\n"


def tests_of(fault: str, faults: Marks, catalogue: Catalogue) -> str:
    if fault in faults:
        return links(faults[fault])
    if fault in catalogue.nothing_to_test:
        return f"nothing to test: {catalogue.nothing_to_test[fault]}"
    return "no test yet"


def links(tests: list[str]) -> str:
    """Each test by its name in words, leading to its file."""
    named = [(test.split("::")[1].removeprefix("test_").replace("_", " "), test.split("::")[0]) for test in tests]
    return "; ".join(f"[{name}](../{path})" for name, path in named)


def main(arguments: list[str]) -> int:
    catalogue = read_catalogue()
    if arguments == ["--write"]:
        PAGE.write_text(page(catalogue, read_marks("fault"), read_marks("control")), encoding="utf-8")
        return 0
    results = Results()
    # Without its own -m, pytest would leave out what takes long.
    code = pytest.main(["-m", "fault or control", "-q", *arguments], plugins=[results])
    print(summary(catalogue, results))
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
