"""What tests of this room share."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from monitor.matching.factwords import FactWords, read_fact_words


@pytest.fixture(scope="session")
def words(root: Path) -> FactWords:
    """The vocabulary of facts that the project ships."""
    return read_fact_words(tomllib.loads((root / "rules" / "facts.toml").read_text(encoding="utf-8")))
