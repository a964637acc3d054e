"""`basewatch run`: the daemon, or one round of its work."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from monitor import app as house
from monitor import daemon
from monitor.cli.options import DEFAULT_CONFIG, Config
from monitor.cli.show import FINE, NOT_WELL, tell


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("run")(run)


def run(
    once: Annotated[
        bool, typer.Option("--once", help="One round: poll what is due, decide, deliver; then end.")
    ] = False,
    logs: Annotated[str, typer.Option("--log", help="auto, text or json; auto is text on a terminal.")] = "auto",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Run as a daemon until SIGTERM or Ctrl-C: poll, decide, alert. Logs go to standard error."""
    if logs not in ("auto", "text", "json"):
        raise typer.BadParameter("must be auto, text or json", param_hint="--log")
    house.set_up_logs(as_json=logs == "json" or (logs == "auto" and not sys.stderr.isatty()), verbose=verbose)
    settings = house.configure(config)
    if once:
        _tell_round(daemon.run_once(settings), config)
    else:
        daemon.run(settings)


def _tell_round(report: daemon.RoundReport, config: Path) -> None:
    tell(
        f"{report.polled} feeds polled, {report.failed} not read, {report.alerts} alerts, "
        f"{report.open_deliveries} deliveries open."
    )
    if not report.polled:
        tell(f"No feed was due; `basewatch feeds list --config {config}` tells when each was read.")
    raise typer.Exit(NOT_WELL if report.failed or report.open_deliveries else FINE)
