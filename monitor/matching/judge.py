"""The judgement of one article: sentences are read, attacks found in them, contexts weighed, one class given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from monitor.matching.context import contexts_of, is_old
from monitor.matching.reading import Reading, read_article
from monitor.matching.ruleset import Rule, RuleSet
from monitor.matching.spans import Found, Match, Sentence, find, names_of
from monitor.model import Article, Evidence, Hit, Judgement, Span, Term

UNRELATED = "unrelated"
BACKGROUND = "background_mention_only"
NEW, MENTIONED = "new_attack", "lead_mentions_fresh_attack"
OLD = "old-date"
LONG = 2000  # characters of a text that is screened sentence by sentence at once
SCATTERED = "no sentence holds the words that any rule needs"
WEAK_LABEL = "roundup_no_fresh_attack"  # too weak by itself: attacks in general
KNOWN_CONCEPTS = ("weapon", "base", "area", "country")  # those that later rooms read: they win over others in one place
_PLACES = ("base", "area", "country")


def judge(article: Article, rules: RuleSet) -> Judgement:
    """What an article is by the rules: one class, a score, and the words that say so. Pure.

    The title and the lead (summary, or the first sentences of the text) can flag; deeper sentences only give hits.
    """
    if len(article.text) < LONG:
        lacking = rules.lacks(rules.matcher.concepts_in(f"{article.title}\n{article.summary}\n{article.text}"))
        if lacking:
            return Judgement(False, UNRELATED, 0.0, "", missing=lacking, rules_version=rules.version)
    read = read_article(article, rules, whole=False)
    if not any(sentence.may_tell for sentence in read.sentences):
        return Judgement(False, UNRELATED, 0.0, "", missing=SCATTERED, rules_version=rules.version)
    hits = find_hits(article, read.sentences, rules)
    return _judgement(article, read, hits, rules)


# --- hits -----------------------------------------------------------------------------------------------


def find_hits(article: Article, read: Sequence[Sentence], rules: RuleSet) -> tuple[Hit, ...]:
    """The best hit of each sentence that tells of an attack, in order; two where one is fresh and one is not."""
    hits: list[Hit] = []
    for sentence in (one for one in read if one.may_tell):
        found = [
            _hit(article, rule, match, sentence, read, rules)
            for rule in rules.rules
            for pattern in rule.patterns
            for match in find(pattern, sentence, rule.not_between)
            if all(_has_nearby(need, sentence, read) for need in rule.needs)
        ]
        for fresh in (True, False):
            of_kind = [hit for hit in found if hit.fresh is fresh]
            if of_kind:
                best = max(of_kind, key=lambda hit: (hit.score, bool(hit.base), len(hit.terms)))
                hits.append(replace(best, names=names_of(sentence)))
                break
    return tuple(hits)


def _has_nearby(need: Sequence[str], sentence: Sentence, read: Sequence[Sentence]) -> bool:
    """True where a concept stands in the sentence, in a neighbour, or, for one of the lead, anywhere in the lead."""
    return any(
        other.of(need)
        for other in read
        if abs(other.index - sentence.index) <= 1 or (sentence.lead and other.lead) or other.index == 0
    )


def _hit(
    article: Article, rule: Rule, match: Match, sentence: Sentence, read: Sequence[Sentence], rules: RuleSet
) -> Hit:
    title = read[0] if read[0].part == "title" else None
    acting = contexts_of(match, rule.id, rule.immune, sentence, title, rules.contexts)
    taking = [context for context in acting if context.takes > 0]
    names = [context.id for context in taking]
    score = rule.score - sum(context.takes for context in acting)
    label = max(taking, key=lambda context: context.takes).label if taking else WEAK_LABEL
    published = (article.published_at or article.seen_at) if OLD not in rule.immune else None
    if published and is_old(match, sentence, published, rules.settings):
        names.append(OLD)
        score -= 2.0
        label = rules.settings.old_label
    fresh = score >= rules.settings.threshold
    terms = _terms(match, sentence, article)
    base, country = _place(match, sentence, read, rules)
    return Hit(
        rule=rule.id,
        label=rule.label if fresh else label,
        score=round(score, 3),
        fresh=fresh,
        base=base,
        country=country,
        sentence=Span(sentence.part, sentence.start, sentence.end),
        terms=terms,
        contexts=tuple(names),
        lead=sentence.lead,
    )


def _terms(match: Match, sentence: Sentence, article: Article) -> tuple[Term, ...]:
    """The terms of a match, and the nearest weapon and place of its sentence where the match names none."""
    leaves = [leaf for found in match for leaf in found.leaves()]
    for concept in ("weapon", *_PLACES):
        if not any(leaf.concept == concept for leaf in leaves):
            nearest = _nearest(concept, match, sentence)
            leaves += [nearest] if nearest else []
    by_place: dict[tuple[int, int], Found] = {}
    for leaf in sorted(leaves, key=lambda leaf: (leaf.start, leaf.end, leaf.concept not in KNOWN_CONCEPTS)):
        by_place.setdefault((leaf.start, leaf.end), leaf)
    return tuple(_term(leaf, sentence, article) for leaf in by_place.values())


def _nearest(concept: str, match: Match, sentence: Sentence) -> Found | None:
    start, end = match[0].start, match[-1].end
    return min(
        sentence.spans.get(concept, ()),
        key=lambda one: (max(start - one.end, one.start - end, 0), one.start),
        default=None,
    )


def _term(found: Found, sentence: Sentence, article: Article) -> Term:
    text = {"title": article.title, "summary": article.summary, "text": article.text}[sentence.part]
    start = sentence.start + sentence.tokens[found.start].start
    end = sentence.start + sentence.tokens[found.end - 1].end
    return Term(
        concept=found.concept,
        rule=found.rule,
        value=found.value,
        span=Span(sentence.part, start, end),
        text=text[start:end],
        weight=found.weight,
    )


def _place(match: Match, sentence: Sentence, read: Sequence[Sentence], rules: RuleSet) -> tuple[str, str]:
    """(base, country) of a mention: in the match, else nearest in its sentence, else in a neighbour or the title."""
    leaves = [leaf for found in match for leaf in found.leaves()]
    base = next((leaf.value for leaf in leaves if leaf.concept in ("base", "area")), "")
    near = [sentence] + [read[i] for i in (sentence.index + 1, sentence.index - 1) if 0 <= i < len(read)]
    if not base:
        base = next((one.value for c in ("base", "area") if (one := _nearest(c, match, sentence))), "")
    if not base:
        others = [one.value for c in ("base", "area") for beside in near[1:] for one in beside.spans.get(c, ())]
        base = others[0] if len(set(others)) == 1 else ""
    place = rules.bases.get(base)
    country = place.country if place else ""
    if not country:
        country = next((leaf.value for leaf in leaves if leaf.concept == "country"), "")
    if not country and (nearest := _nearest("country", match, sentence)):
        country = nearest.value
    if not country:
        country = next((one.value for beside in [*near[1:], read[0]] for one in beside.spans.get("country", ())), "")
    return base, country


# --- the class ---------------------------------------------------------------------------------------------


def _judgement(article: Article, read: Reading, hits: tuple[Hit, ...], rules: RuleSet) -> Judgement:
    lead = [hit for hit in hits if hit.lead]
    fresh = [hit for hit in lead if hit.fresh and not _is_dated_below(hit, lead, read, rules)]
    if fresh:
        best = max(fresh, key=lambda hit: (hit.sentence.part == "title", hit.score))
        told_in_title = any(hit.sentence.part == "title" for hit in fresh)
        label = NEW if told_in_title and best.label == NEW else MENTIONED
        return Judgement(
            True, label, best.score, best.rule, hits, _evidence(article, fresh), rules_version=rules.version
        )
    label, rule, missing = _class_of(read, hits, lead, rules)
    score = max((hit.score for hit in lead), default=0.0)
    return Judgement(
        False, label, score, rule, hits, _evidence(article, lead or list(hits)), missing, rules_version=rules.version
    )


def _is_dated_below(hit: Hit, lead: Sequence[Hit], read: Reading, rules: RuleSet) -> bool:
    """A title seldom has a date: where the lead tells only of an old attack, the title means that one."""
    others = [one for one in lead if one.sentence.part != "title"]
    return (
        hit.sentence.part == "title"
        and bool(others)
        and all(not one.fresh and one.label == rules.settings.old_label for one in others)
        and not any(read.title.of((concept,)) for concept in ("weekday", "today", "fresh_mark") if read.title)
    )


def _class_of(read: Reading, hits: tuple[Hit, ...], lead: list[Hit], rules: RuleSet) -> tuple[str, str, str]:
    """(class, rule, what is missing) of an article that tells of no fresh attack in its lead."""
    weak = [hit for hit in lead if not hit.fresh]
    if weak:
        best = max(weak, key=lambda hit: hit.score)
        missing = (
            f"{best.rule}: taken away by {', '.join(best.contexts)}"
            if best.contexts
            else f"{best.rule}: no sign of a fresh one"
        )
        return best.label, best.rule, missing
    leading = [sentence for sentence in read.sentences if sentence.may_tell and sentence.lead]
    for one in rules.classes:
        looked_at = [sentence for sentence in leading if sentence.part == "title" or not one.title_only]
        if any(find(pattern, sentence) for sentence in looked_at for pattern in one.patterns):
            return one.label, f"class:{one.label}", "no rule of an attack fits the lead"
    if hits:
        return BACKGROUND, hits[0].rule, f"{hits[0].rule}: stands only deep in the text"
    return UNRELATED, "", _nearest_rule(read, rules)


def _nearest_rule(read: Reading, rules: RuleSet) -> str:
    """The rule whose concepts stand most fully in one sentence of the lead, and what it lacks there."""
    nearest: tuple[int, str, str] = (99, "", "")
    for sentence in (one for one in read.sentences if one.lead and one.tokens):
        present = set(sentence.spans)
        for rule in rules.rules:
            for pattern in rule.patterns:
                absent = [step.concepts for step in pattern.steps if not present.intersection(step.concepts)]
                if len(absent) >= nearest[0]:
                    continue
                named = (
                    " and ".join("|".join(names) for names in absent) or "these words close enough and in this order"
                )
                nearest = (len(absent), rule.id, f"{named} ({pattern.text})")
    return f"{nearest[1]}: lacks {nearest[2]}" if nearest[1] else "no rule"


def _evidence(article: Article, hits: Sequence[Hit]) -> tuple[Evidence, ...]:
    """For each hit its terms in one piece, as written, with their sentence."""
    texts = {"title": article.title, "summary": article.summary, "text": article.text}
    evidence: list[Evidence] = []
    for hit in hits:
        sentence = texts[hit.sentence.part][hit.sentence.start : hit.sentence.end].strip()
        evidence.extend(
            Evidence(hit.rule, term.concept, term.text, sentence)
            for term in hit.terms
            if term.span.part == hit.sentence.part
        )
    return tuple(evidence)
