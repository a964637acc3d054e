"""`basewatch learn --from-verdicts`: what people said of decisions becomes a proposal, tried on all stored history."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from monitor import app as house
from monitor.cli.bars import progress, tick
from monitor.cli.rules import install
from monitor.cli.rules_compared import in_figures, print_found
from monitor.cli.show import FINE, NOT_WELL, print_json, say, tell
from monitor.engine.compare import Comparison, compare
from monitor.engine.replay import days_of, decide_all
from monitor.errors import InputError
from monitor.learning.difference import rule_changes, told
from monitor.learning.files import grammar_of
from monitor.learning.folder import check_rule_files, put_rule_files, read_rule_files
from monitor.learning.records import told_record
from monitor.learning.verdicts import Revision, revise
from monitor.matching import RuleSet
from monitor.model import Article
from monitor.review.cases import stored_articles, verdict_cases
from monitor.store.db import Database

PROPOSED = Path("rules-proposed")
REPORT = "PROPOSAL.txt"


def learn_from_verdicts(config: Path, out: Path | None, *, accept: bool, as_json: bool) -> None:
    """Propose a change of the configured rules in a folder of its own; put it in place only with `accept`."""
    folder = out or PROPOSED
    settings = house.configure(config, need_secrets=False)
    present, files = house.rules_of(settings), read_rule_files(settings.rules)
    with house.database_of(settings) as database:
        cases = verdict_cases(database)
        revision = revise(cases, present, files, grammar_of(settings.rules))
        if not any(step.done for step in revision.steps):
            _tell_nothing(revision, as_json=as_json)
            raise typer.Exit(FINE)
        check_is_ours(folder, settings.rules)
        proposed = check_rule_files(revision.files)
        labels = {case.article.id: case.label for case in cases}
        articles, effect = tried(database, present, proposed, labels)
        lines = [*report(revision), "", "Changes of the files:", *told(rule_changes(files, revision.files))]
        write_proposal(folder, settings.rules, revision, lines)
        if as_json:
            print_json({**in_json(revision, effect), "days": days_of(articles), "out": str(folder)})
        else:
            for line in lines:
                say(line)
            say()
            say("Effect on all that is stored:")
            print_found(effect, {one.id: one for one in articles}, (settings.rules, folder), days_of(articles))
        if accept:
            install(database, settings, revision.files)
            raise typer.Exit(FINE)
    tell(f"basewatch: the proposal is in {folder}, nothing active was changed; read it, change what you will, then "
         f"`basewatch rules accept {folder}`", style="yellow")  # fmt: skip
    raise typer.Exit(NOT_WELL)


def check_is_ours(folder: Path, rules: Path) -> None:
    """Raise InputError where the folder for the proposal holds something else."""
    if folder.exists() and (
        folder.resolve() == rules.resolve() or (any(folder.iterdir()) and not (folder / REPORT).exists())
    ):
        raise InputError(f"{folder}: holds something else than a proposal; give --out a new folder")


def tried(
    database: Database, present: RuleSet, proposed: RuleSet, labels: dict[str, bool]
) -> tuple[list[Article], Comparison]:
    """All stored articles, decided by both rule sets."""
    articles = stored_articles(database)
    with progress("Replaying") as bar:
        before = decide_all(articles, present, progress=tick(bar, "present rules"))
        after = decide_all(articles, proposed, progress=tick(bar, "proposed rules"))
    return articles, compare(before, after, labels)


def write_proposal(folder: Path, rules: Path, revision: Revision, lines: list[str]) -> None:
    """A whole folder of rules with the change in it, and the report beside them."""
    put_rule_files(folder, revision.files)
    for file in rules.iterdir():
        if file.is_file() and file.suffix != ".toml":
            shutil.copyfile(file, folder / file.name)
    (folder / REPORT).write_text("\n".join(lines) + "\n", encoding="utf-8")


def report(revision: Revision) -> list[str]:
    """The proposal for people: its steps with their reasons, and the records behind them."""
    lines = [f"{revision.cases} different articles with a verdict.", "", "Proposed:"]
    for step in revision.steps:
        mark = "*" if step.done else "! by hand:"
        lines += [f"  {mark} {step.what}", f"      {step.why}"]
    lines += ["", "How often each was right (90 % interval):"]
    lines += [f"    {record.kind} {record.id}: {told_record(record)}" for record in revision.records]
    if revision.review:
        lines += ["", "Words to look at, mostly in false alarms:"]
        lines += [f"    {record.id}: {told_record(record)}" for record in revision.review]
    return lines


def in_json(revision: Revision, effect: Comparison | None) -> dict[str, Any]:
    """The proposal for machines."""
    found = asdict(effect) if effect else None
    if found and effect:
        found["scores"] = [in_figures(one) for one in effect.scores or ()]
    return {
        "cases": revision.cases,
        "steps": [asdict(step) for step in revision.steps],
        "records": [asdict(record) for record in revision.records],
        "review": [asdict(record) for record in revision.review],
        "contexts": [asdict(new) for new in revision.contexts],
        "spellings": [asdict(new) for new in revision.spellings],
        "weights": dict(revision.weights),
        "effect": found,
    }


def _tell_nothing(revision: Revision, *, as_json: bool) -> None:
    if as_json:
        print_json(in_json(revision, None))
        return
    for line in report(revision) if revision.records or revision.steps else ():
        say(line)
    say("The verdicts give no reason to change the rules." if revision.cases else
        "No verdict has been given; `basewatch review ask` lists entries worth one.")  # fmt: skip
