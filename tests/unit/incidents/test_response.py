"""The attacked side strikes back: told as done, as an answer, and of which attack."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telling import Telling, Told

from monitor.incidents.response import response_in
from monitor.matching import RuleSet, judge, load_rules
from monitor.matching.factwords import FactWords, read_fact_words
from monitor.model import Article

FRIDAY = datetime(2023, 3, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("The US military carried out air strikes in Syria in response to the attack.", "strikes"),
        ("US launches retaliatory strikes in Syria", "strikes"),
        ("In response, US forces conducted precision air strikes on Thursday.", "strikes on 2023-03-23"),
        ("In response to the attack, the coalition struck three depots on Friday.", "strikes on 2023-03-24"),
        ("Drone strike kills US contractor in Syria; US retaliates", "strikes"),
        ("The United States retaliated with airstrikes against two facilities.", "strikes"),
        ("Air strikes were, the Pentagon said, late. American warplanes struck back hours later.", "strikes"),
        ("Pentagon said air strikes were carried out in retaliation for the attack.", "strikes"),
        (
            "Overnight, the Pentagon says it carried out a series of airstrikes in retaliation for the attack.",
            "strikes on 2023-03-23 or 2023-03-24",
        ),
        ("The death toll from retaliatory US strikes has risen to 19.", "strikes"),
        ("US retaliatory airstrikes in Syria killed eight fighters, a monitor said.", "strikes"),
        ("Biden ordered the strikes in retaliation for the killing of a contractor.", "strikes"),
        ("The US bombed two arms depots in Iraq on Monday in reprisal.", "strikes on 2023-03-20"),
        ("Hours after the attack, the US launched retaliatory strikes.", "strikes"),
        ("America strikes back in Syria", "strikes"),
        ("US forces conducted air strikes in retaliation for an attack on Wednesday.", "strikes"),
        (
            "The militia it blames for Wednesday's attack was hit as US forces carried out strikes in response.",
            "strikes",
        ),
        ("US forces carried out strikes on Thursday in response to Wednesday's attack.", "strikes on 2023-03-23"),
        ("US strikes militia in Syria in retaliation for attack on base", "strikes"),
        ("US jets strike militia depots in Syria in response to attack", "strikes"),
    ],
)
def test_a_response_is_found_with_its_day(sentence: str, told: str, words: FactWords):
    found = response_in(sentence, words, FRIDAY.date())
    assert found is not None
    assert found.told == told


@pytest.mark.parametrize(
    "sentence",
    [
        "The US vowed to respond to the attack.",
        "Washington would launch retaliatory strikes if troops were killed, officials warned.",
        "Biden is weighing retaliatory strikes, US officials said.",
        "Trump threatened strikes in retaliation for any attack on US troops.",
        "No decision on retaliatory US strikes has been taken.",
        "The US has not launched strikes in response, the Pentagon said.",
        "The US imposed sanctions in response to the attack.",
        "US retaliates with sanctions",
        "The US called for restraint in response to the strikes.",
        "The US launched strikes on Monday against Islamic State camps.",
        "Rockets hit US base in Syria after US retaliatory airstrikes",
        "Second US base hit in Syria following retaliatory strikes",
        "The attack came in response to a US air strike on Sunday.",
        "Iran proxy forces fired seven rockets at a U.S. base in retaliation to President Biden ordering strikes.",
        "Iran fired missiles at US bases in retaliation for the US strike that killed a general.",
        "Iran fired missiles at US bases in retaliation after the US launched a strike that killed a general.",
        "The nation retaliated for the US strike that killed its commander with missile attacks on bases.",
        "The militia launched strikes on US bases in response to the killing of its commander.",
        "The Pentagon confirmed that the base was hit by missile strikes in retaliation for the killing.",
        "The crisis that escalated with an American retaliatory strike began in December.",
        "US strikes could follow in response, officials said.",
        "After US strikes Iran fired missiles at bases in retaliation.",
        "Iran vows answer in retaliation for US strikes",
        "The rockets came in response to US strikes last week.",
        "The US base was struck by drones in retaliation.",
        "US base hit in retaliation, militia says",
        "US-backed fighters launched strikes in response, a monitor said.",
        "Israel struck back at targets in Syria.",
        "US troops responded to the fire alarm.",
    ],
)
def test_threats_plans_background_and_deeds_of_others_are_no_response(sentence: str, words: FactWords):
    assert response_in(sentence, words, FRIDAY.date()) is None


def test_after_the_attack_ties_a_deed_to_it_where_the_sentence_tells_of_it(words: FactWords):
    sentence = "US carries out airstrikes in Syria after drone attack kills contractor"
    attack = [(sentence.index("drone"), sentence.index(" kills"))]
    assert response_in(sentence, words, FRIDAY.date()) is None
    assert response_in(sentence, words, FRIDAY.date(), attack) is not None


def test_another_topic_has_its_own_words():
    words = read_fact_words(
        {
            "response": {
                "by": ["the port authority"],
                "shown": "boarding",
                "did": ["sent"],
                "nouns": ["boarding teams"],
                "ties": ["in response"],
            }
        }
    )
    found = response_in("In response, the port authority sent two boarding teams on Friday.", words, FRIDAY.date())
    assert found is not None
    assert found.told == "boarding on 2023-03-24"
    assert response_in("In response, US forces conducted air strikes.", words, FRIDAY.date()) is None


@given(st.text(max_size=200))
def test_any_text_is_read_without_error(text: str):
    assert response_in(text, FactWords(), date(2023, 3, 24)) is None


# --- which attack it answers ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def rules(root: Path) -> RuleSet:
    return load_rules(root / "rules")


@pytest.fixture
def telling(rules: RuleSet) -> Telling:
    """A drone attack with one dead at a base near Hasakah, and rockets on another base a day later."""
    told = Telling(rules)
    tell(told, 0, "Drone kills US contractor at base near Hasakah in Syria on Thursday", hour=1)
    tell(told, 1, "Rockets hit US base at al-Omar in Syria on Friday", hour=8)
    return told


def tell(telling: Telling, number: int, title: str, summary: str = "", *, day: int = 24, hour: int = 12) -> Told:
    at = FRIDAY.replace(day=day, hour=hour)
    return telling.tell(Article(f"e{number}", title, summary, source=f"s{number}", published_at=at, seen_at=at))


def places(told: Told) -> list[tuple[str, tuple[tuple[str, str, str], ...]]]:
    where = {incident.id: incident.base or incident.area for incident in told.considered.incidents}
    return [(where[alert.incident_id], alert.changes) for alert in told.speech.alerts]


def test_a_response_is_told_of_the_attack_that_it_names(telling: Telling):
    told = tell(
        telling,
        2,
        "US launches air strikes in Syria in response to drone attack that killed contractor near Hasakah",
        "The strikes were carried out late on Thursday, the Pentagon said.",
    )
    assert (told.speech.reason, len(telling.incidents)) == ("update", 2)
    ((place, changes),) = places(told)
    assert place == "hasakah"
    assert ("response", "", "strikes") in changes


def test_its_fact_has_the_source_and_the_sentence(telling: Telling):
    told = tell(
        telling,
        2,
        "US contractor killed by drone at base near Hasakah in Syria",
        "The attack came on Thursday. In response, US forces conducted air strikes overnight.",
    )
    (fact,) = (fact for _incident, fact in told.considered.facts if fact.slot == "response")
    assert (fact.value, fact.source) == ("strikes on 2023-03-23 or 2023-03-24", "s2")
    assert fact.sentence == "In response, US forces conducted air strikes overnight."


def test_the_same_response_speaks_once(telling: Telling):
    title = "US launches air strikes in Syria in response to drone attack that killed contractor near Hasakah"
    assert tell(telling, 2, title).speech.reason == "update"
    assert tell(telling, 3, title.replace("launches", "conducts"), "More was not said.").speech.reason == "repeat"


def test_an_article_that_only_repeats_a_response_is_no_report_of_the_attack(telling: Telling):
    said = "The US carried out air strikes in response to drone attacks on its base near Hasakah in Syria"
    first = tell(telling, 2, "US envoy cancels flight", f"{said}.")
    again = tell(telling, 3, "US troops deployed to region after embassy siege", f"{said}, in the desert of the east.")
    assert first.speech.reason == "update"
    assert (again.speech.reason, again.considered.flagged) == ("none", False)


def test_a_response_to_an_attack_of_last_week_is_told(rules: RuleSet):
    telling = Telling(rules)
    tell(telling, 0, "Rockets kill US contractor at base near Hasakah in Syria on Thursday", day=17)
    told = tell(
        telling,
        1,
        "US troops deployed to region after embassy siege",
        "The US carried out air strikes in response to a rocket attack that killed a US contractor at a base near "
        "Hasakah in Syria last week.",
    )
    assert told.speech.reason == "update"
    assert places(told) == [("hasakah", (("response", "", "strikes"),))]


def test_a_response_opens_nothing(rules: RuleSet):
    for number, title in enumerate(
        (
            "US launches retaliatory strikes on militia in Syria",
            "US strikes Iran-linked sites in Syria in response to attacks on American troops",
            "Pentagon says it struck militia depots in Iraq",
        )
    ):
        told = tell(Telling(rules), number, title)
        assert (told.speech.reason, told.considered.incidents) == ("none", ())


def test_a_response_without_its_attack_is_told_of_none(telling: Telling):
    told = tell(
        telling, 2, "US launches retaliatory strikes on militia in Syria", "Nineteen were killed, a monitor said."
    )
    assert told.speech.alerts == ()


def test_what_came_before_the_attack_does_not_answer_it(telling: Telling):
    told = tell(telling, 2, "Rockets hit US base at al-Omar in Syria after retaliatory US strikes on Thursday")
    assert all(fact.slot != "response" for _incident, fact in told.considered.facts)


def test_a_response_of_an_earlier_day_answers_another_attack(rules: RuleSet):
    article = Article(
        "entry",
        "Rockets hit US base at al-Omar in Syria on Friday",
        "US forces had conducted air strikes. On Wednesday the US bombed depots in retaliation.",
        published_at=FRIDAY,
        seen_at=FRIDAY,
    )
    told = Telling(rules).tell(article)
    assert judge(article, rules).flagged
    assert all(fact.slot != "response" for _incident, fact in told.considered.facts)
