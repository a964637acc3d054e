"""Feeds written into a person's configuration."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from pathlib import Path

from monitor.cli.show import refuse
from monitor.errors import InputError
from monitor.files import replace_file
from monitor.model import Feed
from monitor.redact import one_line

TITLE_SHOWN = 200


def append_feeds(config: Path, feeds: Iterable[Feed]) -> None:
    """Write each as a [[feed]] at the end of the file: the only edit that cannot spoil the rest of it.

    The file is whole at any moment. Raises InputError where it cannot be written.
    """
    whole = config.read_bytes().decode("utf-8").rstrip("\n") + "\n" + "".join(map(as_toml, feeds))
    try:
        tomllib.loads(whole)
    except tomllib.TOMLDecodeError:
        refuse(f"{config}: its feeds are not written as [[feed]]; add them by hand")
    try:
        replace_file(config, whole.encode("utf-8"))
    except OSError as error:
        raise InputError(f"{config}: cannot be written ({error.strerror}); nothing was changed") from error


def as_toml(feed: Feed) -> str:
    """A feed as TOML: what JSON writes as a string is a string of TOML too."""
    shown = one_line(feed.title, TITLE_SHOWN)
    title = f"title = {json.dumps(shown, ensure_ascii=False)}\n" if shown else ""
    return f"\n[[feed]]\nurl = {json.dumps(feed.url, ensure_ascii=False)}\n{title}"
