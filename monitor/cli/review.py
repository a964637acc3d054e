"""`basewatch review`: what was decided and why, for people who check it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.text import Text

from monitor import app as house
from monitor.cli.incident_edits import merge, split
from monitor.cli.options import DEFAULT_CONFIG, Config, Json
from monitor.cli.show import STYLES, Column, console, moment, print_evidence, print_json, print_table, say
from monitor.learning.files import grammar_of
from monitor.redact import one_line
from monitor.review.ask import new_name_in, questions, waiting_for_verdict
from monitor.review.matches import entry_page, match_list
from monitor.review.verdicts import give_verdict, verdicts

COLUMNS = [
    Column("when", "seen (UTC)", fixed=True),
    Column("reason", "reason", fixed=True),
    Column("place", "where", fixed=True),
    Column("days", "when", fixed=True),
    Column("title", "article", ratio=2),
    Column("sentence", "because of", style="dim", ratio=3),
    Column("id", "id", style="dim", fixed=True),
]
# What a narrow terminal can do without, with the width from which it is shown.
WIDE = {"sentence": 140, "when": 100}
SENTENCE_SHOWN = 160
ID_SHOWN = 10
ASKED = [
    Column("why", "why", fixed=True),
    Column("about", "name", style="dim"),
    Column("decided", "decided", fixed=True),
    Column("score", "score", right=True),
    Column("title", "article", ratio=1),
    Column("id", "id", style="dim", fixed=True),
]
ALERTS = [
    Column("created_at", "at (UTC)"),
    Column("reason", "reason"),
    Column("confidence", "confidence"),
    Column("severity", "severity"),
    Column("id", "alert"),
]


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    group = typer.Typer(help="What was decided, and why.", no_args_is_help=True)
    group.command("list")(list_matches)
    group.command("show")(show)
    group.command("merge")(merge)
    group.command("split")(split)
    group.command("accept")(accept)
    group.command("reject")(reject)
    group.command("ask")(ask)
    group.command("verdicts")(list_verdicts)
    app.add_typer(group, name="review")


def list_matches(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")] = 20,
    reason: Annotated[str, typer.Option(help="Only this reason: new, update, possible_update, repeat, baseline.")] = "",
    config: Config = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """List what told of a fresh event, newest first."""
    settings = house.configure(config, need_secrets=False)
    with house.database_of(settings) as database:
        rows = match_list(database, reason=reason, limit=limit)
    if as_json:
        print_json(rows)
        return
    print_matches(rows)
    if rows:
        say("`basewatch review show ID` tells everything about one; the start of an id is enough.", style="dim")


def print_matches(rows: list[dict[str, Any]]) -> None:
    """Matches as the review table."""
    width = console().width
    columns = [column for column in COLUMNS if width >= WIDE.get(column.key, 0)]
    print_table([short(row) for row in rows], columns, "Nothing has matched yet.")


def short(row: dict[str, Any]) -> dict[str, Any]:
    """A match cut to what fits a line."""
    return {
        "when": moment(row["at"]),
        "reason": row["reason"],
        "place": ", ".join(row["places"][:2]) + ("…" if len(row["places"]) > 2 else ""),
        "days": days(row["date_from"], row["date_to"]),
        "title": one_line(row["title"] or "", SENTENCE_SHOWN),
        "sentence": one_line(row["sentence"] or "", SENTENCE_SHOWN),
        "id": row["entry_id"][:ID_SHOWN],
    }


def days(first: str | None, last: str | None) -> str:
    """An interval of days as people write it: what both days share is not said twice."""
    if first == last or not last or not first:
        return first or last or ""
    shared = 8 if first[:8] == last[:8] else 5 if first[:5] == last[:5] else 0
    return f"{first} to {last[shared:]}"


def show(
    entry_id: Annotated[str, typer.Argument(help="The id of an entry, or its start.")],
    config: Config = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """Show everything about one entry: judgements, evidence, incidents, alerts and deliveries."""
    settings = house.configure(config, need_secrets=False)
    with house.database_of(settings) as database:
        page = entry_page(database, entry_id)
    if as_json:
        print_json(page)
        return
    entry = page["entry"]
    say(one_line(entry["title"]), style="bold")
    say(" · ".join(str(part) for part in (entry["source"], moment(entry["published_at"]), entry["url"]) if part))
    for judgement in page["judgements"]:
        _judgement(judgement)
    _section(
        "Events",
        page["mentions"],
        [
            Column("how", "tied"),
            Column("incident_id", "incident"),
            Column("place", "where"),
            Column("days", "when"),
            Column("why", "why", ratio=1),
            Column("sentence", "sentence", ratio=2),
        ],
    )
    _section(
        "Alerts",
        page["alerts"],
        ALERTS,
    )
    _section(
        "Deliveries",
        page["deliveries"],
        [
            Column("sink", "sink"),
            Column("state", "state"),
            Column("attempts", "attempts", right=True),
            Column("sent_at", "sent (UTC)"),
            Column("id", "delivery"),
        ],
    )


def _judgement(judgement: dict[str, Any]) -> None:
    say()
    line = Text()
    line.append(f"{moment(judgement['judged_at'])}  ", style="dim")
    line.append(judgement["reason"], style=STYLES.get(judgement["reason"], ""))
    line.append(f"  {judgement['label']}  score {judgement['score']:.2f}  rule {judgement['rule'] or '·'}")
    console().print(line)
    if judgement["missing"]:
        say(f"  not flagged: {judgement['missing']}", style="dim")
    print_evidence((item["rule"], item["text"], item["sentence"]) for item in judgement["evidence"])


def _section(title: str, rows: list[dict[str, Any]], columns: list[Column]) -> None:
    if rows:
        say()
        say(title, style="bold")
        print_table(rows, columns, "")


Entry = Annotated[str, typer.Argument(metavar="ENTRY_ID", help="The id of an entry, or its start.")]
Why = Annotated[str, typer.Option(help="Why, in your words; kept with the verdict.")]


def accept(entry_id: Entry, why: Why = "", config: Config = DEFAULT_CONFIG) -> None:
    """Say that the decision on an entry was right."""
    _give(entry_id, "right", why, config)


def reject(entry_id: Entry, why: Why, config: Config = DEFAULT_CONFIG) -> None:
    """Say that the decision on an entry was wrong: a false alarm, or an event that was missed."""
    _give(entry_id, "wrong", why, config)


def _give(entry_id: str, verdict: Literal["right", "wrong"], why: str, config: Path) -> None:
    settings = house.configure(config, need_secrets=False)
    with house.database_of(settings) as database:
        given = give_verdict(database, entry_id, verdict, why, house.now())
    decided = "told of a fresh event" if given.flagged else "told of none"
    say(f"Kept: “{one_line(given.title)}” was decided as one that {decided}; that was {verdict}.")


def ask(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 10,
    config: Config = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """List entries worth a verdict: near the threshold, with a name that may be new, and a few of the rest."""
    settings = house.configure(config, need_secrets=False)
    rules = house.rules_of(settings)
    with house.database_of(settings) as database:
        waiting = waiting_for_verdict(database)
    new_name = new_name_in(rules, grammar_of(settings.rules))
    asked = questions(waiting, rules.settings.threshold, new_name, limit)
    rows: list[dict[str, Any]] = [
        {
            "why": one.why, "about": one.about, "decided": one.entry.reason if one.entry.flagged else "none",
            "score": round(one.entry.score, 2), "rule": one.entry.rule, "title": one_line(one.entry.title),
            "id": one.entry.id,
        }
        for one in asked
    ]  # fmt: skip
    if as_json:
        print_json(rows)
        return
    print_table([{**row, "id": row["id"][:ID_SHOWN]} for row in rows], ASKED, "Nothing waits for a verdict.")
    if rows:
        say("`basewatch review accept ID` if that is right, `basewatch review reject ID --why …` if not.", style="dim")


def list_verdicts(config: Config = DEFAULT_CONFIG, as_json: Json = False) -> None:
    """List the last verdict on each entry; with --json as labels that `replay --labels` reads."""
    settings = house.configure(config, need_secrets=False)
    with house.database_of(settings) as database:
        found = verdicts(database)
    if as_json:
        print_json([{"id": one.entry_id, "label": "yes" if one.label else "no", "why": one.why} for one in found])
        return
    rows = [
        {"verdict": one.verdict, "title": one_line(one.title), "why": one_line(one.why), "id": one.entry_id[:ID_SHOWN]}
        for one in found
    ]
    columns = [
        Column("verdict", "verdict", fixed=True),
        Column("title", "article", ratio=2),
        Column("why", "why", ratio=2),
        Column("id", "id", style="dim", fixed=True),
    ]
    print_table(rows, columns, "No verdict has been given; `basewatch review accept` and `reject` give them.")
