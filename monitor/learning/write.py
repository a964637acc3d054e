"""A proposal as TOML: the same tables give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

_INLINE_LENGTH = 110


def toml_text(comment: str, tables: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    """The tables as [[name]] blocks in their order, each with its keys in theirs, after a comment."""
    blocks = ["\n".join(f"# {line}".rstrip() for line in comment.splitlines())]
    for name, table in tables:
        blocks.append("\n".join(_block(name, table)))
    return "\n\n".join(blocks) + "\n"


def _block(name: str, table: Mapping[str, Any]) -> Iterable[str]:
    yield f"[[{name}]]"
    nested: list[tuple[str, Any]] = []
    for key, value in table.items():
        if _is_tables(value) or isinstance(value, Mapping):
            nested.append((key, value))
        else:
            yield f"{key} = {_value(value)}"
    for key, value in nested:
        if isinstance(value, Mapping):
            yield f"[{name}.{key}]"
            yield from (f"{inner} = {_value(one)}" for inner, one in value.items())
        else:
            for one in value:
                yield from _block(f"{name}.{key}", one)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _value(value: Any) -> str:
    """A TOML value; a basic string is written as JSON writes it, which TOML shares."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    items = [_value(one) for one in value]
    line = f"[{', '.join(items)}]"
    if len(line) <= _INLINE_LENGTH or len(items) < 2:
        return line
    return "[\n" + "".join(f"  {item},\n" for item in items) + "]"
