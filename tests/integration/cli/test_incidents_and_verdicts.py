"""Events, verdicts, backup and restore, as a person types them."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from monitor.engine.decide import decide_waiting, silent_desk
from monitor.matching import load_rules
from monitor.model import Article
from monitor.store import decisions
from monitor.store.db import Database

NOW = datetime(2024, 2, 3, 12, tzinfo=UTC)
ATTACK = Article(
    "attack1",
    "Three drones attack US base al-Tanf in Syria",
    "Three drones attacked the al-Tanf garrison in Syria on Saturday, U.S. Central Command said.",
    source="=Outlet\x1b[31m",
)


@pytest.fixture
def run(tmp_path, root, typed):
    """Run a command on a database that knows one attack; gives (exit code, standard output)."""
    config = tmp_path / "basewatch.toml"
    config.write_text(
        f'database = "{tmp_path}/a.db"\nrules = "{root}/rules"\n[[feed]]\nurl = "https://outlet.example/feed"\n'
    )
    db = Database(tmp_path / "a.db", durable=False)
    with db.writing() as tx:
        decisions.add_given(tx, ATTACK, "", NOW)
        tx.execute("UPDATE entry SET published_at = first_seen_at")
    decide_waiting(db, silent_desk(load_rules(root / "rules")), NOW)
    db.close()

    return typed(config)


def test_an_event_is_listed_shown_and_exported(run):
    code, listed = run("incident", "list", "--json")
    (row,) = json.loads(listed)
    assert (code, row["base"], row["reports"]) == (0, "al-tanf", 1)
    code, page = run("incident", "show", row["id"][:6])
    assert code == 0
    assert "al-tanf" in page
    assert "Reports" in page
    assert "\x1b[31m" not in page
    code, text = run("incident", "export", "--format", "csv")
    assert [line["base"] for line in csv.DictReader(io.StringIO(text))] == ["al-tanf"]
    code, text = run("incident", "export", "--format", "geojson")
    assert json.loads(text)["features"][0]["geometry"]["coordinates"][0] == pytest.approx(38.6, abs=0.1)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--base", "al-tanf"], 1),
        (["--base", "harir"], 0),
        (["--country", "sy"], 1),
        (["--country", "IQ"], 0),
        (["--since", "2024-02-03"], 1),
        (["--since", "2024-02-04"], 0),
        (["--until", "2024-02-03"], 1),
        (["--until", "2024-02-02"], 0),
    ],
)
def test_filters_keep_what_they_name(run, options, found):
    assert len(json.loads(run("incident", "list", "--json", *options)[1])) == found


def test_an_unknown_event_is_one_sentence_and_exit_2(run):
    code, said = run("incident", "show", "ffff")
    assert code == 2
    assert "no incident starts with" in said
    assert "Traceback" not in said


def test_a_verdict_is_kept_and_given_back_as_a_label(run):
    assert run("review", "reject", "attack1", "--why", "old news")[0] == 0
    assert json.loads(run("review", "verdicts", "--json")[1]) == [{"id": "attack1", "label": "no", "why": "old news"}]
    assert run("review", "accept", "attack1")[0] == 0
    assert json.loads(run("review", "verdicts", "--json")[1])[0]["label"] == "yes"
    assert run("review", "reject", "attack1")[0] == 2


def test_backup_and_restore_round_trip(run, tmp_path):
    assert run("backup", str(tmp_path / "copy.db"))[0] == 0
    assert run("restore", str(tmp_path / "copy.db"))[0] == 0
    assert len(json.loads(run("incident", "list", "--json")[1])) == 1
    assert run("restore", str(tmp_path / "absent.db"))[0] == 2
