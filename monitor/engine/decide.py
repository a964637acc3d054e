"""The decision: an undecided entry becomes a judgement, its incidents, its alerts and their deliveries, all at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from monitor.alerts.evidence import evidence_for
from monitor.alerts.gathering import Terms
from monitor.alerts.policy import Speech, speak
from monitor.alerts.routing import subject_of
from monitor.articles.sketch import COMMON, best_copy, sketch
from monitor.engine.dispatch import dispatch
from monitor.engine.levels import levels_of
from monitor.incidents import Consideration, conclude, confidence, extract_mentions, gravest, moment_of, tie
from monitor.incidents.identity import reach_of
from monitor.matching import RuleSet, judge
from monitor.model import Alert, Article, Base, Incident, Judgement, Link, Severity
from monitor.store import decisions, edits, memory
from monitor.store.db import Database
from monitor.store.memory import Earlier, Undecided
from monitor.urls import canonical_url

log = structlog.get_logger()

# Identity looks back three weeks (an attack is not reported as news for longer), copies a month.
LIVE = timedelta(days=21)
COPIES = timedelta(days=30)
# An entry whose decision fails is tried once more; then it is set aside with a notice, so that it blocks nobody.
TRIES = 2

Payloads = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Announcement:
    """Everything there is to say in one alert."""

    alert: Alert
    incident: Incident
    article: Article
    judgement: Judgement
    base: Base | None
    area: Base | None


@dataclass(frozen=True, slots=True)
class Repeats:
    """What is told again: by sink after how many hours, and the payload of a reminder for a sink."""

    shortest_hours: float
    hours: Callable[[Announcement], Mapping[str, float]]
    payload: Callable[[Announcement, str], str]


@dataclass(frozen=True, slots=True)
class Desk:
    """What every decision needs: the rules, and how an alert becomes one frozen payload for each sink.

    `body` is the alert as the documented JSON; it is stored with the alert whatever the sinks are. `terms` say by
    sink how it wants an alert: when, and with which others. `repeats` is None where no route wants reminders.
    """

    rules: RuleSet
    body: Callable[[Announcement], str]
    payloads: Callable[[Announcement], Payloads]
    terms: Callable[[Announcement], Mapping[str, Terms]] = lambda _said: {}
    repeats: Repeats | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided of one article."""

    article: Article
    judgement: Judgement
    speech: Speech
    incidents: tuple[Incident, ...] = ()
    links: tuple[Link, ...] = ()
    why: str = ""


def silent_desk(rules: RuleSet) -> Desk:
    """A desk that decides the same and tells nobody: for replay and explain."""
    return Desk(rules, body=lambda _announcement: "{}", payloads=lambda _announcement: {})


def decide_waiting(db: Database, desk: Desk, now: datetime, limit: int = 50) -> list[Decision]:
    """Decide the oldest undecided entries, at most `limit`, in one transaction; an entry that fails costs no other."""
    waiting = memory.undecided(db.reading, limit)
    if not waiting:
        return []
    with db.writing() as tx:
        return [decision for entry in waiting if (decision := _settle_guarded(tx, desk, entry, now)) is not None]


def _settle_guarded(tx: sqlite3.Connection, desk: Desk, entry: Undecided, now: datetime) -> Decision | None:
    """Settle one entry behind a savepoint; after the last failed try it is set aside, with a notice."""
    tx.execute("SAVEPOINT entry")
    try:
        decision = settle(tx, desk, entry, judge(entry.article, desk.rules), now)
    except Exception as error:
        tx.execute("ROLLBACK TO entry")
        log.exception("decision failed", entry=entry.article.id, tries=entry.tries + 1)
        decisions.count_failed_try(tx, entry.article.id)
        if entry.tries + 1 >= TRIES:
            decisions.set_aside(tx, entry.article.id, repr(error), desk.rules.version, now)
        decision = None
    tx.execute("RELEASE entry")
    return decision


def settle(tx: sqlite3.Connection, desk: Desk, entry: Undecided, judgement: Judgement, now: datetime) -> Decision:
    """Everything that one judgement leads to, written in the caller's transaction."""
    article = entry.article
    if entry.page_state == "none" and not entry.baseline and article.url and article.text_source == "feed":
        decisions.want_page(tx, article.id)
    if not judgement.hits:
        decisions.save_judgement(tx, article, judgement, "none", judgement.missing, now)
        return Decision(article, judgement, Speech("none"))
    earlier = memory.earlier_decision(tx, article.id)
    hashes = sketch(f"{article.title}\n{article.summary}\n{article.text}")
    told_before = earlier.incident_ids if earlier else _incidents_of_copy(tx, article, hashes, now)
    considered, known = _consider(tx, desk, replace(article, seen_at=now), judgement, told_before)
    judgement = replace(judgement, flagged=considered.flagged)
    levels, changes = levels_of(tx, desk.rules.grades, considered)
    speech = speak(
        article.id,
        considered.links,
        {incident.id: incident for incident in known},
        changes,
        {incident.id: confidence(incident, desk.rules.facts) for incident in considered.incidents},
        severity=levels,
        baseline=entry.baseline,
        now=now,
    )
    if considered.flagged and earlier and earlier.reason != "baseline":
        speech = again(speech, earlier, article)
    decision = Decision(article, judgement, speech, considered.incidents, considered.links, why_of(considered))
    _save(tx, desk, decision, considered, now)
    _catch_up(tx, desk, decision, known, levels, now)
    if considered.flagged:
        decisions.save_sketch(tx, article.id, hashes, now)
    return decision


def _consider(
    tx: sqlite3.Connection, desk: Desk, article: Article, judgement: Judgement, told_before: tuple[str, ...]
) -> tuple[Consideration, list[Incident]]:
    """What the article means for the incidents, and those that it is tied to as they were before it."""
    since = moment_of(article) - LIVE
    mentions = extract_mentions(article, judgement, desk.rules)
    kinds = desk.rules.facts.weapons
    placed = edits.placed_by_reviewer(tx, article.id)
    told_before = (placed.incident_id, *told_before) if placed.incident_id else told_before
    copy_of = told_before[0] if told_before else None
    candidates = memory.live_incidents(tx, since, {reach_of(mention) for mention in mentions}, also=copy_of)
    links = tie(article, judgement, mentions, candidates, kinds, copy_of, placed.apart, memory.begun(tx, since))
    tied = dict.fromkeys(link.incident_id for link in links if link.how in ("opens", "joins"))
    known = [found for key in tied if (found := memory.incident(tx, key)) is not None]
    merged = [incident for incident in candidates if incident.merged_into]
    return conclude(article, mentions, links, [*known, *merged], kinds, told_before), known


def why_of(considered: Consideration) -> str:
    """How the primary mention was tied to its incident, in words."""
    return considered.links[0].why if considered.links else ""


def again(speech: Speech, earlier: Earlier, article: Article) -> Speech:
    """What an entry says that has spoken before: a repeat stays what the entry was, and says nothing.

    Its page, when it comes, adds facts in silence: two messages from one article within a minute wake nobody better.
    """
    page_came = article.text_source == "page" and earlier.text_source != "page"
    if page_came:
        fresh = tuple(alert for alert in speech.alerts if alert.incident_id not in earlier.incident_ids)
        speech = Speech(speech.reason if fresh else "repeat", fresh)
    return Speech(earlier.reason, ()) if speech.reason == "repeat" else speech


def _incidents_of_copy(
    tx: sqlite3.Connection, article: Article, hashes: frozenset[int], now: datetime
) -> tuple[str, ...]:
    """The incidents of an earlier article with the same address or the same text, the primary one first."""
    same = memory.same_address(tx, canonical_url(article.url), article.id) if article.url else None
    found = same or best_copy(hashes, memory.similar(tx, hashes, article.id, now - COPIES, COMMON))
    earlier = memory.earlier_decision(tx, found) if found else None
    return earlier.incident_ids if earlier else ()


def _save(tx: sqlite3.Connection, desk: Desk, decision: Decision, considered: Consideration, now: datetime) -> None:
    article, speech = decision.article, decision.speech
    spoken = {alert.incident_id for alert in speech.alerts}
    incidents = [
        replace(incident, spoken=True) if incident.id in spoken else incident for incident in considered.incidents
    ]
    decisions.save_judgement(tx, article, decision.judgement, speech.reason, decision.why, now)
    decisions.save_incidents(tx, incidents, article.id)
    decisions.save_links(tx, article.id, considered.links, now)
    for incident_id, fact in considered.facts:
        decisions.save_fact(tx, incident_id, fact)
    by_id = {incident.id: incident for incident in incidents}
    for alert in speech.alerts:
        said = _announcement(desk, decision, alert, by_id[alert.incident_id])
        if decisions.save_alert(tx, alert, desk.body(said)):
            _deliver(tx, desk, said, desk.payloads(said), now)


def _announcement(desk: Desk, decision: Decision, alert: Alert, incident: Incident) -> Announcement:
    evidence = evidence_for(decision.article, decision.judgement, decision.links, incident)
    judgement = replace(decision.judgement, evidence=evidence)
    base, area = desk.rules.base(incident.base), desk.rules.base(incident.area)
    return Announcement(alert, incident, decision.article, judgement, base, area)


def _deliver(tx: sqlite3.Connection, desk: Desk, said: Announcement, payloads: Payloads, now: datetime) -> None:
    subject = subject_of(said.alert, said.incident, said.article, said.base)
    dispatch(tx, said.alert, said.incident, said.base, payloads, desk.terms(said), subject, now)


def _catch_up(
    tx: sqlite3.Connection,
    desk: Desk,
    decision: Decision,
    known: Sequence[Incident],
    levels: Mapping[str, Severity],
    now: datetime,
) -> None:
    """Sinks for which an incident was not sure or grave enough get its first alert once it is, as told here."""
    before = {incident.id: confidence(incident, desk.rules.facts) for incident in known}
    spoken = {alert.incident_id for alert in decision.speech.alerts}
    for incident in decision.incidents:
        sure, told = confidence(incident, desk.rules.facts), memory.told_severities(tx, incident.id)
        is_more = before.get(incident.id, sure) != sure or (told and levels[incident.id] not in told)
        first = memory.first_alert(tx, incident.id) if is_more else None
        if first is None or incident.id in spoken:
            continue
        now_known = replace(first, entry_id=decision.article.id, confidence=sure, severity=levels[incident.id])
        said = _announcement(desk, decision, now_known, incident)
        as_told = replace(
            now_known, confidence=before.get(incident.id, sure), severity=gravest(told or [first.severity])
        )
        had = desk.payloads(replace(said, alert=as_told)).keys()
        late = {sink: payload for sink, payload in desk.payloads(said).items() if sink not in had}
        if late:
            _deliver(tx, desk, said, late, now)
