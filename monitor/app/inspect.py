"""Looking without touching: the doctor's round, and the explanation of one article."""

from __future__ import annotations

import asyncio
from pathlib import Path

from monitor.app.canary import check_canary
from monitor.app.parts import (
    configure,
    database_of,
    feeds_of,
    no_database,
    now,
    polling_settings,
    rules_of,
    some_database,
)
from monitor.app.routes import check_routes
from monitor.children import Children
from monitor.config import Settings
from monitor.engine.explain import Explanation, explain
from monitor.engine.given import article_of_entry, article_of_file, article_of_page, is_address
from monitor.engine.pages import extracting_in
from monitor.errors import BasewatchError, ConfigError, InputError
from monitor.feeds.result import PollingSettings
from monitor.health.doctor import (
    Check,
    attempt,
    check_database,
    check_secret_files,
    check_service,
    check_versions,
    is_alive,
)
from monitor.health.status import check_last_alert
from monitor.http import Http
from monitor.matching import RuleSet
from monitor.model import Article

EXTRACT_SECONDS = 10


def alive(config: Path) -> Check:
    """Whether the daemon of a configuration is at work."""
    try:
        settings = configure(config, need_secrets=False)
        if not settings.database.exists():
            return Check("daemon", "bad", no_database(settings))
        with database_of(settings) as database:
            return is_alive(database, now())
    except BasewatchError as error:
        return Check("daemon", "bad", str(error))


def examine(config: Path) -> list[Check]:
    """Everything the doctor looks at; what cannot be looked at because of a mistake is left out."""
    try:
        settings = configure(config)
    except ConfigError as error:
        return [*(Check("config", "bad", mistake) for mistake in error.mistakes), *check_versions()]
    sinks = ", ".join(f"{sink.name} ({sink.kind})" for sink in settings.sinks)
    checks = [
        Check("config", "ok", str(settings.file)),
        attempt("feeds", lambda: f"{len(feeds_of(settings))} feeds", BasewatchError),
        attempt("rules", lambda: _told(rules_of(settings)), BasewatchError),
        Check("sinks", "ok", sinks)
        if sinks
        else Check("sinks", "look", "none is configured; alerts go to the console"),
        *check_secret_files(settings.secret_files),
        *check_canary(settings),
        *check_routes(settings),
    ]
    return [*checks, *_look_into(settings), *check_versions()]


def how_it_goes(config: Path) -> list[Check]:
    """How daemon, feeds and deliveries are, without looking at every page of the file."""
    settings = configure(config, need_secrets=False)
    if not settings.database.exists():
        return [alive(config)]
    with database_of(settings) as database:
        return [*check_service(database, now()), check_last_alert(database)]


def _told(rules: RuleSet) -> str:
    return f"{len(rules.bases)} bases and areas, {len(rules.rules)} rules, version {rules.version[:12]}"


def _look_into(settings: Settings) -> list[Check]:
    if not settings.database.exists():
        return [Check("database", "look", no_database(settings))]
    try:
        with database_of(settings) as database:
            return check_database(database, now())
    except BasewatchError as error:
        return [Check("database", "bad", str(error))]


def explain_what(what: str, rules: RuleSet, config: Path, *, title: str = "", published: str = "") -> Explanation:
    """Explain a page, a text file or a stored entry by what the configured database knows; nothing is written."""
    settings = configure(config, need_secrets=False) if config.exists() else None
    if is_address(what):
        article = asyncio.run(_page(what, polling_settings(settings) if settings else PollingSettings()))
    elif Path(what).is_dir():
        raise InputError(f"{what}: is a folder; give one file of it")
    elif Path(what).is_file():
        article = article_of_file(Path(what), title, published, now())
    elif settings is None or not settings.database.exists():
        raise InputError(f"{what}: is no address and no file, and there is no database that could hold it as an entry")
    else:
        with database_of(settings) as database:
            return explain(database, rules, article_of_entry(database, what), now())
    with some_database(settings) as database:
        return explain(database, rules, article, now())


async def _page(url: str, settings: PollingSettings) -> Article:
    async with Http() as http, Children(1) as children:
        return await article_of_page(http, extracting_in(children, EXTRACT_SECONDS), url, settings, now())
