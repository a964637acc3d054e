"""The daemon itself as a process to kill. Imported by a fork server, so that a start costs no imports."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import structlog

from monitor import app, daemon


def run_daemon(config: Path, environ: dict[str, str]) -> None:
    """What `basewatch run` does, without its logs."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    os.environ.update(environ)
    daemon.run(app.configure(config))
