"""One value of a rule file changed in its text, so that comments, order and everything else stay as people wrote them.

Every edit is read back: where the file would say anything else than what was meant, it is refused. Pure.
"""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Callable
from typing import Any

from monitor.errors import RuleError

Value = str | float
_TABLE = re.compile(r"^\[\[?[^\]]+\]\]?\s*(#.*)?$")


def set_key(text: str, kind: str, id_: str, key: str, value: Value, note: str = "") -> str:
    """The file with `key` of the [[kind]] of this id set to a value; a note stands beside it as a comment.

    Raises RuleError where the table cannot be found or its form cannot be edited.
    """
    lines = text.splitlines(keepends=True)
    start, end = _block(lines, kind, id_)
    at = next((at for at in range(start, end) if re.match(rf"{re.escape(key)}\s*=", lines[at])), None)
    comment = f"  # {note}" if note else ""
    line = f"{key} = {json.dumps(value, ensure_ascii=False)}{comment}{_line_end(lines[start])}"
    if at is None:
        lines.insert(_id_line(lines, start, end, id_) + 1, line)
    else:
        lines[at] = line

    def meant(table: dict[str, Any]) -> None:
        table[key] = value

    return _checked(text, "".join(lines), kind, id_, meant)


def add_alias(text: str, id_: str, alias: str, script: str = "latin") -> str:
    """The file with one more spelling of the [[base]] of this id. Raises RuleError as `set_key` does."""
    lines = text.splitlines(keepends=True)
    start, end = _block(lines, "base", id_)
    while end < len(lines) and lines[end].startswith("[base."):
        end = _next_table(lines, end + 1)
    quoted = json.dumps(alias, ensure_ascii=False)
    opening = re.compile(rf"(^|[{{,.\s]){script}\s*=\s*\[")
    header = next((at for at in range(start, end) if lines[at].startswith("[base.aliases]")), None)
    found = next(((at, here) for at in range(start, end) if (here := opening.search(lines[at]))), None)
    if found:
        at, here = found
        lines[at] = f"{lines[at][: here.end()]}{quoted}, {lines[at][here.end() :]}"
    elif header is not None:
        lines.insert(header + 1, f"{script} = [{quoted}]{_line_end(lines[header])}")
    else:
        after = _id_line(lines, start, end, id_) + 1
        lines.insert(after, f"aliases.{script} = [{quoted}]{_line_end(lines[start])}")

    def meant(table: dict[str, Any]) -> None:
        names = table.setdefault("aliases", {})
        names[script] = [alias, *names.get(script, [])]

    return _checked(text, "".join(lines), "base", id_, meant)


def _block(lines: list[str], kind: str, id_: str) -> tuple[int, int]:
    """The lines [start, end) of the [[kind]] of this id, without its sub-tables."""
    for start, line in enumerate(lines):
        if line.split("#")[0].strip() == f"[[{kind}]]":
            end = _next_table(lines, start + 1)
            if _id_line(lines, start, end, id_) >= 0:
                return start, end
    raise RuleError(f"[[{kind}]] {id_} is not written in a form that can be edited; change it by hand")


def _next_table(lines: list[str], start: int) -> int:
    return next((at for at in range(start, len(lines)) if _TABLE.match(lines[at].rstrip())), len(lines))


def _id_line(lines: list[str], start: int, end: int, id_: str) -> int:
    wanted = re.compile(rf"id\s*=\s*[\"']{re.escape(id_)}[\"']")
    return next((at for at in range(start, end) if wanted.match(lines[at])), -1)


def _line_end(line: str) -> str:
    return "\r\n" if line.endswith("\r\n") else "\n"


def _checked(before: str, after: str, kind: str, id_: str, meant: Callable[[dict[str, Any]], None]) -> str:
    expected = copy.deepcopy(tomllib.loads(before))
    meant(next(table for table in expected[kind] if table.get("id") == id_))
    try:
        done = tomllib.loads(after) == expected
    except tomllib.TOMLDecodeError:
        done = False
    if not done:
        raise RuleError(f"[[{kind}]] {id_} is not written in a form that can be edited; change it by hand")
    return after
