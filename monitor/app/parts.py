"""The parts that commands and the daemon are built from: settings, feeds, rules, database."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from monitor import redact
from monitor.config import Settings, load
from monitor.errors import ConfigError, NoDatabase, RuleError
from monitor.feeds.opml import read_opml
from monitor.feeds.result import PollingSettings
from monitor.feeds.source import feed_at
from monitor.learning.folder import read_rule_files
from monitor.matching import RuleSet, load_rules
from monitor.model import Feed
from monitor.store.db import Database

MAX_OPML_BYTES = 10_000_000


def configure(file: Path, *, need_secrets: bool = True) -> Settings:
    """The settings of a configuration file, with secrets from the environment. Raises ConfigError."""
    settings = load(file, environment(), need_secrets=need_secrets)
    redact.register(settings.secrets)
    return settings


def environment() -> Mapping[str, str]:
    """The environment of this process."""
    return dict(os.environ)


def feeds_of(settings: Settings) -> tuple[Feed, ...]:
    """The feeds of [[feed]] and of the OPML files, each address once. Raises ConfigError."""
    feeds = {feed.url: feed_at(feed.url, feed.title, feed.language, feed.user_agent) for feed in settings.feeds}
    mistakes = []
    for file in settings.opml_files:
        try:
            found, problem = read_opml(file.read_bytes()[:MAX_OPML_BYTES])
        except OSError as error:
            found, problem = (), f"cannot be read ({error.strerror})"
        if problem or not found:
            mistakes.append(f"{file}: {problem or 'holds no feed'}; correct it, or take it out of feeds_opml")
        for feed in found:
            feeds.setdefault(feed.url, feed)
    if mistakes:
        raise ConfigError(mistakes)
    return tuple(feeds.values())


def rules_of(settings: Settings) -> RuleSet:
    """The configured rules. Raises RuleError."""
    return rules_in(settings.rules)


def rules_in(folder: Path) -> RuleSet:
    """The rules of a folder. Raises RuleError, and says where rules come from if there is no such folder."""
    if not folder.is_dir():
        raise RuleError(
            f"{folder}: there is no folder of rules; copy rules/ of the project there, "
            f"or make one with `basewatch learn SEEDS_DIR --out {folder}`"
        )
    return load_rules(folder)


def rule_texts(folder: Path) -> dict[str, str]:
    """The rule files of a folder as they stand, to be kept with what they decide."""
    return read_rule_files(folder)


@contextmanager
def database_of(settings: Settings, *, create: bool = False, checkpoints: bool = False) -> Iterator[Database]:
    """The configured database. Only the daemon `checkpoints`; commands work beside it.

    Raises NoDatabase where there is none, unless it is to be made.
    """
    if not create and not settings.database.exists():
        raise NoDatabase(no_database(settings))
    database = Database(settings.database, checkpoints=checkpoints)
    try:
        yield database
    finally:
        database.close()


def no_database(settings: Settings) -> str:
    """That there is none, in one sentence."""
    return f"{settings.database}: there is no database yet; `basewatch run` makes it"


@contextmanager
def some_database(settings: Settings | None) -> Iterator[Database]:
    """The configured database where there is one, else an empty one that is thrown away: for what stores nothing."""
    if settings and settings.database.exists():
        with database_of(settings) as database:
            yield database
        return
    with tempfile.TemporaryDirectory(prefix="basewatch-") as folder:
        database = Database(Path(folder) / "empty.db", durable=False)
        try:
            yield database
        finally:
            database.close()


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def polling_settings(settings: Settings) -> PollingSettings:
    """`[polling]` as the poller takes it."""
    polling = settings.polling
    return PollingSettings(
        every_seconds=polling.every_seconds,
        host_delay_seconds=polling.host_delay_seconds,
        backfill_hours=polling.backfill_hours,
        allow_private_addresses=polling.allow_private_addresses,
        user_agent=polling.user_agent,
    )
