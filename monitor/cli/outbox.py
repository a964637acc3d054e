"""`basewatch outbox`: deliveries that are not done, and what to do with them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from monitor import app as house
from monitor.cli.options import DEFAULT_CONFIG, Config, Json
from monitor.cli.show import Column, moment, print_json, print_table, refuse, say
from monitor.model import Delivery
from monitor.redact import one_line
from monitor.store import outbox
from monitor.store.db import Database

COLUMNS = [
    Column("sink", "sink", fixed=True),
    Column("state", "state", fixed=True),
    Column("attempts", "attempts", right=True),
    Column("next", "next try (UTC)", fixed=True),
    Column("last_code", "answer", right=True),
    Column("error", "last error", style="dim", ratio=1),
    Column("short", "id", fixed=True),
]
ID_SHOWN = 12
Id = Annotated[str, typer.Argument(help="The id of a delivery, or its start.")]


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    group = typer.Typer(help="Deliveries that are not done.", no_args_is_help=True)
    group.command("list")(list_open)
    group.command("show")(show)
    group.command("retry")(retry)
    group.command("cancel")(cancel)
    app.add_typer(group, name="outbox")


def list_open(
    everything: Annotated[bool, typer.Option("--all", help="Also what is sent or cancelled.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """List deliveries that wait, are held or are dead, oldest first."""
    settings = house.configure(config, need_secrets=False)
    states = (*outbox.OPEN, "sent", "cancelled") if everything else outbox.OPEN
    with house.database_of(settings) as database:
        found = outbox.listed(database.reading, states)
        counts = outbox.counts(database.reading)
    if as_json:
        print_json([public(delivery) for delivery in found])
        return
    print_table([_row(delivery) for delivery in found], COLUMNS, "Nothing waits: every alert has been delivered.")
    say(", ".join(f"{number} {name}" for name, number in sorted(counts.items()) if number) or "no deliveries", "dim")


def public(delivery: Delivery) -> dict[str, Any]:
    """A delivery for machines, without its payload and what is known only while it is being sent."""
    values = asdict(delivery)
    for name in ("payload", "thread", "carries"):
        del values[name]
    return values


def _row(delivery: Delivery) -> dict[str, Any]:
    next_at = max(filter(None, (delivery.next_attempt_at, delivery.not_before_at)), default=None)
    return {
        **public(delivery),
        "next": "now" if next_at is None and delivery.state == "pending" else moment(next_at),
        "error": one_line(delivery.last_error, 120),
        "short": delivery.id[:ID_SHOWN],
    }


def show(delivery_id: Id, config: Config = DEFAULT_CONFIG, as_json: Json = False) -> None:
    """Show one delivery with all its attempts and its payload."""
    settings = house.configure(config, need_secrets=False)
    with house.database_of(settings) as database:
        delivery = _the_one(database, delivery_id)
        attempts = [dict(row) for row in outbox.attempts(database.reading, delivery.id)]
    if as_json:
        print_json({**public(delivery), "payload": delivery.payload, "attempt": attempts})
        return
    say(f"{delivery.id} to {delivery.sink}: {delivery.state}", style="bold")
    columns = [
        Column("number", "#", right=True),
        Column("started_at", "from"),
        Column("ended_at", "to"),
        Column("outcome", "outcome"),
        Column("code", "answer", right=True),
        Column("error", "error", ratio=1),
    ]
    print_table(attempts, columns, "It was not tried yet.")
    say(delivery.payload)


def retry(
    delivery_id: Annotated[str, typer.Argument(help="The id of a delivery, or its start.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="All that wait, are held or are dead.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Send once more what was sent, under a new id.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Send at once what waits, is held or is dead; the id stays the same. The daemon does the sending."""
    settings = house.configure(config, need_secrets=False)
    if not delivery_id and not everything:
        refuse("give the id of a delivery, or --all; `basewatch outbox list` shows them")
    with house.database_of(settings) as database:
        chosen = outbox.listed(database.reading) if everything else [_the_one(database, delivery_id)]
        with database.writing() as tx:
            if again and not everything:
                new_id = outbox.resend(tx, chosen[0].id, house.now())
                done = int(new_id is not None)
            else:
                done = sum(outbox.retry(tx, delivery.id) for delivery in chosen)
    if not done and not everything:
        refuse(f"delivery {chosen[0].id[:ID_SHOWN]} is {chosen[0].state}; only --again sends it once more")
    say(f"{done} deliveries are due now.")


def cancel(delivery_id: Id, config: Config = DEFAULT_CONFIG) -> None:
    """Close a delivery that is not done; it will not be sent."""
    settings = house.configure(config, need_secrets=False)
    with house.database_of(settings) as database:
        delivery = _the_one(database, delivery_id)
        with database.writing() as tx:
            done = outbox.cancel(tx, delivery.id, house.now())
    if not done:
        refuse(f"delivery {delivery.id[:ID_SHOWN]} is {delivery.state} and cannot be cancelled")
    say(f"Delivery {delivery.id[:ID_SHOWN]} to {delivery.sink} is cancelled.")


def _the_one(database: Database, start: str) -> Delivery:
    found = outbox.find(database.reading, start)
    if len(found) != 1 or not start:
        refuse(
            f"{'several deliveries start' if found else 'no delivery starts'} with {start!r}; see `outbox list --all`"
        )
    return found[0]
