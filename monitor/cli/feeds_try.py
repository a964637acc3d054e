"""`basewatch feeds check` and `feeds import`: trying feeds before they are watched, and taking over many at once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor import app as house
from monitor.app.checking import check_feeds
from monitor.app.parts import MAX_OPML_BYTES
from monitor.cli.feeds_file import append_feeds
from monitor.cli.options import DEFAULT_CONFIG, Config, Json
from monitor.cli.show import FINE, NOT_WELL, Column, moment, print_json, print_table, refuse, say, tell
from monitor.config import Settings
from monitor.config.checks import address_problem
from monitor.engine.check import FeedCheck
from monitor.errors import InputError
from monitor.feeds.opml import logins_in, read_opml
from monitor.feeds.source import feed_at
from monitor.model import Feed
from monitor.redact import redact
from monitor.urls import public_url

COLUMNS = [
    Column("state", "state", fixed=True),
    Column("url", "address", ratio=2),
    Column("entries", "entries", right=True),
    Column("newest_at", "newest (UTC)", fixed=True),
    Column("problem", "what is wrong", ratio=2),
]


def check(
    url: Annotated[str, typer.Argument(metavar="[URL]", help="An address, watched or not.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Check all feeds of the configuration.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: Json = False,
) -> None:
    """Poll once and store nothing: what came, what is wrong, which feed a page announces. Ends with 1 if one fails."""
    settings = house.configure(config)
    found = asyncio.run(check_feeds(settings, wanted(settings, url, every=every)))
    rows = [row_of(one) for one in found]
    if as_json:
        print_json(rows)
    else:
        print_table([{**row, "newest_at": moment(row["newest_at"])} for row in rows], COLUMNS, "No feed is configured.")
        for row in rows:
            for place in row["proposed"]:
                say(f"{row['url']}: a feed is at {place}")
    raise typer.Exit(NOT_WELL if any(one.result.failure for one in found) else FINE)


def wanted(settings: Settings, url: str, *, every: bool) -> list[Feed]:
    """The feeds to check; refuses what is neither an address nor --all."""
    if every == bool(url):
        refuse("give one address, or --all for the feeds of the configuration")
    feeds = house.feeds_of(settings)
    if every:
        return list(feeds)
    problem = address_problem(url, allow_private=settings.polling.allow_private_addresses)
    if problem:
        refuse(f"the address {problem}")
    return [next((feed for feed in feeds if feed.url == url), feed_at(url))]


def row_of(found: FeedCheck) -> dict[str, Any]:
    """One finding as it is shown."""
    result = found.result
    dates = [entry.published_at for entry in result.entries if entry.published_at]
    moved = f"it has moved for good to {public_url(result.permanent_url)}" if result.permanent_url else ""
    return {
        "url": found.feed.url,
        "state": result.failure or "ok",
        "status": result.status,
        "source": result.source,
        "entries": len(result.entries),
        "newest_at": max(dates).isoformat() if dates else None,
        "problem": redact(". ".join(text for text in (result.error, result.flaw, moved) if text)),
        "proposed": list(found.proposed),
    }


def import_feeds(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An OPML file.", dir_okay=False, show_default=False)],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Add the feeds of an OPML file to the configuration; a running daemon takes them up at its next start."""
    settings = house.configure(config, need_secrets=False)
    feeds, logins = opml_of(file)
    watched = {feed.url for feed in house.feeds_of(settings)}
    problems = {feed.url: usable(feed, settings, logins) for feed in feeds}
    new = [feed for feed in feeds if feed.url not in watched and not problems[feed.url]]
    for feed in feeds:
        if feed.url not in watched and problems[feed.url]:
            tell(f"{feed.url}: not added: its address {problems[feed.url]}", style="yellow")
    if new:
        append_feeds(config, new)
        house.configure(config, need_secrets=False)
    known = sum(feed.url in watched for feed in feeds)
    refused = len(feeds) - len(new) - known
    say(f"{len(new)} feeds added to {config}, {known} were watched already, {refused} not added.")
    raise typer.Exit(NOT_WELL if refused else FINE)


def opml_of(file: Path) -> tuple[tuple[Feed, ...], dict[str, str]]:
    """The feeds of an OPML file and their logins. Raises InputError where there are none."""
    try:
        data = file.read_bytes()[:MAX_OPML_BYTES]
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror}); give the path of an OPML file") from error
    feeds, problem = read_opml(data)
    if problem:
        tell(f"{file}: {problem}; what could be read of it is used", style="yellow")
    if not feeds:
        raise InputError(f"{file}: holds no feed; give an OPML file as feed readers export it")
    return feeds, logins_in(data)


def usable(feed: Feed, settings: Settings, logins: dict[str, str]) -> str:
    """Why a feed of the file cannot be added as it stands, or ""."""
    if feed.id in logins:
        return "held a user name or password; add it as a [[feed]] with login_env"
    return address_problem(feed.url, allow_private=settings.polling.allow_private_addresses)
