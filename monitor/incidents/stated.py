"""Which sentence states a fact of a mention: the mention's own, unless another one told it. Pure."""

from __future__ import annotations

from dataclasses import replace

from monitor.model import Mention

_SLOTS = (
    "base", "count", "killed", "wounded", "intercepted", "claimed_by", "confirmed_by", "denied_by", "response",
)  # fmt: skip


def sentence_of(mention: Mention, slot: str) -> str:
    """The sentence that states the fact of this slot."""
    return dict(mention.stated_in).get(slot, mention.sentence)


def stated(before: Mention, after: Mention, by: Mention | str) -> Mention:
    """The mention `after`, where each fact that `before` did not have is stated by a sentence or another mention."""
    found = dict(after.stated_in)
    for slot in _SLOTS:
        if getattr(after, slot) != getattr(before, slot):
            found[slot] = by if isinstance(by, str) else sentence_of(by, slot)
    elsewhere = {slot: sentence for slot, sentence in found.items() if sentence != after.sentence}
    return replace(after, stated_in=tuple(elsewhere.items()))
