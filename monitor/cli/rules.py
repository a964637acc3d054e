"""`basewatch rules`: the versions that have judged, what differs between two, and the way back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from monitor import app as house
from monitor.app.rulebook import Installed, install_rules, named_rules, present_version
from monitor.cli.options import DEFAULT_CONFIG, Config, Json
from monitor.cli.show import NOT_WELL, Column, moment, print_json, print_table, say, tell
from monitor.config import Settings
from monitor.errors import InputError
from monitor.learning.difference import Change, rule_changes, told
from monitor.learning.folder import put_rule_files, read_rule_files
from monitor.review.rulebook import last_used, rules_history, stored_rules
from monitor.store.db import Database

COLUMNS = [
    Column("version", "version", fixed=True),
    Column("first", "first used (UTC)", fixed=True),
    Column("last", "last used (UTC)", fixed=True),
    Column("judgements", "judgements", right=True),
    Column("flagged", "fresh events", right=True),
    Column("alerts", "alerts", right=True),
    Column("wrong", "found wrong", right=True),
    Column("here", "", style="green"),
]


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    group = typer.Typer(help="Versions of the rules, and the way back.", no_args_is_help=True)
    group.command("history")(history)
    group.command("diff")(diff)
    group.command("accept")(accept)
    group.command("rollback")(rollback)
    app.add_typer(group, name="rules")


def history(config: Config = DEFAULT_CONFIG, as_json: Json = False) -> None:
    """List the versions of the rules that have judged, the last one below."""
    settings = house.configure(config, need_secrets=False)
    with house.database_of(settings) as database:
        rows = rules_history(database)
    if as_json:
        print_json(rows)
        return
    present = present_version(settings.rules)
    shown = [
        {
            **row,
            "first": moment(row["first_used_at"]),
            "last": moment(row["last_used_at"]),
            "here": "in the folder" if row["version"] == present else " ",
        }
        for row in rows
    ]
    print_table(shown, COLUMNS, "No version is stored yet; `basewatch run` stores the one it uses.")


Named = Annotated[str, typer.Argument(help="A folder of rules, or a stored version; the start of it is enough.")]


def diff(a: Named = "", b: Named = "", config: Config = DEFAULT_CONFIG, as_json: Json = False) -> None:
    """Show what B says differently from A: bases, words, rules, contexts added, removed, changed.

    Without B, the configured folder is B; without A, the version used last is A.
    """
    settings = house.configure(config, need_secrets=False)
    with house.some_database(settings) as database:
        old_name, old = named_rules(database, a or last_used(database))
        new_name, new = named_rules(database, b or str(settings.rules))
    changes = rule_changes(old, new)
    if as_json:
        print_json({"a": old_name, "b": new_name, "changes": [asdict(change) for change in changes]})
        return
    print_changes(changes, old_name, new_name)


def print_changes(changes: tuple[Change, ...], old_name: str, new_name: str) -> None:
    """What differs, for people."""
    if not changes:
        say(f"{old_name} and {new_name} say the same.", style="dim")
        return
    say(f"{old_name} → {new_name}", style="bold")
    for line in told(changes):
        say(line)


def accept(
    folder: Annotated[Path, typer.Argument(help="The folder of rules to put in place of the configured one.")],
    force: Annotated[bool, typer.Option("--force", help="Also rules that fall below their floors.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Put the rule files of a folder in place of the configured ones, which are kept as a version.

    Rules that fall below the floors on verdicts, and are no better than the present ones, are refused without --force.
    """
    settings = house.configure(config, need_secrets=False)
    files = read_rule_files(folder)
    if not files:
        raise InputError(f"{folder}: holds no rule files; give a folder with .toml files")
    with house.database_of(settings, create=True) as database:
        install(database, settings, files, gated=not force)


def rollback(
    version: Annotated[str, typer.Argument(help="The stored version; the start of it is enough.")],
    out: Annotated[Path | None, typer.Option("--out", help="Write its files into this new folder.")] = None,
    yes: Annotated[bool, typer.Option("--accept", help="Put them in place of the configured rules.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Bring back a stored version of the rules, byte for byte: its decisions come back with it.

    With neither --out nor --accept it shows what would change and ends with 1.
    """
    settings = house.configure(config, need_secrets=False)
    with house.database_of(settings) as database:
        stored = stored_rules(database, version)
        if out is not None:
            if out.exists() and any(out.iterdir()):
                raise InputError(f"{out}: is there and not empty; give --out a new folder")
            put_rule_files(out, stored.files)
            say(f"Wrote version {stored.version} to {out}.", style="green")
        if yes:
            install(database, settings, stored.files, gated=False)
    if out is None and not yes:
        print_changes(rule_changes(read_rule_files(settings.rules), stored.files), str(settings.rules), stored.version)
        tell("basewatch: nothing was changed; give --accept to put it in place, or --out FOLDER", style="yellow")
        raise typer.Exit(NOT_WELL)


def install(database: Database, settings: Settings, files: dict[str, str], *, gated: bool = True) -> Installed:
    """Put rule files in place of the configured ones and say how to go on and how to go back."""
    done = install_rules(database, settings.rules, files, gated=gated)
    if done.kept == done.version:
        say(f"{settings.rules} holds version {done.version} already.")
        return done
    say(f"{settings.rules} holds version {done.version} now; a running daemon takes it up at SIGHUP.")
    if done.kept:
        say(f"The version before is kept: `basewatch rules rollback {done.kept} --accept` brings it back.", style="dim")
    return done
