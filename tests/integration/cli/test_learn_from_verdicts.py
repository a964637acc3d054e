"""From verdicts to better rules, as a person types it: a proposal, its effect, its acceptance, and the way back."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from monitor.app.rulebook import keep_rules
from monitor.cli.main import exit_code_of
from monitor.engine.decide import decide_waiting, silent_desk
from monitor.matching import load_rules
from monitor.model import Article
from monitor.store import decisions
from monitor.store.db import Database

NOW = datetime(2024, 2, 3, 12, tzinfo=UTC)
RIGHT = {
    "right1": "Three drones attack US base al-Tanf in Syria",
    "right2": "Rockets hit US base in Iraq, army says",
    "right3": "Missiles target American troops at Ain al-Asad in Iraq",
}
MISSED = {"missed1": "Drone attack on al-Taneff"}
WRONG = {
    "wrong1": "Drones attack US base in Syria in cosplay of fans",
    "wrong2": "Rockets hit US base in Iraq: cosplay at its best",
    "wrong3": "Cosplay wows fans: drones attack American base in Iraq",
    "wrong4": "Rockets strike US base in Syria cosplay by an unknown author",
}
OTHER = {"other1": "Cosplay prize: drones attack US base in Syria", "other2": "Rain expected on Sunday"}


@pytest.fixture
def rules(tmp_path, root):
    """A folder of rules of one's own."""
    return shutil.copytree(root / "rules", tmp_path / "rules")


@pytest.fixture
def run(tmp_path, rules, capsys, monkeypatch):
    """Run a command where all articles were judged, a fortnight apart; gives (exit code, output)."""
    monkeypatch.chdir(tmp_path)
    config = tmp_path / "basewatch.toml"
    config.write_text(f'database = "{tmp_path}/a.db"\nrules = "{rules}"\n[[feed]]\nurl = "https://outlet.example/f"\n')
    db = Database(tmp_path / "a.db", durable=False)
    keep_rules(db, rules)
    desk = silent_desk(load_rules(rules))
    for number, (name, title) in enumerate({**RIGHT, **MISSED, **WRONG, **OTHER}.items()):
        at = NOW + timedelta(days=14 * number)
        with db.writing() as tx:
            decisions.add_given(tx, Article(name, title, published_at=at), "", at)
        decide_waiting(db, desk, at)
    db.close()

    def run(*words):
        code = exit_code_of([*words, "--config", str(config)])
        captured = capsys.readouterr()
        return code, captured.out + (captured.err if code else "")

    return run


@pytest.fixture
def judged(run):
    """The same, where a person has given verdicts on all but the last two."""
    for name in RIGHT:
        assert run("review", "accept", name)[0] == 0
    for name in WRONG:
        assert run("review", "reject", name, "--why", "people in costumes")[0] == 0
    return run


def bytes_of(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_proposal_is_a_folder_with_its_reasons_and_its_effect_on_what_is_stored(judged, rules, tmp_path):
    before = bytes_of(rules)
    code, said = judged("learn", "--from-verdicts")
    assert code == 1
    assert "“cosplay” stands by 4 false alarms, by none confirmed" in said
    assert "+ context verdict-cosplay" in said
    assert "0 gained, 5 lost, 0 changed" in said
    assert "precision 1.000" in said
    assert "basewatch rules accept rules-proposed" in said
    assert bytes_of(rules) == before
    proposed = bytes_of(tmp_path / "rules-proposed")
    assert b"verdict-cosplay" in proposed["verdicts.toml"]
    assert {name: text for name, text in proposed.items() if name in before} == before
    assert set(proposed) - set(before) == {"verdicts.toml", "PROPOSAL.txt"}


def test_the_proposal_is_told_to_machines(judged):
    told = json.loads(judged("learn", "--from-verdicts", "--json")[1].rpartition("}")[0] + "}")
    assert sorted(told["effect"]["lost"]) == ["other1", *WRONG]
    assert told["effect"]["scores"][0]["precision"] == pytest.approx(3 / 7)
    assert told["effect"]["scores"][1]["precision"] == 1
    assert [step["done"] for step in told["steps"]] == [True]


def test_an_accepted_proposal_is_in_place_and_the_way_back_is_open(judged, rules):
    before, version = bytes_of(rules), load_rules(rules).version
    assert judged("learn", "--from-verdicts", "--accept")[0] == 0
    assert load_rules(rules).version != version
    code, said = judged("learn", "--from-verdicts")
    assert code == 0
    assert "no reason" in said
    assert judged("rules", "rollback", version, "--accept")[0] == 0
    assert bytes_of(rules) == before


def test_a_proposal_can_be_changed_and_accepted_by_its_folder(judged, rules, tmp_path):
    judged("learn", "--from-verdicts", "--out", "mine")
    file = tmp_path / "mine" / "verdicts.toml"
    file.write_text(file.read_text().replace('terms = ["cosplay"]', 'terms = ["cosplay", "costume(s)"]'))
    assert judged("rules", "accept", "mine")[0] == 0
    assert load_rules(rules).version == load_rules(tmp_path / "mine").version
    assert not (rules / "PROPOSAL.txt").exists()


def test_a_spelling_that_was_missed_is_proposed(run):
    assert run("review", "reject", "missed1", "--why", "that is the base")[0] == 0
    code, said = run("learn", "--from-verdicts")
    assert code == 1
    assert "base al-tanf: + al-Taneff" in said


def test_a_folder_that_holds_something_else_is_left_alone(judged, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.toml").write_text("mine")
    for folder in ("notes", "rules"):
        before = bytes_of(tmp_path / folder)
        code, said = judged("learn", "--from-verdicts", "--out", folder)
        assert code == 2
        assert "--out" in said
        assert bytes_of(tmp_path / folder) == before


def test_without_verdicts_there_is_nothing_to_propose(run, tmp_path):
    code, said = run("learn", "--from-verdicts")
    assert code == 0
    assert "No verdict" in said
    assert not (tmp_path / "rules-proposed").exists()


def test_learn_needs_to_know_from_what(run):
    code, said = run("learn")
    assert code == 2
    assert "--from-verdicts" in said


def test_questions_leave_out_what_was_answered_and_name_new_spellings(run):
    code, said = run("review", "ask", "--json")
    asked = {row["id"]: row for row in json.loads(said)}
    assert code == 0
    assert asked["right1"]["why"] == "near the threshold"
    assert asked["other2"]["why"] == "a sample of the rest"
    assert asked["missed1"]["about"].startswith("al-Taneff (like ")
    for name in asked:
        assert run("review", "accept", name)[0] == 0
    assert json.loads(run("review", "ask", "--json")[1]) == []
    assert "Nothing waits" in run("review", "ask")[1]
