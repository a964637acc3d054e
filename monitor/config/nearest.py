"""The valid name that a wrong one was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(written: str, valid: Iterable[str]) -> str:
    """The end of a sentence that proposes the nearest valid name, or "" where none is near."""
    as_written = {name.lower(): name for name in valid}
    close = get_close_matches(written.lower(), as_written, n=1, cutoff=0.6)
    return f"; did you mean {as_written[close[0]]}?" if close else ""
