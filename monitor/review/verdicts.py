"""A reviewer's verdicts: was the decision on an entry right? Appended, never edited; the last one counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from monitor.errors import InputError
from monitor.store.db import Database, now_text


@dataclass(frozen=True, slots=True)
class Verdict:
    """One verdict on one entry. `flagged` is what the service had decided; "wrong" turns that into its opposite."""

    entry_id: str
    verdict: Literal["right", "wrong"]
    why: str
    flagged: bool
    title: str

    @property
    def label(self) -> bool:
        """Whether the entry should be flagged, by this verdict."""
        return self.flagged == (self.verdict == "right")


def give_verdict(db: Database, entry_id: str, verdict: Literal["right", "wrong"], why: str, now: datetime) -> Verdict:
    """Append a verdict on the latest decision of the entry whose id starts with `entry_id`. Raises InputError."""
    found = db.rows(
        "SELECT e.id, e.title, j.flagged, j.rules_version FROM entry e JOIN judgement j ON j.entry_id = e.id "
        "WHERE substr(e.id, 1, length(?1)) = ?1 "
        "AND j.id = (SELECT max(id) FROM judgement WHERE entry_id = e.id) ORDER BY e.id LIMIT 2",
        entry_id,
    )
    if len(found) != 1 or not entry_id:
        what = "several judged entries start" if found else "no judged entry starts"
        raise InputError(f"{what} with {entry_id!r}; `basewatch review list` shows their ids")
    row = found[0]
    with db.writing() as tx:
        tx.execute(
            "INSERT INTO verdict (entry_id, verdict, why, at, rules_version) VALUES (?, ?, ?, ?, ?)",
            (row["id"], verdict, why, now_text(now), row["rules_version"]),
        )
    return Verdict(row["id"], verdict, why, bool(row["flagged"]), row["title"])


def verdicts(db: Database) -> list[Verdict]:
    """The last verdict on each entry, oldest entry first."""
    rows = db.rows(
        "SELECT v.entry_id, v.verdict, v.why, e.title, "
        "(SELECT j.flagged FROM judgement j WHERE j.entry_id = v.entry_id AND j.judged_at <= v.at "
        "ORDER BY j.id DESC LIMIT 1) AS flagged "
        "FROM verdict v JOIN entry e ON e.id = v.entry_id "
        "WHERE v.id = (SELECT max(id) FROM verdict WHERE entry_id = v.entry_id) ORDER BY v.id"
    )
    return [Verdict(row["entry_id"], row["verdict"], row["why"], bool(row["flagged"]), row["title"]) for row in rows]
