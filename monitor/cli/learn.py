"""`basewatch learn`: seed articles in, proposed rules out, with a report of what they would do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.from_verdicts import learn_from_verdicts
from monitor.cli.options import DEFAULT_CONFIG, Config, Json
from monitor.cli.show import FINE, NOT_WELL, command, print_json, say, tell
from monitor.engine.intake import read_lines
from monitor.errors import InputError
from monitor.learning import (
    Background,
    Material,
    Proposal,
    diff,
    fires_on,
    learn,
    leave_one_out,
    lines,
    read_material,
    read_seeds,
    report,
    write,
)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("learn")(learn_from)


def learn_from(
    seeds_dir: Annotated[
        Path | None, typer.Argument(help="Folder of seed articles: .txt files, with manifest.toml or not.")
    ] = None,
    chosen_out: Annotated[
        Path | None, typer.Option("--out", help="Where the rules go: else rules; rules-proposed from verdicts.")
    ] = None,
    rules: Annotated[Path, typer.Option(help="The folder of rules that holds the general grammar.")] = Path("rules"),
    accept: Annotated[bool, typer.Option("--accept", help="Replace learned files that are there and differ.")] = False,
    background: Annotated[Path | None, typer.Option(help="Other news as JSON lines: what would fire wrongly?")] = None,
    show_diff: Annotated[bool, typer.Option("--diff", help="Show the change, write nothing.")] = False,
    from_verdicts: Annotated[
        bool, typer.Option("--from-verdicts", help="Learn from verdicts on what was decided, instead of seeds.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """Learn rules from seed articles, or from verdicts, and report what they would do.

    What is there and differs is left alone, and the command ends with 1, unless --accept is given.
    """
    if from_verdicts:
        learn_from_verdicts(config, chosen_out, accept=accept, as_json=as_json)
        return
    if seeds_dir is None:
        raise InputError("give the folder of seed articles, or --from-verdicts")
    out = chosen_out or Path("rules")
    seeds = read_seeds(seeds_dir)
    material = read_material(rules, out)
    proposal = learn(seeds, material)
    if show_diff:
        for line in diff(proposal, material):
            say(line)
        raise typer.Exit(FINE)
    told = report(proposal, material, leave_one_out(seeds, material), tried(proposal, material, background))
    written = write(proposal, material, out, accept=accept)
    if as_json:
        print_json({**told, "written": written.written, "held": written.held})
    else:
        for line in lines(told):
            say(line)
        say()
        for file in written.written:
            say(f"Wrote {file}.", style="green")
        if not written.written and not written.held:
            say("Every file is as it was.")
    for file in written.held:
        look = f"`{command()} learn {seeds_dir} --out {out} --diff`"
        tell(f"basewatch: {file} is there and differs; see {look}, then give --accept to replace it", style="yellow")
    raise typer.Exit(NOT_WELL if written.held else FINE)


def tried(proposal: Proposal, material: Material, background: Path | None) -> Background | None:
    """What the proposal would flag among other news, where some is given."""
    if background is None:
        return None
    return fires_on(proposal, material, (line.article for line in read_lines(background) if line.article))
