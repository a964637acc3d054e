"""`basewatch routes`: which sinks an alert would go to, and why. Sends nothing."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from monitor import app as house
from monitor.alerts.quiet import Quiet, held_until
from monitor.alerts.routing import Subject, choose, sure
from monitor.alerts.sinks import SinkSettings
from monitor.cli.options import DEFAULT_CONFIG, Config, Json
from monitor.cli.show import Column, print_json, print_table, refuse
from monitor.config import Settings
from monitor.matching import RuleSet

TEST = [Column("sink", "sink", fixed=True), Column("gets", "gets it", fixed=True), Column("why", "why")]


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
    reason: Annotated[Literal["new", "update", "possible_update"], typer.Option(help="… for this reason.")] = "new",
    severity: Annotated[Literal["low", "medium", "high", "critical"], typer.Option(help="… this grave.")] = "medium",
    config: Config = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """Say which sinks an alert would go to and which route decides: of a stored event, or of an imagined one."""
    settings = house.configure(config, need_secrets=False)
    rules = house.rules_of(settings)
    if incident_id:
        if not settings.database.exists():
            refuse(f"{settings.database}: there is no database yet; imagine an alert with --base, --country …")
        with house.database_of(settings) as database:
            subject = house.remembered(database, incident_id, rules)
    else:
        weapons = tuple(weapon or ())
        asked = house.Asked(base, area, country, confidence, weapons, source, language, reason, severity)
        subject = house.imagined(asked, rules)
    rows = rows_of(subject, settings, rules)
    if as_json:
        print_json(rows)
    else:
        print_table(rows, TEST, "No sink is configured.")


def rows_of(subject: Subject, settings: Settings, rules: RuleSet) -> list[dict[str, Any]]:
    """Every sink with whether it gets the alert and why, in the order of the configuration."""
    sinks = house.sink_settings(settings)
    chosen = choose(subject, house.routes_of(settings, rules), [sink.name for sink in sinks])
    why = {found.sink: found.why for found in chosen}
    quiet = house.quiet_of(settings)
    return [_row(sink, subject, why.get(sink.name, ""), quiet.get(sink.name)) for sink in sinks]


def _row(sink: SinkSettings, subject: Subject, why: str, quiet: Quiet | None) -> dict[str, Any]:
    if not why:
        return {"sink": sink.name, "gets": "no", "why": "another route takes it"}
    if not sure(subject.confidence, sink.min_confidence):
        less = f"it is a {subject.confidence}" if subject.confidence != "confirmed" else "it is confirmed"
        return {"sink": sink.name, "gets": "no", "why": f"{less}, and min_confidence is {sink.min_confidence}; {why}"}
    if quiet and (until := held_until(quiet, subject.confidence, subject.severity, house.now())):
        return {
            "sink": sink.name,
            "gets": "yes",
            "why": f"{why}; now it would wait until {until:%H:%M} UTC (quiet hours)",
        }
    return {"sink": sink.name, "gets": "yes", "why": why}
