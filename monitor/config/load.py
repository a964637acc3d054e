"""Reads a configuration whole: either settings that can be used, or every mistake at once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from monitor.config.checks import (
    Mistake,
    feed_mistakes,
    feed_source,
    polling_mistakes,
    read_feed,
    read_sink,
    sink_mistakes,
    sink_of,
)
from monitor.config.health import read_health
from monitor.config.nearest import nearest
from monitor.config.places import Path as Place
from monitor.config.places import dotted, line_of
from monitor.config.quiet import quiet_mistakes
from monitor.config.routes import route_mistakes
from monitor.config.schema import (
    Confidence,
    Delivery,
    Document,
    FeedEntry,
    HealthEntry,
    Kind,
    Label,
    OnUnknown,
    Polling,
    QuietEntry,
    RouteEntry,
    SalvoEntry,
    Section,
    Settings,
    Severity,
    SinkEntry,
    Speaking,
)
from monitor.errors import ConfigError

MAX_BYTES = 1_000_000
_SECTIONS: dict[str, type[Section]] = {
    "polling": Polling, "feed": FeedEntry, "sink": SinkEntry, "route": RouteEntry, "delivery": Delivery,
    "health": HealthEntry,
}  # fmt: skip
_INNER: dict[str | int, type[Section]] = {"quiet": QuietEntry, "salvo": SalvoEntry}
_LISTS = ("feed", "sink", "route")
_CHOICES = {
    "kind": get_args(Kind), "on_unknown": get_args(OnUnknown), "min_confidence": get_args(Confidence),
    "confidence": get_args(Confidence), "except_confidence": get_args(Confidence), "reason": get_args(Speaking),
    "group_by": get_args(Label), "severity": get_args(Severity), "except_severity": get_args(Severity),
}  # fmt: skip
# What pydantic calls a mistake, in our words.
_WORDS = {
    "missing": "is missing",
    "bool_type": "must be true or false",
    "string_type": "must be a text in quotes",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "list_type": "must be a list",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "finite_number": "must be a finite number",
    "string_pattern_mismatch": "must be 1 to 64 letters, digits, hyphens or underscores",
    "string_too_long": "is too long",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
}
_PATTERNS = {
    "channel": "must be the id of a channel, such as C0123ABCD; Slack shows it among the details of the channel",
    "country": "must be two capital letters (ISO 3166 alpha-2)",
    "from": 'must be a time of day such as "22:00"',
    "to": 'must be a time of day such as "07:00"',
}
_LOGIN_KEYS = ("login", "user", "username", "password")
_SECRET_KEYS = ("url", "secret", "token", "webhook", "webhook_url")
M = TypeVar("M", bound=BaseModel)


def load(path: Path, environ: Mapping[str, str], *, need_secrets: bool = True) -> Settings:
    """Read the configuration at `path`. Raises ConfigError with every mistake found.

    With `need_secrets` False the sinks' secrets are not read, for commands that send nothing.
    """
    text = _read(path)
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError([f"{path}: is not TOML: {str(error)[:300]}"]) from error
    mistakes = _schema_mistakes(data)
    document = _valid(Document, data)
    polling = _usable_polling(data.get("polling"))
    feeds = _valid_items(FeedEntry, data.get("feed"))
    entries = _valid_items(SinkEntry, data.get("sink"))
    mistakes += polling_mistakes(polling)
    mistakes += feed_mistakes(feeds, allow_private=polling.allow_private_addresses)
    mistakes += sink_mistakes(entries)
    mistakes += quiet_mistakes(entries)
    mistakes += route_mistakes(_valid_items(RouteEntry, data.get("route")), data.get("sink"))
    folder = path.resolve().parent
    opml_files, opml_mistakes = _opml_files(data, folder)
    mistakes += opml_mistakes
    sinks = [sink_of(entry) for entry in entries.values()]
    sources = [feed_source(entry) for entry in feeds.values()]
    watching, health_mistakes = read_health(data.get("health"), environ, folder, need_secrets=need_secrets)
    mistakes += health_mistakes
    if need_secrets:
        watched = [read_feed(number, entry, environ, folder) for number, entry in feeds.items()]
        sources = [source for source, _ in watched]
        mistakes += [mistake for _, found in watched for mistake in found]
        read = [read_sink(number, entry, environ, folder) for number, entry in entries.items()]
        sinks = [sink for sink, _ in read]
        mistakes += [mistake for _, found in read for mistake in found]
    if mistakes or document is None:
        raise ConfigError(_sentences(path, text, mistakes))
    return Settings(
        file=path.resolve(),
        database=folder / Path(document.database).expanduser(),
        rules=folder / Path(document.rules).expanduser(),
        opml_files=opml_files,
        polling=document.polling,
        feeds=tuple(sources),
        sinks=tuple(sinks),
        secret_files=secret_files(document, folder),
        delivery=document.delivery,
        health=watching,
        routes=tuple(document.route),
    )


def secret_files(document: Document, folder: Path) -> tuple[Path, ...]:
    """The files that hold secrets."""
    named = [file for entry in document.sink for file in (entry.url_file, entry.secret_file, entry.token_file)]
    named += [entry.login_file for entry in document.feed]
    named.append(document.health.ping_url_file)
    return tuple(folder / file for file in named if file)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise ConfigError([f"{path}: is larger than {MAX_BYTES:,} bytes; this is no configuration of Basewatch"])
        return raw.decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError([f"{path}: there is no configuration; `basewatch init` writes one"]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read ({error})"]) from error


def _schema_mistakes(data: dict[str, Any]) -> list[Mistake]:
    try:
        Document.model_validate(data)
    except ValidationError as error:
        found = [
            (_place(detail), _words(detail))
            for detail in error.errors(include_url=False, include_context=True)
            if detail["loc"][-1:] != ("list[str]",)
        ]
        return list(dict.fromkeys(found))
    return []


def _place(detail: ErrorDetails) -> Place:
    return tuple(step for step in detail["loc"] if step not in ("str", "list[str]"))


def _words(detail: ErrorDetails) -> str:
    kind, place, context = detail["type"], _place(detail), detail.get("ctx", {})
    name = next((step for step in reversed(place) if isinstance(step, str)), "")
    if kind == "extra_forbidden":
        return _unknown_key(place)
    if kind == "literal_error":
        choices = _CHOICES[name]
        return f"must be one of {', '.join(choices)}{nearest(str(detail['input']), choices)}"
    if kind == "list_type" and name in _LISTS:
        return f"is a list of tables; write [[{name}]] with two brackets"
    if kind == "string_pattern_mismatch" and name in _PATTERNS:
        return _PATTERNS[name]
    limits = {"greater_than_equal": ("ge", "at least"), "less_than_equal": ("le", "at most")}
    if kind in limits:
        key, words = limits[kind]
        return f"must be {words} {context[key]:g}"
    return _WORDS.get(kind, detail["msg"][:1].lower() + detail["msg"][1:])


def _unknown_key(place: Place) -> str:
    section, name = str(place[0]), str(place[-1])
    if section == "sink" and name in _SECRET_KEYS:
        wanted = name if name in ("secret", "token") else "url"
        return f"is a secret and must not stand here; put it into an environment variable and name that in {wanted}_env"
    if section == "feed" and name in _LOGIN_KEYS:
        return "is a secret and must not stand here; put user:password into a variable and name that in login_env"
    inner = next((_INNER[step] for step in place[:-1] if step in _INNER), None)
    model = Document if len(place) == 1 else inner or _SECTIONS[section]
    valid = model.names()
    hint = nearest(name, valid)
    return f"no such setting{hint}" if hint else f"no such setting; valid here: {', '.join(valid)}"


def _valid(model: type[M], data: object) -> M | None:
    try:
        return model.model_validate(data)
    except ValidationError:
        return None


def _usable_polling(data: object) -> Polling:
    """The polling table without its broken keys, so that one mistake there hides no other."""
    usable = data if isinstance(data, dict) else {}
    return Polling(**{key: value for key, value in usable.items() if _valid(Polling, {key: value})})


def _valid_items(model: type[M], items: object) -> dict[int, M]:
    if not isinstance(items, list):
        return {}
    found = {number: _valid(model, item) for number, item in enumerate(items)}
    return {number: item for number, item in found.items() if item is not None}


def _opml_files(data: dict[str, Any], folder: Path) -> tuple[tuple[Path, ...], list[Mistake]]:
    """The OPML files named, and what is wrong: a missing file, or no feed at all in the whole configuration."""
    named = data.get("feeds_opml", [])
    names = [named] if isinstance(named, str) else named if isinstance(named, list) else []
    files = tuple(folder / Path(name).expanduser() for name in names if isinstance(name, str))
    mistakes: list[Mistake] = [
        (("feeds_opml",), f"{file} does not exist or is no file") for file in files if not file.is_file()
    ]
    if not data.get("feed") and not named:
        mistakes.append((("feed",), "there is no feed to watch; add [[feed]] with a url, or feeds_opml"))
    return files, mistakes


def _sentences(path: Path, text: str, mistakes: list[Mistake]) -> list[str]:
    """One sentence for each mistake, in the order of the file."""
    placed = sorted((line_of(text, place) or 0, dotted(place), words) for place, words in mistakes)
    return [f"{path}{f', line {line}' if line else ''}: {place}: {words}" for line, place, words in placed]
