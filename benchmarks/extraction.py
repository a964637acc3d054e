"""How well and how fast article text is found.

Run: python benchmarks/extraction.py

Prints F1, precision and recall of the 4-token-shingle score over the corpus pages, beside plain trafilatura, with the
seconds of CPU each took and their ratio.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "helpers")]

import trafilatura  # noqa: E402 - found through the path set above
from gold_pages import GoldPage, gold_pages  # noqa: E402 - found through the path set above
from shingles import score  # noqa: E402 - found through the path set above

from monitor.articles.extract import extract_page  # noqa: E402 - found through the path set above


def ours(page: GoldPage) -> str:
    return extract_page(page.html, page.url).text


def plain(page: GoldPage) -> str:
    return trafilatura.extract(page.html) or ""


def tuned(page: GoldPage) -> str:
    return trafilatura.extract(page.html, favor_precision=True, include_comments=False, include_tables=False) or ""


def measure(name: str, extract: Callable[[GoldPage], str], pages: list[GoldPage]) -> float:
    started = time.process_time()
    texts = [extract(page) for page in pages]
    seconds = time.process_time() - started
    found = score(zip((page.text for page in pages), texts, strict=True))
    empty = sum(not text for text in texts)
    print(
        f"{name:24} F1 {found.f1:.4f}  precision {found.precision:.4f}  recall {found.recall:.4f}"
        f"  without text {empty}  {seconds:.1f} s CPU ({1000 * seconds / len(pages):.0f} ms a page)"
    )
    return seconds


def main() -> None:
    corpus = Path(os.environ.get("BASEWATCH_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not corpus.is_dir():
        sys.exit("The measuring corpus is absent; set BASEWATCH_CORPUS to its folder.")
    pages = list(gold_pages(corpus))
    print(f"{len(pages)} pages")
    plain_seconds = measure("trafilatura, defaults", plain, pages)
    measure("trafilatura, tuned", tuned, pages)
    our_seconds = measure("basewatch", ours, pages)
    print(f"basewatch takes {our_seconds / plain_seconds:.2f} of the time of plain trafilatura")


if __name__ == "__main__":
    main()
