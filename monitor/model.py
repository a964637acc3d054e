"""The nouns of Basewatch, in the order in which data flows. Frozen values; imports nothing of ours.

Times end in `_at` and are timezone-aware UTC datetimes; durations end in `_seconds`; days are local dates of the event.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

# --- a feed and what we last saw of it ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as a fact: where it is. `id` is a short hash of the URL as first configured.

    `user_agent` is what its server is told, "" for the usual one.
    """

    id: str
    url: str
    title: str = ""
    language: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class FeedState:
    """What we last saw of a feed. Validators are opaque and bound to `validators_url`, which issued them.

    `interval_seconds`, `skip_hours` (GMT) and `skip_days` (ISO weekdays) are what the feed document asks for;
    `moved_to` is where permanent redirects lead, seen `moved_count` times since `moved_since_at`.
    """

    feed_id: str
    etag: str | None = None
    last_modified: str | None = None
    validators_url: str | None = None
    next_poll_at: datetime | None = None
    last_polled_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_full_at: datetime | None = None
    last_status: int | None = None
    last_error: str | None = None
    failures: int = 0
    entry_count: int | None = None
    gone: bool = False
    moved_to: str | None = None
    moved_count: int = 0
    moved_since_at: datetime | None = None
    interval_seconds: int | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class PollJob:
    """A lease on one poll of one feed. After `lease_until_at` somebody else may poll it."""

    feed: Feed
    state: FeedState
    lease_until_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed. `id` is stable however often it is fetched, re-ordered or edited.

    `text` is the full text where the feed itself gives it, else "".
    """

    id: str
    feed_id: str
    title: str
    summary: str
    url: str | None = None
    guid: str | None = None
    published_at: datetime | None = None
    language: str = ""
    aliases: tuple[str, ...] = ()
    text: str = ""


TextSource = Literal["feed", "page", "given"]


@dataclass(frozen=True, slots=True)
class Article:
    """What is judged: an entry's title and summary and, once fetched, its page's text.

    `published_at` is None when unknown; `seen_at` is when we first saw it (the virtual clock in a replay).
    """

    id: str
    title: str
    summary: str = ""
    text: str = ""
    url: str = ""
    source: str = ""
    language: str = ""
    published_at: datetime | None = None
    seen_at: datetime | None = None
    text_source: TextSource = "feed"


# --- what is watched -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Base:
    """A watched place of the topic: a named target, or an area (`kind` "area") that holds several.

    `lat`/`lon` are WGS 84 degrees or None; `area` is the id of the area that holds it, or "".
    """

    id: str
    name: str
    kind: Literal["base", "area"] = "base"
    country: str = ""
    lat: float | None = None
    lon: float | None = None
    area: str = ""


# --- matching: an article becomes a judgement with evidence -------------------------------------

Part = Literal["title", "summary", "text"]


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open character range [start, end) of one part of an article, as written there."""

    part: Part
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a rule found in a text. `concept` is the rule set's id for it, e.g. "weapon" or "base".

    `value` is what the term stands for: a base's id, a weapon class, a country; `text` is as written.
    """

    concept: str
    rule: str
    value: str
    span: Span
    text: str
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for a judgement, fit to be shown: the rule, the words as written, and their sentence."""

    rule: str
    concept: str
    text: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One attack on a watched target as one sentence (or two neighbours) tells it, before dates and identity.

    `base` is a rule id or "" where the target is not named; `country` is ISO 3166 alpha-2 or "";
    `fresh` is False where a context (see `contexts`) takes it away; `label` is its class by the labelling rule.
    """

    rule: str
    label: str
    score: float
    fresh: bool
    base: str
    country: str
    sentence: Span
    terms: tuple[Term, ...]
    contexts: tuple[str, ...] = ()
    lead: bool = True


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one article. `flagged` means: its title or lead tells of a fresh attack.

    `rule` decided; `missing` says, for what was not flagged, the nearest rule and the condition that failed.
    """

    flagged: bool
    label: str
    score: float
    rule: str
    hits: tuple[Hit, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    missing: str = ""
    rules_version: str = ""


# --- incidents: judgements become attacks --------------------------------------------------------

DateSource = Literal["sentence", "reporting", "inherited", "publication", "none"]


@dataclass(frozen=True, slots=True)
class Mention:
    """One attack that one article mentions, with everything that identifies it. Unknown is None or "" or ().

    `date_from`..`date_to` is the closed interval of possible local days; `date_source` says how it was found.
    """

    base: str
    area: str
    country: str
    date_from: date | None
    date_to: date | None
    date_source: DateSource
    weapons: tuple[str, ...] = ()
    count: int | None = None
    time_of_day: str = ""
    killed: int | None = None
    wounded: int | None = None
    intercepted: bool = False
    claimed_by: str = ""
    confirmed_by: str = ""
    denied_by: str = ""
    background: bool = False
    again: bool = False
    sub_event: str = ""
    sentence: str = ""
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Fact:
    """Something an article says of an incident; appended, never overwritten."""

    slot: str
    value: str
    entry_id: str
    source: str
    sentence: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Incident:
    """One real attack (or one wave of a salvo on one place). `reports` are the latest mentions that joined it.

    `merged_into` is the id of the incident that a reviewer merged it into: whatever fits it joins that one; else "".
    """

    id: str
    base: str
    area: str
    country: str
    date_from: date | None
    date_to: date | None
    weapons: tuple[str, ...]
    first_seen_at: datetime
    last_report_at: datetime
    spoken: bool = False
    reports: tuple[Mention, ...] = ()
    facts: tuple[Fact, ...] = ()
    merged_into: str = ""

    @property
    def survivor_id(self) -> str:
        """The id under which it is told of now: its own, or that of the incident it was merged into."""
        return self.merged_into or self.id


@dataclass(frozen=True, slots=True)
class Link:
    """How one mention was tied to an incident, and why."""

    mention: Mention
    incident_id: str
    how: Literal["opens", "joins", "possible", "background"]
    score: float
    why: str


# --- alerts: incidents become messages ------------------------------------------------------------

Reason = Literal["new", "update", "possible_update", "repeat", "baseline", "none"]
Confidence = Literal["rumour", "claim", "confirmed"]


@dataclass(frozen=True, slots=True)
class Alert:
    """One decision to speak of one incident because of one entry. `id` is a hash of its first cause."""

    id: str
    incident_id: str
    entry_id: str
    reason: Reason
    confidence: Confidence
    created_at: datetime
    changes: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Silence:
    """The operator's wish to hear nothing of one base (or area), one incident or one country until a time.

    Exactly one of `base`, `incident_id` and `country` is given. Alerts are decided and stored all the same; with
    `deliver_after` they are delivered when the silence is over, else not at all unless asked.
    """

    id: str
    why: str
    created_at: datetime
    until_at: datetime
    base: str = ""
    incident_id: str = ""
    country: str = ""
    deliver_after: bool = False
    ended_at: datetime | None = None


DeliveryState = Literal["pending", "sending", "sent", "unknown", "held", "cancelled", "dead"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One alert on its way to one sink: a row of the outbox. `id` is also the webhook-id; the payload is frozen.

    `not_before_at` holds it back (quiet hours, a silence), whatever its sink and its retries say.
    """

    id: str
    alert_id: str
    sink: str
    generation: int
    payload: str
    state: DeliveryState
    attempts: int = 0
    next_attempt_at: datetime | None = None
    fence: int = 0
    first_attempt_at: datetime | None = None
    sent_at: datetime | None = None
    last_code: int | None = None
    last_error: str = ""
    repeat_possible: bool = False
    minimal: bool = False
    not_before_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sink says of one attempt.

    kind: sent | not_sent (surely not accepted) | retry (known answer, not accepted) | rerender (payload refused: try
    minimal text) | sink_broken (hold everything for this sink) | refused (dead) | unknown (cannot know).
    """

    kind: Literal["sent", "not_sent", "retry", "rerender", "sink_broken", "refused", "unknown"]
    code: int | None = None
    error: str = ""
    receipt: str = ""
    retry_after_seconds: float | None = None
    pause_sink: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the operator must know; stored, logged and, where asked for, sent by another sink."""

    kind: str
    subject: str
    text: str
    at: datetime
    details: tuple[tuple[str, str], ...] = field(default=())
