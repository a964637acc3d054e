"""`basewatch review merge` and `split`: reviewers put incidents right; nothing that was sent is sent again."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor import app as house
from monitor.cli.options import DEFAULT_CONFIG, Config
from monitor.cli.show import say
from monitor.review.edits import merge_incidents, split_incident

Incident = Annotated[str, typer.Argument(metavar="INCIDENT", help="The id of an event, or its start.")]
Why = Annotated[str, typer.Option(help="Why, in your words; kept with the edit.")]


def merge(
    incident: Incident,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The id of the event that is the same, or its start.")],
    why: Why,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Make OTHER part of INCIDENT: they are one event. OTHER lives on as another name of it."""
    settings = house.configure(config, need_secrets=False)
    with house.database_of(settings) as database:
        done = merge_incidents(database, incident, other, why, house.now())
    say(f"{done.other_id} is part of {done.incident_id} now, with the reports of {len(done.entry_ids)} entries.")
    say(f"To undo: `basewatch review split {done.incident_id} {' '.join(done.entry_ids)} --why …`", style="dim")


def split(
    incident: Incident,
    entries: Annotated[list[str], typer.Argument(metavar="ENTRY…", help="Entries that tell of another event.")],
    why: Why,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Make the reports of these entries an event of its own, which counts as told."""
    settings = house.configure(config, need_secrets=False)
    with house.database_of(settings) as database:
        done = split_incident(database, incident, entries, why, house.now())
    say(f"{done.other_id} has the reports of {len(done.entry_ids)} entries; {done.incident_id} keeps the rest.")
    say(f"To undo: `basewatch review merge {done.incident_id} {done.other_id} --why …`", style="dim")
