"""An article that a person names: a text file, the address of a page, or an entry of the database."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from monitor.articles.fetch import fetch_page
from monitor.engine.intake import to_published
from monitor.engine.pages import Extract
from monitor.errors import InputError
from monitor.feeds.result import PollingSettings
from monitor.http import Http
from monitor.model import Article
from monitor.store.db import Database
from monitor.store.lookup import whole_id
from monitor.store.memory import article_of

MAX_FILE_BYTES = 2_000_000


def is_address(what: str) -> bool:
    """True for the address of a page."""
    return urlsplit(what).scheme in ("http", "https")


def article_of_file(file: Path, title: str, published: str, now: datetime) -> Article:
    """A text file as an article; its first line is the headline where none is given. Raises InputError."""
    try:
        text = file.read_bytes()[:MAX_FILE_BYTES].decode("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: cannot be read as UTF-8 text ({error})") from error
    headline = title or text.partition("\n")[0].strip()
    return Article(
        id=_id_of(text), title=headline, text=text, source=file.name, published_at=_time(published), seen_at=now,
        text_source="given",
    )  # fmt: skip


async def article_of_page(http: Http, extract: Extract, url: str, settings: PollingSettings, now: datetime) -> Article:
    """The page at an address as an article. Raises FetchError or ChildFailed."""
    response = await fetch_page(http, url, settings)
    page = await extract(response.body, response.url, response.headers.get("content-type", ""))
    published = _time(page.published_on.isoformat()) if page.published_on else None
    return Article(
        id=_id_of(url), title=page.title, text=page.text, url=page.url or response.url,
        source=urlsplit(response.url).hostname or "", published_at=published, seen_at=now, text_source="page",
    )  # fmt: skip


def article_of_entry(db: Database, entry_id: str) -> Article:
    """An entry of the database, whose id may be cut short. Raises InputError."""
    row = db.row("SELECT * FROM entry WHERE id = ?", whole_id(db, entry_id))
    assert row is not None  # noqa: S101 - whole_id found it
    return article_of(row)


def _id_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _time(published: str) -> datetime | None:
    try:
        return to_published(published)
    except ValueError as error:
        raise InputError(f"--published {published!r}: {error}") from error
