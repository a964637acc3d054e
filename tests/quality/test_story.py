"""A scripted story: one attack in sixty articles, and fifteen attacks in a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from telling import Telling, Told

from monitor.matching import RuleSet, load_rules
from monitor.model import Article, Incident

START = datetime(2024, 5, 7, 6, tzinfo=UTC)  # a Tuesday

CLAIM = (
    "Militia says it struck US base at al-Tanf in Syria with drones",
    """The Islamic Resistance in Iraq said on Tuesday that its fighters attacked the US base at al-Tanf in Syria with
    two drones. The statement was posted on its channel in the morning and gave no further details about the strike.""",
)
REPEATS = (
    (
        "Drones target US base in Syria, group claims",
        """Two drones targeted the US garrison at al-Tanf in Syria on Tuesday, the Islamic Resistance claimed.""",
    ),
    (
        "US base at al-Tanf comes under drone attack",
        """A drone attack hit the al-Tanf base in southern Syria, where American troops are stationed, on Tuesday.""",
    ),
    (
        "Drone attack on American troops in Syria",
        """American troops at the al-Tanf base in Syria came under a drone attack on Tuesday, a war monitor said.""",
    ),
    (
        "US forces in Syria attacked by drones",
        """US forces in Syria were attacked by two drones on Tuesday at al-Tanf, near the border with Jordan.""",
    ),
)
CONFIRMATION = (
    "Pentagon confirms drone attack on al-Tanf base in Syria",
    """The Pentagon confirmed on Tuesday that two drones attacked the al-Tanf base in Syria, where American troops train
    local forces. Damage was being assessed, a spokesman told reporters in Washington at the daily briefing.""",
)
TWO_WOUNDED = (
    "Two US soldiers wounded in drone attack on base in Syria",
    """Two American soldiers were wounded when drones attacked the al-Tanf base in Syria on Tuesday, the Pentagon said.
    Both have returned to duty after treatment, it added in a short update late in the day.""",
)
MANY_WOUNDED = (
    "24 US troops wounded in Tuesday's drone attack in Syria, Pentagon says",
    """A total of 24 American troops were wounded in Tuesday's drone attack on the al-Tanf base in Syria, the Pentagon
    said. Most suffered traumatic brain injuries that showed only hours later, according to its spokesman.""",
)
CORRECTION = (
    "Pentagon corrects toll of drone attack on base in Syria to 22 wounded",
    """The Pentagon on Wednesday corrected the toll of Tuesday's drone attack on the al-Tanf base in Syria: 22 American
    troops were wounded. Two of them had been counted twice, it said, and apologised for its earlier figure.""",
)
RESPONSE = (
    "US strikes militia in Syria after drone attack on al-Tanf",
    """The US military carried out air strikes on Tuesday night in response to the drone attack on the al-Tanf base in
    Syria, the Pentagon said. The jets hit two depots of the group, it added, and all of them returned.""",
)
DENIAL = (
    "Damascus denies drone attack on US base at al-Tanf",
    """The Syrian government denied that a drone attack on the US base at al-Tanf in Syria took place on Tuesday. It
    called the reports inventions that serve to justify the presence of foreign troops in the country.""",
)
FOOTER = (
    " Subscribe to our newsletter for the latest headlines from the region, and follow us wherever you read the news."
)

# (hours after the start, headline and text, what it must say)
TELLING = (
    (0, CLAIM, "new"),
    (3, CONFIRMATION, "update"),
    (8, TWO_WOUNDED, "update"),
    (14, DENIAL, "update"),
    (20, RESPONSE, "update"),
    (26, MANY_WOUNDED, "update"),
    (33, CORRECTION, "update"),
)
LENGTH = 60


def story() -> list[tuple[Article, str]]:
    """Sixty articles over two days: what is new, and between it repeats, re-wordings and copies."""
    told: list[tuple[float, tuple[str, str], str]] = [(hour, words, reason) for hour, words, reason in TELLING]
    fill = 0
    while len(told) < LENGTH:
        hour = 0.5 + fill * 0.7
        known = [words for at, words, _ in TELLING if at < hour]
        if fill % 3 == 0:
            title, text = known[-1 - fill % len(known)]
            told.append((hour, (title, text + FOOTER), "repeat"))
        else:
            told.append((hour, REPEATS[fill % len(REPEATS)], "repeat"))
        fill += 1
    told.sort(key=lambda item: item[0])
    return [
        (
            Article(
                id=f"story-{number}",
                title=title,
                summary=" ".join(text.split()),
                source=f"outlet{number}.example",
                language="en",
                published_at=START + timedelta(hours=hour),
                seen_at=START + timedelta(hours=hour),
            ),
            expected,
        )
        for number, (hour, (title, text), expected) in enumerate(told)
    ]


def run(articles: Sequence[Article], rules: RuleSet) -> tuple[list[Told], dict[str, Incident]]:
    """Tell articles in order; what came of each, and the incidents at the end."""
    telling = Telling(rules)
    return [telling.tell(article) for article in articles], telling.incidents


@pytest.fixture(scope="module")
def rules(root: Path) -> RuleSet:
    return load_rules(root / "rules")


def test_one_attack_in_sixty_articles(rules: RuleSet):
    told = story()
    found, incidents = run([article for article, _ in told], rules)
    assert len(incidents) == 1
    wrong = [
        (article.title, one.speech.reason, one.considered.changes, expected)
        for (article, expected), one in zip(told, found, strict=True)
        if one.speech.reason != expected
    ]
    assert wrong == []


def test_the_updates_of_the_story_name_old_and_new(rules: RuleSet):
    found, incidents = run([article for article, _ in story()], rules)
    (incident,) = incidents.values()
    changes = [change for one in found for alert in one.speech.alerts for change in alert.changes]
    assert incident.base == "al-tanf"
    assert ("wounded", "", "2") in changes
    assert ("wounded", "2", "24") in changes
    assert ("wounded", "24", "22") in changes
    assert [slot for slot, _old, _new in changes].count("confirmed_by") == 1
    assert [slot for slot, _old, _new in changes].count("denied_by") == 1
    assert [change for change in changes if change[0] == "response"] == [
        ("response", "", "strikes on 2024-05-07 or 2024-05-08")
    ]


def test_a_rewording_of_everything_known_says_nothing(rules: RuleSet):
    told = [article for article, _ in story()]
    again = [
        Article(
            f"again-{number}", title, summary=" ".join(text.split()), source="late.example", published_at=at, seen_at=at
        )
        for number, (title, text) in enumerate(
            (CLAIM, CONFIRMATION, TWO_WOUNDED, DENIAL, RESPONSE, MANY_WOUNDED, *REPEATS)
        )
        if (at := START + timedelta(hours=40 + number))
    ]
    found, _ = run([*told, *again], rules)
    assert [one.speech.reason for one in found[len(told) :]] == ["repeat"] * len(again)


def test_fifteen_attacks_in_a_day_are_fifteen_alerts(rules: RuleSet):
    bases = [base for base in rules.bases.values() if base.kind == "base"][:15]
    articles = [
        Article(
            f"many-{number}",
            f"Rockets hit US base at {base.name}",
            summary=f"Rockets hit {base.name}, which houses American troops, on Tuesday.",
            source="wire.example",
            published_at=START + timedelta(minutes=20 * number),
            seen_at=START + timedelta(minutes=20 * number),
        )
        for number, base in enumerate(bases)
    ]
    found, incidents = run(articles, rules)
    assert [one.speech.reason for one in found] == ["new"] * len(bases)
    assert {incident.base for incident in incidents.values()} == {base.id for base in bases}
