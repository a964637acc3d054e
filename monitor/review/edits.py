"""Reviewers put incidents right: two that are one attack are merged, reports of another attack are split off."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.errors import InputError
from monitor.review.board import incident_id_of
from monitor.store import edits
from monitor.store.db import Database
from monitor.store.lookup import whole_id


@dataclass(frozen=True, slots=True)
class Edit:
    """What was done: `incident_id` is the survivor or the source, `other_id` the merged or the split-off incident."""

    incident_id: str
    other_id: str
    entry_ids: tuple[str, ...]


def merge_incidents(db: Database, incident_id: str, other_id: str, why: str, now: datetime) -> Edit:
    """Make the second incident part of the first one; its id lives on as an alias. Raises InputError."""
    _need_words(why)
    survivor, merged = incident_id_of(db, incident_id), incident_id_of(db, other_id)
    if survivor == merged:
        raise InputError(f"{incident_id!r} and {other_id!r} are one incident already ({survivor})")
    with db.writing() as tx:
        entries = edits.reporting_entries(tx, edits.family(tx, merged))
        edits.merge(tx, survivor, merged, why, now)
    return Edit(survivor, merged, tuple(entries))


def split_incident(db: Database, incident_id: str, entry_ids: Sequence[str], why: str, now: datetime) -> Edit:
    """Make the reports of these entries an incident of their own, which counts as told. Raises InputError."""
    _need_words(why)
    source = incident_id_of(db, incident_id)
    named = list(dict.fromkeys(whole_id(db, entry_id) for entry_id in entry_ids))
    reporting = edits.reporting_entries(db.reading, edits.family(db.reading, source))
    strangers = [entry_id for entry_id in named if entry_id not in reporting]
    if strangers:
        raise InputError(
            f"entry {strangers[0]} does not report incident {source}; "
            f"`basewatch incident show {source} --json` lists those that do"
        )
    if len(named) == len(reporting):
        raise InputError(f"incident {source} would keep no report; leave at least one entry in it")
    entries = [entry_id for entry_id in reporting if entry_id in set(named)]
    target = edits.merged_whole(db.reading, source, entries) or _new_id(db, source, entries)
    with db.writing() as tx:
        edits.split(tx, source, target, entries, why, now)
    return Edit(source, target, tuple(entries))


def _new_id(db: Database, source: str, entry_ids: Sequence[str]) -> str:
    """An id for what is split off; the number of edits so far keeps it apart from every earlier one."""
    row = db.row("SELECT count(*) AS edits FROM incident_edit")
    key = "|".join(("split", source, str(row["edits"] if row else 0), *sorted(entry_ids)))
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def _need_words(why: str) -> None:
    if not why.strip():
        raise InputError("say why with --why; the words are kept with the edit")
