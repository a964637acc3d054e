"""Mistakes in routes that no single key shows: sinks that are not configured or named twice, groups by nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from monitor.config.checks import Mistake
from monitor.config.nearest import nearest
from monitor.config.schema import RouteEntry


def route_mistakes(routes: Mapping[int, RouteEntry], sinks: object) -> Iterator[Mistake]:
    """What is wrong with the sinks that routes name.

    `sinks` are the tables as written, so that a sink with a mistake of its own still counts as there.
    """
    tables = sinks if isinstance(sinks, list) else []
    names = [table["name"] for table in tables if isinstance(table, dict) and isinstance(table.get("name"), str)]
    for number, route in routes.items():
        yield from group_mistakes(number, route)
        for at, sink in enumerate(route.sinks):
            place = ("route", number, "sinks")
            if sink not in names:
                hint = nearest(sink, names) or (
                    f"; there are {', '.join(names)}" if names else "; add a [[sink]] first"
                )
                yield place, f"there is no sink {sink!r}{hint}"
            elif sink in route.sinks[:at]:
                yield place, f"names {sink} twice"


def group_mistakes(number: int, route: RouteEntry) -> Iterator[Mistake]:
    """What is wrong with how a route gathers."""
    for key in ("group_wait_seconds", "group_interval_seconds"):
        if getattr(route, key) is not None and not route.group_by:
            yield ("route", number, key), 'says nothing without group_by; add group_by = ["incident"], or remove it'
    if len(set(route.group_by)) < len(route.group_by):
        yield ("route", number, "group_by"), "names the same twice; name each once"
