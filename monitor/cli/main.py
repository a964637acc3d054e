"""The command `basewatch`: its groups, and how every way out ends in a sentence and an exit code."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from monitor import __version__
from monitor.cli import (
    canary,
    demo,
    doctor,
    explain,
    feeds,
    incident,
    init,
    learn,
    outbox,
    replay,
    review,
    routes,
    rules,
    run,
    safety,
    silence,
    sinks,
    status,
)
from monitor.cli.show import ALREADY_RUNNING, BUG, CANNOT_BE_USED, FINE, NOT_WELL, tell
from monitor.errors import AlreadyRunning, BasewatchError, StoreFull, StoreLost
from monitor.store.trouble import no_room

app = typer.Typer(
    name="basewatch",
    help="Watches news feeds and tells you at once, once, and rightly, when what you watch for is in the news.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 fine, 1 something is not well, 2 what was given cannot be used, 3 already running, 70 a bug.",
)
for group in (
    init, learn, run, feeds, sinks, routes, silence, explain, replay, review, rules, incident, outbox, status, doctor,
    canary, safety, demo,
):  # fmt: skip
    group.add_to(app)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"basewatch {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Watches news feeds and tells you at once, once, and rightly, when what you watch for is in the news."""


def main(arguments: list[str] | None = None) -> None:
    """Run one command and end the process with its exit code; no way out shows a traceback."""
    sys.exit(exit_code_of(sys.argv[1:] if arguments is None else arguments))


def exit_code_of(arguments: list[str]) -> int:
    """Run one command; returns its exit code."""
    try:
        app(args=arguments, prog_name="basewatch")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else FINE
    except BasewatchError as error:
        for sentence in str(error).splitlines():
            tell(f"basewatch: {sentence}", style="red")
        return code_of(error)
    except BrokenPipeError:
        # The reader of our output has gone; the interpreter must not try to flush into the void.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except Exception as error:  # noqa: BLE001 - the last way out: a bug becomes one sentence
        if no_room(error):
            tell("basewatch: no room on the disk; nothing was lost, free some and try again", style="red")
            return NOT_WELL
        tell(f"basewatch: this is a bug: {type(error).__name__} at {place_of(error)}: {error}", style="red")
        return BUG
    return FINE


def code_of(error: BasewatchError) -> int:
    """The exit code of an error. A full disk, or a database that was lost at work, may be well at the next start."""
    if isinstance(error, StoreFull | StoreLost):
        return NOT_WELL
    return ALREADY_RUNNING if isinstance(error, AlreadyRunning) else CANNOT_BE_USED


def place_of(error: BaseException) -> str:
    """Where in our code an exception arose, as file:line."""
    trace, place = error.__traceback__, "an unknown place"
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if "monitor" in file.parts:
            place = f"{file.parent.name}/{file.name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
