"""Mistakes in routes: all at once, each with its line and the nearest valid name."""

from __future__ import annotations

import pytest

from monitor.config import load
from monitor.config.schema import SalvoEntry
from monitor.errors import ConfigError

BASE = '[[feed]]\nurl = "https://news.example/rss"\n[[sink]]\nname = "desk"\nkind = "console"\n'


def read(tmp_path, text):
    file = tmp_path / "basewatch.toml"
    file.write_text(BASE + text)
    return load(file, {}, need_secrets=False)


def test_a_route_is_read_and_asks_nothing_where_nothing_stands(tmp_path):
    text = '[[route]]\nsinks = ["desk"]\ncountry = ["IQ"]\ncontinue = true\n[[route]]\nsinks = ["desk"]\n'
    first, second = read(tmp_path, text).routes
    assert (first.country, first.goes_on, first.confidence) == (["IQ"], True, "rumour")
    assert (second.base, second.goes_on) == ([], False)


@pytest.mark.parametrize(
    ("route", "told"),
    [
        ('sinks = ["dask"]', "line 7: route[1].sinks: there is no sink 'dask'; did you mean desk?"),
        ('sinks = ["zzz"]', "there is no sink 'zzz'; there are desk"),
        ('sinks = ["desk", "desk"]', "names desk twice"),
        ("sinks = []", "route[1].sinks: must not be empty"),
        ("base = []", "route[1].sinks: is missing"),
        ('sinks = ["desk"]\nbase = "al-tanf"', "line 8: route[1].base: must be a list"),
        ('sinks = ["desk"]\nbase = [""]', "must not be empty"),
        ('sinks = ["desk"]\ncountry = ["Iraq"]', "must be two capital letters"),
        ('sinks = ["desk"]\nconfidence = "sure"', "must be one of rumour, claim, confirmed"),
        ('sinks = ["desk"]\nreason = ["newest"]', "must be one of new, update, possible_update; did you mean new?"),
        ('sinks = ["desk"]\ncontinu = true', "no such setting; did you mean continue?"),
        ('sinks = ["desk"]\ngoes_on = true', "no such setting"),
        ('sinks = ["desk"]\nseverity = "grave"', "must be one of low, medium, high, critical"),
        ('sinks = ["desk"]\ngroup_by = ["town"]', "must be one of incident, base, area, country, source, severity"),
        ('sinks = ["desk"]\ngroup_by = ["base", "base"]', "names the same twice"),
        ('sinks = ["desk"]\nrepeat_hours = 0', "must be at least 0.25"),
        ('sinks = ["desk"]\ngroup_wait_seconds = 30', "says nothing without group_by"),
        ('sinks = ["desk"]\ngroup_by = ["base"]\ngroup_interval_seconds = 90000', "must be at most 86400"),
    ],
)
def test_each_mistake_has_its_sentence(tmp_path, route, told):
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, f"[[route]]\n{route}\n")
    assert any(told in line for line in caught.value.mistakes), caught.value.mistakes


def test_a_sink_with_a_mistake_of_its_own_still_counts_as_there(tmp_path):
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, '[[sink]]\nname = "ops"\nkind = "slak"\n[[route]]\nsinks = ["ops", "opps"]\n')
    assert len(caught.value.mistakes) == 2
    assert "did you mean ops?" in caught.value.mistakes[1]


QUIET = 'quiet = {{ from = "{0}", to = "{1}", timezone = "{2}"{3} }}\n'


def quiet(tmp_path, begins="22:00", ends="07:00", zone="Asia/Baghdad", more=""):
    return read(tmp_path, QUIET.format(begins, ends, zone, more)).sinks[0].quiet


def test_quiet_hours_are_read(tmp_path):
    found = quiet(tmp_path, more=', except_confidence = "confirmed"')
    assert (found.begins, found.ends, found.timezone) == ("22:00", "07:00", "Asia/Baghdad")
    assert found.except_confidence == "confirmed"
    assert quiet(tmp_path).except_confidence is None


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"begins": "10pm"}, 'line 6: sink[1].quiet.from: must be a time of day such as "22:00"'),
        ({"ends": "24:00"}, "sink[1].quiet.to: must be a time of day"),
        ({"zone": "asia/bagdad"}, "'asia/bagdad' is no time zone of the IANA database"),
        ({"zone": "Asia/Bagdad"}, "did you mean Asia/Baghdad?"),
        ({"zone": "../etc/passwd"}, "is no time zone"),
        ({"zone": "Asia"}, "is no time zone"),
        ({"begins": "07:00"}, "must be more than none and at most 20 hours a day"),
        ({"ends": "21:00"}, "must be more than none and at most 20 hours a day"),
        ({"more": ', except_confidence = "sure"'}, "must be one of rumour, claim, confirmed"),
        ({"more": ', untl = "x"'}, "valid here: from, to, timezone, except_confidence"),
    ],
)
def test_each_mistake_in_quiet_hours_has_its_sentence(tmp_path, values, told):
    with pytest.raises(ConfigError) as caught:
        quiet(tmp_path, **values)
    assert any(told in line for line in caught.value.mistakes), caught.value.mistakes


def test_a_salvo_is_read(tmp_path):
    text = '[[sink]]\nname = "tty"\nkind = "console"\nsalvo = { places = 4 }\n'
    assert read(tmp_path, text).sinks[1].salvo == SalvoEntry(places=4, every_seconds=300)


@pytest.mark.parametrize(
    ("kind", "salvo", "told"),
    [
        ("console", "{ places = 0 }", "salvo.places: must be at least 1"),
        ("console", "{ places = 3, every_seconds = 5 }", "salvo.every_seconds: must be at least 60"),
        ("console", "{ place = 3 }", "no such setting; did you mean places?"),
        ("webhook", "{ places = 3 }", "salvo: is not used by a webhook sink; remove it"),
        ("apprise", "{ places = 3 }", "salvo: is not used by a apprise sink; remove it"),
    ],
)
def test_each_mistake_in_a_salvo_has_its_sentence(tmp_path, kind, salvo, told):
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, f'[[sink]]\nname = "two"\nkind = "{kind}"\nurl_env = "U"\nsalvo = {salvo}\n')
    assert any(told in line for line in caught.value.mistakes), caught.value.mistakes
