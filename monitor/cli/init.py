"""`basewatch init`: write a commented configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.options import DEFAULT_CONFIG, Config
from monitor.cli.show import command, refuse, say
from monitor.files import replace_file

TEMPLATE = Path(__file__).with_name("basewatch.template.toml")


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("init")(init)


def init(
    config: Config = DEFAULT_CONFIG,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a configuration that is there.")] = False,
) -> None:
    """Write a commented basewatch.toml with every setting."""
    if config.exists() and not force:
        refuse(f"{config}: is there already; edit it, or give --force to overwrite it")
    folder = config.resolve().parent
    opml = (folder / "rules" / "feeds.opml").is_file()
    text = TEMPLATE.read_text(encoding="utf-8")
    if not opml:
        text = text.replace('feeds_opml = "rules/feeds.opml"', '# feeds_opml = "rules/feeds.opml"')
    try:
        replace_file(config, text.encode("utf-8"))
    except OSError as error:
        refuse(f"{config}: cannot be written ({error.strerror})")
    say(f"Wrote {config}.", style="green")
    if not (folder / "rules").is_dir():
        say(
            f"There is no folder rules/ beside it: copy one from the project, or make your own with "
            f"`{command()} learn SEEDS_DIR --out {folder / 'rules'}`."
        )
    if not opml:
        say("It names no feed yet: add [[feed]] with a url, or set feeds_opml.")
    say(f"Next: {command()} doctor, then {command()} sinks test, then {command()} run.")
