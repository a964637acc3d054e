"""What was learned, as the tables of rule files: bases, and concepts by role.

Everything is marked `source = "seed"`; words of events in general come from the grammar and are
marked `source = "general"`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.learning.bases import LearnedBase, Support, bare_forms
from monitor.learning.grammar import Grammar, all_forms, ing_form, present_forms, singular
from monitor.learning.keywords import Keyword
from monitor.learning.roles import Learned, Roles

MOST_EVIDENCE = 3
TYPICAL_EVENTS = ("attack", "strike")
TYPICAL_VERBS = ("attack", "target", "hit", "strike")

Table = dict[str, Any]
Tables = tuple[tuple[str, Table], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A country in which the seeds' events lie, with the words for it."""

    code: str
    words: tuple[str, ...]
    seeds: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """Everything learned from one set of seeds, before it becomes tables."""

    seeds: tuple[str, ...]
    nouns: frozenset[str]
    bases: tuple[LearnedBase, ...]
    roles: Roles
    keywords: tuple[Keyword, ...]
    places: tuple[Place, ...]


# --- bases ---------------------------------------------------------------------------------------


def base_tables(bases: Iterable[LearnedBase], grammar: Grammar) -> Tables:
    """A [[base]] for each name; suggestions are marked so. Facts of a base that is known already are kept."""
    return tuple(("base", _base_table(base, grammar)) for base in bases)


def _base_table(base: LearnedBase, grammar: Grammar) -> Table:
    table: Table = {"id": base.id, "name": base.name, "kind": base.kind}
    if base.country:
        table["country"] = base.country
    if base.known is not None:
        table |= dict(base.known.facts)
    bare = () if base.known is not None else bare_forms(base, grammar)
    return table | {
        "source": "seed",
        "status": "active" if base.active else "suggested",
        "seeds": list(base.seeds),
        "support": len(base.support),
        "aliases": {"latin": [*base.spellings, *bare]},
        "evidence": [f"{one.seed}: {one.sentence}" for one in _one_for_each_pattern(base.support)],
    }


def _one_for_each_pattern(support: Sequence[Support]) -> list[Support]:
    """A few sentences, of as many patterns as can be."""
    chosen: dict[str, Support] = {}
    for one in support:
        if all(one.sentence != other.sentence for other in chosen.values()):
            chosen.setdefault(one.pattern, one)
    return sorted(chosen.values(), key=lambda one: (one.seed, one.sentence))[:MOST_EVIDENCE]


# --- concepts ------------------------------------------------------------------------------------


def concept_tables(lesson: Lesson, grammar: Grammar) -> Tables:
    """A [[concept]] for each role, each term with its seeds and a sentence."""
    roles, weights = lesson.roles, {keyword.text: keyword.score for keyword in lesson.keywords}
    tables = [
        _concept("seed_owner_acronym", roles.owners, weights, exact=True, only=is_acronym),
        _concept("seed_owner", roles.owners, weights, only=lambda word: not is_acronym(word)),
        _owner_people_table(roles),
        _concept("seed_modifier", roles.modifiers, weights),
        _concept("seed_noun", roles.nouns, weights, plural=True),
        *(
            _concept("seed_weapon", [weapon], weights, plural=True, role="weapon", value=weapon.text)
            for weapon in roles.weapons
        ),
        _concept("seed_event", topic_events(lesson), weights, plural=True),
        _general("seed_event_verb", verb_forms(lesson, grammar)) if verb_forms(lesson, grammar) else None,
        _concept("seed_actor", roles.actors, weights, plural=True),
        *(_place_table(place) for place in lesson.places),
        _topic_table(lesson),
        *_general_tables(lesson, grammar),
    ]
    return tuple(("concept", table) for table in tables if table is not None)


def _owner_people_table(roles: Roles) -> Table | None:
    """The owners as people: "Danes" would be one; here the plural of the owner's word."""
    terms = [f"{one.text}s" for one in roles.owners if not is_acronym(one.text) and not one.text.endswith("s")]
    return {"id": "seed_owner_people", "source": "seed", "terms": terms} if terms else None


def is_acronym(word: str) -> bool:
    """True for "US" and its like, which are told from words by their case."""
    return len(word) <= 3


def _concept(
    id_: str,
    learned: Iterable[Learned],
    weights: Mapping[str, float],
    *,
    plural: bool = False,
    exact: bool = False,
    only: Any = None,
    role: str = "",
    value: str = "",
) -> Table | None:
    terms = [
        {
            "text": _term(one.text, plural=plural, exact=exact),
            "weight": weights.get(one.text, 0.0),
            "seeds": list(one.seeds),
            "evidence": [one.sentence],
        }
        for one in learned
        if only is None or only(one.text)
    ]
    if not terms:
        return None
    table: Table = {"id": id_}
    if role:
        table |= {"role": role, "value": value}
    table["source"] = "seed"
    if exact:
        table["exact"] = True
    return table | {"term": terms}


def _term(word: str, *, plural: bool, exact: bool) -> str:
    """The word in the notation of rule files: "base(s)", "facility|facilities", "US"."""
    if exact:
        return word.upper()
    if not plural:
        return word
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word}|{word[:-1]}ies"
    return f"{word}({'es' if word.endswith(('s', 'sh', 'ch', 'x')) else 's'})"


def _place_table(place: Place) -> Table:
    term = [{"text": word, "seeds": list(place.seeds), "evidence": [place.sentence]} for word in place.words]
    return {"id": "seed_place", "role": "country", "value": place.code, "source": "seed", "term": term}


def _topic_table(lesson: Lesson) -> Table | None:
    """What stands out and has no role: shown to the reviewer, named by no rule."""
    named = {
        one.text for one in (*lesson.roles.owners, *lesson.roles.nouns, *lesson.roles.weapons, *lesson.roles.actors)
    }
    rest = [keyword for keyword in lesson.keywords if singular(keyword.text) not in named and keyword.text not in named]
    if not rest:
        return None
    terms = [
        {"text": one.text, "weight": one.score, "seeds": list(one.seeds), "evidence": [one.sentence]}
        for one in sorted(rest, key=lambda one: one.text)
    ]
    return {"id": "seed_topic", "source": "seed", "note": "stands out from other news; no rule names it", "term": terms}


def _general_tables(lesson: Lesson, grammar: Grammar) -> list[Table]:
    """The general words of events, as far as the seeds' topic uses them."""
    verbs = {*TYPICAL_VERBS, *(one.text for one in lesson.roles.verbs)}
    names = {*TYPICAL_EVENTS, *(one.text for one in lesson.roles.events)}
    if len({one.text for one in (*lesson.roles.events, *lesson.roles.verbs)} & grammar.deliberate) > 1:
        verbs |= grammar.deliberate
        names |= grammar.deliberate
    events = sorted(names & grammar.events)
    strike = [forms for forms in grammar.verbs.get("strike", ()) if forms[0] in verbs]
    harm, launch = grammar.verbs.get("harm", ()), grammar.verbs.get("launch", ())
    hold = grammar.verbs.get("hold", ())
    return [
        _general(
            "event_strikes",
            [form for forms in strike for form in (*present_forms(forms[0]), forms[1], ing_form(forms[0]))],
        ),
        _general("event_struck", [forms[-1] for forms in strike]),
        _general("event_under", ["come(s) under", "came under", "coming under", "under attack", "under fire"]),
        _general("event_be", ["is", "was", "were", "are", "been", "being", "be"]),
        _general("event_noun", events),
        _general(
            "event_nouns",
            [
                _term(event, plural=True, exact=False).split("|")[-1].replace("(", "").replace(")", "")
                for event in events
            ],
        ),
        _general("event_to", ["to", "failing to", "going to"]),
        _general("event_by", ["by", "in", "with", "again", "near", "after", "during", "overnight"]),
        _general("event_on", ["on", "against", "at", "targeting", "near", "inside", "around", "outside", "of"]),
        _general("event_harms", [form for forms in harm for form in all_forms(forms)]),
        _general("event_harmed", [forms[-1] for forms in harm]),
        _general("event_launched", [form for forms in launch for form in all_forms(forms)] + ["landed", "rained"]),
        _general(
            "event_holds",
            [form for forms in hold for form in all_forms(forms)] + ["where", "home to", "used by", "with"],
        ),
        _general("event_hurt", grammar.hurt),
        _general("event_in", ["in", "after", "during", "by", "from", "at"]),
        _general("event_aftermath", grammar.aftermath),
        _general("event_people", [_term(person, plural=True, exact=False) for person in sorted(grammar.people)]),
    ]


def _general(id_: str, terms: Iterable[str]) -> Table:
    return {"id": id_, "source": "general", "terms": list(dict.fromkeys(terms))}


def topic_events(lesson: Lesson) -> tuple[Learned, ...]:
    """The general nouns of what happened that most seeds use and that stand out from other news."""
    standing_out = {singular(keyword.text) for keyword in lesson.keywords}
    return tuple(
        one for one in lesson.roles.events if one.text in standing_out and len(one.seeds) * 2 >= len(lesson.seeds)
    )


def verb_forms(lesson: Lesson, grammar: Grammar) -> tuple[str, ...]:
    """What is done in the topic's event: "shot" for "shooting"."""
    names = {one.text for one in topic_events(lesson)}
    harming = (*grammar.verbs.get("harm", ()), *grammar.verbs.get("strike", ()))
    return tuple(
        dict.fromkeys(form for forms in harming if ing_form(forms[0]) in names for form in all_forms(forms)[1:-1])
    )
