"""What one sentence says of an attack: how many were hurt, who claims, confirms or denies it, how many weapons, what time of day.

General grammar of English news; every name and topical noun comes from the rules (FactWords).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from monitor.matching.factwords import FactWords, Names

_NUMBERS = {
    "a": 1, "an": 1, "another": 1, "one": 1, "single": 1, "two": 2, "pair": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "dozen": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40,
}  # fmt: skip
_NUMBER = r"(?:\d{1,3}(?:,\d{3})*|" + "|".join(_NUMBERS) + r")"
_KILLED = r"(?:killed|kills|killing|kill|dead|died|slain)"
_WOUNDED = r"(?:wounded|wounds|wounding|wound|injured|injures|injuring|injure|hurt|hurts|hurting)"
_ABOUT = r"(?:at\s+least|about|around|some|more\s+than|nearly|up\s+to|as\s+many\s+as)\s+"
_NO_HARM = re.compile(
    r"\b(?:no|without|without\s+any|zero|nor\s+any|not\s+cause(?:d)?(?:\s+any)?)\s+(?:[\w.'’-]+\s+){0,4}?"
    r"(?P<what>casualt(?:y|ies)|injur(?:y|ies)|deaths?|fatalit(?:y|ies)|wounded|killed|hurt|harmed|injured|dead)\b"
    r"(?:\s+(?:or|and|nor)\s+(?P<also>casualties|injuries|deaths?|fatalities|wounded|injured))?",
    re.IGNORECASE,
)
_NIGHT = re.compile(
    r"\b(?:overnight|last\s+night|tonight|late\s+(?:on\s+)?\w+|\w+\s+night|at\s+night|evening|midnight)\b",
    re.IGNORECASE,
)
_MORNING = re.compile(
    r"\b(?:morning|dawn|early\s+(?:on\s+)?[A-Z]\w+day|early\s+hours|pre-dawn|daybreak)\b", re.IGNORECASE
)
_DAYTIME = re.compile(r"\b(?:afternoon|midday|noon|daylight)\b", re.IGNORECASE)
_AGAIN = re.compile(r"\b(?:once\s+again|again|anew)\b", re.IGNORECASE)
_ONE_MORE = re.compile(
    r"\b(?:another|second|third|fourth|fifth|new|fresh|further|additional|more|subsequent)\s+(?:(?!and\b|or\b)[\w.'’-]+\s+){0,3}$",
    re.IGNORECASE,
)
_INTERCEPTED = re.compile(
    r"\b(?:intercept(?:ed|s|ing)?|shot\s+down|shoots?\s+down|shooting\s+down|downed|thwart(?:ed|s)|foil(?:ed|s)|repel(?:led|s)|"
    r"brought\s+down|engaged\s+and\s+destroyed)\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:no|nobody|none|not|n['’]t|yet\s+to|without|denied|never|neither)\b[^.;]{0,40}$", re.IGNORECASE
)
_OWN_PART = re.compile(
    r"\b(?:involvement|involved|responsib\w+|role|links?|behind|order\w*|complicity|hand\s+in)\b", re.IGNORECASE
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


def read_facts(sentence: str, words: FactWords, *, tells_attack: bool = True) -> SentenceFacts:
    """The facts of a sentence. In one that does not tell the attack itself only an explicit confirmation counts as one."""
    plain = sentence.replace("’", "'")
    killed, wounded = casualties(plain, words)
    return SentenceFacts(
        killed=killed,
        wounded=wounded,
        intercepted=tells_attack and _INTERCEPTED.search(plain) is not None,
        claimed_by=claimant(plain, words),
        confirmed_by=confirmer(plain, words, tells_attack=tells_attack),
        denied_by=denier(plain, words),
    )


# --- people hurt ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Harm:
    """Patterns of one kind of harm: "killed two soldiers", "two soldiers … killed"."""

    active: re.Pattern[str]
    passive: re.Pattern[str]
    victims: re.Pattern[str]


@lru_cache(maxsize=8)
def _harm(verb: str, victims: tuple[str, ...]) -> _Harm:
    noun = "|".join(r"\s+".join(map(re.escape, word.split())) for word in victims) or r"(?!)"
    next_to = rf"(?!\s+(?:(?!and\b|or\b|who\b)[\w.'-]+\s+)?(?:{noun})\b)"  # an American contractor is one, not two
    one = rf"(?:{_ABOUT})?(?:(?P<number>{_NUMBER})\s+)?(?P<kind>(?:(?!and\b|or\b|who\b|including\b|{_NUMBER}\b)[\w.'-]+\s+){{0,4}}?)(?P<noun>{noun})\b{next_to}"
    bare = re.sub(r"\?P<\w+>", "?:", one)
    several = rf"{bare}(?:(?:,\s*(?:and\s+)?|\s+and\s+){bare})*"
    linking = r"(?:\s+(?:who\s+)?(?:was|were|is|are|has\s+been|have\s+been|had\s+been|reported(?:ly)?|to\s+have\s+been|being|left))*"
    return _Harm(
        active=re.compile(rf"\b{verb}\s+(?P<people>{several})", re.IGNORECASE),
        passive=re.compile(rf"(?P<people>{several}){linking}\s+{verb}\b", re.IGNORECASE),
        victims=re.compile(one, re.IGNORECASE),
    )


def casualties(sentence: str, words: FactWords) -> tuple[int | None, int | None]:
    """(killed, wounded) as stated; 0 only where the sentence says that there were none."""
    killed = _number_hurt(sentence, _harm(_KILLED, words.victims), words)
    wounded = _number_hurt(sentence, _harm(_WOUNDED, words.victims), words)
    none = _NO_HARM.search(sentence)
    if none is not None:
        said = f"{none['what']} {none['also'] or ''}".lower()
        if killed is None and re.search(r"casualt|death|fatal|kill|dead|harm", said):
            killed = 0
        if wounded is None and re.search(r"casualt|injur|wound|hurt|harm", said):
            wounded = 0
    return killed, wounded


def _number_hurt(sentence: str, harm: _Harm, words: FactWords) -> int | None:
    for pattern in (harm.active, harm.passive):
        for found in pattern.finditer(sentence):
            people = found["people"]
            if words.other_victims.search(people) or _NEGATED.search(sentence[: found.start()][-40:]):
                continue
            number = _sum_of(people, harm.victims)
            if number is not None:
                return number
    return None


def _sum_of(people: str, victims: re.Pattern[str]) -> int | None:
    """Two Americans and one soldier are three; one nameless contractor is one; "soldiers" alone is no number."""
    total, known = 0, False
    for one in victims.finditer(people):
        number = parse_number(one["number"]) if one["number"] else None
        if number is None and not one["noun"].lower().endswith(("s", "people", "men", "personnel", "staff")):
            number = 1
        if number is not None:
            total, known = total + number, True
    return total if known else None


def parse_number(word: str) -> int | None:
    """The number that a word or digits stand for, or None."""
    word = word.lower().replace(",", "")
    return int(word) if word.isdigit() else _NUMBERS.get(word)


# --- who says so ---------------------------------------------------------------------------------


def claimant(sentence: str, words: FactWords) -> str:
    """Who claims the attack, or "": the nearest named group before the verb of claiming, or after its "by"."""
    for claim in words.claim.finditer(sentence):
        if _NEGATED.search(sentence[: claim.start()][-40:]) or re.match(r"\s+lives?\b", sentence[claim.end() :]):
            continue
        by = re.match(r"(?:\s+\w+){0,3}?\s+by\s+", sentence[claim.end() :])
        name = _nearest(words.claimants, sentence, claim.start(), claim.end() + by.end() if by else None)
        if name:
            return name
    return ""


def confirmer(sentence: str, words: FactWords, *, tells_attack: bool) -> str:
    """The official source that confirms or states the attack, or ""."""
    if denier(sentence, words):
        return ""
    verbs = (words.confirm, words.state) if tells_attack else (words.confirm,)
    for pattern in verbs:
        for verb in pattern.finditer(sentence):
            if _NEGATED.search(sentence[: verb.start()][-25:]):
                continue
            name = _nearest(words.officials, sentence, verb.start(), verb.end())
            if name and (tells_attack or _EVENT.search(sentence, verb.end())):
                return name
    return ""


def denier(sentence: str, words: FactWords) -> str:
    """Who denies that the attack happened, or ""; denying one's own part in it is no denial of the attack."""
    for verb in words.deny.finditer(sentence):
        rest = sentence[verb.end() : verb.end() + 90]
        event = _EVENT.search(rest)
        own = _OWN_PART.search(rest)
        if event is None or (own is not None and own.start() < event.end() + 30):
            continue
        for names in (words.officials, words.others):
            name = _nearest(names, sentence, verb.start(), verb.end())
            if name:
                return name
    return ""


def _nearest(names: Names, sentence: str, before: int, after: int | None) -> str:
    """The last name that ends before `before` (within 120 characters), else the first soon after `after`."""
    found = names.find(sentence)
    ahead = [name for start, end, name in found if end <= before and before - end <= 120]
    if ahead:
        return ahead[-1]
    if after is None:
        return ""
    return next((name for start, _end, name in found if after <= start <= after + 40), "")


# --- how it was done -----------------------------------------------------------------------------


_COUNTED = re.compile(
    rf"(?<!\w)(?:{_ABOUT})?(?P<number>{_NUMBER})\s+(?:of\s+)?(?P<between>(?:(?!and\b|to\b)[\w.'-]+\s+){{0,3}})$",
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
