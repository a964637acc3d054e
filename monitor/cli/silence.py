"""`basewatch silence`: hear nothing of one base, event or country for a while."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

import typer

from monitor import app as house
from monitor.alerts.silencing import is_active
from monitor.app.silences import Wish, end_silence
from monitor.app.silences import silence as silence_by
from monitor.cli.options import DEFAULT_CONFIG, Config, Json
from monitor.cli.show import Column, moment, print_json, print_table, refuse, say
from monitor.model import Silence
from monitor.store import silences

LIST = [
    Column("id", "id", fixed=True),
    Column("about", "about", fixed=True),
    Column("until", "until (UTC)", fixed=True),
    Column("state", "state", fixed=True),
    Column("silenced", "alerts", right=True),
    Column("then", "then", fixed=True),
    Column("why", "why", ratio=1),
]
_SPAN = re.compile(r"([0-9]{1,4})\s*([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    group = typer.Typer(help="Be silent about a base, an event or a country for a while.", no_args_is_help=True)
    group.command("add")(add)
    group.command("list")(list_silences)
    group.command("end")(end)
    app.add_typer(group, name="silence")


def add(
    lasts: Annotated[str, typer.Option("--for", help="How long: 90m, 6h, 2d.")],
    why: Annotated[str, typer.Option(help="Why; others read it.")],
    base: Annotated[str, typer.Option(help="A base or area (a rule id).")] = "",
    incident: Annotated[str, typer.Option(help="The id of an event, or its start.")] = "",
    country: Annotated[str, typer.Option(help="A country (ISO 3166 alpha-2).")] = "",
    deliver_after: Annotated[
        bool, typer.Option("--deliver-after", help="Deliver when it is over what came meanwhile.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Be silent about one base, event or country. Alerts are decided and stored all the same, but not sent."""
    settings = house.configure(config, need_secrets=False)
    wish = Wish(_span(lasts), why, base, incident, country, deliver_after)
    with house.database_of(settings, create=True) as database:
        made = silence_by(database, house.rules_of(settings), wish, house.now())
    then = "what comes meanwhile is sent then" if deliver_after else "what comes meanwhile is not sent"
    say(f"Silence {made.id}: {_about(made)} until {moment(made.until_at)} UTC; {then}.")


def list_silences(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """List the silences with how many alerts each has silenced."""
    settings = house.configure(config, need_secrets=False)
    with house.database_of(settings) as database:
        found = silences.listed(database.reading)
        silenced = silences.silenced_alerts(database.reading)
    now = house.now()
    rows = [
        {**asdict(one), "active": is_active(one, now), "silenced": silenced.get(one.id, 0)}
        for one in found
        if everything or is_active(one, now)
    ]
    if as_json:
        print_json(rows)
    else:
        print_table([_row(one) for one in rows], LIST, "Nothing is silenced.")


def end(
    silence_id: Annotated[str, typer.Argument(help="The id of a silence, or its start.")],
    deliver: Annotated[bool, typer.Option("--deliver", help="Send what it has silenced.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """End a silence now. Nothing old is sent but what --deliver or --deliver-after asks for."""
    settings = house.configure(config, need_secrets=False)
    with house.database_of(settings) as database:
        ended, due = end_silence(database, silence_id, house.now(), deliver=deliver)
    say(f"Silence {ended.id} about {_about(ended)} is over; {due} deliveries are due now.")


def _span(text: str) -> timedelta:
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        refuse(f"{text!r} is no span of time; give 90m, 6h or 2d")
    return int(found[1]) * _UNITS[found[2]]


def _about(one: Silence) -> str:
    return one.base or one.country or f"event {one.incident_id[:10]}"


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "about": row["base"] or row["country"] or f"event {row['incident_id'][:10]}",
        "until": moment(row["ended_at"] or row["until_at"]),
        "state": "active" if row["active"] else "over",
        "then": "delivers" if row["deliver_after"] else "",
    }
