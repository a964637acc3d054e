"""Commands that run in the process of a test set up its logs; the next test gets them back as they were."""

from __future__ import annotations

import logging

import pytest
import structlog

from monitor.cli.main import exit_code_of


@pytest.fixture(autouse=True)
def logs_as_before():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def typed(capsys):
    """For a configuration, a function that runs a command by it: (exit code, output; errors too where it failed)."""

    def by(config):
        def run(*words):
            code = exit_code_of([*words, "--config", str(config)])
            captured = capsys.readouterr()
            return code, captured.out + (captured.err if code else "")

        return run

    return by
