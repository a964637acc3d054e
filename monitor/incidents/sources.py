"""Who stands behind a report: outlets of one owner, and copies of one text, are one source."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.matching.factwords import FactWords
from monitor.model import Fact


def have_two_sources(facts: Iterable[Fact], words: FactWords) -> bool:
    """True where two independent sources report an incident; a copy has no fact of the slot "report"."""
    sources = (source_behind(fact, words) for fact in facts if fact.slot == "report")
    first = next(sources, None)
    return any(source != first for source in sources)


def source_behind(fact: Fact, words: FactWords) -> str:
    """The owner of the outlet where the rules name one, else its site, or its name where another site carries it."""
    name = fact.source.casefold()
    owner = words.owners.get(name)
    if owner or not fact.host:
        return owner or name or fact.entry_id
    within = _hosts_above(fact.host.casefold())
    if name and any(host in words.carriers for host in within):
        return name
    return next((words.owners[host] for host in within if host in words.owners), within[0])


def _hosts_above(host: str) -> list[str]:
    """A host and those above it: news.site.example, site.example, example."""
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]
