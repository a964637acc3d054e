"""What an answer of Slack's API means: every documented error of chat.postMessage has its class. Pure.

https://docs.slack.dev/reference/methods/chat.postMessage. Slack answers 200 to nearly everything; `ok` and `error` in
the body tell. The message's channel and `ts`, which name it within the workspace, are its receipt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from monitor.alerts.outcomes import BROKEN, PAYLOAD_STATUS, passing, retry_after
from monitor.model import Outcome

# The message is at fault, or its thread or its metadata: as plain text in the channel it has none of them.
PAYLOAD = frozenset({
    "attachment_payload_limit_exceeded", "cannot_reply_to_message", "invalid_arg_name", "invalid_arguments",
    "invalid_array_arg", "invalid_blocks", "invalid_blocks_format", "invalid_charset", "invalid_form_data",
    "invalid_json", "invalid_metadata_format", "invalid_metadata_schema", "invalid_post_type", "json_not_object",
    "markdown_text_conflict", "metadata_must_be_sent_from_app", "metadata_too_large", "missing_charset",
    "missing_post_type", "msg_blocks_too_long", "msg_too_long", "no_text", "restricted_action_non_threadable_channel",
    "restricted_action_thread_locked", "superfluous_charset", "thread_not_found", "too_many_attachments",
    "too_many_contact_cards",
})  # fmt: skip
# The token, its rights, the channel or the workspace: a person has to repair it.
BROKEN_WORDS = frozenset({
    "access_denied", "accesslimited", "account_inactive", "app_access_restricted", "as_user_not_supported",
    "channel_is_archived", "channel_not_found", "deprecated_endpoint", "ekm_access_denied", "enterprise_is_restricted",
    "invalid_auth", "is_archived", "messages_tab_disabled", "method_deprecated", "missing_scope", "no_permission",
    "not_allowed_token_type", "not_authed", "not_in_channel", "org_login_required", "restricted_action",
    "restricted_action_read_only_channel", "restricted_action_thread_only_channel", "send_on_behalf_not_allowed",
    "team_access_not_granted", "team_not_found", "token_expired", "token_revoked", "two_factor_setup_required",
    "unknown_method",
})  # fmt: skip
# Too many messages: the whole sink waits.
LIMITED = frozenset({"message_limit_exceeded", "rate_limited", "ratelimited"})
# Not accepted, and it passes by itself.
PASSING = frozenset({"request_timeout", "service_unavailable", "team_added_to_org"})
# Of these Slack says that some of the work may have been done.
DOUBTFUL = frozenset({"fatal_error", "internal_error"})
# An error as Slack writes it. Nothing else that stands in its place is repeated.
_WORD = re.compile(r"[a-z_]{1,60}")
_CHANNEL = re.compile(r"[CDG][A-Z0-9]{1,30}")
_TS = re.compile(r"[0-9]{1,20}\.[0-9]{1,10}")


def of_slack_api(status: int, text: str, headers: Mapping[str, str], now: datetime, *, whole: bool = True) -> Outcome:
    """The outcome of chat.postMessage; `whole` tells whether `text` is all of the answer."""
    if status != 200:
        return _of_status(status, headers, now)
    if not whole:
        return Outcome("unknown", status, "HTTP 200, but the answer breaks off")
    said = said_by(text)
    if said.get("ok") is True:
        return Outcome("sent", status, receipt=receipt(said.get("channel"), said.get("ts")))
    word = said.get("error")
    if not isinstance(word, str) or not _WORD.fullmatch(word):
        return Outcome("retry", status, "HTTP 200 with a body that is no answer of Slack's API")
    return _of_word(word, status, headers, now)


def _of_status(status: int, headers: Mapping[str, str], now: datetime) -> Outcome:
    if status in PAYLOAD_STATUS:
        return Outcome("rerender", status, f"HTTP {status}")
    if status in BROKEN:
        return Outcome("sink_broken", status, f"HTTP {status}")
    return passing(status, f"HTTP {status}", headers, now)


def _of_word(word: str, status: int, headers: Mapping[str, str], now: datetime) -> Outcome:
    error = f"Slack says {word}"
    if word in PAYLOAD:
        return Outcome("rerender", status, error)
    if word in BROKEN_WORDS:
        return Outcome("sink_broken", status, error)
    if word in DOUBTFUL:
        return Outcome("unknown", status, error)
    if word in LIMITED:
        asked = retry_after(headers.get("retry-after", ""), now)
        return Outcome("retry", None, error, retry_after_seconds=asked, pause_sink=True)
    # With its status an answer counts as one that nobody expects, and is told to the operator.
    return Outcome("retry", None if word in PASSING else status, error)


def said_by(text: str) -> dict[str, Any]:
    """The JSON object of an answer; empty where it is none."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def receipt(channel: object, ts: object) -> str:
    """A message's channel and ts as one text; "" where they are not what Slack gives."""
    known = isinstance(channel, str) and isinstance(ts, str) and _CHANNEL.fullmatch(channel) and _TS.fullmatch(ts)
    return f"{channel}/{ts}" if known else ""
