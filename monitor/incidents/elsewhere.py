"""What sentences beside the attack's own add to it: casualties, claims, confirmations, a response, its base and day.

Only where an article tells of one attack as news, and only from sentences that tell of no other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from monitor.incidents.dates import DayMention, resolve_days
from monitor.incidents.facts import SentenceFacts, more_specific, read_facts
from monitor.incidents.identity import score_weapons
from monitor.incidents.response import with_response
from monitor.incidents.stated import stated
from monitor.incidents.told import without_what_came_before
from monitor.incidents.when import is_of_speech
from monitor.incidents.within import either
from monitor.matching.factwords import WeaponKinds
from monitor.matching.reading import names_in
from monitor.matching.ruleset import RuleSet
from monitor.model import Article, Mention, Named
from monitor.text import sentences

_NO_FACTS = SentenceFacts()
_READ_SENTENCES = 25
_READ_CHARACTERS = 6000
_LEAD_SENTENCES = 4
_FRESH_DAYS = 4
_SINCE = re.compile(r"\bsince\b", re.IGNORECASE)
_ONE_DAY = timedelta(days=1)


def with_the_rest(
    article: Article,
    published: date | None,
    latest: date | None,
    told: set[str],
    mentions: list[Mention],
    rules: RuleSet,
) -> list[Mention]:
    """The mentions, the only one that is news completed from the sentences that are not among `told`."""
    news = [index for index, mention in enumerate(mentions) if not mention.background]
    if len(news) != 1:
        return mentions
    mention = mentions[news[0]]
    for number, sentence in enumerate(_sentences(article)):
        if sentence in told:
            continue
        in_lead = number < _LEAD_SENTENCES
        facts = read_facts(without_what_came_before(sentence), rules.facts, tells_attack=False)
        if in_lead and _may_answer(facts, mention):
            mention = with_response(mention, sentence, rules.facts, published)
        if facts == _NO_FACTS and not (in_lead and _lacks_place_or_day(mention)):
            continue
        names = names_in(sentence, rules)
        days = resolve_days(sentence, published, latest=latest)
        if _is_of_another(names, days, mention, rules.facts.weapons):
            continue
        more = _add_facts(mention, facts, rules)
        if in_lead:
            more = _with_base(more, names, rules)
            more = _with_day(more, sentence, days, published, rules)
        mention = stated(mention, more, sentence)
    return [*mentions[: news[0]], mention, *mentions[news[0] + 1 :]]


def _sentences(article: Article) -> list[str]:
    parts = [article.summary, article.text if article.text.strip() != article.summary.strip() else ""]
    found = [article.title]
    for part in parts:
        found += [part[start:end].strip() for start, end in sentences(part[:_READ_CHARACTERS])]
    return found[:_READ_SENTENCES]


def _lacks_place_or_day(mention: Mention) -> bool:
    return not mention.base or mention.date_source in ("publication", "none")


def _may_answer(facts: SentenceFacts, mention: Mention) -> bool:
    """False where a response may answer another attack: there were several, or the sentence tells of other dead."""
    other_dead = facts.killed is not None and mention.killed is not None and facts.killed != mention.killed
    return not mention.again and not other_dead


def _is_of_another(names: Sequence[Named], days: tuple[DayMention, ...], mention: Mention, kinds: WeaponKinds) -> bool:
    """True where a sentence names another day, base or weapon than the attack's."""
    weapons = tuple(name.value for name in names if name.concept == "weapon" and name.value)
    if score_weapons(weapons, mention.weapons, kinds) < 0:
        return True
    bases = {name.value for name in names if name.concept == "base"}
    if mention.base and bases and mention.base not in bases:
        return True
    narrow = [day for day in days if day.is_narrow]
    if not narrow or mention.date_from is None or mention.date_to is None or mention.date_source == "publication":
        return False
    return not any(day.date_from <= mention.date_to + _ONE_DAY and mention.date_from <= day.date_to for day in narrow)


def _add_facts(mention: Mention, facts: SentenceFacts, rules: RuleSet) -> Mention:
    return replace(
        mention,
        killed=either(mention.killed, facts.killed),
        wounded=either(mention.wounded, facts.wounded),
        claimed_by=more_specific(mention.claimed_by, facts.claimed_by, rules.facts),
        confirmed_by=mention.confirmed_by or facts.confirmed_by,
        denied_by=mention.denied_by or facts.denied_by,
        time_of_day=mention.time_of_day or facts.time_of_day,
    )


def _with_base(mention: Mention, names: Sequence[Named], rules: RuleSet) -> Mention:
    """The one base that a sentence of the lead names, where the attack's own names none and its country agrees."""
    bases = {name.value for name in names if name.concept == "base"}
    place = rules.bases.get(next(iter(bases))) if len(bases) == 1 else None
    if place is None or mention.base or place.kind != "base":
        return mention
    if (mention.country and mention.country != place.country) or (mention.area and mention.area != place.area):
        return mention
    return replace(mention, base=place.id, area=place.area, country=place.country)


def _with_day(
    mention: Mention, sentence: str, days: tuple[DayMention, ...], published: date | None, rules: RuleSet
) -> Mention:
    """The day that the lead names beside "the attack" or its "blasts", where the attack's own sentence has none."""
    told_by = (rules.facts.event, rules.facts.effect)
    events = [found.span() for words in told_by for found in words.finditer(sentence)]
    if mention.date_source not in ("publication", "none") or not events or published is None:
        return mention
    since = _SINCE.search(sentence)
    for day in days:
        if since and since.start() < day.span[0]:
            continue  # "the first since the raids at the weekend"
        recent = published - timedelta(days=_FRESH_DAYS) <= day.date_from and day.date_to <= published + _ONE_DAY
        if day.is_narrow and recent and not is_of_speech(sentence, day, events, rules.facts):
            return replace(mention, date_from=day.date_from, date_to=day.date_to, date_source="inherited")
    return mention
