"""`basewatch backup` and `basewatch restore`: a copy that can be trusted, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor import app as house
from monitor.cli.options import DEFAULT_CONFIG, Config
from monitor.cli.show import say
from monitor.store import backup as copies
from monitor.store.lock import only_one


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy goes.", dir_okay=False)],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Copy the database while the daemon runs, and check the copy whole before it gets its name."""
    settings = house.configure(config, need_secrets=False)
    size = copies.backup(settings.database, target)
    say(f"{target}: {size:,} bytes, every page checked.")


def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.", dir_okay=False)],
    resend: Annotated[bool, typer.Option("--resend", help="Send what was waiting when the backup was made.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Put a backup in the place of the database; the daemon must be stopped. The file that stood there is kept.

    Deliveries that were waiting are held unless --resend: they may have been sent since.
    """
    settings = house.configure(config, need_secrets=False)
    with only_one(settings.database):
        found = copies.restore(source, settings.database, resend=resend)
    say(f"{settings.database}: {found.entries:,} entries and {found.incidents:,} events are back.")
    if found.held:
        say(f"{found.held:,} deliveries are held: `basewatch outbox list` shows them, `outbox retry` sends them.")
