"""An article's hits become mentions: one for each attack that the article tells, the primary one first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from monitor.incidents.casualties import casualties
from monitor.incidents.dates import DayMention, resolve_days
from monitor.incidents.facts import SentenceFacts, more_specific, read_facts, says_again, weapon_count
from monitor.incidents.identity import score_weapons
from monitor.incidents.places import Named, Where, countries_in, names_in, places_of, weapons_of
from monitor.incidents.within import either, merge_into
from monitor.matching.factwords import FactWords
from monitor.matching.ruleset import RuleSet
from monitor.model import Article, DateSource, Hit, Judgement, Mention, Part
from monitor.text import sentences

_STALE_DAYS = 4  # an attack dated earlier than this before publication is history
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Told:
    """A hit with the text of its sentence, where the hit's words stand in it, and the places it names."""

    hit: Hit
    text: str
    words: tuple[tuple[int, int], ...]
    names: tuple[Named, ...]


def published_day(article: Article) -> date | None:
    """The day that an article's dates count from: publication, or when first seen if that is earlier or all we know."""
    known = [moment for moment in (article.published_at, article.seen_at) if moment is not None]
    return min(known).date() if known else None


def extract_mentions(article: Article, judgement: Judgement, rules: RuleSet) -> tuple[Mention, ...]:
    """Every attack that the article tells, merged within it; the primary one (the first that is news) first."""
    published = published_day(article)
    merged: list[Mention] = []
    anchor: date | None = None
    all_told = [_told(article, hit, rules) for hit in judgement.hits]
    countries = {country for told in all_told for country in countries_in(told.text, told.names, rules.facts)}
    country = countries.pop() if len(countries) == 1 else ""
    for told in all_told:
        for where in places_of(told.text, told.names, told.hit.base, country, rules):
            mention = _mention(told, where, published, anchor, rules)
            merge_into(merged, mention, rules.facts, may_open=told.hit.lead or bool(where.base or where.area))
        if mention.date_source == "sentence" and mention.date_from == mention.date_to:
            anchor = mention.date_from
    merged = _with_facts_of_the_rest(article, {told.text.strip() for told in all_told}, merged, rules)
    ordered = sorted(merged, key=lambda mention: mention.background)
    if ordered and not ordered[0].background and _title_says_again(article, rules.facts):
        ordered[0] = replace(ordered[0], again=True)
    return tuple(ordered)


def _title_says_again(article: Article, words: FactWords) -> bool:
    return says_again(article.title, [event.span() for event in words.event.finditer(article.title)])


def _part(article: Article, part: Part) -> str:
    return {"title": article.title, "summary": article.summary, "text": article.text}[part]


def _told(article: Article, hit: Hit, rules: RuleSet) -> _Told:
    start, end = hit.sentence.start, hit.sentence.end
    inside = [
        (term.span.start - start, term.span.end - start)
        for term in hit.terms
        if term.span.part == hit.sentence.part and start <= term.span.start < end
    ]
    text = _part(article, hit.sentence.part)[start:end]
    return _Told(hit, text, tuple(inside), names_in(text, hit, rules))


def _mention(told: _Told, where: Where, published: date | None, anchor: date | None, rules: RuleSet) -> Mention:
    hit = told.hit
    date_from, date_to, source = _days(told, published, anchor, rules.facts)
    weapon_spans = _weapon_spans(told)
    weapons = weapons_of(told.text, told.names, weapon_spans)
    facts = read_facts(told.text, rules.facts)
    killed, wounded = casualties(_own_clauses(told), rules.facts)
    stale = published is not None and date_to is not None and (published - date_to).days > _STALE_DAYS
    return Mention(
        base=where.base,
        area=where.area,
        country=where.country,
        date_from=date_from,
        date_to=date_to,
        date_source=source,
        weapons=weapons,
        count=weapon_count(told.text, weapon_spans),
        time_of_day=facts.time_of_day,
        killed=killed,
        wounded=wounded,
        intercepted=facts.intercepted,
        claimed_by=facts.claimed_by,
        confirmed_by=facts.confirmed_by,
        denied_by=facts.denied_by,
        background=not hit.fresh or stale,
        again=says_again(told.text, told.words),
        sub_event=_sub_event(weapons, intercepted=facts.intercepted),
        sentence=told.text.strip(),
        score=hit.score,
    )


def _own_clauses(told: _Told) -> str:
    """The sentence up to what the attack followed or answered: the dead told after that are of another attack."""
    last = max((end for _start, end in told.words), default=0)
    before = _WHAT_CAME_BEFORE.search(told.text, last)
    return (told.text[: before.start()] if before else told.text).replace("’", "'")


def _weapon_spans(told: _Told) -> list[tuple[int, int]]:
    start = told.hit.sentence.start
    return [
        (term.span.start - start, term.span.end - start)
        for term in told.hit.terms
        if term.concept == "weapon" and term.span.part == told.hit.sentence.part
    ]


def _sub_event(weapons: Sequence[str], *, intercepted: bool) -> str:
    """The ACLED sub-event of an attack with these weapons, or ""."""
    if intercepted:
        return "Disrupted weapons use"
    if "drone" in weapons:
        return "Air/drone strike"
    if set(weapons) & {"rocket", "missile", "mortar", "indirect_fire"}:
        return "Shelling/artillery/missile attack"
    return "Remote explosive/landmine/IED" if "ied" in weapons else ""


# --- when ----------------------------------------------------------------------------------------


def _days(
    told: _Told, published: date | None, anchor: date | None, words: FactWords
) -> tuple[date | None, date | None, DateSource]:
    """The days of the attack: named beside it, else named beside a verb of speech, else around publication."""
    days = resolve_days(told.text, published, anchor)
    of_event = [day for day in days if not is_of_speech(told.text, day, told.words, words)]
    narrow = [day for day in of_event if day.is_narrow]
    if narrow:
        best = min(narrow, key=lambda day: _distance(day, told.words))
        return best.date_from, best.date_to, "sentence"
    if of_event:
        best = min(of_event, key=lambda day: _distance(day, told.words))
        return best.date_from, best.date_to, "sentence"
    spoken = [day for day in days if day.is_narrow]
    if spoken:
        return spoken[0].date_from - _ONE_DAY, spoken[0].date_from, "reporting"
    if published is None:
        return None, None, "none"
    return published - _ONE_DAY, published, "publication"


def is_of_speech(text: str, day: DayMention, attack: Sequence[tuple[int, int]], words: FactWords) -> bool:
    """True where the day belongs to a verb of speech ("said Monday", "on Sunday confirmed"), not to the attack."""
    start, end = day.span
    before = list(words.say.finditer(text, max(0, start - 45), start))
    if before:
        between = (before[-1].end(), start)
        if (
            between[1] - between[0] <= 30
            and not _crosses(between, attack)
            and not _CLAUSE.search(text[slice(*between)])
        ):
            return True
    after = words.say.search(text, end, min(len(text), end + 25))
    return after is not None and after.start() - end <= 12 and "," not in text[end : after.start()]


def _crosses(between: tuple[int, int], spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < between[1] and end > between[0] for start, end in spans)


def _distance(day: DayMention, spans: Sequence[tuple[int, int]]) -> int:
    """Characters between a day and the nearest word of the hit."""
    return min((max(start - day.span[1], day.span[0] - end, 0) for start, end in spans), default=day.span[0])


# --- facts that stand outside the attack's own sentence ----------------------------------------------

_WHAT_CAME_BEFORE = re.compile(
    r"\b(?:after|following|in\s+(?:apparent\s+)?(?:retaliation|response|revenge|reprisal)|as\s+(?:retaliation|revenge))\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r",|\bthat\b|\bhow\b")  # what stands between a verb of speech and what was said
_NO_FACTS = SentenceFacts()
_READ_SENTENCES = 25
_READ_CHARACTERS = 6000


def _with_facts_of_the_rest(article: Article, told: set[str], mentions: list[Mention], rules: RuleSet) -> list[Mention]:
    """Casualties, claims, confirmations of other sentences belong to the attack where the article tells but one."""
    news = [index for index, mention in enumerate(mentions) if not mention.background]
    if len(news) != 1:
        return mentions
    filled = list(mentions)
    for sentence in _sentences(article):
        facts = None if sentence in told else read_facts(sentence, rules.facts, tells_attack=False)
        if facts and facts != _NO_FACTS and not _is_of_another(sentence, filled[news[0]], article, rules):
            filled[news[0]] = _add_facts(filled[news[0]], facts, rules.facts)
    return filled


def _is_of_another(sentence: str, mention: Mention, article: Article, rules: RuleSet) -> bool:
    """True where a sentence names another day or another weapon than the attack's: it tells of something else."""
    read = rules.matcher.read(sentence, "text", (0, len(sentence)), lead=False)
    weapons = tuple(found.value for found in read.of(("weapon",)) if found.value)
    if score_weapons(weapons, mention.weapons) < 0:
        return True
    days = [day for day in resolve_days(sentence, published_day(article)) if day.is_narrow]
    if not days or mention.date_from is None or mention.date_to is None or mention.date_source == "publication":
        return False
    return not any(day.date_from <= mention.date_to + _ONE_DAY and mention.date_from <= day.date_to for day in days)


def _sentences(article: Article) -> list[str]:
    text = article.text or article.summary
    told = [article.title, *(text[start:end].strip() for start, end in sentences(text[:_READ_CHARACTERS]))]
    return told[:_READ_SENTENCES]


def _add_facts(mention: Mention, facts: SentenceFacts, words: FactWords) -> Mention:
    return replace(
        mention,
        killed=either(mention.killed, facts.killed),
        wounded=either(mention.wounded, facts.wounded),
        claimed_by=more_specific(mention.claimed_by, facts.claimed_by, words),
        confirmed_by=mention.confirmed_by or facts.confirmed_by,
        denied_by=mention.denied_by or facts.denied_by,
        time_of_day=mention.time_of_day or facts.time_of_day,
    )
