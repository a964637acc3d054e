"""`basewatch sinks`: where alerts go, and whether they arrive."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from monitor import app as house
from monitor.cli.options import DEFAULT_CONFIG, Config, Json
from monitor.cli.show import FINE, NOT_WELL, Column, moment, print_json, print_table, refuse, say
from monitor.store import notices, outbox

LIST = [
    Column("name", "sink"),
    Column("kind", "kind"),
    Column("state", "state"),
    Column("waiting", "waiting", right=True),
    Column("failures", "failures in a row", right=True),
    Column("why", "why", style="dim"),
]
TEST = [
    Column("name", "sink"),
    Column("result", "result"),
    Column("code", "answer", right=True),
    Column("error", "error"),
]
Name = Annotated[str, typer.Argument(help="A sink of the configuration; all where none is named.")]


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    group = typer.Typer(help="Where alerts go.", no_args_is_help=True)
    group.command("list")(list_sinks)
    group.command("test")(try_out)
    group.command("fix")(fix)
    app.add_typer(group, name="sinks")


def list_sinks(config: Config = DEFAULT_CONFIG, as_json: Json = False) -> None:
    """List the sinks with what is known of each."""
    settings = house.configure(config, need_secrets=False)
    rows = []
    with house.some_database(settings) as database:
        waiting = outbox.listed(database.reading)
        for sink in house.sink_settings(settings):
            state = outbox.sink_state(database.reading, sink.name)
            rows.append(
                {
                    "name": sink.name,
                    "kind": sink.kind,
                    "state": "held" if state.broken_at else "failing" if state.failures else "ok",
                    "waiting": sum(delivery.sink == sink.name for delivery in waiting),
                    "failures": state.failures,
                    "why": state.broken_why,
                    "paused_until": moment(state.paused_until_at),
                }
            )
    if as_json:
        print_json(rows)
    else:
        print_table(rows, LIST, "No sink is configured; alerts go to the console.")


def try_out(name: Name = "", config: Config = DEFAULT_CONFIG, as_json: Json = False) -> None:
    """Send one test message to a sink, or to all; nothing is stored. Ends with 1 where one did not arrive."""
    settings = house.configure(config)
    known = [sink.name for sink in house.sink_settings(settings)]
    if name and name not in known:
        refuse(f"there is no sink {name!r}; the configuration has {', '.join(known)}")
    results = asyncio.run(house.try_sinks(settings, name))
    rows = [
        {"name": sink, "result": "sent" if outcome.kind == "sent" else outcome.kind, **_answer(asdict(outcome))}
        for sink, outcome in results.items()
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(rows, TEST, "No sink is configured.")
    raise typer.Exit(FINE if all(row["result"] == "sent" for row in rows) else NOT_WELL)


def _answer(outcome: dict[str, object]) -> dict[str, object]:
    return {"code": outcome["code"], "error": outcome["error"]}


def fix(
    name: Annotated[str, typer.Argument(help="The sink that is repaired.")], config: Config = DEFAULT_CONFIG
) -> None:
    """Say that a broken sink is repaired: everything held because of it is due again."""
    settings = house.configure(config, need_secrets=False)
    known = [sink.name for sink in house.sink_settings(settings)]
    if name not in known:
        refuse(f"there is no sink {name!r}; the configuration has {', '.join(known)}")
    with house.database_of(settings) as database, database.writing() as tx:
        released = outbox.fix_sink(tx, name)
        notices.clear_notice(tx, "sink", name, house.now())
    say(f"{released} deliveries to {name} are due again.")
    raise typer.Exit(FINE)
