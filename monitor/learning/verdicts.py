"""Verdicts in, a proposal of better rules out: what to switch off, to lower, to reweigh, to add. Pure.

Each article with a verdict is judged by the present rules, so that what was mended since no longer counts against them.
Copies of one article count once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from monitor.learning.amend import Editor, Step, context_id
from monitor.learning.grammar import Grammar
from monitor.learning.nearby import NewContext, NewSpelling, new_contexts, new_spellings
from monitor.learning.records import Record, is_doubtful, records_of
from monitor.learning.refit import Observation, refit
from monitor.matching import RuleSet, judge
from monitor.matching.judge import OLD
from monitor.model import Article, Hit, Judgement
from monitor.text import squash


@dataclass(frozen=True, slots=True)
class Case:
    """An article with the verdict of a person: `label` is whether it tells of a fresh event. `group` is its event."""

    article: Article
    label: bool
    group: str


@dataclass(frozen=True, slots=True)
class Revision:
    """A proposal: the records behind it, its steps, terms that a person should look at, and the files with all done."""

    cases: int
    records: tuple[Record, ...]
    steps: tuple[Step, ...]
    review: tuple[Record, ...]
    contexts: tuple[NewContext, ...]
    spellings: tuple[NewSpelling, ...]
    weights: Mapping[str, float]
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Judged:
    case: Case
    judgement: Judgement

    @property
    def fresh(self) -> tuple[Hit, ...]:
        """The mentions that flagged the article."""
        return tuple(hit for hit in self.judgement.hits if hit.lead and hit.fresh) if self.judgement.flagged else ()

    @property
    def weak(self) -> tuple[Hit, ...]:
        """The mentions in the lead of an article that was not flagged."""
        return () if self.judgement.flagged else tuple(hit for hit in self.judgement.hits if hit.lead)


def revise(cases: Iterable[Case], rules: RuleSet, files: Mapping[str, str], grammar: Grammar) -> Revision:
    """What should change in the rule files (name → text) that make `rules`. The same cases give the same bytes."""
    judged = [_Judged(case, judge(case.article, rules)) for case in distinct(cases)]
    confirmed = [one.case.article for one in judged if one.case.label]
    false_alarms = [one for one in judged if one.fresh and not one.case.label]
    contexts = tuple(
        new
        for new in new_contexts([(one.case.article, one.fresh) for one in false_alarms], confirmed, rules, grammar)
        if context_id(new) not in {context.id for context in rules.contexts}
    )
    spellings = new_spellings(confirmed, rules, grammar)
    explained = {entry for new in contexts for entry in new.entries}
    left = [one for one in judged if one.case.article.id not in explained]
    weights = refit([point for one in left if (point := _observation(one, rules))])
    records = (*count_rules(judged), *count_contexts(judged))
    editor = Editor(dict(files))
    for record in (*count_rules(left), *count_contexts(left)):
        editor.judge(record, rules, reweighed=bool(weights))
    for name, change in weights.items():
        editor.reweigh(name, change, rules)
    for spelling in spellings:
        editor.spell(spelling)
    if contexts:
        editor.add_contexts(contexts)
    return Revision(
        cases=len(judged), records=records, steps=tuple(editor.steps), review=terms_to_review(left),
        contexts=contexts, spellings=spellings, weights=weights, files=editor.files,
    )  # fmt: skip


def distinct(cases: Iterable[Case]) -> list[Case]:
    """Each title with each label once, in the order of ids: copies are one opinion."""
    found: dict[tuple[str, bool], Case] = {}
    for case in sorted(cases, key=lambda case: case.article.id):
        found.setdefault((squash(case.article.title), case.label), case)
    return list(found.values())


# --- counting ----------------------------------------------------------------------------------------------


def count_rules(judged: Sequence[_Judged]) -> list[Record]:
    """Each rule that flagged something: right where a person agrees."""
    fired = [(hit.rule, one.case.label) for one in judged for hit in _once(one.fresh)]
    return records_of("rule", fired)


def count_contexts(judged: Sequence[_Judged]) -> list[Record]:
    """Each context that took away from the best mention of a quiet article: right where a person wants it quiet."""
    acted = []
    for one in judged:
        best = max(one.weak, key=lambda hit: hit.score, default=None)
        acted += [(name, not one.case.label) for name in dict.fromkeys(best.contexts) if name != OLD] if best else []
    return records_of("context", acted)


def terms_to_review(judged: Sequence[_Judged]) -> tuple[Record, ...]:
    """Words as the rules write them whose alarms were mostly wrong; many rules share a term, so a person decides."""
    used = [
        (name, one.case.label)
        for one in judged
        for name in sorted({f"{term.concept}: {term.rule}" for hit in one.fresh for term in hit.terms})
    ]
    return tuple(record for record in records_of("term", used) if is_doubtful(record))


def _once(hits: Iterable[Hit]) -> list[Hit]:
    return list({hit.rule: hit for hit in hits}.values())


# --- weights -----------------------------------------------------------------------------------------------


def _observation(one: _Judged, rules: RuleSet) -> Observation | None:
    """An article's best mention as a point for the refit; None where nothing in its lead tells of an event."""
    best = max(one.fresh or one.weak, key=lambda hit: hit.score, default=None)
    if best is None:
        return None
    acting = {
        f"context {context.id}": -1.0 for context in rules.contexts if context.id in best.contexts and context.takes > 0
    }
    return Observation(
        margin=best.score - rules.settings.threshold,
        acts={f"rule {best.rule}": 1.0, **acting},
        label=one.case.label,
        group=one.case.group,
    )
