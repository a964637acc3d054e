"""What an alert says, in words and safe to show, before any sink's own form. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlsplit

from monitor.model import Alert, Article, Base, Fact, Incident, Judgement
from monitor.redact import one_line

TITLE = 300
SENTENCE = 900
VALUE = 200
MAX_SENTENCES = 3
MAX_WORDS = 8
# The facts worth a row, in the order in which people ask for them.
SLOTS = ("killed", "wounded", "intercepted", "count", "claimed_by", "confirmed_by", "denied_by", "response")
REASONS = {"new": "New", "update": "Update", "possible_update": "Possible update", "reminder": "Not reviewed yet"}
# Everything RFC 3986 allows after the host but the brackets.
URL_SIGNS = "/?#%:@!$&'()*+,;=~-._"
TOLL = ("killed", "wounded")


@dataclass(frozen=True, slots=True)
class Message:
    """One alert in words. Everything is on one line, without control characters, not yet escaped for any sink.

    `link` is an http(s) address or ""; `host` is its host as it is dialled (punycode), never what the feed calls it.
    """

    headline: str
    title: str
    outlet: str
    link: str
    host: str
    sentences: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    changes: tuple[str, ...]
    why: str
    act: str


def message(
    alert: Alert,
    incident: Incident,
    article: Article,
    judgement: Judgement,
    base: Base | None,
    area: Base | None,
    facts: tuple[Fact, ...],
) -> Message:
    """Put one alert into words."""
    link, host = web_link(article.url)
    return Message(
        headline=headline(alert, incident, base, area, facts),
        title=one_line(article.title, TITLE) or "(no title)",
        outlet=one_line(article.source, VALUE),
        link=link,
        host=host,
        sentences=sentences(judgement),
        facts=fact_rows(facts),
        changes=tuple(change_line(*change) for change in alert.changes),
        why=why(judgement),
        act=f"all reports: basewatch incident show {alert.incident_id} · why: basewatch explain {alert.entry_id}",
    )


def headline(alert: Alert, incident: Incident, base: Base | None, area: Base | None, facts: tuple[Fact, ...]) -> str:
    """Base or place, weapon, what happened, when, how sure."""
    what = " and ".join(weapon.replace("_", " ") for weapon in incident.weapons if weapon != "other")
    toll = ", ".join(f"{value} {slot}" for slot, value in fact_values(facts) if slot in TOLL and value != "0")
    parts = [
        f"{REASONS.get(alert.reason, alert.reason)}: {what} attack at {place(incident, base, area)}",
        when(incident.date_from, incident.date_to),
        toll,
    ]
    return one_line(f"{', '.join(filter(None, parts))} ({alert.confidence}, {alert.severity} severity)", TITLE)


def place(incident: Incident, base: Base | None, area: Base | None) -> str:
    """The base by name with its country, else an unnamed place in the area, else in the country."""
    known = base or area
    country = (known.country if known else "") or incident.country
    within = area.name if area else incident.area
    unnamed = f"an unnamed place in {within}" if within else "an unnamed place"
    name = base.name if base else incident.base or unnamed
    return one_line(f"{name} ({country})" if country else name, VALUE)


def when(first: date | None, last: date | None) -> str:
    """The day or days of the attack, local to it."""
    if first is None and last is None:
        return "day not stated"
    if first is None or last is None:
        return f"since {day(first)}" if first else f"until {day(last)}"
    return day(first) if first == last else f"between {day(first)} and {day(last)}"


def day(value: date | None) -> str:
    """A day in words, with the year."""
    return f"{value.day} {value:%B %Y}" if value else ""


def sentences(judgement: Judgement) -> tuple[str, ...]:
    """The sentences that show it, as written, each once."""
    found = dict.fromkeys(one_line(evidence.sentence, SENTENCE) for evidence in judgement.evidence)
    return tuple(sentence for sentence in found if sentence)[:MAX_SENTENCES]


def fact_values(facts: tuple[Fact, ...]) -> list[tuple[str, str]]:
    """The latest value of each slot worth telling."""
    latest = {fact.slot: fact.value for fact in facts}
    return [(slot, latest[slot]) for slot in SLOTS if latest.get(slot)]


def fact_rows(facts: tuple[Fact, ...]) -> tuple[tuple[str, str], ...]:
    """The facts table: slot in words, latest value with its source."""
    sources = {fact.slot: fact.source for fact in facts}
    rows = []
    for slot, value in fact_values(facts):
        source = one_line(sources[slot], VALUE)
        rows.append((slot.replace("_", " "), one_line(value, VALUE) + (f" — {source}" if source else "")))
    return tuple(rows)


def change_line(slot: str, old: str, new: str) -> str:
    """One change in words."""
    before = one_line(old, VALUE) or "not stated"
    return f"{slot.replace('_', ' ')}: {before} → {one_line(new, VALUE)}"


def why(judgement: Judgement) -> str:
    """Why it fired: the rule that decided, the score, and the words that counted, with those weights that differ."""
    weights = {(term.concept, term.text): term.weight for hit in judgement.hits for term in hit.terms}
    words = dict.fromkeys((evidence.concept, evidence.text) for evidence in judgement.evidence) or weights
    shown = []
    for concept, text in list(words)[:MAX_WORDS]:
        weight = weights.get((concept, text), 0.0)
        shown.append(one_line(f"“{text}” {concept}{f' {weight:+.1f}' if weight else ''}", VALUE))
    rule = judgement.evidence[0].rule if judgement.evidence else judgement.rule
    return f"rule {one_line(rule, VALUE)}, score {judgement.score:.1f}: {', '.join(shown)}"


def web_link(url: str) -> tuple[str, str]:
    """An address that may be shown as a link, and its host in ASCII; ("", "") for whatever is not http(s)."""
    try:
        parts = urlsplit(one_line(url))
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port else ""
    except (ValueError, UnicodeError):
        return "", ""
    if parts.scheme not in ("http", "https") or not host:
        return "", ""
    shown = f"[{host}]" if ":" in host else host
    rest = parts.path + (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    return f"{parts.scheme}://{shown}{port}{quote(rest, safe=URL_SIGNS)}", host
