"""Finding things as people name them. Reads only."""

from __future__ import annotations

from typing import Any

from monitor.errors import InputError
from monitor.store.db import Database


def whole_id(db: Database, start: str) -> str:
    """The id of the one entry whose id is, or starts with, `start`. Raises InputError where none or several do."""
    if db.row("SELECT 1 FROM entry WHERE id = ?", start):
        return start
    found = db.rows("SELECT id FROM entry WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id LIMIT 2", start)
    if len(found) != 1 or not start:
        what = "several entries start" if found else "no entry starts"
        raise InputError(f"{what} with {start!r}; `basewatch review list` shows their ids")
    whole: str = found[0]["id"]
    return whole


def feed_rows(db: Database) -> dict[str, dict[str, Any]]:
    """The rows of the view `feeds_health`, by feed id."""
    rows = db.rows("SELECT f.id, h.* FROM feeds_health h JOIN feed f ON f.url = h.url")
    return {row["id"]: {key: row[key] for key in row.keys() if key != "id"} for row in rows}  # noqa: SIM118 - a Row
