"""What every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of the measuring corpus; the test is skipped, visibly, where it is absent."""
    folder = Path(os.environ.get("BASEWATCH_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not folder.is_dir():
        pytest.skip("the measuring corpus is absent; set BASEWATCH_CORPUS to its folder")
    return folder


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return ROOT
