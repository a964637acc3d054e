"""The configured routes, checked against the rules, and where an alert would go by them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.alerts.render import GATHERED
from monitor.alerts.routing import SURE, Chosen, Route, Subject, choose, oddities, subject_of, sure, takes_everything
from monitor.alerts.silencing import silence_for
from monitor.alerts.sinks import SinkSettings
from monitor.app.outlets import sink_settings, terms_of, with_batch
from monitor.app.parts import rules_of
from monitor.config import Settings, nearest
from monitor.engine.dispatch import planned
from monitor.errors import ConfigError, InputError, RuleError
from monitor.health.doctor import Check
from monitor.incidents import confidence, severity
from monitor.matching import RuleSet
from monitor.model import Alert, Base, Confidence, Incident, Reason, Severity, Silence
from monitor.review.board import incident_page
from monitor.store import memory, silences
from monitor.store.db import Database

# As in Alertmanager, in seconds.
GROUP_WAIT = 30
GROUP_INTERVAL = 300


def routes_of(settings: Settings, rules: RuleSet) -> tuple[Route, ...]:
    """`[[route]]` as routing takes it. Raises ConfigError with every place or weapon that the rules do not know."""
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
            group_by=tuple(entry.group_by),
            group_wait_seconds=GROUP_WAIT if entry.group_wait_seconds is None else entry.group_wait_seconds,
            group_interval_seconds=(
                GROUP_INTERVAL if entry.group_interval_seconds is None else entry.group_interval_seconds
            ),
            repeat_hours=entry.repeat_hours or 0,
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
    mistakes += [
        f"{settings.file}: route[{number}].weapons: {problem}"
        for number, route in enumerate(routes, start=1)
        for weapon in route.weapons
        if (problem := weapon_problem(weapon, rules.values("weapon")))
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


def weapon_problem(weapon: str, known: Collection[str]) -> str:
    """What is wrong with a kind of weapon, or ""."""
    if weapon in known:
        return ""
    hint = nearest(weapon, known) or (f"; they know {', '.join(sorted(known))}" if known else "; they know none")
    return f"the rules know no weapon {weapon!r}{hint}"


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
    odd = [*oddities(routes, [sink.name for sink in settings.sinks]), *misfits(routes, settings)]
    return [Check("routes", "ok", f"{len(routes)} routes; {rest}"), *(Check("routes", "look", text) for text in odd)]


def misfits(routes: Sequence[Route], settings: Settings) -> list[str]:
    """What routes ask of their sinks that these do not do."""
    sinks = {sink.name: sink for sink in settings.sinks}
    found = []
    for number, route in enumerate(routes, start=1):
        named = [sinks[name] for name in route.sinks if name in sinks]
        if route.group_by and all(sink.kind not in GATHERED for sink in named):
            found.append(f"route[{number}] has group_by and only webhooks, which get each alert by itself")
        least = min((sink.min_confidence for sink in named), key=SURE.index, default=SURE[0])
        if not route.goes_on and SURE.index(least) > SURE.index(route.confidence):
            found.append(f"what route[{number}] takes and is less than {least} goes nowhere until it is surer")
    return found


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


def imagined(asked: Asked, rules: RuleSet, now: datetime) -> Case:
    """An alert as somebody names it; a base brings its area and country. Raises InputError."""
    for place, area in ((asked.base, False), (asked.area, True)):
        if place and (problem := place_problem(place, rules.bases, area=area)):
            raise InputError(problem)
    for weapon in asked.weapons:
        if problem := weapon_problem(weapon, rules.values("weapon")):
            raise InputError(problem)
    base = rules.base(asked.base or asked.area)
    areas = (asked.area, base.area if base else "")
    subject = Subject(
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
    incident = Incident("", asked.base, asked.area, subject.country, None, None, asked.weapons, now, now)
    return Case(subject, incident, base)


@dataclass(frozen=True, slots=True)
class Case:
    """An alert of which is asked where it would go: what routes ask, and what silences do."""

    subject: Subject
    incident: Incident
    base: Base | None


def remembered(database: Database, incident_id: str, rules: RuleSet, reason: Reason | None = None) -> Case:
    """The last alert on a stored incident, or its first report where nothing was told; `reason` puts another one.

    Raises InputError where no or several incidents start with this id.
    """
    whole = incident_page(database, incident_id).incident["id"]
    incident = memory.incident(database.reading, whole)
    row = database.row(
        "SELECT e.*, a.id AS alert_id, a.reason, a.confidence, a.severity FROM incident i "
        "LEFT JOIN alert a ON a.incident_id = i.id AND a.reason <> 'reminder' "
        "JOIN entry e ON e.id = coalesce(a.entry_id, i.first_entry_id) "
        "WHERE i.id = ? ORDER BY a.created_at DESC LIMIT 1",
        whole,
    )
    if incident is None or row is None:
        raise InputError(f"the incident {whole} has no report that is still known")
    alert = Alert(
        id=row["alert_id"] or "",
        incident_id=whole,
        entry_id=row["id"],
        reason=reason or row["reason"] or "new",
        confidence=row["confidence"] or confidence(incident, rules.facts),
        created_at=incident.first_seen_at,
        severity=row["severity"] or severity(rules.grades, incident.facts),
    )
    base = rules.base(incident.base or incident.area)
    return Case(subject_of(alert, incident, memory.article_of(row), base), incident, base)


# --- where it would go ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Way:
    """What one sink would get of an alert decided now: nothing, or it from `at` on. `why` in words."""

    sink: str
    gets: bool
    at: datetime | None
    why: str


def ways(case: Case, settings: Settings, rules: RuleSet, database: Database | None, now: datetime) -> list[Way]:
    """The way of an alert to every sink, in the order of the configuration; by what the database holds where given."""
    sinks = sink_settings(settings)
    chosen = {one.sink: one for one in choose(case.subject, routes_of(settings, rules), [sink.name for sink in sinks])}
    silence = None
    if database:
        silence = silence_for(silences.active(database.reading, now), case.incident, case.base, now)
    terms = terms_of(settings)
    found = []
    for sink in sinks:
        if (refused := _refused(sink, chosen.get(sink.name), case.subject, silence)) is not None:
            found.append(Way(sink.name, gets=False, at=None, why=refused))
            continue
        by = chosen[sink.name]
        wanted = with_batch(terms.get(sink.name), sink, by, case.subject)
        plan = planned(database.reading if database else None, sink.name, wanted, case.subject, silence, now)
        found.append(Way(sink.name, gets=True, at=plan.at, why="; ".join((by.why, *plan.why))))
    return found


def _refused(sink: SinkSettings, chosen: Chosen | None, subject: Subject, silence: Silence | None) -> str | None:
    """Why a sink gets nothing, or None where it gets the alert."""
    if chosen is None:
        return "another route takes it"
    if not sure(subject.confidence, sink.min_confidence):
        less = f"it is a {subject.confidence}" if subject.confidence != "confirmed" else "it is confirmed"
        return f"{less}, and min_confidence is {sink.min_confidence}; {chosen.why}"
    if silence and not silence.deliver_after:
        return f"silence {silence.id} until {silence.until_at:%Y-%m-%d %H:%M} UTC: {silence.why}"
    return None
