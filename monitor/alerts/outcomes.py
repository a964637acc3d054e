"""What an answer means: the table of classes, for webhooks and for Slack's incoming webhooks. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from monitor.alerts.states import MOVED_SECONDS
from monitor.errors import FetchError
from monitor.model import Outcome

# The endpoint is gone or turns us away: more tries change nothing, a repaired address or key does.
BROKEN = frozenset({401, 403, 404, 410})

PAYLOAD_STATUS = frozenset({400, 413})

# Slack's error texts (incoming webhooks): the payload is at fault …
SLACK_PAYLOAD = frozenset({
    "invalid_payload", "invalid_blocks", "invalid_blocks_format", "invalid_attachments", "no_text", "missing_text",
    "msg_too_long", "msg_blocks_too_long", "too_many_attachments", "missing_charset", "superfluous_charset",
    "invalid_json", "json_not_object", "invalid_post_type", "missing_post_type", "invalid_form_data",
})  # fmt: skip
# … or the hook, the channel or the workspace.
SLACK_BROKEN = frozenset({
    "no_service", "no_service_id", "no_active_hooks", "no_team", "no_text_allowed", "team_disabled", "team_not_found",
    "invalid_token", "token_revoked", "account_inactive", "channel_not_found", "channel_is_archived", "is_archived",
    "user_not_found", "action_prohibited", "posting_to_general_channel_denied", "restricted_action", "invalid_auth",
    "not_in_channel", "org_login_required", "access_denied",
})  # fmt: skip
# Known answers without acceptance that pass by themselves.
SLACK_PASSING = frozenset({"rollup_error", "rate_limited", "ratelimited", "service_unavailable", "internal_error"})


def of_webhook(status: int, headers: Mapping[str, str], now: datetime) -> Outcome:
    """The outcome of a generic webhook's answer: 2xx alone is success (Standard Webhooks)."""
    if 200 <= status < 300:
        return Outcome("sent", status)
    if status in BROKEN:
        return Outcome("sink_broken", status, f"HTTP {status}")
    return passing(status, f"HTTP {status}", headers, now)


def of_slack(status: int, text: str, headers: Mapping[str, str], now: datetime, *, whole: bool = True) -> Outcome:
    """The outcome of a Slack incoming webhook's answer: 200 and the body `ok`, nothing else, is success.

    `whole` tells whether `text` is all of the answer: of one that breaks off where `ok` can follow, nobody knows.
    """
    word = text.strip()
    if status == 200 and word == "ok":
        return Outcome("sent", status)
    if status == 200 and not whole and word in ("", "o"):
        return Outcome("unknown", status, "HTTP 200, but the answer breaks off")
    known = word if word in SLACK_PAYLOAD | SLACK_BROKEN | SLACK_PASSING else ""
    error = f"HTTP {status}: {known}" if known else f"HTTP {status}"
    if word in SLACK_PAYLOAD or (status in PAYLOAD_STATUS and not known):
        return Outcome("rerender", status, error)
    if word in SLACK_BROKEN or (status in BROKEN and not known):
        return Outcome("sink_broken", status, error)
    if status == 200:
        error = f"HTTP 200: {known}" if known else "HTTP 200 with a body that is not ok"
    return passing(status, error, headers, now)


def passing(status: int, error: str, headers: Mapping[str, str], now: datetime) -> Outcome:
    """A known answer without acceptance: tried again; 429 and 503 with Retry-After pause the whole sink."""
    asked = retry_after(headers.get("retry-after", ""), now)
    if 300 <= status < 400:
        return Outcome("retry", status, f"{error}, a redirect", retry_after_seconds=MOVED_SECONDS)
    pause = status == 429 or (status == 503 and asked is not None)
    return Outcome("retry", status, error, retry_after_seconds=asked, pause_sink=pause)


def of_error(error: FetchError, *, surely_not_sent: bool) -> Outcome:
    """The outcome of an attempt without an answer.

    An address that the guard refuses, or that is none, is the sink's fault: its deliveries wait for its repair, since
    to drop them would lose alerts to one odd answer of a name server.
    """
    if error.kind in ("refused", "url"):
        return Outcome("sink_broken", error=str(error))
    return Outcome("not_sent" if surely_not_sent else "unknown", error=str(error))


def retry_after(value: str, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for (RFC 9110 10.2.3, both forms); None where it cannot be read."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    seconds = (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None
