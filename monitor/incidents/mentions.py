"""An article's hits become mentions: one for each attack that the article tells, the primary one first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from monitor.incidents.elsewhere import with_the_rest
from monitor.incidents.facts import read_facts, says_again, weapon_count
from monitor.incidents.identity import NOWHERE, place_of
from monitor.incidents.likeness import weighed_words
from monitor.incidents.names import weapons_of
from monitor.incidents.places import places_of
from monitor.incidents.response import with_response
from monitor.incidents.told import Told, part_of, tell
from monitor.incidents.when import days_of_attack
from monitor.incidents.within import merge_into
from monitor.matching.context import latest_day
from monitor.matching.factwords import FactWords
from monitor.matching.ruleset import RuleSet
from monitor.model import Article, Judgement, Mention
from monitor.text import words_of

_STALE_DAYS = 4  # an attack dated earlier than this before publication is history
_ONE_DAY = timedelta(days=1)


def published_day(article: Article) -> date | None:
    """The day that an article's dates count from: publication, or when first seen if that is earlier or all we know."""
    moment = _published_at(article)
    return moment.date() if moment else None


def published_latest(article: Article) -> date | None:
    """The last day that had begun anywhere when an article was published: its weekdays are those of the place."""
    moment = _published_at(article)
    return latest_day(moment) if moment else None


def _published_at(article: Article) -> datetime | None:
    return min((moment for moment in (article.published_at, article.seen_at) if moment), default=None)


def extract_mentions(article: Article, judgement: Judgement, rules: RuleSet) -> tuple[Mention, ...]:
    """Every attack that the article tells, merged within it; the primary one (the first that is news) first."""
    published, latest = published_day(article), published_latest(article)
    merged: list[Mention] = []
    anchor: date | None = None
    all_told = [tell(article, hit, rules.facts) for hit in judgement.hits]
    countries = {country for told in all_told for country in told.countries}
    country = countries.pop() if len(countries) == 1 else ""
    for told in all_told:
        mention = _mention(told, published, latest, anchor, rules.facts)
        beside: set[int] = set()
        for where in places_of(told, country, rules):
            placed = replace(mention, base=where.base, area=where.area, country=where.country)
            may_open = told.hit.lead or bool(where.base or where.area)
            beside.add(merge_into(merged, placed, rules.facts, may_open=may_open, beside=beside))
        if mention.date_source == "sentence" and mention.date_from == mention.date_to:
            anchor = mention.date_from
    merged = with_the_rest(article, published, latest, {told.text.strip() for told in all_told}, merged, rules)
    ordered = sorted(merged, key=lambda mention: mention.background)
    if ordered and not ordered[0].background and _title_says_again(article, rules.facts):
        ordered[0] = replace(ordered[0], again=True)
    return _with_words(article, judgement, ordered, rules)


def _with_words(
    article: Article, judgement: Judgement, mentions: Sequence[Mention], rules: RuleSet
) -> tuple[Mention, ...]:
    """The mentions, those that name no place with the article's words, which stand in for it.

    Not where the rules know countries: then a story that names none tells of an attack of which others name it. Known
    bases alone are no reason: what happens beside them is told by words.
    """
    placed = [place_of(mention) != NOWHERE for mention in mentions]
    if all(placed) or rules.knows_countries:
        return tuple(mentions)
    spans = [term.span for hit in judgement.hits for term in hit.terms]
    common = {word for span in spans for word in words_of(part_of(article, span.part)[span.start : span.end])}
    words = weighed_words(article, common, rules.background)
    return tuple(
        mention if known else replace(mention, words=words) for mention, known in zip(mentions, placed, strict=True)
    )


def _title_says_again(article: Article, words: FactWords) -> bool:
    return says_again(article.title, [event.span() for event in words.event.finditer(article.title)])


def _mention(told: Told, published: date | None, latest: date | None, anchor: date | None, words: FactWords) -> Mention:
    """The attack of one hit, still without its place."""
    hit = told.hit
    date_from, date_to, source = days_of_attack(told, published, latest, anchor, words)
    weapons = weapons_of(told.text, hit.names, told.weapons)
    facts = read_facts(told.text, words, harm_until=told.clause[1])
    stale = published is not None and date_to is not None and (published - date_to).days > _STALE_DAYS
    mention = Mention(
        base="",
        area="",
        country="",
        date_from=date_from,
        date_to=date_to,
        date_source=source,
        weapons=weapons,
        count=weapon_count(told.text, told.weapons),
        time_of_day=facts.time_of_day,
        killed=facts.killed,
        wounded=facts.wounded,
        intercepted=facts.intercepted,
        claimed_by=facts.claimed_by,
        confirmed_by=facts.confirmed_by,
        denied_by=facts.denied_by,
        background=not hit.fresh or stale or told.is_earlier,
        again=says_again(told.text, told.words),
        sub_event=words.weapons.sub_event(weapons, stopped=facts.intercepted),
        sentence=told.text.strip(),
        score=hit.score,
    )
    return with_response(mention, told.text, words, published, told.words)
