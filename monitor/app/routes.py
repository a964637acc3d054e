"""The configured routes, checked against the rules, and where an alert would go by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.alerts.routing import Route, Subject, oddities, subject_of, takes_everything
from monitor.app.parts import rules_of
from monitor.config import Settings, nearest
from monitor.errors import ConfigError, InputError, RuleError
from monitor.health.doctor import Check
from monitor.incidents import confidence, severity
from monitor.matching import RuleSet
from monitor.model import Alert, Base, Confidence, Reason, Severity
from monitor.review.board import incident_page
from monitor.store import memory
from monitor.store.db import Database


def routes_of(settings: Settings, rules: RuleSet) -> tuple[Route, ...]:
    """`[[route]]` as routing takes it. Raises ConfigError with every base or area that the rules do not know."""
    routes = tuple(
        Route(
            sinks=tuple(entry.sinks),
            base=tuple(entry.base),
            area=tuple(entry.area),
            country=tuple(entry.country),
            confidence=entry.confidence,
            severity=entry.severity,
            weapons=tuple(entry.weapons),
            source=tuple(entry.source),
            language=tuple(entry.language),
            reason=tuple(entry.reason),
            goes_on=entry.goes_on,
        )
        for entry in settings.routes
    )
    mistakes = [
        f"{settings.file}: route[{number}].{key}: {problem}"
        for number, route in enumerate(routes, start=1)
        for key, named in (("base", route.base), ("area", route.area))
        for place in named
        if (problem := place_problem(place, rules.bases, area=key == "area"))
    ]
    if mistakes:
        raise ConfigError(mistakes)
    return routes


def place_problem(place: str, bases: Mapping[str, Base], *, area: bool = False) -> str:
    """What is wrong with the id of a base or an area, or ""."""
    kind = "area" if area else "base"
    known = bases.get(place)
    if known and known.kind == kind:
        return ""
    if known:
        return f"{place} is {'a base' if area else 'an area'}; name it in {known.kind}"
    ids = [one.id for one in bases.values() if one.kind == kind]
    by_name = {one.name.lower(): one.id for one in bases.values() if one.kind == kind}
    meant = by_name.get(place.lower())
    hint = f"; did you mean {meant}?" if meant else nearest(place, ids)
    return f"the rules know no {kind} {place!r}{hint or '; their ids stand in the rule files'}"


def check_routes(settings: Settings) -> list[Check]:
    """The doctor's look at the routes: whether they can be used, and what their writer may not have meant."""
    if not settings.routes:
        return []
    try:
        routes = routes_of(settings, rules_of(settings))
    except ConfigError as error:
        return [Check("routes", "bad", mistake) for mistake in error.mistakes]
    except RuleError:
        return []  # the rules have a line of their own
    rest = "some route takes every alert" if takes_everything(routes) else "what no route takes goes to every sink"
    odd = oddities(routes, [sink.name for sink in settings.sinks])
    return [Check("routes", "ok", f"{len(routes)} routes; {rest}"), *(Check("routes", "look", text) for text in odd)]


@dataclass(frozen=True, slots=True)
class Asked:
    """An alert as somebody imagines it, to see where it would go."""

    base: str = ""
    area: str = ""
    country: str = ""
    confidence: Confidence = "claim"
    weapons: tuple[str, ...] = ()
    source: str = ""
    language: str = ""
    reason: Reason = "new"
    severity: Severity = "medium"


def imagined(asked: Asked, rules: RuleSet) -> Subject:
    """What routes ask, from what somebody names; a base brings its area and country. Raises InputError."""
    for place, area in ((asked.base, False), (asked.area, True)):
        if place and (problem := place_problem(place, rules.bases, area=area)):
            raise InputError(problem)
    base = rules.base(asked.base or asked.area)
    areas = (asked.area, base.area if base else "")
    return Subject(
        base=asked.base,
        areas=tuple(dict.fromkeys(filter(None, areas))),
        country=asked.country.upper() or (base.country if base else ""),
        confidence=asked.confidence,
        weapons=asked.weapons,
        source=asked.source,
        host=asked.source.lower(),
        language=asked.language,
        reason=asked.reason,
        severity=asked.severity,
    )


def remembered(database: Database, incident_id: str, rules: RuleSet) -> Subject:
    """What routes ask, from the last alert on a stored incident; without one, from its first report.

    Raises InputError where no or several incidents start with this id.
    """
    whole = incident_page(database, incident_id).incident["id"]
    incident = memory.incident(database.reading, whole)
    row = database.row(
        "SELECT e.*, a.id AS alert_id, a.reason, a.confidence, a.severity FROM incident i LEFT JOIN alert a "
        "ON a.incident_id = i.id JOIN entry e ON e.id = coalesce(a.entry_id, i.first_entry_id) "
        "WHERE i.id = ? ORDER BY a.created_at DESC LIMIT 1",
        whole,
    )
    if incident is None or row is None:
        raise InputError(f"the incident {whole} has no report that is still known")
    alert = Alert(
        id=row["alert_id"] or "",
        incident_id=whole,
        entry_id=row["id"],
        reason=row["reason"] or "new",
        confidence=row["confidence"] or confidence(incident, rules.facts),
        created_at=incident.first_seen_at,
        severity=row["severity"] or severity(rules.grades, incident.facts),
    )
    return subject_of(alert, incident, memory.article_of(row), rules.base(incident.base or incident.area))
