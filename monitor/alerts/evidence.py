"""Which words of an article speak for one incident: an article on ten attacks has other evidence for each. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.model import Article, Evidence, Hit, Incident, Judgement, Link, Span


def evidence_for(
    article: Article, judgement: Judgement, links: Iterable[Link], incident: Incident
) -> tuple[Evidence, ...]:
    """The evidence for one incident: the sentences that name its base, else those in which it was found.

    All evidence of the article where no sentence can be told apart.
    """
    told = {squeezed(link.mention.sentence) for link in links if link.incident_id == incident.id}
    naming = [hit for hit in judgement.hits if incident.base and names(hit, incident.base)]
    telling = [hit for hit in judgement.hits if squeezed(sentence_of(article, hit)) in told]
    found = [
        Evidence(hit.rule, term.concept, term.text, sentence_of(article, hit))
        for hit in sorted(naming or telling, key=lambda hit: not hit.fresh)
        for term in hit.terms
        if inside(term.span, hit.sentence)
    ]
    return tuple(found) or judgement.evidence


def names(hit: Hit, base: str) -> bool:
    """True where the hit's own sentence names the base; a neighbouring sentence may have lent it."""
    return any(term.value == base and inside(term.span, hit.sentence) for term in hit.terms)


def inside(span: Span, sentence: Span) -> bool:
    """True where a span lies in a sentence of the same part."""
    return span.part == sentence.part and sentence.start <= span.start and span.end <= sentence.end


def sentence_of(article: Article, hit: Hit) -> str:
    """The sentence of a hit as written."""
    part = {"title": article.title, "summary": article.summary, "text": article.text}[hit.sentence.part]
    return part[hit.sentence.start : hit.sentence.end].strip()


def squeezed(text: str) -> str:
    """Text with each run of blanks as one."""
    return " ".join(text.split())
