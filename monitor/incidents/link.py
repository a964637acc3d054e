"""Which known incidents a mention is tied to, and how."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.incidents.evolve import incident_id
from monitor.incidents.identity import (
    JOIN,
    POSSIBLE,
    UNKNOWN_PLACE,
    Begun,
    Present,
    begun_of,
    is_remembered,
    is_told_by_words,
    is_within,
    may_be_old_story,
    place_of,
    reach_of,
    score_incident,
    score_place,
    score_weapons,
    score_where,
)
from monitor.incidents.same_day import score_days
from monitor.matching.factwords import WeaponKinds
from monitor.model import Incident, Link, Mention

_OLD_AFTER = timedelta(hours=72)
_AS_GOOD = 0.3  # an attack told without its base may be each of the incidents that fit it nearly as well as the best
_NEARLY_AS_GOOD = 1.0


def link(
    mentions: Sequence[Mention],
    candidates: Sequence[Incident],
    now: datetime,
    kinds: WeaponKinds,
    *,
    entry_id: str = "",
    copy_of: str | None = None,
    apart: Collection[str] = (),
    begun: Begun | None = None,
) -> tuple[Link, ...]:
    """Tie each mention to incidents: another report of one, possibly one, or the first report of a new one.

    `apart` are incidents that a reviewer split this entry off from: none of its mentions joins or opens them. `begun`
    are the days on which live attacks began, where `candidates` are only some of the live incidents.
    """
    live = [incident for incident in candidates if incident.id not in apart and is_remembered(incident, now)]
    present = Present(now, begun_of(live) if begun is None else begun, kinds)
    links: list[Link] = []
    for mention in mentions:
        for found in _link_one(mention, live, present, entry_id, copy_of):
            if found.how == "opens" and found.incident_id in apart:
                links.append(replace(found, incident_id=incident_id(f"{entry_id}|apart", mention)))
            else:
                links.append(found)
    merged = {incident.id: incident.merged_into for incident in live if incident.merged_into}
    return _told_of_survivors(links, merged)


def _told_of_survivors(links: Sequence[Link], merged: Mapping[str, str]) -> tuple[Link, ...]:
    """Links to the incidents that others were merged into, each once for a mention."""
    told: dict[tuple[int, str, str], Link] = {}
    for found in links:
        survivor = merged.get(found.incident_id, found.incident_id)
        why = found.why
        if survivor != found.incident_id:
            why = f"{why}; a reviewer merged {found.incident_id} into this one"
        told.setdefault((id(found.mention), survivor, found.how), replace(found, incident_id=survivor, why=why))
    return tuple(told.values())


def _link_one(
    mention: Mention, live: Sequence[Incident], present: Present, entry_id: str, copy_of: str | None
) -> list[Link]:
    original = next((incident for incident in live if incident.id == copy_of), None)
    if original is not None and _does_not_contradict(mention, original):
        return [
            Link(mention, original.id, "background" if mention.background else "joins", JOIN, "copy of a report of it")
        ]
    reach = reach_of(mention)
    scored = sorted(
        ((score_incident(mention, incident, present), incident) for incident in live if is_within(incident, reach)),
        key=lambda pair: (-pair[0], pair[1].id),
    )
    best = scored[0][0] if scored else 0.0
    if mention.background:
        return [Link(mention, scored[0][1].id, "background", best, "tells of it as background")] if best >= JOIN else []
    old = _old_story(mention, scored, present.now)
    if old is not None:
        return [Link(mention, old.id, "background", best, "no date of its own, and fits an attack reported days ago")]
    if best >= JOIN:
        fitting = _wave(mention, scored, present.kinds)
        return [Link(mention, incident.id, "joins", score, _why(mention, incident)) for score, incident in fitting]
    opened = Link(mention, incident_id(entry_id, mention), "opens", best, "no known incident fits")
    if best >= POSSIBLE:
        return [opened, Link(mention, scored[0][1].id, "possible", best, "may be a report of it")]
    return [opened]


def _why(mention: Mention, incident: Incident) -> str:
    told = "words and days" if is_told_by_words(mention, incident) else "place, day and weapons"
    return f"same {told} as its reports"


def _wave(
    mention: Mention, scored: Sequence[tuple[float, Incident]], kinds: WeaponKinds
) -> list[tuple[float, Incident]]:
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
            (best - score <= _AS_GOOD and _is_one_wave(first, other, kinds))
            or (best - score <= _NEARLY_AS_GOOD and _is_series(mention, first, other, kinds))
        )
    ]


def _is_series(mention: Mention, one: Incident, other: Incident, kinds: WeaponKinds) -> bool:
    """True where a mention names the different weapons of two attacks."""
    shared = [set(mention.weapons) & set(incident.weapons) for incident in (one, other)]
    return all(shared) and score_weapons(one.weapons, other.weapons, kinds) < 0


def _is_one_wave(one: Incident, other: Incident, kinds: WeaponKinds) -> bool:
    """Two bases of one country struck on the same day with weapons that do not differ."""
    return (
        one.country == other.country
        and any(score_days(report, told) > 0 for report in one.reports for told in other.reports)
        and score_weapons(one.weapons, other.weapons, kinds) >= 0
    )


def _does_not_contradict(mention: Mention, incident: Incident) -> bool:
    """A copy inherits its incident unless its base or its day say otherwise."""
    days = max((score_days(mention, report) for report in incident.reports), default=0.0)
    return score_place(place_of(mention), place_of(incident)) >= 0 and days >= 0


def _old_story(mention: Mention, scored: Sequence[tuple[float, Incident]], now: datetime) -> Incident | None:
    """The incident of days ago that an undated mention retells: same place, same dead."""
    if not may_be_old_story(mention):
        return None
    if scored and scored[0][0] >= JOIN and now - scored[0][1].first_seen_at <= _OLD_AFTER:
        return None
    for _score, incident in scored:
        old = now - incident.first_seen_at > _OLD_AFTER
        same_dead = any(report.killed == mention.killed for report in incident.reports)
        if old and same_dead and score_where(mention, incident) >= UNKNOWN_PLACE:
            return incident
    return None
