"""The pages of the corpus with their gold texts, for the quality test and the benchmark."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class GoldPage:
    html: bytes
    url: str
    text: str


def gold_pages(corpus: Path) -> Iterator[GoldPage]:
    """Every page of the corpus, in the order of its list."""
    with tarfile.open(corpus / "pages" / "pages.tar.xz") as archive:
        bodies = {member.name: file.read() for member in archive if (file := archive.extractfile(member))}
    for line in (corpus / "pages" / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield GoldPage(bodies[row["html"]], row["url"], row["text"])
