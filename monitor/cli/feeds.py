"""`basewatch feeds`: what is watched, and adding to it."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor import app as house
from monitor.cli import feeds_try
from monitor.cli.feeds_file import append_feeds
from monitor.cli.options import DEFAULT_CONFIG, Config, Json
from monitor.cli.show import Column, moment, print_json, print_table, refuse, say
from monitor.config.checks import address_problem
from monitor.feeds.source import feed_at
from monitor.store.lookup import feed_rows

COLUMNS = [
    Column("state", "state", fixed=True),
    Column("title", "feed", ratio=1),
    Column("url", "address", ratio=2),
    Column("entries", "entries", right=True),
    Column("last_ok", "last read (UTC)", fixed=True),
    Column("last_error", "last error", style="dim", ratio=1),
]


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    group = typer.Typer(help="What is watched.", no_args_is_help=True)
    group.command("list")(list_feeds)
    group.command("add")(add)
    group.command("check")(feeds_try.check)
    group.command("import")(feeds_try.import_feeds)
    app.add_typer(group, name="feeds")


def list_feeds(config: Config = DEFAULT_CONFIG, as_json: Json = False) -> None:
    """List the feeds of the configuration with what was last seen of each."""
    settings = house.configure(config, need_secrets=False)
    feeds = house.feeds_of(settings)
    with house.some_database(settings) as database:
        seen = feed_rows(database)
    rows = [
        {"id": feed.id, "title": feed.title, "url": feed.url, "state": "never polled", **seen.get(feed.id, {})}
        for feed in feeds
    ]
    if as_json:
        print_json(rows)
        return
    shown = [{**row, "last_ok": moment(row.get("last_ok_at"))} for row in rows]
    print_table(shown, COLUMNS, "No feed is configured.")
    say(f"{len(rows)} feeds.", style="dim")


def add(
    url: Annotated[str, typer.Argument(help="The feed's address.", show_default=False)],
    title: Annotated[str, typer.Option(help="How the feed is called.")] = "",
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Add a feed to the configuration; a running daemon takes it up at its next start."""
    settings = house.configure(config, need_secrets=False)
    problem = address_problem(url, allow_private=settings.polling.allow_private_addresses)
    if problem:
        refuse(f"the address {problem}")
    if any(feed.url == url for feed in house.feeds_of(settings)):
        refuse(f"{url} is watched already")
    append_feeds(config, [feed_at(url, title)])
    house.configure(config, need_secrets=False)
    say(f"Added {url} to {config}; restart the daemon to poll it.", style="green")
