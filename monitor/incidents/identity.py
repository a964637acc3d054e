"""Is it the same attack? Weighted evidence between a mention and what has been reported of an incident.

What a text leaves out is neutral, never a conflict. The weights are evidence in the sense of log-odds, rounded, from
measurements on simulated and real reports; docs/incidents.md lists them. Nothing here is fitted to single articles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.incidents.likeness import closest_likeness
from monitor.incidents.same_day import OTHER_DAY, score_days_retold, that_say_the_day
from monitor.matching.factwords import WeaponKinds
from monitor.model import Incident, Mention

JOIN = 2.25  # from here on a mention is another report of the incident
POSSIBLE = 1.6  # from here on it may be: speak, and link
CLOSEST = 5  # reports of an incident that are averaged
REMEMBERED_DAYS = 21  # an incident without a report for longer takes no new ones

_SAME_BASE, _SAME_AREA, _SAME_COUNTRY, UNKNOWN_PLACE, _OTHER_PLACE = 2.5, 1.6, 1.3, 1.0, -4.0
_ALIKE, _PER_LIKENESS = 0.2, 14.0  # words this much alike are as an unknown place; the evidence of each further 1.0
_SAME_WEAPON, _SIMILAR_WEAPON, _OTHER_WEAPON = 0.5, 0.1, -1.6
_SAME_COUNT, _OTHER_COUNT = 0.4, -1.3
_SAME_TIME, _OTHER_TIME = 0.3, -0.9
_SAME_KILLED, _OTHER_KILLED = 0.5, -0.6
_SAME_WOUNDED = 0.2
_AGAIN, _NOT_AGAIN, _BOTH_AGAIN = -0.9, -0.4, 0.2
_SERIES_DAYS = 10
_SILENT_DAY = -0.05
_BURST = 0.3  # news comes in bursts: the last report is of the day before at most
_BURST_DAYS = 1.5
_NEAR_DAYS = 5  # further apart no report of an incident can be near a mention

# By day of an attack, when the first live incident of that day was first seen: "another" presupposes one before it.
Begun = Mapping[date, datetime]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mention is, as far as it says."""

    base: str
    area: str
    country: str


@dataclass(frozen=True, slots=True)
class Present:
    """What counts beside a mention and an incident: the time, all live attacks, and which kinds of weapons are alike.

    `begun` are the days on which live attacks began: "another attack" presupposes one before it.
    """

    now: datetime
    begun: Begun
    kinds: WeaponKinds


NOWHERE = Place("", "", "")


def place_of(told: Mention | Incident) -> Place:
    """The place of a mention or an incident; a base that the rules put in no area lies in none of those they know."""
    return Place(told.base, told.area or told.base, told.country)


def score_place(one: Place, other: Place) -> float:
    """Evidence from two places: the same base counts most; another base, area or country tells against."""
    if one.base and other.base:
        return _SAME_BASE if one.base == other.base else _OTHER_PLACE
    if one.country and other.country and one.country != other.country:
        return _OTHER_PLACE
    if one.area and other.area:
        return _SAME_AREA if one.area == other.area else _OTHER_PLACE
    if one.country and other.country:
        return _SAME_COUNTRY
    return UNKNOWN_PLACE


def score_where(mention: Mention, incident: Incident) -> float:
    """Evidence from the places of a mention and an incident; from their words where neither names any."""
    if is_told_by_words(mention, incident):
        alike = closest_likeness(mention, incident.reports, CLOSEST)
        return max(_OTHER_PLACE, UNKNOWN_PLACE + _PER_LIKENESS * (alike - _ALIKE))
    return score_place(place_of(mention), place_of(incident))


def is_told_by_words(mention: Mention, incident: Incident) -> bool:
    """True where neither names a place, and both have words to compare."""
    nowhere = place_of(mention) == NOWHERE == place_of(incident)
    return nowhere and bool(mention.words) and any(report.words for report in incident.reports)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where and when an incident may be that a mention can be tied to; days are inclusive, None is without bound."""

    place: Place
    first: date | None = None
    last: date | None = None


def reach_of(mention: Mention) -> Reach:
    """The reach of a mention: its place, and the days near its own; old dead are retold whatever the day."""
    if mention.date_from is None or mention.date_to is None or may_be_old_story(mention):
        return Reach(place_of(mention))
    near = timedelta(days=_NEAR_DAYS)
    return Reach(place_of(mention), mention.date_from - near, mention.date_to + near)


def may_be_old_story(mention: Mention) -> bool:
    """True for an undated mention of dead: it may retell an attack of long ago."""
    return mention.date_source != "sentence" and not mention.again and bool(mention.killed)


def is_within(incident: Incident, reach: Reach) -> bool:
    """True where nothing that is said of place or days excludes the incident."""
    if score_place(reach.place, place_of(incident)) < 0:
        return False
    if incident.date_from is None or incident.date_to is None:
        return True
    return (reach.first is None or incident.date_to >= reach.first) and (
        reach.last is None or incident.date_from <= reach.last
    )


def score_weapons(one: Sequence[str], other: Sequence[str], kinds: WeaponKinds) -> float:
    """Evidence from two lists of weapons; some kinds are told apart late, if ever."""
    if not one or not other:
        return 0.0
    if set(one) & set(other):
        return _SAME_WEAPON
    if kinds.are_alike(one, other):
        return _SIMILAR_WEAPON
    return 0.0 if "other" in (*one, *other) else _OTHER_WEAPON


def score_slots(mention: Mention, reports: Sequence[Mention], kinds: WeaponKinds) -> float:
    """Evidence from what the reports of an incident say, slot by slot: the mean of the closest that say anything.

    Slot by slot, because the vaguest report would be the closest one, and would hide what the others know. What the
    mention leaves out is neutral.
    """
    score = _closest(score_days_retold(mention, report) for report in that_say_the_day(mention, reports))
    if mention.weapons:
        score += _closest(score_weapons(mention.weapons, report.weapons, kinds) for report in reports if report.weapons)
    if mention.count is not None:
        score += _closest(_score_count(mention, report) for report in reports if report.count is not None)
    if mention.time_of_day:
        score += _closest(_score_time(mention, report) for report in reports if report.time_of_day)
    if mention.killed is not None:
        score += _closest(
            _score_killed(mention.killed, report.killed) for report in reports if report.killed is not None
        )
    if mention.wounded:
        score += _closest(_score_wounded(mention, report) for report in reports if report.wounded)
    return score


def _closest(scores: Iterable[float]) -> float:
    best = sorted(scores, reverse=True)[:CLOSEST]
    return sum(best) / len(best) if best else 0.0


def _score_count(one: Mention, other: Mention) -> float:
    return _SAME_COUNT if one.count == other.count else _OTHER_COUNT


def _score_time(one: Mention, other: Mention) -> float:
    """The hour tells attacks of one day apart; of two days it is told by the days."""
    exact = one.date_from == one.date_to == other.date_from == other.date_to and one.date_from is not None
    if not exact:
        return 0.0
    return _SAME_TIME if one.time_of_day == other.time_of_day else _OTHER_TIME


def _score_wounded(one: Mention, other: Mention) -> float:
    return _SAME_WOUNDED if one.wounded == other.wounded else 0.0


def begun_of(known: Iterable[Incident]) -> Begun:
    """The days on which these attacks began; merged ones are told of by those they were merged into."""
    begun: dict[date, datetime] = {}
    for incident in known:
        if incident.date_from is not None and not incident.merged_into:
            earlier = begun.get(incident.date_from, incident.first_seen_at)
            begun[incident.date_from] = min(incident.first_seen_at, earlier)
    return begun


def score_incident(mention: Mention, incident: Incident, present: Present) -> float:
    """Evidence that a mention is another report of an incident: its place, what its reports say, the time since."""
    if _days_apart(mention, incident) > _NEAR_DAYS:
        return OTHER_DAY
    place = score_where(mention, incident)
    if place < 0 or not incident.reports:
        return place
    told = score_slots(mention, incident.reports, present.kinds)
    return place + told + _score_again(mention, incident, present) + _score_silence(incident, present.now)


def _days_apart(mention: Mention, incident: Incident) -> int:
    if mention.date_from is None or mention.date_to is None or incident.date_from is None or incident.date_to is None:
        return 0
    return max((mention.date_from - incident.date_to).days, (incident.date_from - mention.date_to).days)


def _score_again(mention: Mention, incident: Incident, present: Present) -> float:
    """Another attack is not the first one; and the first one is, less surely, not what was reported as another.

    Of today's attacks one that came after others may itself be what "another" means.
    """
    said = sum(report.again for report in incident.reports) / len(incident.reports)
    if not mention.again:
        return _NOT_AGAIN * said
    if said > 0.5:
        return _BOTH_AGAIN
    is_todays = present.now - incident.first_seen_at < timedelta(days=1)
    if is_todays and _is_of_a_series(incident, present.begun):
        return 0.0
    return _AGAIN * (1 - said)


def _is_of_a_series(incident: Incident, begun: Begun) -> bool:
    """True where another attack came before this one: some days before, or on its day and seen earlier."""
    if incident.date_from is None:
        return False
    days_before = (incident.date_from - timedelta(days=back) for back in range(1, _SERIES_DAYS + 1))
    earlier = begun.get(incident.date_from)
    return any(day in begun for day in days_before) or (earlier is not None and earlier < incident.first_seen_at)


def _score_silence(incident: Incident, now: datetime) -> float:
    silent = max(0.0, (now - incident.last_report_at) / timedelta(days=1))
    return _BURST if silent < _BURST_DAYS else _SILENT_DAY * silent


def is_remembered(incident: Incident, now: datetime) -> bool:
    """True while an incident may still take reports."""
    return now - incident.last_report_at <= timedelta(days=REMEMBERED_DAYS)


def _score_killed(one: int, other: int) -> float:
    """Deaths identify an attack; tolls rise, so that only a toll against none counts against, a little."""
    if one == other:
        return _SAME_KILLED if one else 0.1
    return _OTHER_KILLED if 0 in (one, other) else 0.0
