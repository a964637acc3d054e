"""`basewatch routes`: which sinks an alert would go to, when, and why. Sends nothing."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

import typer

from monitor import app as house
from monitor.cli.options import DEFAULT_CONFIG, Config, Json
from monitor.cli.show import Column, moment, print_json, print_table, refuse

YES = {True: "yes", False: "no"}
TEST = [
    Column("sink", "sink", fixed=True),
    Column("gets", "gets it", fixed=True),
    Column("when", "when (UTC)", fixed=True),
    Column("why", "why"),
]


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    group = typer.Typer(help="Which alerts go where.", no_args_is_help=True)
    group.command("test")(try_out)
    app.add_typer(group, name="routes")


def try_out(
    incident_id: Annotated[str, typer.Argument(metavar="INCIDENT", help="The id of an event, or its start.")] = "",
    base: Annotated[str, typer.Option(help="Imagine an alert on this base (a rule id).")] = "",
    area: Annotated[str, typer.Option(help="… in this area (a rule id).")] = "",
    country: Annotated[str, typer.Option(help="… in this country (ISO 3166 alpha-2).")] = "",
    confidence: Annotated[Literal["rumour", "claim", "confirmed"], typer.Option(help="… this sure.")] = "claim",
    weapon: Annotated[list[str] | None, typer.Option(help="… with this weapon; may be repeated.")] = None,
    source: Annotated[str, typer.Option(help="… from this outlet or host.")] = "",
    language: Annotated[str, typer.Option(help='… in this language, such as "en".')] = "",
    reason: Annotated[
        Literal["new", "update", "possible_update"] | None,
        typer.Option(help="… for this reason; also of a stored event."),
    ] = None,
    severity: Annotated[Literal["low", "medium", "high", "critical"], typer.Option(help="… this grave.")] = "medium",
    config: Config = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """Say which sinks an alert would go to, when and why: one more of a stored event, or an imagined one."""
    settings = house.configure(config, need_secrets=False)
    rules, now = house.rules_of(settings), house.now()
    with ExitStack() as stack:
        is_there = settings.database.exists()
        database = stack.enter_context(house.database_of(settings)) if is_there else None
        if not incident_id:
            asked = house.Asked(
                base, area, country, confidence, tuple(weapon or ()), source, language, reason or "new", severity
            )
            case = house.imagined(asked, rules, now)
        elif database:
            case = house.remembered(database, incident_id, rules, reason)
        else:
            refuse(f"{settings.database}: there is no database yet; imagine an alert with --base, --country …")
        found = house.ways(case, settings, rules, database, now)
    if as_json:
        print_json([asdict(way) | {"gets": YES[way.gets]} for way in found])
    else:
        print_table([_row(way, now) for way in found], TEST, "No sink is configured.")


def _row(way: house.Way, now: datetime) -> dict[str, Any]:
    when = "" if way.at is None else "at once" if way.at <= now else f"{moment(way.at)}"
    return {"sink": way.sink, "gets": YES[way.gets], "when": when, "why": way.why}
