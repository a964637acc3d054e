"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "monitor").rglob("*.py"))
MODULE_LINES = 300
FUNCTION_LINES = 50

# Rooms that may open a write transaction, beside the store itself. Commands write only what an operator orders.
WRITERS = ("store", "engine", "review", "health", "app", "cli")
WRITING_COMMANDS = {"cli/outbox.py", "cli/sinks.py"}
WRITING_PARTS = {"app/service.py", "app/silences.py"}

# Words of the topic that the shipped rules watch; the package must not know them.
TOPIC = (
    "syria", "syrian", "iraq", "iraqi", "iran", "pentagon", "centcom", "hezbollah", "kataib", "tanf", "asad", "conoco",
    "hasakah", "erbil", "isis", "militia", "garrison", "drone", "drones", "rocket", "rockets", "missile", "mortar",
    "shahed",
)  # fmt: skip


def name_of(module):
    return module.relative_to(ROOT / "monitor").as_posix()


def tree_of(module):
    return ast.parse(module.read_text(encoding="utf-8"))


def test_there_are_modules_to_look_at():
    assert len(MODULES) > 60


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_modules_and_functions_are_short(module):
    lines = len(module.read_text(encoding="utf-8").splitlines())
    assert lines <= MODULE_LINES, f"{lines} lines"
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= FUNCTION_LINES, f"{node.name}: {lines} lines"


def writes(module):
    """Whether a module opens a write transaction."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "writing"
        for node in ast.walk(tree_of(module))
    )


@pytest.mark.parametrize("module", [module for module in MODULES if writes(module)], ids=name_of)
def test_only_rooms_that_write_open_write_transactions(module):
    room = name_of(module).partition("/")[0]
    assert room in WRITERS
    if room == "cli":
        assert name_of(module) in WRITING_COMMANDS
    if room == "app":
        assert name_of(module) in WRITING_PARTS


def test_writing_modules_are_found():
    assert sum(map(writes, MODULES)) >= 5


def words_in_code(module):
    """Names and texts of a module, without comments and docstrings, which may give examples."""
    tree = tree_of(module)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    prose = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose
    ]
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return set(re.findall(r"[a-z]+", " ".join([*texts, *names]).lower()))


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_the_package_knows_no_topic(module):
    assert words_in_code(module) & set(TOPIC) == set()


def test_only_the_composition_root_reads_the_environment():
    readers = {
        name_of(module)
        for module in MODULES
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Attribute)
        and node.attr in ("environ", "getenv")
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    }
    # The demo hands its own environment on to the daemon it starts.
    assert readers == {"app/parts.py", "demo/play.py"}


PURE = (
    "feeds/parse.py", "articles/extract.py", "articles/sketch.py", "matching/judge.py", "matching/matcher.py",
    "incidents/", "alerts/policy.py", "alerts/routing.py", "alerts/quiet.py", "alerts/silencing.py",
    "alerts/gathering.py", "alerts/render.py", "alerts/states.py", "alerts/words.py", "health/alarms.py",
)  # fmt: skip
# It only turns off what its library would log of hostile pages.
SILENCES_ITS_LIBRARY = {"articles/extract.py"}
IMPURE = {"random", "os", "socket", "sqlite3", "structlog", "logging", "subprocess", "asyncio", "secrets"}


@pytest.mark.parametrize("module", [m for m in MODULES if name_of(m).startswith(PURE)], ids=name_of)
def test_deciding_rooms_are_pure(module):
    tree = tree_of(module)
    imported = {
        alias.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    imported |= {(node.module or "").partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    if name_of(module) in SILENCES_ITS_LIBRARY:
        imported.discard("logging")
    assert imported & IMPURE == set()
    clocks = [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "today", "utcnow", "time", "monotonic", "sleep")
        and isinstance(node.value, ast.Name)
        and node.value.id in ("datetime", "date", "time")
    ]
    assert clocks == []


def imports_of(module):
    """The modules of the house that a module imports."""
    found = set()
    for node in ast.walk(tree_of(module)):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("monitor"):
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.startswith("monitor")]
        found.update(names)
    return found


def dotted(module):
    return ".".join(["monitor", *module.relative_to(ROOT / "monitor").with_suffix("").parts]).removesuffix(".__init__")


def test_no_module_imports_itself_by_a_detour():
    graph = {dotted(module): imports_of(module) for module in MODULES}
    graph = {
        name: {target for target in targets if target in graph and target != name} for name, targets in graph.items()
    }
    # A package's __init__ only gathers: what a sibling imports from the package is in the sibling modules.
    graph = {name: {t for t in targets if not name.startswith(t + ".")} for name, targets in graph.items()}
    done, path = set(), []

    def visit(name):
        assert name not in path, " > ".join([*path[path.index(name) :], name])
        if name in done:
            return
        path.append(name)
        for target in sorted(graph[name]):
            visit(target)
        path.pop()
        done.add(name)

    for name in graph:
        visit(name)
