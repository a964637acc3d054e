"""Rules as versions: kept before they are replaced, brought back, named by folder or by version."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from monitor.app.gate import pass_gate
from monitor.app.parts import now
from monitor.errors import RuleError
from monitor.learning.folder import check_rule_files, put_rule_files, read_rule_files
from monitor.review.rulebook import StoredRules, accept_rules, store_rules, stored_rules
from monitor.store.db import Database


@dataclass(frozen=True, slots=True)
class Installed:
    """The version that stands in the folder now, and the one that was kept; "" where there was none."""

    version: str
    kept: str


def named_rules(db: Database, name: str) -> tuple[str, dict[str, str]]:
    """(what to call them, rule files) of a folder or of a stored version. Raises InputError or RuleError."""
    if Path(name).is_dir():
        return name, read_rule_files(Path(name))
    stored = stored_rules(db, name)
    return stored.version, stored.files


def install_rules(db: Database, folder: Path, files: Mapping[str, str], *, gated: bool = True) -> Installed:
    """Put rule files in place of those of a folder, which are kept as a stored version first.

    The daemon takes them up when it is told to reload or started again. Raises RuleError where the new files make no
    rule set or, `gated`, fall below the floors; then nothing has changed. What is not gated is kept as accepted, so
    that a reload does not refuse it.
    """
    version = check_rule_files(files).version
    if gated:
        pass_gate(db, read_rule_files(folder) if folder.is_dir() else {}, files)
    else:
        accept_rules(db, version, now())
    kept = keep_rules(db, folder)
    return Installed(put_rule_files(folder, files).version, kept)


def keep_rules(db: Database, folder: Path) -> str:
    """Store the rule files of a folder, also those that cannot be loaded; their version, "" where there are none."""
    present = read_rule_files(folder) if folder.is_dir() else {}
    if not present:
        return ""
    version = version_of(present)
    store_rules(db, StoredRules(version, present), now())
    return version


def present_version(folder: Path) -> str:
    """The version that stands in a folder, "" where there is none."""
    files = read_rule_files(folder) if folder.is_dir() else {}
    return version_of(files) if files else ""


def version_of(files: Mapping[str, str]) -> str:
    """The version of rule files; of those that make no rule set a hash that says so."""
    try:
        return check_rule_files(files).version
    except RuleError:
        digest = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()
        return f"broken-{digest[:12]}"
