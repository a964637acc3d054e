"""`[health]`: where the service may be looked at, and whom it tells that it lives."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from monitor.config.checks import Mistake, place_mistakes, secret_of, sink_address_problem
from monitor.config.schema import Health, HealthEntry


def read_health(
    data: object, environ: Mapping[str, str], folder: Path, *, need_secrets: bool
) -> tuple[Health, list[Mistake]]:
    """The settings of `[health]`, and every mistake in it that its schema does not show."""
    try:
        entry = HealthEntry.model_validate(data or {})
    except ValidationError:
        return Health(), []
    mistakes = list(place_mistakes(("health",), entry, "ping_url"))
    if entry.listen and (problem := listen_problem(entry.listen)):
        mistakes.append((("health", "listen"), problem))
    url = ""
    if need_secrets:
        url, found = secret_of(("health",), entry, "ping_url", environ, folder)
        mistakes += found
        if url and (problem := sink_address_problem(url, private=True)):
            key = "ping_url_env" if entry.ping_url_env is not None else "ping_url_file"
            mistakes.append((("health", key), problem))
    return Health(entry.listen or "", url, entry.canary_hours), mistakes


def listen_problem(listen: str) -> str:
    """What is wrong with the address to listen on, or ""."""
    host, _, port = listen.rpartition(":")
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65_535):
        return "must be host:port, such as 127.0.0.1:8642"
    try:
        loopback = ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        loopback = False
    return "" if loopback else "must be a loopback address, such as 127.0.0.1:8642; nobody else may look"
