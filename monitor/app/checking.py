"""Polling feeds without storing anything, for `basewatch feeds check`."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.app.logins import logins_of
from monitor.app.parts import now, polling_settings
from monitor.children import Children
from monitor.config import Settings
from monitor.engine.check import Checker, FeedCheck
from monitor.http import Http
from monitor.model import Feed


async def check_feeds(settings: Settings, feeds: Sequence[Feed]) -> list[FeedCheck]:
    """Poll each of these feeds once; nothing is stored."""
    async with Http() as http, Children(2) as children:
        checker = Checker(http, children, polling_settings(settings), logins_of(settings), now)
        return await checker.check_all(feeds)
