"""`basewatch replay`: articles of a file through the whole decision, by a virtual clock."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor import app as house
from monitor.cli.bars import progress, tick
from monitor.cli.options import DEFAULT_CONFIG, Config, Json
from monitor.cli.rules_compared import in_figures, in_words, print_comparison
from monitor.cli.show import FINE, NOT_WELL, print_json, say, tell
from monitor.engine.compare import Score, score
from monitor.engine.intake import read_labels
from monitor.engine.replay import ReplayReport, replay
from monitor.errors import InputError
from monitor.matching import RuleSet

PROBLEMS_SHOWN = 20
DEFAULT_RULES = Path("rules")


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("replay")(command)


def command(
    source: Annotated[Path, typer.Argument(metavar="INPUT.jsonl", help="Articles, one JSON object a line; gzip too.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where the decisions go, one line for each article.")
    ] = None,
    rules: Annotated[Path | None, typer.Option(help="Folder of rules; else the configured one, else ./rules.")] = None,
    labels: Annotated[Path | None, typer.Option(help="Score against these labels: id and label, yes or no.")] = None,
    compare: Annotated[
        tuple[Path, Path] | None, typer.Option(metavar="RULES_A RULES_B", help="Compare two folders of rules instead.")
    ] = None,
    database: Annotated[Path | None, typer.Option(help="Keep the database here; else it is thrown away.")] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """Run articles through match, dedup, incident and alert decision, without network or delivery.

    Ends with 1 where lines had to be skipped.
    """
    known = read_labels(labels) if labels else {}
    if compare:
        print_comparison(source, compare, known, as_json=as_json)
        return
    if output is None:
        raise InputError("give --output OUT.jsonl for the decisions, or --compare RULES_A RULES_B for a comparison")
    chosen = chosen_rules(rules, config)
    with progress("Replaying") as bar:
        report = replay(source, output, chosen, database, tick(bar, "articles"))
    _report(report, output, score(report.lines, known) if known else None, as_json=as_json)
    raise typer.Exit(NOT_WELL if report.problems else FINE)


def chosen_rules(rules: Path | None, config: Path) -> RuleSet:
    """The rules of --rules, else of the configuration where there is one, else of ./rules."""
    if rules is not None:
        return house.rules_in(rules)
    if config.exists() or config != DEFAULT_CONFIG:
        return house.rules_of(house.configure(config, need_secrets=False))
    return house.rules_in(DEFAULT_RULES)


def _report(report: ReplayReport, output: Path, scored: Score | None, *, as_json: bool) -> None:
    for problem in report.problems[:PROBLEMS_SHOWN]:
        tell(f"basewatch: {problem}", style="yellow")
    if len(report.problems) > PROBLEMS_SHOWN:
        tell(f"basewatch: … and {len(report.problems) - PROBLEMS_SHOWN} more lines were skipped", style="yellow")
    if as_json:
        values = {"articles": report.articles, "flagged": report.flagged, "alerts": report.alerts}
        print_json({**values, "days": report.days, "skipped": list(report.problems), "score": in_figures(scored)})
        return
    say(
        f"{report.articles:,} articles of {report.days:,} days: {report.flagged:,} tell of a fresh event, "
        f"{report.alerts:,} would alert, {len(report.problems):,} lines skipped. Decisions are in {output}."
    )
    if scored:
        say(in_words(scored))
