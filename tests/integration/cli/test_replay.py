"""Replay as a person types it: lines in, lines out, scores, and two rule sets compared."""

from __future__ import annotations

import json
import shutil

import pytest

from monitor.cli.main import exit_code_of

ATTACK = {
    "id": "attack",
    "url": "https://a.example/1",
    "title": "Three drones attack US base al-Tanf in Syria",
    "published": "2024-02-04",
    "text": "Three drones attacked the al-Tanf garrison in Syria on Saturday, U.S. Central Command said.",
    "source": "a",
}
AGAIN = {**ATTACK, "id": "again", "url": "https://b.example/2", "published": "2024-02-05", "source": "b"}
RAIN = {"id": "rain", "title": "Rain expected", "published": "", "text": "Showers on Sunday.", "extra": 1}


@pytest.fixture
def run(tmp_path, root, capsys, monkeypatch):
    """Run `replay` on lines; gives (exit code, output lines, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)

    def run(lines, *options, rules=root / "rules"):
        (tmp_path / "in.jsonl").write_text(
            "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
        )
        code = exit_code_of(["replay", "in.jsonl", "--rules", str(rules), *options])
        out = tmp_path / "out.jsonl"
        found = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
        said = capsys.readouterr()
        return code, found, said.out, said.err

    return run


def test_one_line_out_for_each_line_in_in_the_order_of_input(run):
    code, found, said, _ = run([AGAIN, RAIN, ATTACK], "--output", "out.jsonl")
    assert code == 0
    assert [line["id"] for line in found] == ["again", "rain", "attack"]
    assert [line["reason"] for line in found] == ["repeat", "none", "new"]
    assert [line["alert"] for line in found] == [False, False, True]
    first = found[2]["incidents"][0]
    assert (first["base"], first["country"], first["date_from"], first["date_to"]) == (
        "al-tanf",
        "SY",
        "2024-02-03",
        "2024-02-03",
    )
    assert first["weapons"] == ["drone"]
    assert found[0]["incidents"][0]["id"] == first["id"]
    assert {"rule", "concept", "text", "sentence"} == set(found[2]["evidence"][0])
    assert "3 articles" in said


def test_the_same_input_gives_the_same_bytes(run, tmp_path):
    run([AGAIN, RAIN, ATTACK], "--output", "out.jsonl")
    first = (tmp_path / "out.jsonl").read_bytes()
    run([AGAIN, RAIN, ATTACK], "--output", "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes() == first


def test_a_bad_line_is_told_skipped_and_ends_with_1(run):
    code, found, _, said = run([ATTACK, "{broken", RAIN], "--output", "out.jsonl")
    assert code == 1
    assert [line["id"] for line in found] == ["attack", "rain"]
    assert "line 2" in said


def test_labels_give_a_score(run, tmp_path):
    (tmp_path / "labels.jsonl").write_text('{"id":"attack","label":"yes"}\n{"id":"rain","label":"no"}\n')
    code, _, said, _ = run([ATTACK, RAIN], "--output", "out.jsonl", "--labels", "labels.jsonl", "--json")
    assert code == 0
    assert json.loads(said)["score"]["f1"] == 1.0
    (tmp_path / "labels.jsonl").write_text('{"id":"attack","label":"perhaps"}\n')
    code, _, _, said = run([ATTACK], "--output", "out.jsonl", "--labels", "labels.jsonl")
    assert code == 2
    assert "labels.jsonl" in said


def test_two_rule_sets_are_compared(run, tmp_path, root):
    shutil.copytree(root / "rules", tmp_path / "blind")
    for file in (tmp_path / "blind").glob("bases*.toml"):
        before, block, after = file.read_text().partition('id = "al-tanf"')
        file.write_text(before + block + after.replace('status = "active"', 'status = "off"', 1))
    nameless = {**ATTACK, "title": "Drones attack al-Tanf garrison", "text": "Drones attacked the al-Tanf garrison."}
    code, _, said, _ = run([nameless], "--compare", str(root / "rules"), str(tmp_path / "blind"), "--json")
    assert code == 0
    found = json.loads(said)
    assert (found["lost"], found["gained"], found["alerts"]) == (["attack"], [], [1, 0])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "--output"),
        (["--output", "absent/out.jsonl"], "cannot be written"),
        (["--output", "out.jsonl", "--labels", "absent.jsonl"], "absent.jsonl"),
        (["--output", "out.jsonl", "--database", "in.jsonl"], "exists already"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_exit_2(run, options, says):
    code, _, _, said = run([ATTACK], *options)
    assert code == 2
    assert says in said
    assert "Traceback" not in said
