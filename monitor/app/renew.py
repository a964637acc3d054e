"""Reading the configuration again while the service runs."""

from __future__ import annotations

from monitor.app.gate import pass_gate
from monitor.app.parts import configure, database_of, feeds_of, rules_of
from monitor.app.rulebook import version_of
from monitor.config import Settings
from monitor.errors import ConfigError
from monitor.learning.folder import read_rule_files
from monitor.review.rulebook import is_accepted, last_used, stored_rules


def renew(settings: Settings) -> Settings:
    """The settings as their file says now, with feeds and rules that can be used. Raises ConfigError or RuleError."""
    renewed = configure(settings.file)
    if renewed.database != settings.database:
        raise ConfigError([f"{settings.file}: database: cannot change while the daemon runs; restart it"])
    feeds_of(renewed)
    rules_of(renewed)
    hold_to_floors(renewed)
    return renewed


def hold_to_floors(settings: Settings) -> None:
    """Raise RuleError where rules that are new here fall below their floors, and nobody has accepted them all the same.

    A restart takes them as they are.
    """
    with database_of(settings) as database:
        proposed, used = read_rule_files(settings.rules), stored_rules(database, last_used(database))
        version = version_of(proposed)
        if version != used.version and not is_accepted(database, version):
            pass_gate(database, used.files, proposed)
