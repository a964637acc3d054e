"""`basewatch status`: one look at how it is going; the exit code tells machines."""

from __future__ import annotations

from dataclasses import asdict

import typer

from monitor import app as house
from monitor.cli.doctor import print_checks
from monitor.cli.options import DEFAULT_CONFIG, Config, Json
from monitor.cli.show import FINE, NOT_WELL, print_json


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("status")(status)


def status(config: Config = DEFAULT_CONFIG, as_json: Json = False) -> None:
    """Tell how daemon, feeds and deliveries are. Ends with 1 where the daemon is not at work or something is wrong."""
    checks = house.how_it_goes(config)
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        print_checks(checks)
    raise typer.Exit(FINE if all(check.state == "ok" for check in checks) else NOT_WELL)
