"""A folder of rules as a whole: read as it stands, and replaced file by file."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from monitor.errors import InputError, RuleError
from monitor.files import replace_file
from monitor.matching import RuleSet, load_rules


def read_rule_files(folder: Path) -> dict[str, str]:
    """The rule files of a folder, byte for byte (line ends are kept as they are): name → text. Raises RuleError."""
    if not folder.is_dir():
        raise RuleError(f"{folder}: there is no such folder of rules")
    try:
        return {file.name: file.read_bytes().decode("utf-8") for file in sorted(folder.glob("*.toml"))}
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"{folder}: a rule file cannot be read as UTF-8 ({error}); correct it") from error


def check_rule_files(files: Mapping[str, str]) -> RuleSet:
    """The rule set that these files make. Raises RuleError where they make none."""
    with tempfile.TemporaryDirectory(prefix="basewatch-rules-") as name:
        folder = Path(name)
        for file, text in files.items():
            if Path(file).name != file or not file.endswith(".toml"):
                raise RuleError(f"{file!r} is no name of a rule file; those end with .toml")
            (folder / file).write_bytes(text.encode("utf-8"))
        return load_rules(folder)


def put_rule_files(folder: Path, files: Mapping[str, str]) -> RuleSet:
    """Make the rule files of a folder be these and no others; other files in it are left alone.

    They are loaded elsewhere first, so that files that make no rule set replace nothing. Each file is whole at any
    time. Raises RuleError or InputError.
    """
    rules = check_rule_files(files)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            _put(folder / name, text.encode("utf-8"))
        for file in folder.glob("*.toml"):
            if file.name not in files:
                file.unlink()
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error}); make it writable or give another folder") from error
    return rules


def _put(file: Path, content: bytes) -> None:
    if not file.exists() or file.read_bytes() != content:
        replace_file(file, content)
