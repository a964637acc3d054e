"""`basewatch explain`: the way of one article through the house, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from monitor import app as house
from monitor.cli.options import DEFAULT_CONFIG, Config, Json
from monitor.cli.replay import chosen_rules
from monitor.cli.review import days
from monitor.cli.show import SENTENCE_SHOWN, STYLES, console, moment, print_evidence, print_json, say
from monitor.engine.explain import Explanation
from monitor.engine.replay import output_line
from monitor.redact import one_line, plain


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("explain")(command)


def command(
    what: Annotated[str, typer.Argument(metavar="URL|FILE|ENTRY_ID", help="A page, a text file, or a stored entry.")],
    title: Annotated[str, typer.Option(help="The headline of a text file; else its first line.")] = "",
    published: Annotated[str, typer.Option(help="The day or time of publication of a text file.")] = "",
    rules: Annotated[Path | None, typer.Option(help="Folder of rules; else the configured one, else ./rules.")] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """Tell how an article would be decided now, and why. Nothing is stored or sent."""
    chosen = chosen_rules(rules, config)
    explanation = house.explain_what(what, chosen, config, title=title, published=published)
    if as_json:
        print_json(
            {
                **output_line(explanation.decision, chosen),
                "stored": list(explanation.told),
                "edits": list(explanation.edits),
            }
        )
        return
    _print(explanation)


def _print(explanation: Explanation) -> None:
    decision = explanation.decision
    article, judgement = decision.article, decision.judgement
    say(one_line(article.title) or "(no title)", style="bold")
    facts = (
        article.source,
        moment(article.published_at) or "no date",
        article.url,
        f"{len(article.text):,} characters",
    )
    say(" · ".join(fact for fact in facts if fact), style="dim")
    _step("1 match", f"{judgement.label}, score {judgement.score:.2f}, rule {judgement.rule or 'none'}")
    print_evidence((item.rule, item.text, item.sentence) for item in judgement.evidence)
    if judgement.missing:
        say(f"    not flagged: {judgement.missing}")
    _step("2 events", f"{len(decision.links)} mentioned" if decision.links else "none")
    for link in decision.links:
        mention = link.mention
        place = mention.base or mention.area or mention.country or "?"
        when = days(_text(mention.date_from), _text(mention.date_to)) or "no day"
        say(f"    {place}, {when} ({mention.date_source}): {link.how}; {link.why}")
        say(f"      “{one_line(mention.sentence, SENTENCE_SHOWN)}”", style="dim")
    line = Text("3 decision  ", style="bold")
    line.append(decision.speech.reason, style=STYLES.get(decision.speech.reason, ""))
    line.append(f"  {len(decision.speech.alerts)} alerts" + (f"; {plain(decision.why)}" if decision.why else ""))
    console().print(line)
    for told in explanation.told:
        say(
            f"    stored {moment(told['judged_at'])}: {told['reason']} by rules {str(told['rules_version'])[:8]}", "dim"
        )
    for edit in explanation.edits:
        how = "merged into" if edit["kind"] == "merge" else "split off from"
        what = f"a reviewer {how} {edit['incident_id']} its event {edit['other_id']}"
        say(f"    {moment(edit['at'])}: {what}: {one_line(str(edit['why']))}", "dim")


def _step(name: str, what: str) -> None:
    line = Text(f"{name}  ", style="bold")
    line.append(plain(what), style="")
    console().print(line)


def _text(value: Any) -> str | None:
    return str(value) if value else None
