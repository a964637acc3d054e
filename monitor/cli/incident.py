"""`basewatch incident`: events one by one, with everything that was reported of them."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated, Any, Literal

import typer

from monitor import app as house
from monitor.cli.options import DEFAULT_CONFIG, Config, Json
from monitor.cli.review import days
from monitor.cli.show import Column, console, moment, print_json, print_table, say
from monitor.redact import one_line
from monitor.review.board import Filter, Page, incident_list, incident_page
from monitor.review.export import to_csv, to_geojson

ID_SHOWN = 10
SENTENCE_SHOWN = 200
LIST = [
    Column("where", "where", fixed=True),
    Column("when", "when", fixed=True),
    Column("weapons", "with", fixed=True),
    Column("severity", "severity", fixed=True),
    Column("reports", "reports", right=True),
    Column("alerts", "alerts", right=True),
    Column("last", "last report (UTC)", fixed=True),
    Column("title", "first told by", ratio=1),
    Column("short", "id", style="dim", fixed=True),
]
REPORTS = [
    Column("at", "seen (UTC)", fixed=True),
    Column("source", "outlet", fixed=True),
    Column("title", "article", ratio=1),
    Column("sentence", "sentence", style="dim", ratio=2),
]
FACTS = [
    Column("at", "seen (UTC)", fixed=True),
    Column("slot", "fact", fixed=True),
    Column("value", "value"),
    Column("source", "outlet", fixed=True),
    Column("sentence", "sentence", style="dim", ratio=1),
]
ALERTS = [
    Column("at", "at (UTC)", fixed=True),
    Column("reason", "reason", fixed=True),
    Column("confidence", "confidence", fixed=True),
    Column("severity", "severity", fixed=True),
    Column("silenced_by", "silenced by", fixed=True),
    Column("changes", "what was new", ratio=1),
]
EDITS = [
    Column("at", "at (UTC)", fixed=True),
    Column("kind", "edit", fixed=True),
    Column("incident_id", "of", style="dim", fixed=True),
    Column("other_id", "with", style="dim", fixed=True),
    Column("why", "why", ratio=1),
]
SHORTENED = ("title", "sentence")
# Every report is a "report" fact and every place stands in the headline: the table tells what people ask for.
UNTOLD = ("report", "base", "weapons")

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day, YYYY-MM-DD.")]


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    group = typer.Typer(help="Events, each with all its reports.", no_args_is_help=True)
    group.command("list")(list_incidents)
    group.command("show")(show)
    group.command("export")(export)
    app.add_typer(group, name="incident")


def list_incidents(
    base: Annotated[str, typer.Option(help="Only this base or area (a rule id).")] = "",
    country: Annotated[str, typer.Option(help="Only this country (ISO 3166 alpha-2).")] = "",
    since: Day = None,
    until: Day = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many, latest report first.")] = 50,
    config: Config = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """List events, the one reported last first."""
    rows = _rows(config, Filter(base, country.upper(), _day(since), _day(until), limit))
    if as_json:
        print_json(rows)
        return
    print_table([_short(row) for row in rows], LIST, "No event is known yet.")


def show(
    incident_id: Annotated[str, typer.Argument(help="The id of an event, or its start.")],
    config: Config = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """Show one event: its timeline of reports, its facts with their sources, its alerts."""
    with house.database_of(house.configure(config, need_secrets=False)) as database:
        page = incident_page(database, incident_id)
    if as_json:
        print_json({"incident": page.incident, "reports": page.reports, "facts": page.facts, "alerts": page.alerts})
        return
    _print_page(page)


def export(
    form: Annotated[Literal["json", "csv", "geojson"], typer.Option("--format", help="The form of the export.")],
    base: Annotated[str, typer.Option(help="Only this base or area (a rule id).")] = "",
    country: Annotated[str, typer.Option(help="Only this country (ISO 3166 alpha-2).")] = "",
    since: Day = None,
    until: Day = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Print all events as JSON, CSV (safe to open in a spreadsheet) or GeoJSON."""
    rows = _rows(config, Filter(base, country.upper(), _day(since), _day(until), limit=1_000_000))
    if form == "csv":
        typer.echo(to_csv(rows), nl=False)
    elif form == "json":
        print_json(rows)
    else:
        rules = house.rules_of(house.configure(config, need_secrets=False))
        typer.echo(json.dumps(to_geojson(rows, rules.bases), ensure_ascii=False))


def _rows(config: Config, wanted: Filter) -> list[dict[str, Any]]:
    with house.database_of(house.configure(config, need_secrets=False)) as database:
        return incident_list(database, wanted)


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None


def _place(row: dict[str, Any]) -> str:
    return str(row["base"] or row["area"] or row["country"] or "")


def _short(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "where": _place(row),
        "when": days(row["date_from"], row["date_to"]),
        "last": moment(row["last_report_at"]),
        "title": one_line(row["first_title"] or "", SENTENCE_SHOWN),
        "short": row["id"][:ID_SHOWN],
    }


def _line(row: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {key: one_line(str(row[key]), SENTENCE_SHOWN) for key in SHORTENED if row.get(key)}
    return {**row, **shown, "at": moment(row.get("seen_at") or row.get("created_at") or row.get("edited_at"))}


def _print_page(page: Page) -> None:
    incident = page.incident
    headline = (_place(incident), days(incident["date_from"], incident["date_to"]), ", ".join(incident["weapons"]))
    say("  ".join(part for part in headline if part), style="bold")
    say(f"event {incident['id']}, first seen {moment(incident['first_seen_at'])} UTC", style="dim")
    for title, rows, columns in (
        ("Reports", page.reports, REPORTS),
        ("Facts", tuple(row for row in page.facts if row["slot"] not in UNTOLD), FACTS),
        ("Alerts", page.alerts, ALERTS),
        ("Reviewers' edits", page.edits, EDITS),
    ):
        if rows:
            console().print()
            say(title, style="bold")
            print_table([_changes(_line(row)) for row in rows], columns, "")


def _changes(row: dict[str, Any]) -> dict[str, Any]:
    if "changes" in row:
        row["changes"] = "; ".join(
            f"{slot}: {old or 'unknown'} → {new}" for slot, old, new in json.loads(row["changes"])
        )
    return row
