"""User names and passwords of feeds: read from where the configuration keeps them, handed to the poller alone."""

from __future__ import annotations

from contextlib import suppress

from monitor import redact
from monitor.app.parts import MAX_OPML_BYTES
from monitor.config import Settings
from monitor.feeds.opml import logins_in
from monitor.feeds.source import feed_at


def logins_of(settings: Settings) -> dict[str, str]:
    """The logins ("user:password") by feed id; [[feed]] wins over OPML. From here on they are hidden everywhere."""
    logins: dict[str, str] = {}
    for file in settings.opml_files:
        with suppress(OSError):  # whoever reads the feeds of the file says so
            logins |= logins_in(file.read_bytes()[:MAX_OPML_BYTES])
    logins |= {feed_at(feed.url).id: feed.login for feed in settings.feeds if feed.login}
    redact.register(logins.values())
    return logins
