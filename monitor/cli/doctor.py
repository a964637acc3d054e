"""`basewatch doctor`: is everything as it should be; with --health, is the daemon alive, for a container's check."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from monitor import app as house
from monitor.cli.options import DEFAULT_CONFIG, Config, Json
from monitor.cli.show import FINE, NOT_WELL, console, print_json, say
from monitor.health.doctor import Check
from monitor.redact import plain, redact

SIGNS = {"ok": ("✓", "green"), "look": ("!", "yellow"), "bad": ("✗", "bold red")}


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("doctor")(doctor)


def doctor(
    health: Annotated[bool, typer.Option("--health", help="Only: is the daemon alive? Ends with 1 if not.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """Check configuration, rules, database, daemon, deliveries and versions. Ends with 1 where something is broken."""
    checks = [house.alive(config)] if health else house.examine(config)
    good = ("ok",) if health else ("ok", "look")
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        print_checks(checks)
    raise typer.Exit(FINE if all(check.state in good for check in checks) else NOT_WELL)


def print_checks(checks: list[Check]) -> None:
    """Findings as lines, the sign first, and their count."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for check in checks:
        sign, style = SIGNS[check.state]
        table.add_row(Text(sign, style=style), Text(plain(check.name)), Text(plain(redact(check.text))))
    console().print(table)
    broken = sum(check.state == "bad" for check in checks)
    look = sum(check.state == "look" for check in checks)
    say(f"{broken} broken, {look} to look at, {len(checks) - broken - look} fine.", style="dim")
