"""`basewatch canary`: would an alert arrive? An article of our own goes the whole way at once."""

from __future__ import annotations

from dataclasses import asdict

import typer

from monitor import app as house
from monitor.cli.doctor import print_checks
from monitor.cli.options import DEFAULT_CONFIG, Config, Json
from monitor.cli.show import FINE, NOT_WELL, print_json
from monitor.health.doctor import Check


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("canary")(canary)


def canary(config: Config = DEFAULT_CONFIG, as_json: Json = False) -> None:
    """Send the canary the whole way: feed, page, decision, delivery, and the sinks that ask for it. Nobody is alerted.

    Ends with 1 where it does not arrive.
    """
    run = house.send_canary(config)
    if as_json:
        print_json([asdict(step) for step in run.steps])
    else:
        checks = [Check(step.name, "bad" if step.problem else "ok", step.problem or step.told) for step in run.steps]
        print_checks(checks)
    raise typer.Exit(NOT_WELL if run.problem else FINE)
