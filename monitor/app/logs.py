"""The logs: every line redacted, JSON for machines, short lines for people."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from monitor import redact

ID_SHOWN = 12
EVENT_WIDTH = 20


def set_up_logs(*, as_json: bool, verbose: bool = False) -> None:
    """Send all logs to standard error, redacted, as JSON lines or as text for people."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso" if as_json else "%H:%M:%S", utc=True),
        structlog.processors.format_exc_info,
        redact.processor,
    ]
    last: list[structlog.typing.Processor] = (
        [structlog.processors.JSONRenderer()]
        if as_json
        else [calm, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=EVENT_WIDTH)]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    tidy = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[tidy, *last]))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def calm(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor for people: nothing empty, and ids by their first characters."""
    kept = {key: value for key, value in event.items() if value not in (None, "", [], 0)}
    ids = kept.get("deliveries")
    if isinstance(ids, list):
        kept["deliveries"] = ", ".join(str(one)[:ID_SHOWN] for one in ids)
    return kept
