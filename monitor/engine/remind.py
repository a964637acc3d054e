"""Reminders: an incident that nobody has reviewed is told again, where its route asks for that."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.alerts.evidence import evidence_for
from monitor.alerts.policy import reminder_id
from monitor.alerts.routing import subject_of
from monitor.alerts.silencing import silence_for
from monitor.engine.decide import Announcement, Desk, Repeats
from monitor.engine.dispatch import dispatch
from monitor.incidents import confidence, gravest
from monitor.matching import judge
from monitor.model import Alert, Judgement
from monitor.store import decisions, memory, reminders, silences
from monitor.store.db import Database

# What nobody has reviewed a week after its last news is told again no more.
REMINDED = timedelta(days=7)
UNJUDGED = Judgement(flagged=True, label="", score=0.0, rule="")


@dataclass(frozen=True, slots=True)
class Due:
    """An incident that is to be told again: its last news, the alert that told of it last, and to which sinks."""

    news: Announcement
    last_id: str
    sinks: tuple[str, ...]


def remind(db: Database, desk: Desk, now: datetime) -> list[Alert]:
    """Tell again what is due, each incident in a transaction of its own; the alerts."""
    if desk.repeats is None:
        return []
    told_before = now - timedelta(hours=desk.repeats.shortest_hours)
    waiting = reminders.unreviewed(db.reading, now - REMINDED, told_before)
    found = []
    for due in filter(None, (_due(db.reading, desk, desk.repeats, incident_id, now) for incident_id in waiting)):
        with db.writing() as tx:
            found.append(_tell(tx, desk, desk.repeats, due, now))
    return found


def _due(db: sqlite3.Connection, desk: Desk, repeats: Repeats, incident_id: str, now: datetime) -> Due | None:
    """Whether an incident is to be told again, and to which sinks; None while it is silenced."""
    news = _news(db, desk, incident_id, now)
    if news is None or silence_for(silences.active(db, now), news.incident, news.base, now):
        return None
    last_id, told = reminders.last_told(db, incident_id)
    hours = repeats.hours(news)
    sinks = tuple(sink for sink in hours if sink in told and told[sink] + timedelta(hours=hours[sink]) <= now)
    return Due(news, last_id, sinks) if sinks else None


def _tell(tx: sqlite3.Connection, desk: Desk, repeats: Repeats, due: Due, now: datetime) -> Alert:
    """Write the reminder with its deliveries; the same one again adds nothing."""
    news = due.news
    alert = replace(news.alert, id=reminder_id(news.incident.id, due.last_id), reason="reminder")
    judgement = judge(news.article, desk.rules)
    judgement = replace(judgement, evidence=evidence_for(news.article, judgement, (), news.incident))
    said = replace(news, alert=alert, judgement=judgement)
    if decisions.save_alert(tx, alert, desk.body(said)):
        payloads = {sink: repeats.payload(said, sink) for sink in due.sinks}
        terms = {sink: replace(one, batch=None) for sink, one in desk.terms(news).items()}
        subject = subject_of(alert, said.incident, said.article, said.base)
        dispatch(tx, alert, said.incident, said.base, payloads, terms, subject, now)
    return alert


def _news(db: sqlite3.Connection, desk: Desk, incident_id: str, now: datetime) -> Announcement | None:
    """What was last new of an incident, as it would be told now; not yet judged, since most are not due."""
    incident, row = memory.incident(db, incident_id), reminders.last_news(db, incident_id)
    if incident is None:
        return None
    article = memory.article_of(row)
    alert = Alert(
        id=row["alert_id"],
        incident_id=incident_id,
        entry_id=article.id,
        reason=row["reason"],
        confidence=confidence(incident, desk.rules.facts),
        created_at=now,
        severity=gravest([row["severity"] or "medium", *memory.told_severities(db, incident_id)]),
    )
    base, area = desk.rules.base(incident.base), desk.rules.base(incident.area)
    return Announcement(alert, incident, article, UNJUDGED, base, area)
