"""Real reports of real attacks, hand-labelled: each attack is told once, and two attacks stay two.

An `event_id` is one wave; two reports agree where any of their incidents is shared. Reports are taken in time order,
and only those that the rules flag; what the rules miss is measured elsewhere.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from telling import Telling

from monitor.incidents import Consideration
from monitor.matching import load_rules
from monitor.model import Article, Incident, Reason

PAIRWISE_FLOOR = 0.95
MOST_ALERTS = 1.15
DATE_FLOOR = 0.95
BASE_FLOOR = 0.95


@dataclass(frozen=True, slots=True)
class Report:
    """A labelled report, what was decided of it, and its incidents as they stood then."""

    row: dict[str, Any]
    considered: Consideration
    reason: Reason

    @property
    def events(self) -> set[str]:
        return {event["event_id"] for event in self.row["events"]}

    @property
    def incidents(self) -> set[str]:
        return {incident.id for incident in self.considered.incidents}


def moment(published: str) -> datetime:
    found = datetime.fromisoformat(published)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@pytest.fixture(scope="module")
def reports(corpus: Path, root: Path) -> list[Report]:
    """Every labelled item that has a date, considered in time order with a memory of incidents and texts."""
    rules = load_rules(root / "rules")
    lines = (corpus / "labelled.jsonl").read_text(encoding="utf-8").splitlines()
    rows = sorted((row for row in map(json.loads, lines) if row["published"]), key=lambda row: row["published"])
    telling = Telling(rules)
    found = []
    for row in rows:
        at = moment(row["published"])
        article = Article(row["id"], row["title"], text=row["text"], source=row["source"], published_at=at, seen_at=at)
        told = telling.tell(article)
        found.append(Report(row, told.considered, told.speech.reason))
    return found


@pytest.fixture(scope="module")
def true_reports(reports: list[Report]) -> list[Report]:
    return [
        report
        for report in reports
        if report.row["label"] == "yes" and report.events and report.considered.flagged and report.incidents
    ]


@pytest.mark.corpus
def test_two_reports_share_an_incident_where_they_share_an_attack(true_reports: list[Report]):
    found: Counter[tuple[bool, bool]] = Counter()
    for one, other in itertools.combinations(true_reports, 2):
        found[bool(one.events & other.events), bool(one.incidents & other.incidents)] += 1
    right, wrong, missed = found[True, True], found[False, True], found[True, False]
    precision, recall = right / (right + wrong), right / (right + missed)
    score = 2 * precision * recall / (precision + recall)
    print(f"pairwise P {precision:.3f} R {recall:.3f} F1 {score:.3f} over {len(true_reports)} reports")
    assert score >= PAIRWISE_FLOOR


@pytest.mark.corpus
def test_each_attack_speaks_about_once(reports: list[Report]):
    alerts: Counter[str] = Counter()
    for report in reports:
        if report.row["label"] == "yes" and report.reason in ("new", "possible_update"):
            alerts.update(report.events)
    several = [event for event, count in alerts.items() if count > 1]
    print(f"alerts per attack {sum(alerts.values()) / len(alerts):.2f}; more than one: {several}")
    assert sum(alerts.values()) / len(alerts) <= MOST_ALERTS


@pytest.mark.corpus
def test_two_attacks_a_day_apart_stay_two(true_reports: list[Report]):
    """23 and 24 March 2023: a drone, then rockets, told in the same articles."""
    only = {
        event: [report.incidents for report in true_reports if report.events == {event}]
        for event in ("rlz_230323", "gv_230324")
    }
    first, second = (set().union(*several) for several in only.values())
    assert first
    assert second
    assert not first & second


@pytest.mark.corpus
def test_the_day_of_the_attack_is_within_two_days(true_reports: list[Report]):
    right = total = 0
    for report in true_reports:
        for event in report.row["events"]:
            if event.get("date"):
                total += 1
                right += any(
                    _holds(incident, date.fromisoformat(event["date"])) for incident in report.considered.incidents
                )
    print(f"day right: {right} of {total} = {right / total:.3f}")
    assert right / total >= DATE_FLOOR


def _holds(incident: Incident, day: date) -> bool:
    if incident.date_from is None or incident.date_to is None:
        return False
    return incident.date_from <= day <= incident.date_to and (incident.date_to - incident.date_from).days <= 1


@pytest.mark.corpus
def test_a_named_base_is_the_right_one(true_reports: list[Report], corpus: Path):
    names = json.loads((corpus / "gazetteer" / "gold_names.json").read_text(encoding="utf-8"))
    right = total = 0
    for report in true_reports:
        found = {incident.base or incident.area for incident in report.considered.incidents} - {""}
        wanted: set[str] = set()
        for event in report.row["events"]:
            known = names.get(event["base"], [])
            wanted |= {known} if isinstance(known, str) else set(known)
        if found and wanted:
            total += 1
            right += bool(found & wanted)
    print(f"base right: {right} of {total} = {right / total:.3f}")
    assert right / total >= BASE_FLOOR
