"""Judgements become attacks: mentions, facts, incidents, and how they are tied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

DateSource = Literal["sentence", "reporting", "inherited", "publication", "none"]


@dataclass(frozen=True, slots=True)
class Mention:
    """One attack that one article mentions, with everything that identifies it. Unknown is None or "" or ().

    `date_from`..`date_to` is the closed interval of possible local days; `date_source` says how it was found.
    `response` says that the attacked side struck back. `stated_in` gives the sentences of facts that `sentence` does
    not state, by slot.
    `words` are the article's words of most weight, each with it, kept only where the mention names no place.
    """

    base: str
    area: str
    country: str
    date_from: date | None
    date_to: date | None
    date_source: DateSource
    weapons: tuple[str, ...] = ()
    count: int | None = None
    time_of_day: str = ""
    killed: int | None = None
    wounded: int | None = None
    intercepted: bool = False
    claimed_by: str = ""
    confirmed_by: str = ""
    denied_by: str = ""
    response: str = ""
    background: bool = False
    again: bool = False
    sub_event: str = ""
    sentence: str = ""
    score: float = 0.0
    words: tuple[tuple[str, float], ...] = ()
    stated_in: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """Something an article says of an incident; appended, never overwritten.

    `source` is the outlet as its feed calls it, `host` that of the article's address; "" where there is none.
    """

    slot: str
    value: str
    entry_id: str
    source: str
    sentence: str
    seen_at: datetime
    host: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """One real attack (or one wave of a salvo on one place). `reports` are the latest mentions that joined it.

    `merged_into` is the id of the incident that a reviewer merged it into: whatever fits it joins that one; else "".
    """

    id: str
    base: str
    area: str
    country: str
    date_from: date | None
    date_to: date | None
    weapons: tuple[str, ...]
    first_seen_at: datetime
    last_report_at: datetime
    spoken: bool = False
    reports: tuple[Mention, ...] = ()
    facts: tuple[Fact, ...] = ()
    merged_into: str = ""

    @property
    def survivor_id(self) -> str:
        """The id under which it is told of now: its own, or that of the incident it was merged into."""
        return self.merged_into or self.id


@dataclass(frozen=True, slots=True)
class Link:
    """How one mention was tied to an incident, and why."""

    mention: Mention
    incident_id: str
    how: Literal["opens", "joins", "possible", "background"]
    score: float
    why: str
