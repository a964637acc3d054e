"""How many people an attack killed and wounded, as one sentence states it, and the numbers that English writes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from monitor.matching.factwords import FactWords
from monitor.matching.quick import QuickPattern

_NUMBERS = {
    "a": 1, "an": 1, "another": 1, "one": 1, "single": 1, "two": 2, "pair": 2, "three": 3, "four": 4, "five": 5,
    "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "dozen": 12, "thirteen": 13,
    "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40,
}  # fmt: skip
NUMBER = r"(?:\d{1,3}(?:,\d{3})*|" + "|".join(_NUMBERS) + r")"
_COUNTED = r"(?:\d{1,3}|" + "|".join(word for word in _NUMBERS if word not in ("a", "an", "another", "single")) + r")"
_KILLED = QuickPattern(r"\b(?:killed|kills|killing|kill|dead|died|slain)\b", "kill", "dead", "died", "slain")
_WOUNDED = QuickPattern(
    r"\b(?:wounded|wounds|wounding|wound|injured|injures|injuring|injure|hurt|hurts|hurting)\b",
    "wound", "injur", "hurt",
)  # fmt: skip
ABOUT = r"(?:at\s+least|about|around|some|more\s+than|nearly|up\s+to|as\s+many\s+as)\s+"
_NO_HARM = QuickPattern(
    r"\b(?:no|without|without\s+any|zero|nor\s+any|not\s+cause(?:d)?(?:\s+any)?)\s+(?:[\w.'’-]+\s+){0,4}?"
    r"(?P<what>casualt(?:y|ies)|injur(?:y|ies)|deaths?|fatalit(?:y|ies)|wounded|killed|hurt|harmed|injured|dead)\b"
    r"(?:\s+(?:or|and|nor)\s+(?P<also>casualties|injuries|deaths?|fatalities|wounded|injured))?",
    "casualt", "injur", "death", "fatal", "wound", "kill", "hurt", "harm", "dead",
)  # fmt: skip
_NUMBER_BEFORE = re.compile(
    rf"(?:^|\b(?:and|least|than|with|leaving|about|nearly)\s|[,;]\s)(?P<number>{_COUNTED})\s+(?:(?:were|was|are|others)\s+)*$",
    re.IGNORECASE,
)
_NUMBER_AFTER = re.compile(
    rf"\s+(?:{ABOUT})?(?P<number>{_COUNTED})(?=\s*(?:[.,;:]|$|and\b|in\b|at\b|on\b|others?\b))", re.IGNORECASE
)
_WINDOW = 120  # characters before a verb in which those hurt may stand
NEGATED = re.compile(
    r"\b(?:no|nobody|none|not|n['’]t|yet\s+to|without|denied|never|neither)\b[^.;]{0,40}$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _People:
    """Patterns of those hurt, beside a verb of harm: "killed two soldiers", "two soldiers … killed"."""

    after: re.Pattern[str]
    before: QuickPattern
    victims: re.Pattern[str]


@lru_cache(maxsize=8)
def _people(victims: tuple[str, ...]) -> _People:
    noun = "|".join(r"\s+".join(map(re.escape, word.split())) for word in victims) or r"(?!)"
    next_to = rf"(?!\s+(?:(?!and\b|or\b|who\b)[\w.'-]+\s+)?(?:{noun})\b)"  # an American contractor is one, not two
    kind = rf"(?:(?!and\b|or\b|who\b|including\b|{NUMBER}\b)[\w.'-]+\s+){{0,4}}?"
    one = rf"(?:{ABOUT})?(?:(?P<number>{NUMBER})\s+)?(?P<kind>{kind})(?P<noun>{noun})\b{next_to}"
    bare = re.sub(r"\?P<\w+>", "?:", one)
    several = rf"{bare}(?:(?:,\s*(?:and\s+)?|\s+and\s+){bare})*"
    helper = r"now|was|were|is|are|has\s+been|have\s+been|had\s+been|reported(?:ly)?|to\s+have\s+been|being|left"
    linking = rf"(?:\s+(?:who\s+)?(?:{helper}))*"
    pieces = {max(word.split(), key=len) for word in victims}
    return _People(
        after=re.compile(rf"\s+(?P<people>{several})", re.IGNORECASE),
        before=QuickPattern(rf"(?<![\w.'-])(?P<people>{several}){linking}\s+$", *pieces),
        victims=re.compile(one, re.IGNORECASE),
    )


def casualties(sentence: str, words: FactWords) -> tuple[int | None, int | None]:
    """(killed, wounded) as stated; 0 only where the sentence says that there were none."""
    killed = _number_hurt(sentence, _KILLED, words)
    wounded = _number_hurt(sentence, _WOUNDED, words)
    none = _NO_HARM.search(sentence)
    if none is not None:
        said = f"{none['what']} {none['also'] or ''}".lower()
        if killed is None and re.search(r"casualt|death|fatal|kill|dead|harm", said):
            killed = 0
        if wounded is None and re.search(r"casualt|injur|wound|hurt|harm", said):
            wounded = 0
    return killed, wounded


def _number_hurt(sentence: str, harm: QuickPattern, words: FactWords) -> int | None:
    """The number of people after the verb ("killed two soldiers"), else before it ("two soldiers were killed")."""
    verbs = list(harm.finditer(sentence))
    if not verbs:
        return None
    people = _people(words.victims)
    told = [(verb.start(), people.after.match(sentence, verb.end())) for verb in verbs]
    for verb in verbs:
        window = max(0, verb.start() - _WINDOW)
        found = people.before.search(sentence[window : verb.start()])
        told.append((window + found.start() if found else 0, found))
    for start, found in told:
        if found is None or words.other_victims.search(found["people"]):
            continue
        number = None if NEGATED.search(sentence[:start][-40:]) else _sum_of(found["people"], people.victims)
        if number is not None:
            return number
    return next((number for verb in verbs if (number := _bare_number(sentence, verb)) is not None), None)


def _bare_number(sentence: str, verb: re.Match[str]) -> int | None:
    """A number that stands alone beside the verb: "… and 25 injured", "wounding two"."""
    found = _NUMBER_BEFORE.search(sentence[max(0, verb.start() - 40) : verb.start()])
    found = found or _NUMBER_AFTER.match(sentence, verb.end())
    return parse_number(found["number"]) if found else None


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
