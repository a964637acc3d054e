"""The rule sets that have judged here: when each began, what it led to, and its files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from monitor.errors import InputError
from monitor.store import decisions
from monitor.store.db import Database

HISTORY = """
SELECT r.version, r.first_used_at, count(j.id) AS judgements, coalesce(sum(j.flagged), 0) AS flagged,
       count(j.id) FILTER (WHERE j.reason IN ('new', 'update', 'possible_update')) AS alerts,
       max(j.judged_at) AS last_used_at,
       (SELECT count(*) FROM verdict v WHERE v.rules_version = r.version AND v.verdict = 'wrong') AS wrong
FROM rule_set r LEFT JOIN judgement j ON j.rules_version = r.version
GROUP BY r.version ORDER BY coalesce(max(j.judged_at), r.first_used_at), r.first_used_at, r.version"""


@dataclass(frozen=True, slots=True)
class StoredRules:
    """A rule set that was kept: its version, and its files as name → text."""

    version: str
    files: dict[str, str]


def rules_history(db: Database) -> list[dict[str, object]]:
    """The stored versions, the one used last at the end; times are UTC ISO texts."""
    return [dict(row) for row in db.rows(HISTORY)]


def stored_rules(db: Database, version: str) -> StoredRules:
    """The stored rule set whose version starts with `version`. Raises InputError where none or several do."""
    found = db.rows(
        "SELECT version, files FROM rule_set WHERE substr(version, 1, length(?1)) = ?1 ORDER BY version LIMIT 2",
        version,
    )
    if len(found) != 1 or not version:
        what = "several stored versions start" if found else "no stored version starts"
        raise InputError(f"{what} with {version!r}; `basewatch rules history` shows them")
    return StoredRules(found[0]["version"], json.loads(found[0]["files"]))


def store_rules(db: Database, rules: StoredRules, now: datetime) -> None:
    """Keep a rule set that is about to be replaced; one that is kept already stays as it is."""
    with db.writing() as tx:
        decisions.save_rule_set(tx, rules.version, rules.files, now)


def accept_rules(db: Database, version: str, now: datetime) -> None:
    """Keep that somebody wants this version, whatever the floors say."""
    with db.writing() as tx:
        decisions.accept_rules(tx, version, now)


def is_accepted(db: Database, version: str) -> bool:
    """True where somebody put this version in place by force, or brought it back."""
    return db.row("SELECT 1 FROM accepted_rules WHERE version = ?", version) is not None


def last_used(db: Database) -> str:
    """The version that judged or began last. Raises InputError where no version is stored."""
    history = rules_history(db)
    if not history:
        raise InputError("no version of the rules is stored yet; `basewatch run` stores the one it uses")
    return str(history[-1]["version"])
