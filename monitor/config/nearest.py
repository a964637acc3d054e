"""The valid name that a wrong one was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(written: str, valid: Iterable[str]) -> str:
    """The end of a sentence that proposes the nearest valid name, or "" where none is near."""
    close = get_close_matches(written.lower(), list(valid), n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else ""
