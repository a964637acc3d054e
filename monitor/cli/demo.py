"""`basewatch demo`: the whole service at work on this machine, in half a minute."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from monitor import app as house
from monitor.cli.review import print_matches
from monitor.cli.show import FINE, NOT_WELL, STYLES, command, console, say, tell
from monitor.demo.play import Result, play, reason_of
from monitor.demo.script import read_script
from monitor.demo.server import Received
from monitor.redact import one_line
from monitor.review.matches import match_list
from monitor.store.db import Database

REVIEW_ROWS = 15
QUERY = "SELECT at, reason, base, date_from, title FROM alerts_recent"


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("demo")(demo)


def demo(
    seeds: Annotated[Path, typer.Option(help="Folder of seed articles with expected.toml.")] = Path("seeds"),
    rules: Annotated[Path, typer.Option(help="Folder of rules.")] = Path("rules"),
    folder: Annotated[Path, typer.Option(help="Where the demo works; made anew each time.")] = Path(".demo"),
) -> None:
    """Serve the seeds as a feed on this machine, watch them with a real daemon, and check every alert it sends."""
    script = read_script(seeds)
    house.rules_in(rules)
    say("A feed of this machine publishes the seed articles one by one, with their original dates; a daemon watches it")
    say("and sends signed webhooks to a receiver of this machine. Then a second feed copies every article.")
    say()
    result = play(script, rules, folder, Teller())
    _review(folder / "demo.db")
    _next_steps(result, seeds)
    say(result.line, style="bold green" if result.good else "bold red")
    raise typer.Exit(FINE if result.good else NOT_WELL)


class Teller:
    """Tells each alert as it arrives, with the seconds since the start."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, got: Received) -> None:
        """Two lines for one webhook: what it says, and the sentence that shows it."""
        data, reason = got.document["data"], reason_of(got)
        incident, article = data["incident"], data["article"]
        line = Text(f"{time.monotonic() - self._start:5.1f} s  ", style="dim")
        line.append(f"{reason:<15}", style=STYLES.get(reason, ""))
        base = incident["base"] or {}
        line.append(place_name(base), style="bold")
        line.append(f"  {incident['date_from'] or '?'}  {', '.join(incident['weapons'])}")
        line.append("  signature verified" if got.verified else "  SIGNATURE WRONG", "green" if got.verified else "red")
        screen = console()
        screen.print(line)
        screen.print(Text(f"         {one_line(article['title'], 100)}", style="dim"))
        sentences = [item["sentence"] for item in data["evidence"] if item["sentence"] != article["title"]]
        if sentences:
            screen.print(Text(f"         “{one_line(sentences[0], screen.width - 12)}”", style="dim"))


def place_name(base: dict[str, str | None]) -> str:
    """The base by name; where none is named, the country."""
    return base.get("name") or base.get("id") or f"{base.get('country') or 'somewhere'}, base not named"


def _review(database: Path) -> None:
    db = Database(database)
    try:
        rows = match_list(db, limit=REVIEW_ROWS)
    finally:
        db.close()
    say()
    say("What reviewers see:", style="bold")
    print_matches(rows)


def _next_steps(result: Result, seeds: Path) -> None:
    config, database = result.config, result.config.with_name("demo.db")
    example = next(iter(sorted(seeds.glob("*.txt"))), seeds)
    say()
    say("Try next:", style="bold")
    say(f"  {command()} review list --config {config}")
    say(f"  {command()} explain {example} --config {config}")
    say(f"  sqlite3 -box {database} '{QUERY}'")
    say("  make run")
    say()
    for place in result.unexpected:
        tell(f"basewatch: an alert that nobody expected: {place}", style="red")
    if not result.ended_well:
        tell(f"basewatch: the daemon did not end well; see {result.log}", style="red")
    elif not result.good:
        tell(f"basewatch: the demo did not go as expected; the daemon's log is {result.log}", style="red")
