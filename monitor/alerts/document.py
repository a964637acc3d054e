"""An alert as the documented JSON that webhooks get (schema/webhook.schema.json). Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from monitor.alerts.words import web_link
from monitor.model import Alert, Article, Base, Incident, Judgement, Notice
from monitor.redact import plain

Document = dict[str, Any]
CANARY_TEXT = "The canary of Basewatch went the whole way from a feed to a message; nothing has happened."
MAX_TITLE = 2000
MAX_SENTENCE = 4000
MAX_EVIDENCE = 30
TYPES = {
    "new": "incident.new",
    "update": "incident.updated",
    "possible_update": "incident.possible_update",
    "reminder": "incident.reminder",
}


def alert_document(
    alert: Alert, incident: Incident, article: Article, judgement: Judgement, base: Base | None, area: Base | None
) -> Document:
    """The webhook body of one alert; `data.changes` stands in updates only."""
    data: Document = {
        "incident": {
            "id": incident.id,
            "base": _base(incident, base),
            "area": _area(incident, area),
            "date_from": _day(incident.date_from),
            "date_to": _day(incident.date_to),
            "weapons": list(incident.weapons),
        },
        "article": {
            "title": shown(article.title, MAX_TITLE),
            "url": web_link(article.url)[0] or None,
            "source": shown(article.source, MAX_TITLE),
            "published": time_text(article.published_at) if article.published_at else None,
        },
        "evidence": [
            {"rule": one.rule, "text": shown(one.text, MAX_TITLE), "sentence": shown(one.sentence, MAX_SENTENCE)}
            for one in judgement.evidence[:MAX_EVIDENCE]
        ],
        "alert": {
            "id": alert.id,
            "reason": alert.reason,
            "confidence": alert.confidence,
            "severity": alert.severity,
        },
    }
    if alert.changes:
        data["changes"] = [
            {"slot": slot, "old": shown(old, MAX_TITLE) or None, "new": shown(new, MAX_TITLE)}
            for slot, old, new in alert.changes
        ]
    return {"type": TYPES.get(alert.reason, "incident.new"), "timestamp": time_text(alert.created_at), "data": data}


def notice_document(notice: Notice) -> Document:
    """The webhook body of a notice to the operator."""
    said = {"kind": notice.kind, "subject": notice.subject, "text": shown(notice.text, MAX_SENTENCE)}
    return {"type": "notice", "timestamp": time_text(notice.at), "data": {"notice": said}}


def test_document(sink: str, now: datetime) -> Document:
    """The webhook body of a trial message."""
    said = {"sink": sink, "text": "This is a test of Basewatch; nothing has happened."}
    return {"type": "test", "timestamp": time_text(now), "data": said}


def canary_document(sink: str, now: datetime) -> Document:
    """The webhook body that says that the canary arrived."""
    return {"type": "canary", "timestamp": time_text(now), "data": {"sink": sink, "text": CANARY_TEXT}}


def _base(incident: Incident, base: Base | None) -> Document:
    return {
        "id": base.id if base else incident.base or None,
        "name": base.name if base else None,
        "country": (base.country if base else "") or incident.country or None,
        "lat": base.lat if base else None,
        "lon": base.lon if base else None,
    }


def _area(incident: Incident, area: Base | None) -> Document | None:
    known = area.id if area else incident.area
    return {"id": known, "name": area.name if area else None} if known else None


def shown(text: str, limit: int) -> str:
    """A feed's text as written, without what is invisible or reorders, and not endless."""
    safe = plain(text, keep_lines=True)
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"


def time_text(at: datetime) -> str:
    """UTC, ISO 8601, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
