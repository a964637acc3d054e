"""`basewatch replay`: articles of a file through the whole decision, by a virtual clock."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from monitor import app as house
from monitor.cli.options import DEFAULT_CONFIG, Config, Json
from monitor.cli.show import FINE, NOT_WELL, console, print_json, say, tell
from monitor.engine.replay import ReplayReport, replay
from monitor.matching import RuleSet

PROBLEMS_SHOWN = 20
DEFAULT_RULES = Path("rules")


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("replay")(command)


def command(
    source: Annotated[Path, typer.Argument(metavar="INPUT.jsonl", help="Articles, one JSON object a line; gzip too.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the decisions go, one line for each article.")],
    rules: Annotated[Path | None, typer.Option(help="Folder of rules; else the configured one, else ./rules.")] = None,
    database: Annotated[Path | None, typer.Option(help="Keep the database here; else it is thrown away.")] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """Run articles through match, dedup, incident and alert decision, without network or delivery.

    Ends with 1 where lines had to be skipped.
    """
    chosen = chosen_rules(rules, config)
    with progress("Replaying") as bar:
        task = bar.add_task("articles", total=None)
        report = replay(
            source, output, chosen, database, lambda done, total: bar.update(task, completed=done, total=total)
        )
    _report(report, output, as_json=as_json)
    raise typer.Exit(NOT_WELL if report.problems else FINE)


def chosen_rules(rules: Path | None, config: Path) -> RuleSet:
    """The rules of --rules, else of the configuration where there is one, else of ./rules."""
    if rules is not None:
        return house.rules_in(rules)
    if config.exists() or config != DEFAULT_CONFIG:
        return house.rules_of(house.configure(config, need_secrets=False))
    return house.rules_in(DEFAULT_RULES)


def progress(what: str) -> Progress:
    """A progress bar on standard error, silent where that is no terminal."""
    screen = console(stderr=True)
    return Progress(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    )


def _report(report: ReplayReport, output: Path, *, as_json: bool) -> None:
    for problem in report.problems[:PROBLEMS_SHOWN]:
        tell(f"basewatch: {problem}", style="yellow")
    if len(report.problems) > PROBLEMS_SHOWN:
        tell(f"basewatch: … and {len(report.problems) - PROBLEMS_SHOWN} more lines were skipped", style="yellow")
    if as_json:
        print_json(
            {
                "articles": report.articles,
                "flagged": report.flagged,
                "alerts": report.alerts,
                "skipped": list(report.problems),
            }
        )
        return
    say(
        f"{report.articles:,} articles: {report.flagged:,} tell of a fresh event, {report.alerts:,} would alert, "
        f"{len(report.problems):,} lines skipped. Decisions are in {output}."
    )
