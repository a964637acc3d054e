"""What the words of a topic do in its sentences: whose targets, their names, with what they are hit and by whom.

Nothing here knows a topic. A weapon stands before a noun of what happened ("X attack") and also strikes, is sent, or is
struck with; an owner stands before the noun of a target in two seeds; an actor strikes and is no weapon.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wordfreq import zipf_frequency

from monitor.learning.grammar import Grammar, Word, all_forms, singular
from monitor.learning.slots import Read, is_suffering, noun_phrase_end, skip_openers, target_slots

LEAST_SEEDS = 2
MOST_WORDS = 5
BARE_SHARE = 0.6
_NAMES_NOBODY = 3.0  # zipf frequency below which a capitalised word is a name rather than an owner ("Danish")


@dataclass(frozen=True, slots=True)
class Learned:
    """One word of a role with the seeds and a sentence that show it."""

    text: str
    seeds: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Roles:
    """The words of a topic by what they do; `events` and `verbs` are the general ones that the seeds use."""

    nouns: tuple[Learned, ...]
    owners: tuple[Learned, ...]
    modifiers: tuple[Learned, ...]
    weapons: tuple[Learned, ...]
    actors: tuple[Learned, ...]
    events: tuple[Learned, ...]
    verbs: tuple[Learned, ...]
    owned: bool  # the topic's target nouns need an owner: "base" alone says too little


class _Seen:
    """Words and where they were seen."""

    def __init__(self) -> None:
        self.seeds: defaultdict[str, set[str]] = defaultdict(set)
        self.sentence: dict[str, str] = {}

    def add(self, word: str, read: Read) -> None:
        """Count a word for a seed."""
        self.seeds[word].add(read.seed)
        self.sentence.setdefault(word, read.sentence)

    def learned(self, least: int, words: Iterable[str] | None = None) -> tuple[Learned, ...]:
        """The words seen in enough seeds, most seeds first."""
        chosen = [word for word in (self.seeds if words is None else words) if len(self.seeds.get(word, ())) >= least]
        chosen.sort(key=lambda word: (-len(self.seeds[word]), word))
        return tuple(Learned(word, tuple(sorted(self.seeds[word])), self.sentence[word]) for word in chosen)


def learn_roles(
    reads: Sequence[Read], nouns: frozenset[str], grammar: Grammar, least_seeds: int = LEAST_SEEDS
) -> Roles:
    """The roles of the words of the seeds. `nouns` are the nouns of targets."""
    heads, owners, modifiers, owned = _owners(reads, nouns, grammar, least_seeds)
    weapons = _weapons(reads, nouns, grammar, least_seeds)
    owner_words = owners.learned(least_seeds)
    names = {one.text for one in weapons}
    events, verbs = _general(reads, grammar)
    return Roles(
        nouns=heads.learned(1),
        owners=owner_words,
        modifiers=modifiers.learned(1),
        weapons=weapons,
        actors=_actors(reads, nouns | names | {one.text for one in owner_words}, grammar).learned(least_seeds),
        events=events.learned(1),
        verbs=verbs.learned(1),
        owned=owned,
    )


# --- targets -------------------------------------------------------------------------------------


def _owners(
    reads: Sequence[Read], nouns: frozenset[str], grammar: Grammar, least_seeds: int
) -> tuple[_Seen, _Seen, _Seen, bool]:
    """(nouns, owners, modifiers, whether most targets have an owner) from the noun phrases of what was hit."""
    heads, owners, modifiers = _Seen(), _Seen(), _Seen()
    phrases = [(read, phrase) for read in reads for phrase in _target_phrases(read, nouns, grammar)]
    for read, phrase in phrases:
        heads.add(singular(phrase[-1].text), read)
        in_names = {id(word) for name in read.names for word in read.words[name.start : name.end]}
        for word in phrase[:-1]:
            if id(word) in in_names:
                continue
            if word.is_capital and zipf_frequency(word.text, "en") >= _NAMES_NOBODY and not word.text.isdigit():
                owners.add(word.text, read)
            elif not word.is_capital and word.text.isalpha() and len(word.text) > 2:
                modifiers.add(word.text, read)
    for text in [text for text in owners.seeds if text in modifiers.seeds]:
        del owners.seeds[text]
    known = {word for word, seeds in owners.seeds.items() if len(seeds) >= least_seeds}
    with_owner = sum(any(word.text in known for word in phrase) for _, phrase in phrases)
    _joined_owners(reads, nouns, known, owners, modifiers)
    return heads, owners, modifiers, bool(phrases) and with_owner >= BARE_SHARE * len(phrases)


def _target_phrases(read: Read, nouns: frozenset[str], grammar: Grammar) -> list[tuple[Word, ...]]:
    """The target slots of a sentence cut after their noun, and every owner phrase that ends in such a noun."""
    found = []
    for start, end in target_slots(read, grammar):
        last = max((at for at in range(start, end) if singular(read.words[at].text) in nouns), default=None)
        if last is not None:
            found.append(read.words[start : last + 1])
    return found


def _joined_owners(reads: Sequence[Read], nouns: frozenset[str], known: set[str], owners: _Seen, others: _Seen) -> None:
    """As in "Danish and Allied ships": what stands between an owner and a target's noun owns too."""
    capital: set[str] = set()
    joined = _Seen()
    for read in reads:
        words = read.words
        for at in range(3, len(words)):
            between = words[at - 1]
            if singular(words[at].text) not in nouns or words[at].gap != " " or between.text in known | {"and"}:
                continue
            if words[at - 2].text in known or (words[at - 2].text == "and" and words[at - 3].text in known):
                joined.add(between.text, read)
                capital |= {between.text} if between.is_capital else set()
    for word in sorted((capital & set(joined.seeds)) - set(others.seeds)):
        owners.seeds[word] |= joined.seeds[word]
        owners.sentence.setdefault(word, joined.sentence[word])


# --- weapons and actors --------------------------------------------------------------------------


def _weapons(reads: Sequence[Read], nouns: frozenset[str], grammar: Grammar, least_seeds: int) -> tuple[Learned, ...]:
    """What stands before events and also does something; a word that is always written with a capital is a name."""
    before, doing = _Seen(), _Seen()
    small = {singular(word.text) for read in reads for word in read.words if not word.is_capital}
    for read in reads:
        for at, word in enumerate(read.words):
            text = singular(word.text)
            if not _may_be_weapon(word, text, nouns, grammar):
                continue
            if _stands_before_event(read.words, at, grammar):
                before.add(text, read)
            elif (
                _strikes(read.words, at, grammar)
                or _is_struck_with(read.words, at, grammar)
                or _is_sent(read.words, at, grammar)
            ):
                doing.add(text, read)
    least_doing = max(1, least_seeds // 2)
    both = [weapon for weapon in before.seeds if weapon in small and len(doing.seeds[weapon]) >= least_doing]
    for weapon in both:
        before.seeds[weapon] |= doing.seeds[weapon]
    return before.learned(least_seeds, both)


def _may_be_weapon(word: Word, text: str, nouns: frozenset[str], grammar: Grammar) -> bool:
    plain = text not in grammar.closed and text not in grammar.openers and text not in nouns and text.isalpha()
    return plain and not grammar.is_event(text) and text not in grammar.suffering and len(word.text) > 2


def _stands_before_event(words: Sequence[Word], at: int, grammar: Grammar) -> bool:
    """As in "knife attack", "knife and axe attacks"."""
    after = at + 1
    if after + 1 < len(words) and words[after].text in ("and", "or"):
        after += 2
    return after < len(words) and words[after].gap in (" ", "-") and grammar.is_event(words[after].text)


def _strikes(words: Sequence[Word], at: int, grammar: Grammar) -> bool:
    """As in "Knives target", "three boats attacked", "arrow hit"."""
    if at + 1 >= len(words) or words[at + 1].gap != " ":
        return False
    after = words[at + 1].text
    return after in grammar.acting


def _is_struck_with(words: Sequence[Word], at: int, grammar: Grammar) -> bool:
    """As in "attacked two shops with axes", "was hit by a salvo of arrows"."""
    back = at - 1
    while back > 0 and at - back <= MOST_WORDS:
        word = words[back]
        if word.text in ("with", "by"):
            return any(_is_blow(words, place, grammar) for place in range(max(0, back - 14), back))
        if word.text in grammar.closed and word.text not in grammar.openers:
            return False
        back -= 1
    return False


def _is_blow(words: Sequence[Word], at: int, grammar: Grammar) -> bool:
    return words[at].text in grammar.acting or is_suffering(words, at, grammar)


def _is_sent(words: Sequence[Word], at: int, grammar: Grammar) -> bool:
    """As in "launched arrows", "used two boats to attack", "arrows were launched"."""
    if at + 2 < len(words) and words[at + 1].text in ("were", "was", "are") and words[at + 2].text in grammar.launching:
        return True
    back = at - 1
    while back >= 0 and at - back <= 3 and (words[back].text in grammar.openers or words[back].text.isdigit()):
        back -= 1
    return back >= 0 and words[back].text in grammar.launching


def _actors(reads: Sequence[Read], taken: frozenset[str], grammar: Grammar) -> _Seen:
    """Nouns of those who strike: "rebels target …", "attacks by groups"."""
    seen = _Seen()
    for read in reads:
        words = read.words
        for at in range(1, len(words)):
            word = words[at].text
            if word in grammar.acting | grammar.harming and words[at].gap == " " and not _is_noun(words, at, grammar):
                _add_actor(words[at - 1], read, taken, grammar, seen)
            elif word == "by" and grammar.is_event(words[at - 1].text):
                start = skip_openers(words, at + 1, grammar)
                end = noun_phrase_end(words, start, grammar)
                if end > start:
                    _add_actor(words[end - 1], read, taken, grammar, seen)
    return seen


def _is_noun(words: Sequence[Word], at: int, grammar: Grammar) -> bool:
    return grammar.is_event(words[at].text) and words[at - 1].text == singular(words[at - 1].text)


def _add_actor(word: Word, read: Read, taken: frozenset[str], grammar: Grammar, seen: _Seen) -> None:
    text = singular(word.text)
    if text in grammar.closed or text in taken or grammar.is_event(text) or text in grammar.suffering or len(text) < 3:
        return
    if not text.isdigit():
        seen.add(text, read)


# --- general words that the seeds use ------------------------------------------------------------


def _general(reads: Sequence[Read], grammar: Grammar) -> tuple[_Seen, _Seen]:
    """(nouns of what happened, base forms of verbs of striking) that stand in the seeds."""
    events, verbs = _Seen(), _Seen()
    base_of = {form: forms[0] for forms in grammar.verbs.get("strike", ()) for form in all_forms(forms)}
    for read in reads:
        for word in read.words:
            if grammar.is_event(word.text):
                events.add(singular(word.text), read)
            if word.text in base_of:
                verbs.add(base_of[word.text], read)
    return events, verbs
