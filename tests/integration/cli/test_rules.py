"""Versions of the rules, as a person types it: history, difference, a change, and the way back."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime

import pytest

from monitor.app.rulebook import keep_rules
from monitor.engine.decide import decide_waiting, silent_desk
from monitor.engine.replay import decide_all
from monitor.matching import load_rules
from monitor.model import Article
from monitor.store import decisions
from monitor.store.db import Database

NOW = datetime(2024, 2, 3, 12, tzinfo=UTC)
ARTICLES = [
    Article("attack1", "Three drones attack US base al-Tanf in Syria", published_at=NOW),
    Article("rain1", "Rain expected on Sunday", published_at=NOW),
]


@pytest.fixture
def rules(tmp_path, root):
    """A folder of rules of one's own."""
    return shutil.copytree(root / "rules", tmp_path / "rules")


@pytest.fixture
def run(tmp_path, rules, typed):
    """Run a command where two articles were judged; gives (exit code, output)."""
    config = tmp_path / "basewatch.toml"
    config.write_text(f'database = "{tmp_path}/a.db"\nrules = "{rules}"\n[[feed]]\nurl = "https://outlet.example/f"\n')
    db = Database(tmp_path / "a.db", durable=False)
    keep_rules(db, rules)
    with db.writing() as tx:
        for article in ARTICLES:
            decisions.add_given(tx, article, "", NOW)
    decide_waiting(db, silent_desk(load_rules(rules)), NOW)
    db.close()

    return typed(config)


def bytes_of(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def decisions_by(folder):
    return decide_all(ARTICLES, load_rules(folder))


def blunt(rules):
    """A change that loses the attack: nothing reaches the threshold."""
    text = (rules / "general.toml").read_text()
    (rules / "general.toml").write_text(text.replace("threshold = 1.0", "threshold = 9.0"))
    return load_rules(rules).version


def test_history_counts_what_each_version_led_to(run, rules):
    code, said = run("rules", "history", "--json")
    (row,) = json.loads(said)
    assert code == 0
    assert row["version"] == load_rules(rules).version
    assert (row["judgements"], row["flagged"], row["alerts"], row["wrong"]) == (2, 1, 1, 0)
    run("review", "reject", "attack1", "--why", "a drill")
    assert json.loads(run("rules", "history", "--json")[1])[0]["wrong"] == 1
    assert "in the folder" in run("rules", "history")[1]


def test_the_folder_is_compared_with_the_version_used_last(run, rules):
    assert "say the same" in run("rules", "diff")[1]
    blunt(rules)
    code, said = run("rules", "diff")
    assert code == 0
    assert "~ settings threshold" in said
    assert "value: 1.0 → 9.0" in said
    (change,) = json.loads(run("rules", "diff", "--json")[1])["changes"]
    assert (change["kind"], change["name"], change["change"]) == ("settings", "threshold", "changed")


def test_two_folders_are_compared(run, rules, root):
    blunt(rules)
    said = run("rules", "diff", str(rules), str(root / "rules"))[1]
    assert "value: 9.0 → 1.0" in said


def test_a_rollback_brings_back_the_same_bytes_and_the_same_decisions(run, rules):
    before, decided, good = bytes_of(rules), decisions_by(rules), load_rules(rules).version
    bad = blunt(rules)
    (rules / "extra.toml").write_text("[settings]\nold_date_days = 5\n")
    bad = load_rules(rules).version
    assert decisions_by(rules) != decided
    code, said = run("rules", "rollback", good)
    assert (code, load_rules(rules).version) == (1, bad)
    assert "--accept" in said
    code, said = run("rules", "rollback", good[:6], "--accept")
    assert code == 0
    assert bytes_of(rules) == before
    assert decisions_by(rules) == decided
    assert run("rules", "rollback", bad, "--accept")[0] == 0
    assert load_rules(rules).version == bad


def test_a_rollback_into_a_folder_leaves_the_rules_alone(run, rules, tmp_path):
    good = load_rules(rules).version
    bad = blunt(rules)
    assert run("rules", "rollback", good, "--out", str(tmp_path / "old"))[0] == 0
    assert (load_rules(tmp_path / "old").version, load_rules(rules).version) == (good, bad)
    code, said = run("rules", "rollback", good, "--out", str(tmp_path / "old"))
    assert code == 2
    assert "not empty" in said


def test_the_way_back_is_open_from_rules_that_cannot_be_loaded(run, rules):
    good = load_rules(rules).version
    (rules / "general.toml").write_text("[[[")
    assert run("rules", "history")[0] == 0
    assert run("rules", "rollback", good, "--accept")[0] == 0
    assert load_rules(rules).version == good
    assert any(row["version"].startswith("broken-") for row in json.loads(run("rules", "history", "--json")[1]))


def test_a_folder_is_accepted_and_the_version_before_kept(run, rules, tmp_path):
    good = load_rules(rules).version
    other = shutil.copytree(rules, tmp_path / "other")
    bad = blunt(other)
    assert run("rules", "accept", str(other))[0] == 0
    assert load_rules(rules).version == bad
    assert run("rules", "rollback", good, "--accept")[0] == 0


def test_rules_that_cannot_be_loaded_are_not_accepted(run, rules, tmp_path):
    before = bytes_of(rules)
    other = shutil.copytree(rules, tmp_path / "other")
    (other / "general.toml").write_text("[[[")
    code, said = run("rules", "accept", str(other))
    assert code == 2
    assert "general.toml" in said
    assert bytes_of(rules) == before


def test_an_unknown_version_is_one_sentence(run):
    code, said = run("rules", "rollback", "zzzz", "--accept")
    assert code == 2
    assert "no stored version" in said
