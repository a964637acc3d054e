"""What identity reads back of an incident: its own reports, and no others."""

from __future__ import annotations

from datetime import UTC, date, datetime

from monitor.model import Article, Incident, Link, Mention
from monitor.store import decisions
from monitor.store.db import Database
from monitor.store.memory import REPORTS_KEPT, live_incidents

NOW = datetime(2024, 2, 3, 12, tzinfo=UTC)
REPORT = Mention("north", "", "XX", date(2024, 2, 3), date(2024, 2, 3), "sentence")


def stored(tmp_path, hows):
    """An incident that one entry for each of these links was tied to."""
    db = Database(tmp_path / "a.db", durable=False)
    with db.writing() as tx:
        for number, how in enumerate(hows):
            article = Article(f"e{number}", "Base attacked", source="s.example")
            decisions.add_given(tx, article, "", NOW)
            if number == 0:
                incident = Incident("i", "north", "", "XX", REPORT.date_from, REPORT.date_to, (), NOW, NOW)
                decisions.save_incidents(tx, [incident], article.id)
            decisions.save_links(tx, article.id, [Link(REPORT, "i", how, 3.0, "because")], NOW)
    return db


def test_only_what_opened_or_joined_an_incident_is_a_report_of_it(tmp_path):
    db = stored(tmp_path, ["opens", "joins", "possible", "background"])
    (incident,) = live_incidents(db.reading, NOW)
    assert len(incident.reports) == 2
    assert db.row("SELECT reports FROM incidents_board")["reports"] == 2


def test_as_many_reports_are_read_back_as_identity_compares(tmp_path):
    db = stored(tmp_path, ["opens", *["joins"] * 20])
    (incident,) = live_incidents(db.reading, NOW)
    assert len(incident.reports) == REPORTS_KEPT == 12
