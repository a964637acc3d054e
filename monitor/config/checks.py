"""Mistakes that no single key shows: floors, duplicates, addresses, secrets. Each is a place and a sentence."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from monitor.config.places import Path as Place
from monitor.config.schema import FeedEntry, FeedSource, HealthEntry, Polling, Sink, SinkEntry

Mistake = tuple[Place, str]

POLL_FLOOR_SECONDS = 60
HOST_DELAY_FLOOR_SECONDS = 1
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# A token goes into a header: letters, digits, hyphens and, where tokens rotate, a dot.
_SLACK_TOKEN = re.compile(r"xox[a-z][A-Za-z0-9.-]+")
SINK_SECRETS = ("url", "secret", "token")
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
        yield from place_mistakes(("feed", number), feed, "login")
        unsafe = feed.url.startswith("http:") and not allow_private
        if unsafe and (feed.login_env is not None or feed.login_file is not None):
            yield place, "begins with http:// and would send its password unencrypted; use https://"
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
        return "holds a user name or password; leave them out, and name the variable with user:password in login_env"
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
        for wanted in SINK_SECRETS:
            yield from place_mistakes(("sink", number), sink, wanted)
        yield from _missing(number, sink)
        yield from _unused(number, sink)


def _by_token(sink: SinkEntry) -> bool:
    return sink.kind == "slack" and (sink.token_env is not None or sink.token_file is not None)


def _missing(number: int, sink: SinkEntry) -> Iterator[Mistake]:
    if _by_token(sink):
        if sink.channel is None:
            yield ("sink", number), "a slack sink with a token needs channel, the id of a channel such as C0123ABCD"
    elif sink.kind != "console" and sink.url_env is None and sink.url_file is None:
        or_a_token = ", or token_env or token_file with a channel" if sink.kind == "slack" else ""
        yield ("sink", number), f"a {sink.kind} sink needs url_env or url_file{or_a_token}"


def _unused(number: int, sink: SinkEntry) -> Iterator[Mistake]:
    url, secret = ("url_env", "url_file"), ("secret_env", "secret_file")
    bot = ("token_env", "token_file", "channel", "api_url")
    unused = {
        "console": (*url, *secret, *bot),
        "slack": (*secret, *(url if _by_token(sink) else bot)),
        "webhook": (*bot, "salvo"),
        "apprise": (*secret, *bot, "salvo"),
    }
    kind = "slack sink with a token" if _by_token(sink) else f"{sink.kind} sink"
    for key in unused[sink.kind]:
        if getattr(sink, key):
            yield ("sink", number, key), f"is not used by a {kind}; remove it"
    if sink.api_url and (problem := sink_address_problem(sink.api_url, private=sink.allow_private_addresses)):
        yield ("sink", number, "api_url"), problem


def read_sink(number: int, entry: SinkEntry, environ: Mapping[str, str], folder: Path) -> tuple[Sink, list[Mistake]]:
    """A sink with its secrets read from where the entry says, and what could not be read."""
    mistakes: list[Mistake] = []
    values = {}
    for wanted in SINK_SECRETS:
        values[wanted], found = secret_of(("sink", number), entry, wanted, environ, folder)
        mistakes += found
    if values["token"] and not _SLACK_TOKEN.fullmatch(values["token"]):
        key = "token_env" if entry.token_env is not None else "token_file"
        mistakes.append((("sink", number, key), "its value is no token of Slack; a bot's begins with xoxb-"))
    if url := values["url"]:
        private = entry.allow_private_addresses
        by_apprise = entry.kind == "apprise"
        problem = apprise_address_problem(url) if by_apprise else sink_address_problem(url, private=private)
        if problem:
            key = "url_env" if entry.url_env is not None else "url_file"
            mistakes.append((("sink", number, key), problem))
    return sink_of(entry, **values), mistakes


def sink_of(entry: SinkEntry, url: str = "", secret: str = "", token: str = "") -> Sink:
    """A sink as the settings have it."""
    return Sink(
        name=entry.name,
        kind=entry.kind,
        url=url,
        secret=secret,
        token=token,
        channel=entry.channel or "",
        api_url=entry.api_url or "",
        allow_private_addresses=entry.allow_private_addresses,
        on_unknown=entry.on_unknown,
        min_confidence=entry.min_confidence,
        quiet=entry.quiet,
        canary=entry.canary,
        salvo=entry.salvo,
    )


def read_feed(
    number: int, entry: FeedEntry, environ: Mapping[str, str], folder: Path
) -> tuple[FeedSource, list[Mistake]]:
    """A feed with its login read from where the entry says, and what could not be read."""
    login, mistakes = secret_of(("feed", number), entry, "login", environ, folder)
    if login and ":" not in login:
        key = "login_env" if entry.login_env is not None else "login_file"
        mistakes.append((("feed", number, key), "its value must be user:password"))
    return feed_source(entry, login), mistakes


def feed_source(entry: FeedEntry, login: str = "") -> FeedSource:
    """A feed as the settings have it."""
    return FeedSource(entry.url, entry.title, entry.language, entry.user_agent, login)


def place_mistakes(at: Place, entry: FeedEntry | SinkEntry | HealthEntry, wanted: str) -> Iterator[Mistake]:
    """What is wrong with where a secret is said to be."""
    env, file = getattr(entry, f"{wanted}_env"), getattr(entry, f"{wanted}_file")
    if env is not None and file is not None:
        yield (*at, f"{wanted}_file"), f"stands beside {wanted}_env; keep one of the two"
    if env is not None and not _ENV_NAME.fullmatch(env):
        yield (
            (*at, f"{wanted}_env"),
            "must be the name of an environment variable; the value itself never stands in this file",
        )


def secret_of(
    at: Place, entry: FeedEntry | SinkEntry | HealthEntry, wanted: str, environ: Mapping[str, str], folder: Path
) -> tuple[str, list[Mistake]]:
    """A secret from the variable or the file that the entry names, or "" and what is wrong."""
    env, file = getattr(entry, f"{wanted}_env"), getattr(entry, f"{wanted}_file")
    if env is not None and _ENV_NAME.fullmatch(env):
        value = environ.get(env, "").strip()
        return value, [] if value else [((*at, f"{wanted}_env"), f"the environment variable {env} is not set")]
    if file is not None:
        value, problem = read_secret(folder / file)
        return value, [((*at, f"{wanted}_file"), problem)] if problem else []
    return "", []


def read_secret(path: Path) -> tuple[str, str]:
    """The text of a secret's file without its closing newline, or "" and what is wrong."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_SECRET_BYTES).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        return "", f"{path} cannot be read ({reason})"
    return text, "" if text else f"{path} is empty"


def apprise_address_problem(url: str) -> str:
    """What is wrong with the address of an Apprise sink, as far as is seen without Apprise, or ""."""
    return "" if "://" in url else "its value is no address of Apprise; it must be service://…"


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
