"""What stands beside a mention: words that only false alarms have there, and names that may be new spellings. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from wordfreq import zipf_frequency

from monitor.learning.grammar import Grammar, find_names, read_words
from monitor.matching import RuleSet
from monitor.matching.spelling import Spellings
from monitor.model import Article, Hit, Part
from monitor.text import sentences, squash, tokenise

LEAST_SUPPORT = 3
BEFORE, AFTER = 6, 4  # how far a context reaches: see docs/rules.md
LEAST_LETTERS = 3
TOO_COMMON = 5.5  # zipf frequency from which an English word says nothing
LEAD_CHARACTERS = 1200
PLACES = frozenset(("base", "area", "base_cued", "area_cued", "country"))


@dataclass(frozen=True, slots=True)
class NewContext:
    """Words beside the mentions of false alarms and in no confirmed article; `entries` are those false alarms."""

    words: str
    entries: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewSpelling:
    """A name in confirmed articles that sounds like a known base's alias; `sentence` is where it stood first."""

    base: str
    alias: str
    spelling: str
    entries: tuple[str, ...]
    sentence: str


# --- contexts ----------------------------------------------------------------------------------------------


def new_contexts(
    false_alarms: Sequence[tuple[Article, Sequence[Hit]]],
    confirmed: Iterable[Article],
    rules: RuleSet,
    grammar: Grammar,
) -> tuple[NewContext, ...]:
    """The fewest words that tell the false alarms apart, the one that tells most of them first.

    Words of the rules themselves are never proposed, nor words that say nothing.
    """
    beside: defaultdict[str, dict[str, set[str]]] = defaultdict(dict)  # words → entry → rules
    for article, hits in false_alarms:
        for hit in hits:
            for words in _words_beside(article, hit, rules, grammar):
                beside[words].setdefault(article.id, set()).add(hit.rule)
    texts = [squash(lead_of(article)) for article in confirmed]
    known = {words: places for words, places in beside.items() if not any(f" {words} " in text for text in texts)}
    return tuple(_fewest(known))


def _fewest(beside: Mapping[str, Mapping[str, set[str]]]) -> Iterator[NewContext]:
    """Greedy set cover: each step takes the words that explain most of the false alarms still open."""
    open_entries = {entry for places in beside.values() for entry in places}
    while beside:
        best = min(beside, key=lambda words: (-len(open_entries & beside[words].keys()), *_plainness(words)))
        covered = open_entries & beside[best].keys()
        if len(covered) < LEAST_SUPPORT:
            return
        rules = sorted({rule for entry in covered for rule in beside[best][entry]})
        yield NewContext(best, tuple(sorted(covered)), tuple(rules))
        open_entries -= covered


def _plainness(words: str) -> tuple[int, float, str]:
    parts = words.split(" ")
    return len(parts), min(zipf_frequency(part, "en") for part in parts), words


def _words_beside(article: Article, hit: Hit, rules: RuleSet, grammar: Grammar) -> set[str]:
    """Single words and pairs within reach of a mention that are none of its own words."""
    text = _part(article, hit.sentence.part)[hit.sentence.start : hit.sentence.end]
    tokens = tokenise(text)
    spans = [(term.span.start - hit.sentence.start, term.span.end - hit.sentence.start) for term in hit.terms
             if term.span.part == hit.sentence.part]  # fmt: skip
    own = {
        at for at, token in enumerate(tokens) if any(token.start < end and start < token.end for start, end in spans)
    }
    if not own:
        return set()
    first, last = max(0, min(own) - BEFORE), min(len(tokens), max(own) + AFTER + 1)
    reach = [tokens[at].text if at not in own else "" for at in range(first, last)]
    telling = [word for word in reach if _is_telling(word, rules, grammar)]
    pairs = [f"{one} {two}" for one, two in pairwise(reach) if one and two and (one in telling or two in telling)]
    return {*telling, *pairs}


def _is_telling(word: str, rules: RuleSet, grammar: Grammar) -> bool:
    return (
        len(word) >= LEAST_LETTERS
        and word.isalpha()
        and word not in grammar.closed
        and zipf_frequency(word, "en") < TOO_COMMON
        and not rules.matcher.concepts_in(word)
    )


# --- spellings ---------------------------------------------------------------------------------------------


def new_spellings(confirmed: Iterable[Article], rules: RuleSet, grammar: Grammar) -> tuple[NewSpelling, ...]:
    """Names in the leads of confirmed articles that the rules do not know and that sound like one base they know."""
    spellings = Spellings(rules.aliases, rules.not_aliases)
    found: dict[tuple[str, str], NewSpelling] = {}
    for article in confirmed:
        for sentence in _lead_sentences(article):
            for name in names_of(sentence, rules, grammar):
                suggestion = spellings.suggest(name)
                if (
                    suggestion is None
                    or suggestion.id not in rules.bases
                    or _is_part_of_alias(name, suggestion.id, rules)
                ):
                    continue
                key = (suggestion.id, squash(name).strip())
                before = found.get(key)
                found[key] = NewSpelling(
                    suggestion.id, before.alias if before else name, suggestion.alias,
                    tuple(dict.fromkeys((*(before.entries if before else ()), article.id))),
                    before.sentence if before else sentence,
                )  # fmt: skip
    return tuple(found[key] for key in sorted(found))


def names_of(sentence: str, rules: RuleSet, grammar: Grammar) -> Iterator[str]:
    """Names of a sentence that stand for no known place, where it has a cue: a country, a cue word, the name's article.

    A name is tried without its last words too, for "Varn Base" is "Varn". Acronyms are no spellings of names.
    """
    has_cue = bool({"country", "cue"} & rules.matcher.concepts_in(sentence))
    for name in find_names(read_words(sentence), grammar):
        words = name.text.split(" ")
        has_article = words[0].casefold().partition("-")[0] in grammar.particles
        while words and (has_cue or has_article):
            text = " ".join(words)
            if not text.isupper() and not PLACES & rules.matcher.concepts_in(text):
                yield text
            words.pop()


def _is_part_of_alias(name: str, base: str, rules: RuleSet) -> bool:
    """True for a name that stands in longer spellings only, because by itself it may mean something else."""
    return any(squash(name) in squash(alias) for alias in rules.aliases.get(base, ()))


def lead_of(article: Article) -> str:
    """Title, summary and the beginning of the text."""
    return "\n".join((article.title, article.summary, article.text[:LEAD_CHARACTERS]))


def _lead_sentences(article: Article) -> Iterator[str]:
    for part in (article.title, article.summary, article.text[:LEAD_CHARACTERS]):
        for start, end in sentences(part):
            yield part[start:end].strip()


def _part(article: Article, part: Part) -> str:
    return {"title": article.title, "summary": article.summary, "text": article.text}[part]
