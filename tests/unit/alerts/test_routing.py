"""Which sinks an alert goes to: order, continue, conditions, and that no alert is ever left without a sink."""

from __future__ import annotations

from dataclasses import replace

import pytest
from alerts import ALERT, ARTICLE, BASE, INCIDENT
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.routing import Route, Subject, choose, oddities, subject_of, takes_everything
from monitor.matching.grades import LEVELS

SINKS = ("desk", "ops", "night")
SUBJECT = Subject(
    "fort-a", ("north",), "IQ", "claim", ("drone",), "Example News", "www.news.example", "en-GB", "update"
)


def sinks_of(*routes: Route, subject: Subject = SUBJECT) -> list[str]:
    return [chosen.sink for chosen in choose(subject, routes, SINKS)]


def test_without_routes_every_sink_gets_everything():
    assert sinks_of() == list(SINKS)


def test_the_first_route_that_fits_takes_the_alert():
    assert sinks_of(Route(("night",), country=("SY",)), Route(("ops",), country=("IQ",)), Route(("desk",))) == ["ops"]


def test_a_route_that_goes_on_lets_the_next_ones_take_it_too_and_no_sink_twice():
    first, second = Route(("ops",), goes_on=True), Route(("desk", "ops"), base=("fort-a",))
    assert sinks_of(first, second, Route(("night",))) == ["ops", "desk"]
    assert sinks_of(first, Route(("desk",), base=("fort-b",))) == ["ops"]


def test_what_no_route_takes_goes_to_every_sink_and_says_so():
    chosen = choose(SUBJECT, [Route(("ops",), country=("SY",))], SINKS)
    assert [one.sink for one in chosen] == list(SINKS)
    assert {one.why for one in chosen} == {"no route takes it: it goes to every sink"}


def test_the_route_that_decided_is_told_in_words():
    routes = [Route(("ops",), reason=("new",)), Route(("desk",), country=("IQ", "SY"), confidence="claim")]
    (chosen,) = choose(SUBJECT, routes, SINKS)
    assert chosen.why == "route[2] takes it: country is IQ or SY and confidence is at least claim"


@pytest.mark.parametrize(
    ("fits", "does_not"),
    [
        ({"base": ("x", "fort-a")}, {"base": ("fort-b",)}),
        ({"area": ("north",)}, {"area": ("fort-a",)}),
        ({"country": ("IQ",)}, {"country": ("SY",)}),
        ({"confidence": "rumour"}, {"confidence": "confirmed"}),
        ({"confidence": "claim"}, {"confidence": "confirmed"}),
        ({"severity": "medium"}, {"severity": "high"}),
        ({"severity": "low"}, {"severity": "critical"}),
        ({"weapons": ("rocket", "drone")}, {"weapons": ("rocket",)}),
        ({"source": ("EXAMPLE news",)}, {"source": ("Example",)}),
        ({"source": ("news.example",)}, {"source": ("ews.example",)}),
        ({"language": ("en",)}, {"language": ("e",)}),
        ({"language": ("en-gb",)}, {"language": ("en-US",)}),
        ({"reason": ("new", "update")}, {"reason": ("new",)}),
    ],
)
def test_each_condition_fits_and_does_not(fits, does_not):
    assert sinks_of(Route(("ops",), **fits)) == ["ops"]
    assert sinks_of(Route(("ops",), **does_not), Route(("night",))) == ["night"]


@pytest.mark.parametrize("key", ["base", "area", "country", "weapons", "source", "language"])
def test_what_is_not_known_fits_no_condition(key):
    assert sinks_of(Route(("ops",), **{key: ("x",)}), Route(("night",)), subject=Subject()) == ["night"]


def test_a_subject_is_what_the_alert_is_made_of():
    base = replace(BASE, area="north")
    article = replace(ARTICLE, language="en", url="https://WWW.news.example:443/a")
    subject = subject_of(ALERT, replace(INCIDENT, country=""), article, base)
    assert subject == Subject(
        "fort-a", ("north",), "XX", "claim", ("drone",), "Example News", "www.news.example", "en", "new", "medium", "i1"
    )
    assert subject_of(ALERT, replace(INCIDENT, base=""), replace(article, url="http://[x"), None).host == ""


def test_routes_never_asked_and_sinks_never_named_are_told():
    routes = [Route(("ops",)), Route(("desk",), country=("IQ",))]
    told = oddities(routes, SINKS)
    assert any("route[1] takes every alert" in line for line in told)
    assert any("no route names sink night" in line for line in told)
    assert takes_everything(routes)
    assert oddities([replace(routes[0], goes_on=True), replace(routes[1], sinks=SINKS)], SINKS) == []
    assert oddities([], SINKS) == []
    assert not takes_everything([routes[1]])


WORDS = st.lists(st.sampled_from(["", "fort-a", "north", "IQ", "drone", "en", "new", "news.example"]), max_size=3)
ROUTES = st.builds(
    Route,
    sinks=st.lists(st.sampled_from(SINKS), min_size=1, unique=True).map(tuple),
    **{name: WORDS.map(tuple) for name in ("base", "area", "country", "weapons", "source", "language", "reason")},
    confidence=st.sampled_from(["rumour", "claim", "confirmed"]),
    severity=st.sampled_from(LEVELS),
    goes_on=st.booleans(),
)


@given(st.lists(ROUTES, max_size=5), st.sampled_from([SUBJECT, Subject()]))
def test_whatever_the_routes_every_alert_has_a_sink_and_each_once(routes, subject):
    chosen = [one.sink for one in choose(subject, routes, SINKS)]
    assert chosen
    assert len(set(chosen)) == len(chosen)
    assert set(chosen) <= set(SINKS)
