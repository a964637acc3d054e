"""How the learned words make an attack: phrases, fallback rules and contexts as tables of rule files.

A role that the seeds do not fill leaves its rules out. Where targets have an owner ("navy pier"), owner and noun
together are the target; where they have none, the event itself is the topic.
"""

from __future__ import annotations

from monitor.learning.grammar import Grammar
from monitor.learning.propose import Lesson, Table, Tables, is_acronym, topic_events, verb_forms


def phrase_tables(lesson: Lesson) -> Tables:
    """How the topic's unnamed targets are put together from its words."""
    roles = lesson.roles
    owner = _either(lesson, "seed_owner_acronym", "seed_owner")
    nouns = "seed_noun" if roles.nouns else ""
    tables: list[Table] = []
    if nouns and owner and roles.owned:
        patterns = [f"{owner} {nouns}", f"{owner} ~1 {nouns}", f"{nouns} ~3 event_holds ~2 {owner}"]
        if roles.modifiers:
            patterns.append(f"{owner} seed_modifier ~1 {nouns}")
        barred = ["event_strikes", "event_noun", "event_nouns"]
        tables.append({"id": "seed_position", "patterns": patterns, "not_between": barred, "source": "seed"})
        people = [f"{owner} ~1 event_people", *(["seed_owner_people"] if "seed_owner" in owner.split("|") else [])]
        tables.append({"id": "seed_people", "patterns": people, "source": "seed"})
    elif nouns:
        tables.append({"id": "seed_position", "patterns": [nouns], "source": "seed"})
    if nouns and any(base.active and base.known and dict(base.known.facts).get("needs_cue") for base in lesson.bases):
        patterns = [f"base_cued ~2 {nouns}", f"{nouns} ~3 base_cued"]
        tables.append({"id": "base", "patterns": patterns, "source": "seed"})
    tables.append(
        {
            "id": "event_was_struck",
            "patterns": ["event_be ~2 event_struck"],
            "not_between": ["event_to"],
            "source": "general",
        }
    )
    return tuple(("phrase", table) for table in tables)


def _either(lesson: Lesson, *ids: str) -> str:
    acronyms = any(is_acronym(one.text) for one in lesson.roles.owners)
    words = any(not is_acronym(one.text) for one in lesson.roles.owners)
    return "|".join(id_ for id_, there in zip(ids, (acronyms, words), strict=True) if there)


def rule_tables(lesson: Lesson, grammar: Grammar) -> Tables:
    """The compositions that the learned roles allow; rules of a folder's own switch them off."""
    roles = lesson.roles
    target = "|".join(
        name
        for name, there in (
            ("base", any(base.active and base.kind == "base" for base in lesson.bases)),
            ("seed_position", bool(roles.nouns)),
        )
        if there
    )
    if not target:
        return tuple(("rule", table) for table in _event_rules(lesson, grammar))
    many = f"event_nouns ~2 event_on ~4 {target}"
    tables = [
        _rule("seed-strikes-target", 1.2, [f"event_strikes ~3 {target}"], ["clause", "event_on"]),
        _rule("seed-attack-on-target", 1.2, [f"event_noun ~4 event_on ~4 {target}"], ["clause"]),
        _rule("seed-new-attacks-on-target", 1.1, [f"fresh_mark ~3 {many}"], ["clause"]),
        _rule("seed-attacks-on-target", 0.9, [many], ["clause"]) | {"label": "roundup_no_fresh_attack"},
        _rule(
            "seed-target-struck",
            1.2,
            [f"{target} ~6 event_was_struck", f"{target} ~4 event_struck event_by", f"{target} ~6 event_under"],
            ["clause"],
        ),
    ]
    if roles.weapons:
        fired = [
            f"event_launched ~6 seed_weapon ~4 event_on ~4 {target}",
            f"seed_weapon ~4 event_launched ~3 event_on ~4 {target}",
        ]
        tables.append(_rule("seed-fired-at-target", 1.2, fired, ["clause"]))
    if roles.owned and roles.owners:
        tables.append(_harm_rule(lesson))
    if not roles.owned:
        tables.extend(_event_rules(lesson, grammar))
    return tuple(("rule", table) for table in tables)


def _event_rules(lesson: Lesson, grammar: Grammar) -> list[Table]:
    """Where targets have no owner, the event itself is the topic: who was hurt in it, or by those who do it."""
    tables = []
    if topic_events(lesson):
        tables.append(_rule("seed-hurt-in-event", 1.1, ["event_hurt ~4 event_in ~4 seed_event"], []))
        tables.append(_rule("seed-event-hurts", 1.1, ["seed_event ~12 event_hurt"], ["clause"]))
        if verb_forms(lesson, grammar):
            harmed = [f"event_people ~1 seed_event_verb ~0 {after}" for after in ("event_in", "event_hurt", "count")]
            patterns = [*harmed, "count ~2 event_people ~0 seed_event_verb", "seed_event_verb ~2 count ~2 event_people"]
            tables.append(_rule("seed-people-harmed", 1.1, patterns, ["clause"]))
    if lesson.roles.actors:
        tables.append(_rule("seed-actor-harms", 1.1, ["seed_actor ~3 event_harms ~3 count|event_people"], ["clause"]))
    return tables


def context_tables(lesson: Lesson) -> Tables:
    """What comes after an event takes away from the rules that hear of it by its harm alone."""
    if lesson.roles.owned:
        return ()
    table: Table = {
        "id": "seed-aftermath",
        "label": "followup",
        "before": "event_aftermath",
        "within": 12,
        "after": "event_aftermath",
        "within_after": 12,
        "inside": "event_aftermath",
        "title": "event_aftermath",
        "only": [
            "seed-hurt-in-event",
            "seed-event-hurts",
            "seed-people-harmed",
            "seed-actor-harms",
            "seed-attack-on-target",
            "seed-attacks-on-target",
        ],
        "source": "general",
    }
    return (("context", table),)


def _harm_rule(lesson: Lesson) -> Table:
    cause = "seed_weapon|event_noun" if lesson.roles.weapons else "event_noun"
    where = "|".join(["base", "seed_position", *(["seed_place"] if lesson.places else [])])
    patterns = ["event_harms ~4 seed_people", "seed_people ~3 event_harmed"]
    return _rule("seed-attack-harms", 1.1, patterns, []) | {"needs": [cause, where]}


def _rule(id_: str, score: float, patterns: list[str], barred: list[str]) -> Table:
    table: Table = {"id": id_, "score": score, "label": "new_attack", "patterns": patterns}
    if barred:
        table["not_between"] = barred
    return table | {"source": "seed", "fallback": True}
