"""Which known incidents a mention is tied to, and how."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.incidents.evolve import incident_id
from monitor.incidents.identity import (
    JOIN,
    POSSIBLE,
    is_remembered,
    place_of,
    score_days,
    score_incident,
    score_place,
    score_weapons,
)
from monitor.model import Incident, Link, Mention

_OLD_AFTER = timedelta(hours=72)
_AS_GOOD = 0.3  # an attack told without its base may be each of the incidents that fit it nearly as well as the best
_NEARLY_AS_GOOD = 1.0


def link(
    mentions: Sequence[Mention],
    candidates: Sequence[Incident],
    now: datetime,
    *,
    entry_id: str = "",
    copy_of: str | None = None,
) -> tuple[Link, ...]:
    """Tie each mention to incidents: another report of one, possibly one, or the first report of a new one."""
    live = [incident for incident in candidates if is_remembered(incident, now)]
    links: list[Link] = []
    for mention in mentions:
        links.extend(_link_one(mention, live, now, entry_id, copy_of))
    return tuple(links)


def _link_one(
    mention: Mention, live: Sequence[Incident], now: datetime, entry_id: str, copy_of: str | None
) -> list[Link]:
    original = next((incident for incident in live if incident.id == copy_of), None)
    if original is not None and _does_not_contradict(mention, original):
        return [
            Link(mention, original.id, "background" if mention.background else "joins", JOIN, "copy of a report of it")
        ]
    scored = sorted(
        ((score_incident(mention, incident, live, now), incident) for incident in live),
        key=lambda pair: (-pair[0], pair[1].id),
    )
    best = scored[0][0] if scored else 0.0
    if mention.background:
        return [Link(mention, scored[0][1].id, "background", best, "tells of it as background")] if best >= JOIN else []
    old = _old_story(mention, scored, now)
    if old is not None:
        return [Link(mention, old.id, "background", best, "no date of its own, and fits an attack reported days ago")]
    if best >= JOIN:
        fitting = _wave(mention, scored)
        return [
            Link(mention, incident.id, "joins", score, "same place, day and weapons as its reports")
            for score, incident in fitting
        ]
    opened = Link(mention, incident_id(entry_id, mention), "opens", best, "no known incident fits")
    if best >= POSSIBLE:
        return [opened, Link(mention, scored[0][1].id, "possible", best, "may be a report of it")]
    return [opened]


def _wave(mention: Mention, scored: Sequence[tuple[float, Incident]]) -> list[tuple[float, Incident]]:
    """The best incident and, for a mention without a base, those told of with it.

    They are bases struck in one wave with it, or the attacks of "a series of drone and rocket attacks".
    """
    best, first = scored[0]
    if mention.base:
        return [scored[0]]
    return [scored[0]] + [
        (score, other)
        for score, other in scored[1:]
        if score >= JOIN
        and (
            (best - score <= _AS_GOOD and _is_one_wave(first, other))
            or (best - score <= _NEARLY_AS_GOOD and _is_series(mention, first, other))
        )
    ]


def _is_series(mention: Mention, one: Incident, other: Incident) -> bool:
    """True where a mention names the different weapons of two attacks."""
    shared = [set(mention.weapons) & set(incident.weapons) for incident in (one, other)]
    return all(shared) and score_weapons(one.weapons, other.weapons) < 0


def _is_one_wave(one: Incident, other: Incident) -> bool:
    """Two bases of one country struck on the same day with weapons that do not differ."""
    return (
        one.country == other.country
        and any(score_days(report, told) > 0 for report in one.reports for told in other.reports)
        and score_weapons(one.weapons, other.weapons) >= 0
    )


def _does_not_contradict(mention: Mention, incident: Incident) -> bool:
    """A copy inherits its incident unless its base or its day say otherwise."""
    days = max((score_days(mention, report) for report in incident.reports), default=0.0)
    return score_place(place_of(mention), place_of(incident)) >= 0 and days >= 0


def _old_story(mention: Mention, scored: Sequence[tuple[float, Incident]], now: datetime) -> Incident | None:
    """The incident of days ago that an undated mention retells: same place, same dead."""
    if mention.date_source == "sentence" or mention.again or not mention.killed:
        return None
    if scored and scored[0][0] >= JOIN and now - scored[0][1].first_seen_at <= _OLD_AFTER:
        return None
    for _score, incident in scored:
        old = now - incident.first_seen_at > _OLD_AFTER
        same_dead = any(report.killed == mention.killed for report in incident.reports)
        if old and same_dead and score_place(place_of(mention), place_of(incident)) > 0:
            return incident
    return None
