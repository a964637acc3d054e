"""Reading: an article as sentences with every term and phrase found in them; what cannot matter is left unread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.matching.ruleset import RuleSet
from monitor.matching.spans import Found, Sentence, find, names_of
from monitor.model import Article, Named, Part
from monitor.text import sentences

CAPTION = "caption"
TOGETHER = 4  # sentences
SHORTEST_LEAD = 2  # blanks in a sentence that counts as one of the lead


@dataclass(frozen=True, slots=True)
class Reading:
    """An article as sentences, with the title's apart."""

    sentences: tuple[Sentence, ...]

    @property
    def title(self) -> Sentence | None:
        """The title's first sentence, or None."""
        return next((one for one in self.sentences if one.part == "title"), None)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a sentence stands; `may_tell`: by its words a rule or a class may fire on it."""

    part: Part
    text: str
    start: int
    end: int
    lead: bool
    may_tell: bool


def read_article(article: Article, rules: RuleSet, *, whole: bool = True) -> Reading:
    """The sentences of an article with all terms and phrases found in them; photo captions are left out.

    Unless `whole`, only the lead is read and what a rule may fire on, with its neighbours, where there is any such
    sentence; the others stay empty.
    """
    places = [place for part, text in _parts(article) for place in _places(part, text, rules)]
    telling = any(place.may_tell for place in places)
    read: list[Sentence] = []
    for index, place in enumerate(places):
        beside = places[max(0, index - 1) : index + 2]
        wanted = whole or (telling and (place.lead or any(other.may_tell for other in beside)))
        bounds = (place.start, place.end)
        if wanted:
            sentence = rules.matcher.read(place.text, place.part, bounds, lead=place.lead)
            add_phrases(sentence, rules)
        else:
            sentence = Sentence(place.part, *bounds, (), place.lead)
        sentence.index = index
        sentence.may_tell = place.may_tell
        read.append(sentence)
    return Reading(tuple(read))


def _places(part: Part, text: str, rules: RuleSet) -> list[_Place]:
    """The sentences of one part that are no captions; title and summary are lead, of a text its first sentences."""
    places: list[_Place] = []
    leading = 0
    short = len(text) <= rules.settings.lead_characters and "\n\n" not in text
    for start, end, concepts in _quick_look(text, sentences(text), rules):
        words = text[start:end]
        if CAPTION in concepts:
            continue
        lead = part != "text" or short or leading < rules.settings.lead_sentences
        leading += words.count(" ") > SHORTEST_LEAD
        places.append(_Place(part, text, start, end, lead, rules.screen.may_fire(concepts)))
    return places


def _quick_look(
    text: str, bounds: Sequence[tuple[int, int]], rules: RuleSet
) -> Iterator[tuple[int, int, frozenset[str]]]:
    """Each sentence with its concepts. Some are looked at in one piece first: mostly there is nothing in it."""
    for first in range(0, len(bounds), TOGETHER):
        group = bounds[first : first + TOGETHER]
        together = rules.matcher.concepts_in(text[group[0][0] : group[-1][1]])
        nothing = CAPTION not in together and not rules.screen.may_fire(together)
        for start, end in group:
            yield start, end, frozenset() if nothing else rules.matcher.concepts_in(text[start:end])


def _parts(article: Article) -> list[tuple[Part, str]]:
    parts: list[tuple[Part, str]] = [("title", article.title)]
    if article.summary and article.summary.strip() != article.title.strip():
        parts.append(("summary", article.summary))
    if article.text and article.text.strip() not in (article.title.strip(), article.summary.strip()):
        parts.append(("text", article.text))
    return parts


def names_in(text: str, rules: RuleSet) -> tuple[Named, ...]:
    """What a text of one sentence names."""
    return names_of(rules.names.read(text, "text", (0, len(text)), lead=False))


def add_phrases(sentence: Sentence, rules: RuleSet) -> None:
    """Join terms to phrases, in the order of the rule files: each builds on those before it."""
    for phrase in rules.phrases:
        for pattern in phrase.patterns:
            for match in find(pattern, sentence, phrase.not_between):
                value = phrase.value or next((part.value for part in match if part.value), "")
                kept = [part for part in match if part.concept == phrase.span] or match
                sentence.add(Found(phrase.id, kept[0].start, kept[-1].end, value, phrase.id, parts=tuple(kept)))
