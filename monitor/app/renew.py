"""Reading the configuration again while the service runs."""

from __future__ import annotations

from monitor.app.parts import configure, feeds_of, rules_of
from monitor.config import Settings
from monitor.errors import ConfigError


def renew(settings: Settings) -> Settings:
    """The settings as their file says now, with feeds and rules that can be used. Raises ConfigError or RuleError."""
    renewed = configure(settings.file)
    if renewed.database != settings.database:
        raise ConfigError([f"{settings.file}: database: cannot change while the daemon runs; restart it"])
    feeds_of(renewed)
    rules_of(renewed)
    return renewed
