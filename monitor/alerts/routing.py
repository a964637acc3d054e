"""Which sinks an alert goes to: the first route that takes it, and the next ones where that says `continue`. Pure.

The order of routes and the meaning of `continue` are those of Prometheus Alertmanager. An alert that no route takes
goes to every sink: a gap in the routes must not lose it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from monitor.incidents.grading import grave
from monitor.matching.grades import LEVELS
from monitor.model import Alert, Article, Base, Confidence, Incident, Reason, Severity

# How sure an alert must be, least first.
SURE: tuple[Confidence, ...] = ("rumour", "claim", "confirmed")


@dataclass(frozen=True, slots=True)
class Subject:
    """What routes ask of an alert. `areas` are the areas that hold its place; `host` is that of the article's address.

    Unknown is "" or (): it meets no condition. `confidence`, `reason` and `severity` are always known.
    """

    base: str = ""
    areas: tuple[str, ...] = ()
    country: str = ""
    confidence: Confidence = "claim"
    weapons: tuple[str, ...] = ()
    source: str = ""
    host: str = ""
    language: str = ""
    reason: Reason = "new"
    severity: Severity = "medium"
    incident: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """What an alert must be, and where it then goes. An empty condition asks nothing.

    `confidence` and `severity` mean at least. Updates alike in all of `group_by` are gathered; what nobody
    has reviewed is told again every `repeat_hours`, where that is not 0.
    """

    sinks: tuple[str, ...]
    base: tuple[str, ...] = ()
    area: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    confidence: Confidence = "rumour"
    weapons: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    reason: tuple[str, ...] = ()
    severity: Severity = "low"
    goes_on: bool = False
    group_by: tuple[str, ...] = ()
    group_wait_seconds: float = 30
    group_interval_seconds: float = 300
    repeat_hours: float = 0


@dataclass(frozen=True, slots=True)
class Chosen:
    """One sink that an alert goes to, why in words, and the route that decided; None where none did."""

    sink: str
    why: str
    route: Route | None = None


def subject_of(alert: Alert, incident: Incident, article: Article, base: Base | None) -> Subject:
    """What routes ask, from what an alert is made of."""
    areas = (incident.area, base.area if base else "", base.id if base and base.kind == "area" else "")
    return Subject(
        base=incident.base,
        areas=tuple(dict.fromkeys(filter(None, areas))),
        country=incident.country or (base.country if base else ""),
        confidence=alert.confidence,
        weapons=incident.weapons,
        source=article.source,
        host=host_of(article.url),
        language=article.language,
        reason=alert.reason,
        severity=alert.severity,
        incident=incident.id,
    )


def host_of(url: str) -> str:
    """The host of an address, or "" where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def choose(subject: Subject, routes: Sequence[Route], sinks: Sequence[str]) -> tuple[Chosen, ...]:
    """The sinks that get an alert, each once, in the order in which routes name them."""
    if not routes:
        return tuple(Chosen(sink, "there are no routes: every sink gets every alert") for sink in sinks)
    found: dict[str, Chosen] = {}
    for number, route in enumerate(routes, start=1):
        conditions = conditions_of(route)
        if not all(meets(subject) for _, meets in conditions):
            continue
        words = " and ".join(asked for asked, _ in conditions) or "asks nothing"
        for sink in route.sinks:
            found.setdefault(sink, Chosen(sink, f"route[{number}] takes it: {words}", route))
        if not route.goes_on:
            break
    return tuple(found.values()) or tuple(Chosen(sink, "no route takes it: it goes to every sink") for sink in sinks)


Condition = tuple[str, Callable[[Subject], bool]]


def conditions_of(route: Route) -> list[Condition]:
    """What a route asks: each condition in words, and whether a subject meets it."""
    listed: list[tuple[str, tuple[str, ...], Callable[[Subject], bool]]] = [
        ("base", route.base, lambda one: one.base in route.base),
        ("area", route.area, lambda one: not set(one.areas).isdisjoint(route.area)),
        ("country", route.country, lambda one: one.country in route.country),
        ("weapons", route.weapons, lambda one: not set(one.weapons).isdisjoint(route.weapons)),
        ("source", route.source, lambda one: any(_is_source(one, wanted) for wanted in route.source)),
        ("language", route.language, lambda one: any(_speaks(one.language, wanted) for wanted in route.language)),
        ("reason", route.reason, lambda one: one.reason in route.reason),
    ]
    found: list[Condition] = [(f"{name} is {' or '.join(values)}", meets) for name, values, meets in listed if values]
    if route.confidence != SURE[0]:
        found.append((f"confidence is at least {route.confidence}", lambda one: sure(one.confidence, route.confidence)))
    if route.severity != LEVELS[0]:
        found.append((f"severity is at least {route.severity}", lambda one: grave(one.severity, route.severity)))
    return found


def sure(confidence: Confidence, least: Confidence) -> bool:
    """True where `confidence` is at least `least`."""
    return SURE.index(confidence) >= SURE.index(least)


def _is_source(subject: Subject, wanted: str) -> bool:
    """A source is named as the feed calls it, in any case, or by its host, which stands for the hosts below it too."""
    name = wanted.casefold()
    return name == subject.source.casefold() or ("." in name and f".{subject.host}".endswith(f".{name}"))


def _speaks(language: str, wanted: str) -> bool:
    """A language tag stands for the tags below it (RFC 4647, basic filtering): "en" for "en-GB"."""
    return f"{language.lower()}-".startswith(f"{wanted.lower()}-")


# --- what is odd about routes ---------------------------------------------------------------------


def oddities(routes: Sequence[Route], sinks: Sequence[str]) -> list[str]:
    """What the operator may not have meant: routes that are never reached, sinks that no route names."""
    found = []
    for number, route in enumerate(routes, start=1):
        if number < len(routes) and not route.goes_on and not conditions_of(route):
            found.append(f"route[{number}] takes every alert, so that no later route is ever asked")
            break
    named = {sink for route in routes for sink in route.sinks}
    found += [f"no route names sink {sink}: it gets only what no route takes" for sink in sinks if sink not in named]
    return found if routes else []


def takes_everything(routes: Sequence[Route]) -> bool:
    """True where some route asks nothing, so that every alert is taken."""
    return any(not conditions_of(route) for route in routes)
