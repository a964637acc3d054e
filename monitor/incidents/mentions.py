"""An article's hits become mentions: one for each attack that the article tells, the primary one first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from monitor.incidents.casualties import casualties
from monitor.incidents.dates import resolve_days
from monitor.incidents.facts import SentenceFacts, more_specific, read_facts, says_again, weapon_count
from monitor.incidents.identity import score_weapons
from monitor.incidents.names import countries_in, weapons_of
from monitor.incidents.places import Where, places_of
from monitor.incidents.told import Told, tell
from monitor.incidents.when import days_of_attack
from monitor.incidents.within import either, merge_into
from monitor.matching.factwords import FactWords
from monitor.matching.ruleset import RuleSet
from monitor.model import Article, Judgement, Mention
from monitor.text import sentences

_STALE_DAYS = 4  # an attack dated earlier than this before publication is history
_ONE_DAY = timedelta(days=1)


def published_day(article: Article) -> date | None:
    """The day that an article's dates count from: publication, or when first seen if that is earlier or all we know."""
    known = [moment for moment in (article.published_at, article.seen_at) if moment is not None]
    return min(known).date() if known else None


def extract_mentions(article: Article, judgement: Judgement, rules: RuleSet) -> tuple[Mention, ...]:
    """Every attack that the article tells, merged within it; the primary one (the first that is news) first."""
    published = published_day(article)
    merged: list[Mention] = []
    anchor: date | None = None
    all_told = [tell(article, hit, rules) for hit in judgement.hits]
    countries = {country for told in all_told for country in countries_in(told.text, told.names_of_target, rules.facts)}
    country = countries.pop() if len(countries) == 1 else ""
    for told in all_told:
        for where in places_of(told, country, rules):
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


def _mention(told: Told, where: Where, published: date | None, anchor: date | None, rules: RuleSet) -> Mention:
    hit = told.hit
    date_from, date_to, source = days_of_attack(told, published, anchor, rules.facts)
    weapons = weapons_of(told.text, told.names, told.weapons)
    facts = read_facts(told.text, rules.facts)
    killed, wounded = casualties(told.text[: told.clause[1]].replace("’", "'"), rules.facts)
    stale = published is not None and date_to is not None and (published - date_to).days > _STALE_DAYS
    return Mention(
        base=where.base,
        area=where.area,
        country=where.country,
        date_from=date_from,
        date_to=date_to,
        date_source=source,
        weapons=weapons,
        count=weapon_count(told.text, told.weapons),
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


def _sub_event(weapons: Sequence[str], *, intercepted: bool) -> str:
    """The ACLED sub-event of an attack with these weapons, or ""."""
    if intercepted:
        return "Disrupted weapons use"
    if "drone" in weapons:
        return "Air/drone strike"
    if set(weapons) & {"rocket", "missile", "mortar", "indirect_fire"}:
        return "Shelling/artillery/missile attack"
    return "Remote explosive/landmine/IED" if "ied" in weapons else ""


# --- facts that stand outside the attack's own sentence ----------------------------------------------

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
