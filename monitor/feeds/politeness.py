"""When to poll a feed again and what to ask it with: the next state from the last one and a poll's result.

Pure: the time and the chance (a number in [0, 1)) are arguments. R1 … R16 are the rules of docs/polling.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from monitor.feeds.result import Hints, PollingSettings, PollResult
from monitor.feeds.source import host_of, is_public_host
from monitor.model import FeedState

# R8: what a feed asks for is heard up to an hour; an alert service that sleeps a day is none.
LONGEST_ASKED_SECONDS = 3600
# R10: hours and days without news are honoured, but once a day we look.
LONGEST_SKIP = timedelta(hours=24)
# R12: nobody can send us away for longer than a day.
LONGEST_RETRY_AFTER_SECONDS = 86_400
# R14: soft errors double the wait, up to six hours; hard ones (4xx) quadruple it, up to a day.
SOFT = (2, 6 * 3600)
HARD = (4, 24 * 3600)
HARD_FAILURES = ("client", "refused")
# The server is well and only this answer is odd, or the fault is ours: the usual pace goes on.
PATIENT_FAILURES = ("cut", "emptied", "unasked", "crowded")
# R6: a server that sticks to 304 must not freeze a feed.
FULL_EVERY = timedelta(hours=24)
# R16: a permanent redirect is proposed after it was seen this often over this time.
MOVED_TIMES = 5
MOVED_FOR = timedelta(days=3)

MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,12})", re.IGNORECASE)


def wants_full(state: FeedState, now: datetime) -> bool:
    """True where the next poll must not be conditional (R6): a day without a whole feed, or a clock that jumped."""
    last = state.last_full_at
    return last is None or now - last >= FULL_EVERY or last > now


def after(
    state: FeedState,
    result: PollResult,
    settings: PollingSettings,
    now: datetime,
    chance: float,
    *,
    alone: bool = False,
) -> FeedState:
    """The state after a poll. A failure keeps everything that was known of the feed.

    `alone` says that no server at all answers us: then the fault is ours and no feed is made to wait longer for it.
    """
    polled = replace(
        state,
        last_polled_at=now,
        last_status=result.status,
        last_error=result.error or None,
        last_failure=result.failure,
    )
    if result.failure == "gone":
        return replace(polled, failures=state.failures + 1, gone=True, next_poll_at=None)
    if result.failure:
        wait = _wait_after_failure(state, result, settings, now, chance, alone=alone)
        return replace(polled, failures=state.failures + 1, next_poll_at=now + timedelta(seconds=wait))
    known = _unchanged(polled, result) if result.unchanged else _full(polled, result, now)
    known = replace(known, last_ok_at=now, failures=0, gone=False)
    first = state.last_ok_at is None
    return _moved(replace(known, next_poll_at=_next_poll_at(known, result, settings, now, first=first)), result, now)


def with_more_to_take(state: FeedState, settings: PollingSettings, now: datetime) -> FeedState:
    """The state where entries of this document are still to be taken: ask for all of it again, soon."""
    soon = now + timedelta(seconds=min(60.0, settings.every_seconds))
    return replace(state, etag=None, last_modified=None, validators_url=None, next_poll_at=soon)


def _full(state: FeedState, result: PollResult, now: datetime) -> FeedState:
    """R1, R2: the validators of a whole feed replace the old ones, each as it came or None."""
    return replace(
        state,
        etag=result.headers.get("etag") or None,
        last_modified=result.headers.get("last-modified") or None,
        validators_url=result.url,
        last_full_at=now,
        entry_count=len(result.entries),
        interval_seconds=result.hints.interval_seconds,
        skip_hours=result.hints.skip_hours,
        skip_days=result.hints.skip_days,
    )


def _unchanged(state: FeedState, result: PollResult) -> FeedState:
    """R3: a 304 updates the validators that it carries and keeps the others."""
    return replace(
        state,
        etag=result.headers.get("etag") or state.etag,
        last_modified=result.headers.get("last-modified") or state.last_modified,
    )


def _moved(state: FeedState, result: PollResult, now: datetime) -> FeedState:
    """R16: count how often the feed answered from the same new place; the stored URL is never changed here."""
    if result.permanent_url is None:
        return replace(state, moved_to=None, moved_count=0, moved_since_at=None)
    if result.permanent_url != state.moved_to:
        return replace(state, moved_to=result.permanent_url, moved_count=1, moved_since_at=now)
    return replace(state, moved_count=state.moved_count + 1)


def moved_for_good(state: FeedState, now: datetime) -> bool:
    """True where a permanent redirect has lasted long enough to propose the new URL."""
    lasting = state.moved_since_at is not None and now - state.moved_since_at >= MOVED_FOR
    return lasting and state.moved_count >= MOVED_TIMES


def _next_poll_at(
    state: FeedState, result: PollResult, settings: PollingSettings, now: datetime, *, first: bool
) -> datetime:
    asked = max(state.interval_seconds or 0, freshness_seconds(result.headers, now))
    wait = max(settings.every_seconds, min(asked, LONGEST_ASKED_SECONDS))
    if first:
        wait *= _spread(state.feed_id)
    hints = Hints(None, state.skip_hours, state.skip_days)
    return out_of_skipped(now + timedelta(seconds=wait), hints)


def _spread(feed_id: str) -> float:
    """A share in [0.5, 1) that is the feed's own: feeds that were added together do not stay in step (R11)."""
    return 0.5 + int.from_bytes(feed_id.encode()[:8].ljust(8, b"\0"), "big") % 997 / 997 / 2


def freshness_seconds(headers: Mapping[str, str], now: datetime) -> float:
    """How long the answer says it stays fresh (RFC 9111 4.2.1): max-age less Age, else Expires less Date; else 0."""
    found = MAX_AGE.search(headers.get("cache-control", ""))
    if found:
        age = headers.get("age", "")
        return max(0.0, float(found[1]) - (float(age) if age.isdecimal() and len(age) < 12 else 0.0))
    expires = http_date(headers.get("expires"))
    if expires is None:
        return 0.0
    return max(0.0, (expires - (http_date(headers.get("date")) or now)).total_seconds())


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Retry-After in either form (RFC 9110 10.2.3), at most a day; None where absent, past or not understood (R12)."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        seconds = float(value[:12])
    else:
        until = http_date(value)
        if until is None:
            return None
        seconds = (until - (http_date(headers.get("date")) or now)).total_seconds()
    return min(seconds, LONGEST_RETRY_AFTER_SECONDS) if seconds > 0 else None


def host_rest_seconds(url: str, headers: Mapping[str, str], now: datetime) -> float | None:
    """How long the host that answered at `url` must rest as a whole because it answered busy, or None (R13).

    It is the one host of exactly this name; on a private one feeds have their own servers behind one name.
    """
    return retry_after_seconds(headers, now) if is_public_host(host_of(url)) else None


def _wait_after_failure(
    state: FeedState, result: PollResult, settings: PollingSettings, now: datetime, chance: float, *, alone: bool
) -> float:
    """Seconds to wait: the usual pace, more with each failure and with jitter, and never less than was asked for."""
    every = settings.every_seconds
    asked = retry_after_seconds(result.headers, now) if result.failure == "busy" else None
    if asked is not None:
        return max(every, asked)
    if alone or result.failure in PATIENT_FAILURES:
        return every
    factor, most = HARD if result.failure in HARD_FAILURES else SOFT
    longest = max(every, min(float(most), every * float(factor) ** min(state.failures + 1, 20)))
    return every + chance * (longest - every)


def out_of_skipped(at: datetime, hints: Hints) -> datetime:
    """The first moment from `at` on that is in no skipped hour or day (GMT), at most a day later (R10)."""
    hours = hints.skip_hours if len(hints.skip_hours) < 24 else frozenset()
    days = hints.skip_days if len(hints.skip_days) < 7 else frozenset()
    moment = at
    while moment.hour in hours or moment.isoweekday() in days:
        moment = (moment + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
        if moment - at >= LONGEST_SKIP:
            return at + LONGEST_SKIP
    return moment


def http_date(text: str | None) -> datetime | None:
    """A date of an HTTP header as UTC; None where there is none or it is nonsense."""
    if not text:
        return None
    try:
        at = parsedate_to_datetime(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
