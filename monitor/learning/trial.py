"""What a proposal would do: each seed judged by what the others teach, and articles of other news.

Rules are compiled in a folder of their own, thrown away afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor.learning.bases import learn_bases
from monitor.learning.corpus import Seed, clean
from monitor.learning.learn import Material, Proposal, learn
from monitor.learning.slots import read_seed_texts
from monitor.matching import RuleSet, judge, load_rules
from monitor.model import Article, Judgement

FEWEST_SEEDS = 2
MOST_FOLDS = 20


@dataclass(frozen=True, slots=True)
class HeldOut:
    """One seed judged by what the others teach; `found` are its names that their nouns find, `unseen` the new ones."""

    seed: str
    judgement: Judgement
    found: tuple[str, ...]
    unseen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fired:
    """An article of other news that the proposal would flag."""

    id: str
    title: str
    url: str
    rule: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Background:
    """What fired among so many articles."""

    articles: int
    fired: tuple[Fired, ...]


def compile_rules(proposal: Proposal, material: Material) -> RuleSet:
    """The rule set of a folder that holds the proposal and the general grammar, nothing else."""
    with TemporaryDirectory() as folder:
        rule_files = [pair for pair in (*material.general, *proposal.files) if pair[0].endswith(".toml")]
        for name, text in rule_files:
            Path(folder, name).write_text(text, encoding="utf-8")
        return load_rules(Path(folder))


def leave_one_out(seeds: Sequence[Seed], material: Material) -> tuple[HeldOut, ...]:
    """Each seed judged by what the others teach; nothing where there are too few seeds.

    Of more than MOST_FOLDS seeds, every MOST_FOLDS-th is left out together, so that many seeds do not take for ever.
    """
    if len(seeds) < FEWEST_SEEDS:
        return ()
    folds = min(len(seeds), MOST_FOLDS)
    tried = [one for fold in range(folds) for one in _held_out_fold(seeds, fold, folds, material)]
    return tuple(sorted(tried, key=lambda one: one.seed))


def _held_out_fold(seeds: Sequence[Seed], fold: int, folds: int, material: Material) -> list[HeldOut]:
    others = [seed for number, seed in enumerate(seeds) if number % folds != fold]
    proposal = learn(others, material)
    rules = compile_rules(proposal, material)
    return [_held_out(seed, proposal, rules, material) for seed in seeds[fold::folds]]


def _held_out(seed: Seed, proposal: Proposal, rules: RuleSet, material: Material) -> HeldOut:
    reads = read_seed_texts([clean(seed)], material.grammar)
    found = {base.id for base in learn_bases(reads, proposal.lesson.nouns, material.grammar, material.known)}
    taught = {base.id for base in proposal.lesson.bases}
    return HeldOut(seed.id, judge(article_of(seed), rules), tuple(sorted(found)), tuple(sorted(found - taught)))


def article_of(seed: Seed) -> Article:
    """A seed as an article to be judged, published at noon of its day."""
    published = datetime.combine(seed.published, time(12), UTC) if seed.published else None
    return Article(
        id=seed.id, title=seed.title, text=seed.text, source=seed.source, published_at=published, seen_at=published
    )


def fires_on(proposal: Proposal, material: Material, articles: Iterable[Article]) -> Background:
    """Every article of other news that the proposal would flag."""
    rules = compile_rules(proposal, material)
    count = 0
    fired: list[Fired] = []
    for article in articles:
        count += 1
        judgement = judge(article, rules)
        if judgement.flagged:
            words = tuple(dict.fromkeys(one.text for one in judgement.evidence))
            fired.append(Fired(article.id, article.title, article.url, judgement.rule, words))
    return Background(count, tuple(fired))
