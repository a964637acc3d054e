"""Silences as an operator asks for them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.app.routes import place_problem
from monitor.errors import InputError
from monitor.matching import RuleSet
from monitor.model import Silence
from monitor.review.board import incident_page
from monitor.store import silences
from monitor.store.db import Database

LONGEST = timedelta(days=30)
# A delivery that is due later than ten days from now counts as dated by a wrong clock.
LONGEST_DELIVERED_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Wish:
    """What to be silent about (one of the three), for how long and why."""

    lasts: timedelta
    why: str
    base: str = ""
    incident: str = ""
    country: str = ""
    deliver_after: bool = False


def silence(database: Database, rules: RuleSet, wish: Wish, now: datetime) -> Silence:
    """Store a silence and return it. Raises InputError where the wish cannot be used."""
    longest = LONGEST_DELIVERED_AFTER if wish.deliver_after else LONGEST
    if not timedelta(minutes=1) <= wish.lasts <= longest:
        after = " with --deliver-after" if wish.deliver_after else ""
        raise InputError(f"a silence lasts from 1 minute to {longest.days} days{after}; give --for 6h, 90m or 2d")
    if sum(map(bool, (wish.base, wish.incident, wish.country))) != 1:
        raise InputError("give one of --base, --incident and --country: what to be silent about")
    if not wish.why.strip():
        raise InputError("say why, so that others understand it: --why …")
    country = wish.country.upper()
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise InputError(f"{wish.country!r} is no country; give two letters (ISO 3166 alpha-2)")
    known = rules.base(wish.base)
    if wish.base and not known and (problem := place_problem(wish.base, rules.bases)):
        raise InputError(problem)
    wanted = Silence(
        id=secrets.token_hex(4),
        why=wish.why,
        created_at=now,
        until_at=now + wish.lasts,
        base=wish.base,
        incident_id=incident_page(database, wish.incident).incident["id"] if wish.incident else "",
        country=country,
        deliver_after=wish.deliver_after,
    )
    with database.writing() as tx:
        silences.save(tx, wanted)
    return wanted


def end_silence(database: Database, start: str, now: datetime, *, deliver: bool) -> tuple[Silence, int]:
    """End the silence whose id starts so; with `deliver`, send what it has closed. Returns it and how many are due.

    Raises InputError where no or several silences start so.
    """
    found = [one for one in silences.listed(database.reading) if start and one.id.startswith(start)]
    if len(found) != 1:
        what = "several silences start" if found else "no silence starts"
        raise InputError(f"{what} with {start!r}; `basewatch silence list --all` shows their ids")
    with database.writing() as tx:
        due = silences.end(tx, found[0].id, now)
        if deliver:
            due += silences.deliver(tx, found[0].id)
    return found[0], due
