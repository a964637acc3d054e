"""One poll of one feed: ask, judge the answer, have it read. Talks through monitor.http; no feed makes it raise."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from monitor.errors import ChildFailed, FetchError
from monitor.feeds.document import ParsedFeed
from monitor.feeds.politeness import wants_full
from monitor.feeds.result import Failure, Hints, PollingSettings, PollResult
from monitor.feeds.source import host_of
from monitor.http import Http, Response, Room, Validators
from monitor.model import Entry, Feed, PollJob
from monitor.urls import public_url, with_login

Read = Callable[[bytes, dict[str, str], str, Feed], Awaitable[tuple[ParsedFeed, tuple[Entry, ...]]]]

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
)
PERMANENT = (301, 308)
FAILURE_OF_KIND: dict[str, Failure] = {
    "refused": "refused", "url": "refused", "too_large": "refused", "crowded": "crowded",
}  # fmt: skip


async def poll_feed(
    http: Http, read: Read, job: PollJob, settings: PollingSettings, now: datetime, login: str = ""
) -> PollResult:
    """Poll the feed of a job once. Every trouble is a value: a PollResult whose `failure` names it.

    `login` ("user:password") is told to the origin of the feed's address and to no other (RFC 7617).
    """
    proven = job.state.last_ok_at is not None and not job.state.failures
    async with http.large_bodies.room(proven=proven) as room:
        return await _poll(http, read, job, settings, now, login, room)


async def _poll(
    http: Http, read: Read, job: PollJob, settings: PollingSettings, now: datetime, login: str, room: Room
) -> PollResult:
    state = job.state
    validators = None
    if state.validators_url and not wants_full(state, now):
        validators = Validators(state.validators_url, state.etag, state.last_modified)
    try:
        response = await http.get(
            with_login(job.feed.url, login),
            headers={"Accept": ACCEPT},
            validators=validators,
            user_agent=job.feed.user_agent or settings.user_agent,
            max_bytes=settings.max_feed_bytes,
            deadline_seconds=settings.deadline_seconds,
            allow_private=settings.allow_private_addresses,
            room=room,
        )
    except FetchError as error:
        return PollResult(FAILURE_OF_KIND.get(error.kind, "network"), str(error))
    answered = PollResult(
        status=response.status,
        url=response.url,
        permanent_url=permanent_url(response),
        headers=response.headers,
    )
    refused = refused_answer(response)
    if refused:
        failure, why = refused
        return replace(answered, failure=failure, error=f"{public_url(response.url)}: {why}")
    if response.status == 304:
        return replace(answered, unchanged=True)
    return await _read(read, job, response, answered)


def refused_answer(response: Response) -> tuple[Failure, str] | None:
    """Why an answer cannot be a feed, judged by its head: the failure and a reason; None where it may be one."""
    status = response.status
    if response.headers.get("cf-mitigated", "").lower() == "challenge":
        return "not_a_feed", "a challenge for browsers stands in place of the feed"
    if status == 304:
        return None if response.conditional else ("unasked", "answered 304 to a question without validators")
    if status == 200:
        return None if response.body or not response.whole else ("not_a_feed", "the body is empty")
    if status == 410:
        return "gone", "answered 410 Gone"
    if status in (429, 503):
        return "busy", f"answered {status}"
    return ("server" if status >= 500 or status == 408 else "client"), f"answered {status}"


async def _read(read: Read, job: PollJob, response: Response, answered: PollResult) -> PollResult:
    place = public_url(response.url)
    try:
        parsed, entries = await read(response.body, dict(response.headers), response.url, job.feed)
    except ChildFailed as error:
        return replace(answered, failure="unreadable", error=f"{place}: the feed could not be read: {error}")
    if not parsed.is_feed:
        return replace(answered, failure="not_a_feed", error=f"{place}: {parsed.problem_text}")
    read_result = replace(
        answered,
        flaw=parsed.problem_text if parsed.problem == "malformed" else "",
        entries=entries,
        hints=hints_of(parsed),
        source=job.feed.title or parsed.title or host_of(job.feed.url),
    )
    if not response.whole or not parsed.complete:
        why = parsed.problem_text or "The body ends too early."
        return replace(read_result, failure="cut", error=f"{place}: {why}")
    if not entries and job.state.entry_count:
        return replace(
            read_result, failure="emptied", error=f"{place}: no entries, where there were {job.state.entry_count}"
        )
    return read_result


def hints_of(parsed: ParsedFeed) -> Hints:
    """What the document asks of its readers."""
    asked = max(parsed.ttl_seconds or 0, parsed.update_seconds or 0)
    return Hints(asked or None, parsed.skip_hours, parsed.skip_days)


def permanent_url(response: Response) -> str | None:
    """Where the permanent redirects before the first temporary one led (R16), or None."""
    target = None
    for status, url in response.redirects:
        if status not in PERMANENT:
            break
        target = url
    return target
