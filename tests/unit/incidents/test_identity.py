"""Which mention joins which incident, and which opens one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.incidents.evolve import days_of, incident_id, opened, updated
from monitor.incidents.identity import score_weapons
from monitor.incidents.link import link
from monitor.matching.factwords import WeaponKinds
from monitor.model import Incident, Mention

NOON = datetime(2023, 3, 24, 12, tzinfo=UTC)
TODAY = NOON.date()
YESTERDAY = TODAY - timedelta(days=1)
KINDS = WeaponKinds(alike=frozenset({"rocket", "missile"}))


def mention(base: str = "north", day: date | None = TODAY, **known: object) -> Mention:
    """A mention that dates its attack itself."""
    values: dict[str, object] = {"area": "", "country": "SY", "date_source": "sentence", "weapons": ("drone",)}
    return Mention(base=base, date_from=day, date_to=day, **(values | known))  # type: ignore[arg-type]


def undated(base: str = "", **known: object) -> Mention:
    """A mention that names no day: it was published today."""
    told = mention(base, **({"date_source": "publication"} | known))
    return replace(told, date_from=YESTERDAY, date_to=TODAY)


def incident(*reports: Mention, name: str = "first", seen_at: datetime = NOON - timedelta(hours=2)) -> Incident:
    found = opened(name, reports[0], (), seen_at)
    for report in reports[1:]:
        found = updated(found, report, (), seen_at)
    return found


def how(told: Mention, *known: Incident, now: datetime = NOON) -> list[tuple[str, str]]:
    links = link([told], known, now, KINDS, entry_id="entry")
    return [(found.how, found.incident_id if found.how != "opens" else "") for found in links]


def test_the_first_report_opens_an_incident():
    assert how(mention()) == [("opens", "")]


def test_another_report_of_the_same_base_and_day_joins():
    assert how(mention(), incident(mention())) == [("joins", "first")]


def test_another_base_on_the_same_day_opens():
    assert how(mention("south"), incident(mention("north"))) == [("opens", "")]


def test_another_country_opens():
    assert how(undated(country="IQ"), incident(undated(country="SY"))) == [("opens", "")]


def test_a_day_apart_with_another_weapon_opens():
    first = incident(mention("", YESTERDAY, weapons=("drone",), killed=1))
    assert how(mention("", TODAY, weapons=("rocket",)), first) == [("opens", "")]


@pytest.mark.parametrize("source", ["sentence", "inherited"])
def test_the_evening_after_an_attack_on_the_same_base_is_spoken_of(source: str):
    """The day may stand beside the attack or in the sentence behind it: it is stated all the same."""
    evening = replace(mention(day=TODAY, date_source=source), date_to=TODAY + timedelta(days=1))
    assert ("opens", "") in how(evening, incident(mention(day=YESTERDAY)))


def test_a_vague_report_does_not_hide_that_the_stated_days_contradict():
    known = incident(mention(day=YESTERDAY), undated("north"))
    assert ("opens", "") in how(mention(day=TODAY), known)
    assert how(undated("north"), known) == [("joins", "first")]


def test_two_days_apart_opens_even_on_the_same_base():
    assert how(mention("north", TODAY - timedelta(days=2)), incident(mention("north", TODAY)))[0][0] == "opens"


def test_what_a_report_leaves_out_is_no_conflict():
    assert how(undated(country="SY", weapons=()), incident(mention("north"))) == [("joins", "first")]


def test_vague_reports_do_not_hide_what_the_others_know():
    known = [mention("", YESTERDAY, weapons=("drone",), killed=1) for _ in range(4)]
    vague = [undated(weapons=()) for _ in range(6)]
    rockets = mention("", TODAY, weapons=("rocket",), count=7)
    assert how(rockets, incident(*known, *vague)) == [("opens", "")]


def test_rocket_and_missile_are_told_apart_late():
    assert how(undated(weapons=("missile",)), incident(undated(weapons=("rocket",)))) == [("joins", "first")]


def test_of_two_attacks_the_weapon_decides():
    drones = incident(mention("", YESTERDAY, weapons=("drone",)), name="drones")
    rockets = incident(mention("", TODAY, weapons=("rocket",)), name="rockets")
    assert how(undated(weapons=("drone",)), drones, rockets) == [("joins", "drones")]
    assert how(undated(weapons=("rocket",)), drones, rockets) == [("joins", "rockets")]


def test_another_attack_on_an_unnamed_base_is_spoken_of():
    found = how(undated(again=True), incident(undated()))
    assert found[0][0] == "opens"


def test_the_second_report_of_another_attack_joins_it():
    second = incident(mention("", TODAY, again=True))
    assert how(mention("", TODAY, again=True), second) == [("joins", "first")]


def test_a_second_strike_on_one_base_on_one_day_is_split_by_count_weapon_and_again():
    first = incident(mention("north", weapons=("drone",), count=3))
    later = mention("north", weapons=("rocket",), count=20, again=True)
    assert how(later, first)[0][0] == "opens"


def test_background_never_opens_and_may_link():
    old = mention("north", background=True)
    assert how(old) == []
    assert how(old, incident(mention("north"))) == [("background", "first")]


def test_an_undated_story_of_the_dead_of_last_week_is_a_follow_up():
    week_ago = NOON - timedelta(days=6)
    old = incident(mention("", week_ago.date(), killed=3), seen_at=week_ago)
    assert how(undated(killed=3), old) == [("background", "first")]
    assert how(undated(killed=3, again=True), old)[0][0] == "opens"
    assert how(undated(killed=2), old)[0][0] == "opens"


def test_an_incident_without_reports_for_weeks_takes_none():
    old = incident(mention("north"), seen_at=NOON - timedelta(days=30))
    assert how(mention("north"), old) == [("opens", "")]


def test_an_attack_told_without_its_base_belongs_to_the_whole_wave():
    wave = [
        incident(mention("north", weapons=("missile",)), name="n"),
        incident(mention("south", weapons=("missile",)), name="s"),
    ]
    assert sorted(how(mention("", weapons=("missile",)), *wave)) == [("joins", "n"), ("joins", "s")]


def test_two_attacks_of_two_days_are_no_wave():
    two = [incident(mention("north", YESTERDAY), name="n"), incident(mention("south", TODAY), name="s")]
    assert len(how(undated(), *two)) == 1


def test_a_copy_joins_whatever_its_count_but_not_another_base():
    first = incident(mention("north", count=2))
    other = incident(mention("south"), name="other")
    (joined,) = link([mention("north", count=9, weapons=("rocket",))], [first, other], NOON, KINDS, copy_of="first")
    assert (joined.how, joined.incident_id) == ("joins", "first")
    (moved,) = link([mention("south")], [first, other], NOON, KINDS, copy_of="first")
    assert (moved.how, moved.incident_id) == ("joins", "other")


def test_an_unnamed_incident_takes_the_base_that_a_report_names():
    known = updated(incident(undated()), mention("north"), (), NOON)
    assert (known.base, known.country) == ("north", "SY")
    assert how(mention("south"), known)[0][0] == "opens"


def test_a_region_is_no_conflict_with_a_base_in_it():
    assert how(mention("", area="valley"), incident(mention("north", area="valley"))) == [("joins", "first")]
    assert how(mention("", area="hills"), incident(mention("north", area="valley")))[0][0] == "opens"


def test_a_base_of_no_area_is_in_none_of_those_that_are_known():
    unnamed = incident(mention("", area="valley"))
    assert how(mention("north"), unnamed)[0][0] == "opens"
    assert how(mention("", area="valley"), incident(mention("north")))[0][0] == "opens"
    assert how(mention("north"), incident(mention(""))) == [("joins", "first")]


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([mention(day=TODAY)], (TODAY, TODAY)),
        ([undated()], (YESTERDAY, TODAY)),
        ([undated(), mention(day=YESTERDAY)], (YESTERDAY, YESTERDAY)),
        ([mention(day=YESTERDAY), mention(day=TODAY)], (YESTERDAY, TODAY)),
        ([mention(day=TODAY), mention(day=TODAY), mention(day=TODAY), mention(day=YESTERDAY)], (TODAY, TODAY)),
        ([mention(day=None, date_source="none")], (None, None)),
    ],
)
def test_reports_vote_for_the_day(reports: list[Mention], expected: tuple[date | None, date | None]):
    assert days_of(reports) == expected


def days(first: int, last: int, source: str = "sentence") -> Mention:
    """A report of an attack on one of these days before today."""
    return replace(
        mention(date_source=source), date_from=TODAY - timedelta(days=first), date_to=TODAY - timedelta(days=last)
    )


@pytest.mark.parametrize(
    ("first", "later", "expected"),
    [
        (days(1, 0), [days(1, 1)], (1, 1)),  # late Sunday; Sunday
        (days(1, 0), [days(0, 0)], (0, 0)),  # overnight; early Monday
        (days(1, 1), [days(1, 0)] * 15, (1, 1)),  # Sunday; many of the night
        (days(6, 0), [days(3, 3)], (3, 3)),  # this week; Thursday
        (days(6, 0), [days(6, 0)], (6, 0)),  # this week, twice
        (days(1, 0, "reporting"), [days(0, 0)], (0, 0)),  # said Monday; Monday
        (days(1, 0, "publication"), [days(1, 1)], (1, 1)),
        (days(2, 2), [days(1, 0, "publication")] * 15, (2, 2)),  # Saturday; much that names no day
        (days(2, 1), [days(1, 0, "publication")] * 15, (2, 1)),
        (days(2, 1, "publication"), [days(1, 0, "publication")] * 15, (2, 1)),
        (days(1, 1), [days(0, 0)], (1, 0)),  # honest reports of two time zones
        (days(2, 2), [days(2, 2)] * 14 + [days(1, 1)], (2, 2)),
    ],
)
def test_later_reports_narrow_the_days_and_never_blur_them(
    first: Mention, later: list[Mention], expected: tuple[int, int]
):
    found = incident(first, *later)
    assert (found.date_from, found.date_to) == tuple(TODAY - timedelta(days=back) for back in expected)


def test_today_said_late_may_be_tomorrow_until_a_report_names_the_day():
    late = NOON.replace(hour=22)
    known = opened("id", mention(day=TODAY), (), late)
    tomorrow = TODAY + timedelta(days=1)
    assert (known.date_from, known.date_to) == (TODAY, tomorrow)
    undecided = updated(known, undated(), (), late + timedelta(hours=1))
    assert (undecided.date_from, undecided.date_to) == (TODAY, tomorrow)
    certain = updated(undecided, mention(day=TODAY), (), late + timedelta(hours=12))
    assert (certain.date_from, certain.date_to) == (TODAY, TODAY)


def test_a_day_that_is_known_is_not_blurred_by_a_late_report_without_one():
    known = opened("id", mention(day=TODAY), (), NOON)
    later = updated(known, undated(), (), NOON.replace(hour=22))
    assert (later.date_from, later.date_to) == (TODAY, TODAY)


def test_a_repeated_decision_gives_the_same_id_and_another_base_another():
    assert incident_id("entry", mention()) == incident_id("entry", mention())
    assert incident_id("entry", mention()) != incident_id("entry", mention("south"))
    assert incident_id("entry", mention()) != incident_id("other", mention())


MENTIONS = st.builds(
    mention,
    base=st.sampled_from(["", "north", "south"]),
    day=st.sampled_from([YESTERDAY, TODAY, None]),
    country=st.sampled_from(["", "SY", "IQ"]),
    weapons=st.sampled_from([(), ("drone",), ("rocket", "missile")]),
    count=st.sampled_from([None, 1, 3]),
    killed=st.sampled_from([None, 0, 2]),
    again=st.booleans(),
    background=st.booleans(),
    date_source=st.sampled_from(["sentence", "publication", "reporting"]),
)


@given(st.lists(MENTIONS, max_size=6), st.lists(MENTIONS, max_size=4))
def test_links_do_not_depend_on_the_order_of_candidates(known: list[Mention], told: list[Mention]):
    incidents = [incident(one, name=f"i{number}") for number, one in enumerate(known)]
    forward = link(told, incidents, NOON, KINDS, entry_id="entry")
    assert forward == link(told, incidents[::-1], NOON, KINDS, entry_id="entry")


@given(MENTIONS, st.lists(MENTIONS, max_size=6))
def test_news_is_never_lost(told: Mention, known: list[Mention]):
    """Every fresh mention opens an incident, joins one, or retells an old one; background opens none."""
    incidents = [incident(one, name=f"i{number}") for number, one in enumerate(known)]
    found = [one.how for one in link([told], incidents, NOON, KINDS, entry_id="entry")]
    if told.background:
        assert set(found) <= {"background"}
    else:
        assert found


@given(st.lists(MENTIONS, min_size=1, max_size=20))
def test_an_incident_keeps_bounded_reports_and_an_interval_of_two_days_at_most(reports: list[Mention]):
    found = incident(*reports)
    assert len(found.reports) <= 12
    if found.date_from is not None and found.date_to is not None:
        assert timedelta(0) <= found.date_to - found.date_from <= timedelta(days=1)


def test_reports_are_kept_newest_last():
    found = incident(*(replace(mention(), score=float(number)) for number in range(20)))
    assert found.reports[-1].score == 19


FIRE = (("ghent", 0.8), ("harbour", 0.6))
SAME_FIRE = (("ghent", 0.8), ("warehouse", 0.6))
OTHER_FIRE = (("lyon", 0.8), ("school", 0.6))


def told_nowhere(words: tuple[tuple[str, float], ...], **known: object) -> Mention:
    return undated(country="", weapons=(), words=words, **known)


def test_events_of_one_day_that_name_no_place_stay_apart_by_their_words():
    assert how(told_nowhere(OTHER_FIRE), incident(told_nowhere(FIRE))) == [("opens", "")]


def test_reports_that_name_no_place_join_by_their_words():
    known = incident(told_nowhere(FIRE), name="fire"), incident(told_nowhere(OTHER_FIRE), name="other")
    assert how(told_nowhere(SAME_FIRE), *known) == [("joins", "fire")]


def test_as_many_dead_as_in_another_event_are_no_old_story():
    """Two dead in a fire days ago do not silence two dead in another one."""
    before = incident(told_nowhere(FIRE, killed=2), seen_at=NOON - timedelta(days=4))
    assert how(told_nowhere(OTHER_FIRE, killed=2), before) == [("opens", "")]


def test_words_do_not_count_where_a_place_is_named():
    here = replace(undated(), words=FIRE)
    assert how(replace(undated(), words=OTHER_FIRE), incident(here)) == [("joins", "first")]


def test_reports_stored_without_words_are_neither_alike_nor_unlike():
    assert how(told_nowhere(FIRE), incident(told_nowhere(()))) == [("joins", "first")]


def test_which_kinds_of_weapons_are_alike_stands_in_the_rules():
    rocket = incident(mention(weapons=("rocket",)))
    assert link([mention(weapons=("missile",))], [rocket], NOON, KINDS, entry_id="entry")[0].how == "joins"
    alike, strange = (
        score_weapons(("pistol",), ("rifle",), kinds) for kinds in (WeaponKinds(frozenset({"pistol", "rifle"})), KINDS)
    )
    assert strange < 0 < alike
