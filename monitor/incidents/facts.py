"""What one sentence says of an attack: people hurt, claim, confirmation, denial, number of weapons, time of day.

General grammar of English news; every name and topical noun comes from the rules (FactWords).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.incidents.casualties import ABOUT, NEGATED, NUMBER, casualties, parse_number
from monitor.matching.factwords import FactWords, Names
from monitor.matching.quick import QuickPattern

_NIGHT = QuickPattern(
    r"\b(?:overnight|last\s+night|tonight|late\s+(?:on\s+)?\w+|\w+\s+night|at\s+night|evening|midnight)\b",
    "night", "late", "evening",
)  # fmt: skip
_MORNING = QuickPattern(
    r"\b(?:morning|dawn|early\s+(?:on\s+)?[a-z]\w+day|early\s+hours|pre-dawn|daybreak)\b",
    "morning", "dawn", "early", "daybreak",
)  # fmt: skip
_DAYTIME = QuickPattern(r"\b(?:afternoon|midday|noon|daylight)\b", "noon", "midday", "daylight")
_AGAIN = QuickPattern(
    r"\b(?:again|anew|for\s+(?:the\s+|a\s+)?(?:second|third|fourth|fifth)\s+(?:straight\s+)?(?:time|day|night))\b",
    "again", "anew", "second", "third", "fourth", "fifth",
)  # fmt: skip
_ONE_MORE = QuickPattern(
    r"\b(?:another|second|third|fourth|fifth|new|fresh|further|additional|more(?!\s+than)|subsequent)\s+(?:(?!and\b|or\b|after\b|following\b|from\b)[\w.'’-]+\s+){0,3}$",
    "another", "second", "third", "fourth", "fifth", "new", "fresh", "further", "additional", "more", "subsequent",
)  # fmt: skip
_INTERCEPTED = QuickPattern(
    r"\b(?:intercept(?:ed|s|ing)?|shot\s+down|shoots?\s+down|shooting\s+down|downed|thwart(?:ed|s)|foil(?:ed|s)|repel(?:led|s)|"
    r"brought\s+down|engaged\s+and\s+destroyed)\b",
    "intercept", "down", "thwart", "foil", "repel", "destroyed",
)  # fmt: skip
_BY = re.compile(r"\bby\s", re.IGNORECASE)
_NEAR_CONFIRMATION, _NEAR_STATEMENT = 80, 30  # characters between an official source and its verb
_DEED_AHEAD = 40  # characters from "its" to what its fighters did
_OWN_DEED = QuickPattern(
    r"\b(?:said|says|announced|announces|declared|claimed|claims)\b[^.;]{0,40}?\b(?:it|they|its|their|our|we)\b",
    "said", "says", "announce", "declare", "claim",
)  # fmt: skip
_ATTACK_AT = QuickPattern(
    r"\b(?:morning|overnight|dawn|night|evening|night-time)\s+(?:\w+\s+)?(?:attack|strike|assault)s?\b",
    "morning", "night", "dawn", "evening",
)  # fmt: skip
_OWN_PART = re.compile(
    r"\b(?:involvement|involved|responsib\w+|role|links?|behind|order\w*|complicity|hand\s+in)\b", re.IGNORECASE
)
_HAPPENED = re.compile(
    r"\b(?:attack\w*|strike\w*|explosion\w*|target\w*|hit|incident\w*|took\s+place)\b", re.IGNORECASE
)
_EVENT = re.compile(
    r"\b(?:attack\w*|strike\w*|report\w*|explosion\w*|target\w*|hit|incident\w*|took\s+place|claim\w*|damage)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SentenceFacts:
    """Facts of one sentence; None or "" where it says nothing."""

    killed: int | None = None
    wounded: int | None = None
    intercepted: bool = False
    claimed_by: str = ""
    confirmed_by: str = ""
    denied_by: str = ""
    time_of_day: str = ""


def read_facts(
    sentence: str, words: FactWords, *, tells_attack: bool = True, harm_until: int | None = None
) -> SentenceFacts:
    """The facts of a sentence. In one that does not tell the attack itself only an explicit confirmation is one.

    `harm_until` is the character before which people must be hurt: what stands behind it is another event.
    """
    plain = sentence.replace("’", "'")
    killed, wounded = casualties(plain[:harm_until], words)
    return SentenceFacts(
        killed=killed,
        wounded=wounded,
        intercepted=tells_attack and _INTERCEPTED.search(plain) is not None,
        claimed_by=claimant(plain, words, tells_attack=tells_attack),
        confirmed_by=confirmer(plain, words, tells_attack=tells_attack),
        denied_by=denier(plain, words),
        time_of_day=time_of_day(plain) if tells_attack or _ATTACK_AT.search(plain) else "",
    )


# --- who says so ---------------------------------------------------------------------------------


def claimant(sentence: str, words: FactWords, *, tells_attack: bool = True) -> str:
    """Who claims the attack, or "": the nearest named group before the verb of claiming, or after its "by".

    In a sentence that tells the attack, a group that says that it, or its fighters, did something claims it too.
    """
    claims = list(words.claim.finditer(sentence))
    deed = _OWN_DEED.search(sentence) if tells_attack else None
    claimants = words.claimants.find(sentence) if claims or deed else ()
    for claim in claims:
        if NEGATED.search(sentence[: claim.start()][-40:]) or re.match(r"\s+lives?\b", sentence[claim.end() :]):
            continue
        by = _BY.search(sentence, claim.start(), claim.end() + 30)
        name = _nearest(words.claimants, claimants, claim.start(), by.end() if by else None)
        if name:
            return name
    if deed and not words.did.search(sentence, deed.end(), deed.end() + _DEED_AHEAD):
        return ""
    return _nearest(words.claimants, claimants, deed.start(), None) if deed else ""


def more_specific(one: str, other: str, words: FactWords) -> str:
    """The more telling of two names of claimants: rules list named groups before what any group may be called."""
    if not one or not other:
        return one or other
    rank = words.claimants.rank
    return min((name for name in (one, other) if name in rank), key=rank.__getitem__, default=one)


def confirmer(sentence: str, words: FactWords, *, tells_attack: bool) -> str:
    """The official source that confirms the attack, or states it in a sentence that tells it, or ""."""
    verbs = [(verb, _NEAR_CONFIRMATION) for verb in words.confirm.finditer(sentence)]
    if tells_attack:
        verbs += [(verb, _NEAR_STATEMENT) for verb in words.state.finditer(sentence)]
    if not verbs or denier(sentence, words):
        return ""
    officials = words.officials.find(sentence)
    for verb, reach in verbs:
        if NEGATED.search(sentence[: verb.start()][-25:]):
            continue
        name = _nearest(words.officials, officials, verb.start(), verb.end(), reach)
        if name and (tells_attack or _EVENT.search(sentence, verb.end())):
            return name
    return ""


def denier(sentence: str, words: FactWords) -> str:
    """Who denies that the attack happened, or ""; denying one's own part in it is no denial of the attack."""
    for verb in words.deny.finditer(sentence):
        rest = sentence[verb.end() : verb.end() + 90]
        event = _HAPPENED.search(rest)
        own = _OWN_PART.search(rest)
        if event is None or (own is not None and own.start() < event.end() + 30):
            continue
        for names in (words.officials, words.others):
            name = _nearest(names, names.find(sentence), verb.start(), verb.end())
            if name:
                return name
    return ""


def _nearest(
    names: Names, found: Sequence[tuple[int, int, str]], before: int, after: int | None, reach: int = 220
) -> str:
    """The most telling name that ends at most `reach` characters before `before`, else the first soon after `after`."""
    ahead = [name for start, end, name in found if end <= before and before - end <= reach]
    if ahead:
        return min(ahead, key=names.rank.__getitem__)
    if after is None:
        return ""
    return next((name for start, _end, name in found if after <= start <= after + 40), "")


# --- how it was done -----------------------------------------------------------------------------


_COUNTED = re.compile(
    rf"(?<!\w)(?:{ABOUT})?(?P<number>{NUMBER})\s+(?:of\s+)?(?P<between>(?:(?!and\b|to\b|{NUMBER}\b)[\w.'-]+\s+){{0,3}})$",
    re.IGNORECASE,
)
_HAPPENING = re.compile(
    r"\s*-?(?:attacks?|strikes?|launch\w*|barrages?|salvos?|fire|assaults?|raids?|hits?)\b", re.IGNORECASE
)
_VAGUE = re.compile(r"\b(?:more\s+than|dozens?|up\s+to|at\s+least)\b", re.IGNORECASE)


def weapon_count(sentence: str, weapon_spans: Sequence[tuple[int, int]]) -> int | None:
    """How many weapons were used, from the number before a weapon's word; "a drone attack" counts nothing."""
    for start, end in weapon_spans:
        counted = _COUNTED.search(sentence[:start])
        if counted is None or _HAPPENING.match(sentence[end:]):
            continue
        number = parse_number(counted["number"])
        plural = sentence[start:end].lower().endswith("s")
        article = counted["number"].lower() in ("a", "an", "another")
        if number is not None and plural == (number > 1) and not article and not _VAGUE.search(counted.group()):
            return number
    return None


def time_of_day(sentence: str) -> str:
    """Morning | day | night, or "" where the sentence names none or several."""
    found = [
        name for name, words in (("night", _NIGHT), ("morning", _MORNING), ("day", _DAYTIME)) if words.search(sentence)
    ]
    return found[0] if len(found) == 1 else ""


def says_again(sentence: str, attack_spans: Sequence[tuple[int, int]]) -> bool:
    """True where this is not the first attack: attacked again; another, a second, new … attack.

    `attack_spans` are the words for the attack and its weapons in the sentence.
    """
    if any(abs(start - found.start()) <= 60 for found in _AGAIN.finditer(sentence) for start, _end in attack_spans):
        return True
    return any(_ONE_MORE.search(sentence[:start]) for start, _end in attack_spans)
