"""When the service speaks, and when it keeps silent."""

from __future__ import annotations

from datetime import UTC, date, datetime

from monitor.alerts.policy import Speech, speak
from monitor.model import Incident, Link, Mention

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
MENTION = Mention(
    base="fort-a", area="", country="XX", date_from=date(2024, 5, 1), date_to=date(2024, 5, 1), date_source="sentence"
)


def incident(name="i1", *, spoken=True):
    return Incident(name, "fort-a", "", "XX", None, None, (), NOW, NOW, spoken=spoken)


def link(how, name="i1"):
    return Link(MENTION, name, how, 3.0, "because")


def say(links, known=(), changes=None, *, baseline=False, entry="e1"):
    return speak(entry, links, {value.id: value for value in known}, changes or {}, {}, baseline=baseline, now=NOW)


def test_a_new_incident_speaks_once():
    speech = say([link("opens")])
    assert speech.reason == "new"
    assert [alert.incident_id for alert in speech.alerts] == ["i1"]


def test_each_incident_of_one_article_has_its_alert():
    speech = say([link("opens", "i1"), link("opens", "i2"), link("joins", "i3")], [incident("i3")])
    assert speech.reason == "new"
    assert [alert.incident_id for alert in speech.alerts] == ["i1", "i2"]


def test_a_repeat_is_silent():
    assert say([link("joins")], [incident()]).alerts == ()
    assert say([link("joins")], [incident()]).reason == "repeat"


def test_a_new_fact_speaks_with_old_and_new_value():
    change = (("wounded", "2", "24"),)
    speech = say([link("joins")], [incident()], {"i1": change})
    assert speech.reason == "update"
    assert speech.alerts[0].changes == change


def test_an_incident_that_may_be_an_older_one_speaks_as_possible_update():
    speech = say([link("opens", "i2"), link("possible", "i1")], [incident("i1")])
    assert speech.reason == "possible_update"
    assert [alert.incident_id for alert in speech.alerts] == ["i2"]


def test_another_base_told_beside_a_known_one_is_new_and_the_known_one_silent():
    speech = say([link("joins", "i1"), link("opens", "i2")], [incident("i1")])
    assert speech.reason == "new"
    assert [alert.incident_id for alert in speech.alerts] == ["i2"]


def test_baseline_never_speaks():
    assert say([link("opens")], baseline=True) == say([link("joins")], [incident()], baseline=True)
    assert say([link("opens")], baseline=True).alerts == ()


def test_the_first_fresh_report_of_an_incident_seen_only_in_baseline_speaks():
    assert say([link("joins")], [incident(spoken=False)]).reason == "new"


def test_background_never_speaks():
    assert say([link("background")], [incident()]) == Speech("none")
    assert say([link("background")], [incident()], baseline=True) == Speech("none")


def test_an_incident_is_new_once_whoever_reports_it():
    assert len({say([link("opens")], entry=entry).alerts[0].id for entry in ("e1", "e2")}) == 1


def test_updates_of_different_entries_or_changes_are_different_alerts():
    def update(entry, value):
        return say([link("joins")], [incident()], {"i1": (("wounded", "2", value),)}, entry=entry).alerts[0].id

    assert update("e1", "3") == update("e1", "3")
    assert len({update("e1", "3"), update("e1", "4"), update("e2", "3")}) == 3
