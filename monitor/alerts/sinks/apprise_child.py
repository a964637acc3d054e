"""The part of an Apprise sink that runs in a child process: services dial by themselves and may hang."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from monitor.http import guard_process

# How Apprise's services log the status of an answer that was no success.
_STATUS = re.compile(r"error=([345][0-9]{2})\b")


@dataclass(frozen=True, slots=True)
class Report:
    """What came of one message. `failed` names an exception; `code` is the status that a service logged.

    `result` and `attempts` are Apprise's words for the whole and for each attempt. `dialled` tells whether anybody was
    dialled at all; `refused` why addresses were not.
    """

    result: str = ""
    attempts: tuple[str, ...] = ()
    code: int | None = None
    failed: str = ""
    dialled: bool = True
    refused: tuple[str, ...] = ()


def notify_guarded(url: str, title: str, body: str, allow_private: bool) -> Report:
    """Send by one address of Apprise, in a child process: its address guard stands for good."""
    dialled = guard_process(allow_private=allow_private)
    report = notify(url, title, body)
    return replace(report, dialled=dialled.passed > 0, refused=tuple(dialled.refused))


def notify(url: str, title: str, body: str) -> Report:
    """Send by one address of Apprise; never raises."""
    apprise = import_module("apprise")
    try:
        target = target_of(apprise, url)
        sender = apprise.Apprise(asset=target.asset)
        sender.add(target)
        found = sender.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT)
        attempts = [attempt for result in found for attempt in result.attempts]
        logged = " ".join(entry.message for attempt in attempts for entry in attempt.logs)
    except Exception as error:  # noqa: BLE001 - more than a hundred services, each with code of its own
        return Report(failed=type(error).__name__)
    code = _STATUS.search(logged)
    return Report(found.status.name, tuple(one.status.name for one in attempts), int(code[1]) if code else None)


def target_of(apprise: Any, url: str) -> Any:
    """The service that an address stands for, or None. Raises what services raise, with texts that hold the address."""
    asset = apprise.AppriseAsset(http_redirects=False, service_timeout=0, allow_templates=False)
    found = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=False)
    if found is not None:
        # An address may ask for redirects, by which a POST becomes a GET that is taken for success.
        found.redirects = False
    return found
