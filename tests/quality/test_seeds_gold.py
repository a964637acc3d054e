"""The five seeds give the attacks that an attentive reader takes from them, and no other news."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from monitor.incidents import consider, extract_mentions
from monitor.matching import RuleSet, judge, load_rules
from monitor.model import Article, Incident, Mention


def seeds(root: Path) -> list[Article]:
    manifest = tomllib.loads((root / "seeds" / "manifest.toml").read_text(encoding="utf-8"))["seed"]
    return [
        Article(
            id=seed["file"],
            title=seed["title"],
            text=(root / "seeds" / seed["file"]).read_text(encoding="utf-8"),
            source=seed["source"],
            language=seed["language"],
            published_at=datetime.combine(seed["published"], time(23), UTC),
            seen_at=datetime.combine(seed["published"], time(23), UTC),
        )
        for seed in manifest
    ]


@pytest.fixture(scope="module")
def rules(root: Path) -> RuleSet:
    return load_rules(root / "rules")


@pytest.fixture(scope="module")
def gold(corpus: Path) -> dict[str, list[dict[str, Any]]]:
    """Attacks by seed file: base, area or us-position:COUNTRY; date or month; background or news."""
    table = tomllib.loads((corpus / "seed_gold.toml").read_text(encoding="utf-8"))
    return {seed["file"]: seed["incidents"] for seed in table["seed"]}


@pytest.fixture(scope="module")
def found(root: Path, rules: RuleSet) -> dict[str, tuple[tuple[Mention, ...], tuple[Incident, ...]]]:
    """Mentions and incidents by seed file, each seed considered alone."""
    told = {}
    for article in seeds(root):
        judgement = judge(article, rules)
        told[article.id] = (
            extract_mentions(article, judgement, rules),
            consider(article, judgement, rules, []).incidents,
        )
    return told


def names(incident: Incident) -> str:
    return incident.base or incident.area or f"us-position:{incident.country}"


@pytest.mark.corpus
def test_every_attack_stated_with_base_and_date_becomes_an_incident(gold, found):
    missing = []
    for file, attacks in gold.items():
        incidents = found[file][1]
        for attack in attacks:
            day = attack.get("date", "")
            if attack.get("background") or len(day) < 10:
                continue
            fitting = [
                incident
                for incident in incidents
                if names(incident) == attack["base"]
                and incident.date_from is not None
                and incident.date_to is not None
                and incident.date_from <= date.fromisoformat(day) <= incident.date_to
                and (incident.date_to - incident.date_from).days <= 1
            ]
            missing += [] if fitting else [(file, attack)]
    assert missing == []


@pytest.mark.corpus
def test_no_incident_beyond_those_a_reader_finds(gold, found):
    extra = [
        (file, names(incident), str(incident.date_from))
        for file, attacks in gold.items()
        for incident in found[file][1]
        if names(incident) not in {attack["base"] for attack in attacks if not attack.get("background")}
    ]
    assert extra == []


@pytest.mark.corpus
def test_no_base_becomes_two_incidents_of_one_seed(found):
    for _mentions, incidents in found.values():
        told = [names(incident) for incident in incidents]
        assert len(told) == len(set(told))


@pytest.mark.corpus
def test_undated_attacks_on_named_bases_are_found_too(gold, found):
    wanted = {
        (file, attack["base"]) for file, attacks in gold.items() for attack in attacks if not attack.get("background")
    }
    told = {(file, names(incident)) for file, (_mentions, incidents) in found.items() for incident in incidents}
    print(f"seed attacks found: {len(wanted & told)} of {len(wanted)}")
    assert wanted - told == set()


@pytest.mark.corpus
def test_facts_of_the_seeds(found):
    facts = {
        (file[:3], mention.base or mention.area): mention
        for file, (mentions, _incidents) in found.items()
        for mention in mentions
        if not mention.background
    }
    assert (facts["000", "al-tanf"].killed, facts["000", "al-tanf"].wounded) == (0, 0)
    assert (facts["001", "hasakah"].killed, facts["001", "hasakah"].wounded) == (1, 6)
    assert facts["002", "al-tanf"].claimed_by == "Islamic Resistance in Iraq"
    assert facts["002", "al-tanf"].confirmed_by
    assert (facts["002", "al-tanf"].count, facts["002", "al-tanf"].weapons) == (2, ("drone",))
    assert facts["004", "al-tanf"].count == 3


@pytest.mark.corpus
def test_the_seed_spelling_of_a_base_counts_as_the_base(found):
    assert "conoco" in {incident.base for incident in found["004_964a8d7c985385b3.txt"][1]}
