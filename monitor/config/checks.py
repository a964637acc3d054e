"""Mistakes that no single key shows: floors, duplicates, addresses, secrets. Each is a place and a sentence."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from monitor.config.places import Path as Place
from monitor.config.schema import FeedEntry, Polling, Sink, SinkEntry

Mistake = tuple[Place, str]

POLL_FLOOR_SECONDS = 60
HOST_DELAY_FLOOR_SECONDS = 1
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
MAX_SECRET_BYTES = 65_536


def polling_mistakes(polling: Polling) -> Iterator[Mistake]:
    """Polling faster than a stranger's server should bear."""
    if polling.allow_private_addresses:
        return
    why = "only a feed server of your own (allow_private_addresses = true) may be asked faster"
    if polling.every_seconds < POLL_FLOOR_SECONDS:
        yield ("polling", "every_seconds"), f"must be at least {POLL_FLOOR_SECONDS}; {why}"
    if polling.host_delay_seconds < HOST_DELAY_FLOOR_SECONDS:
        yield ("polling", "host_delay_seconds"), f"must be at least {HOST_DELAY_FLOOR_SECONDS}; {why}"


def feed_mistakes(feeds: Mapping[int, FeedEntry], *, allow_private: bool) -> Iterator[Mistake]:
    """Addresses that cannot be polled, and the same feed twice."""
    first: dict[str, int] = {}
    for number, feed in feeds.items():
        place = ("feed", number, "url")
        if problem := address_problem(feed.url, allow_private=allow_private):
            yield place, problem
        if feed.url in first:
            yield place, f"stands twice, first in feed[{first[feed.url] + 1}]; remove one"
        first.setdefault(feed.url, number)


def address_problem(url: str, *, allow_private: bool) -> str:
    """What is wrong with a feed's address, or ""; never repeats the address, which may hold a password."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return "is not a web address; write https://host/path"
    if parts.scheme not in ("http", "https") or not host:
        return "is not a web address; write https://host/path"
    if any(sign.isspace() for sign in url):
        return "holds a space; write %20 for it, or remove it"
    if parts.username is not None or parts.password is not None:
        return "holds a user name or password, which would stand in the database; use an address without them"
    if not allow_private and is_private(host):
        return f"{host} is a private address; polling.allow_private_addresses = true allows it, for feeds of your own"
    return ""


def is_private(host: str) -> bool:
    """True where a host is plainly of this machine or network; names are vetted when they are dialled."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def sink_mistakes(sinks: Mapping[int, SinkEntry]) -> Iterator[Mistake]:
    """Two sinks of one name, and sinks without an address."""
    first: dict[str, int] = {}
    for number, sink in sinks.items():
        if sink.name in first:
            yield ("sink", number, "name"), f"stands twice, first in sink[{first[sink.name] + 1}]; names are unique"
        first.setdefault(sink.name, number)
        for wanted in ("url", "secret"):
            env, file = getattr(sink, f"{wanted}_env"), getattr(sink, f"{wanted}_file")
            if env is not None and file is not None:
                yield ("sink", number, f"{wanted}_file"), f"stands beside {wanted}_env; keep one of the two"
            if env is not None and not _ENV_NAME.fullmatch(env):
                yield (
                    ("sink", number, f"{wanted}_env"),
                    "must be the name of an environment variable; the value itself never stands in this file",
                )
        yield from _unfitting(number, sink)


def _unfitting(number: int, sink: SinkEntry) -> Iterator[Mistake]:
    if sink.kind != "console" and sink.url_env is None and sink.url_file is None:
        yield ("sink", number), f"a {sink.kind} sink needs url_env or url_file"
    unused = {"console": ("url_env", "url_file", "secret_env", "secret_file"), "slack": ("secret_env", "secret_file")}
    for key in unused.get(sink.kind, ()):
        if getattr(sink, key) is not None:
            yield ("sink", number, key), f"is not used by a {sink.kind} sink; remove it"


def read_sink(number: int, entry: SinkEntry, environ: Mapping[str, str], folder: Path) -> tuple[Sink, list[Mistake]]:
    """A sink with its secrets read from where the entry says, and what could not be read."""
    mistakes: list[Mistake] = []
    values = {}
    for wanted in ("url", "secret"):
        env, file = getattr(entry, f"{wanted}_env"), getattr(entry, f"{wanted}_file")
        if env is not None and _ENV_NAME.fullmatch(env):
            values[wanted] = environ.get(env, "").strip()
            if not values[wanted]:
                mistakes.append((("sink", number, f"{wanted}_env"), f"the environment variable {env} is not set"))
        elif file is not None:
            values[wanted], problem = read_secret(folder / file)
            if problem:
                mistakes.append((("sink", number, f"{wanted}_file"), problem))
    if values.get("url") and (problem := sink_address_problem(values["url"], private=entry.allow_private_addresses)):
        key = "url_env" if entry.url_env is not None else "url_file"
        mistakes.append((("sink", number, key), problem))
    sink = Sink(
        name=entry.name,
        kind=entry.kind,
        url=values.get("url", ""),
        secret=values.get("secret", ""),
        allow_private_addresses=entry.allow_private_addresses,
        on_unknown=entry.on_unknown,
        min_confidence=entry.min_confidence,
    )
    return sink, mistakes


def read_secret(path: Path) -> tuple[str, str]:
    """The text of a secret's file without its closing newline, or "" and what is wrong."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_SECRET_BYTES).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        return "", f"{path} cannot be read ({reason})"
    return text, "" if text else f"{path} is empty"


def sink_address_problem(url: str, *, private: bool) -> str:
    """What is wrong with a sink's address, or ""; never repeats the address, which is a secret."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not any(map(str.isspace, url))
        _ = parts.port
    except ValueError:
        usable = False
    if not usable:
        return "its value is not a web address; it must be https://…"
    if parts.scheme == "http" and not private:
        return (
            "its value begins with http:// and would travel unencrypted; use https:// (http only to private addresses)"
        )
    return ""
