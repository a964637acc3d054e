"""Silences as a person types them."""

from __future__ import annotations

import json

import pytest

from monitor.cli.main import exit_code_of
from monitor.store.db import Database


@pytest.fixture
def run(tmp_path, root, capsys):
    config = tmp_path / "basewatch.toml"
    config.write_text(f'database = "a.db"\nrules = "{root}/rules"\n[[feed]]\nurl = "https://outlet.example/feed"\n')
    Database(tmp_path / "a.db").close()

    def run(*words):
        code = exit_code_of([*words, "--config", str(config)])
        told = capsys.readouterr()
        return code, told.out + (told.err if code else "")

    return run


def test_a_silence_is_added_listed_told_and_ended(run):
    code, out = run("silence", "add", "--base", "al-tanf", "--for", "6h", "--why", "exercise")
    assert code == 0
    assert "al-tanf until" in out
    (row,) = json.loads(run("silence", "list", "--json")[1])
    assert (row["base"], row["why"], row["active"], row["silenced"]) == ("al-tanf", "exercise", True, 0)
    assert "exercise" in run("doctor")[1]
    code, out = run("silence", "end", row["id"][:4])
    assert code == 0
    assert "0 deliveries are due now" in out
    assert json.loads(run("silence", "list", "--json")[1]) == []
    assert "over" in run("silence", "list", "--all")[1]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--base", "al-tamf", "--for", "6h", "--why", "x"], "did you mean al-tanf?"),
        (["--for", "6h", "--why", "x"], "give one of --base, --incident and --country"),
        (["--base", "al-tanf", "--country", "SY", "--for", "6h", "--why", "x"], "give one of"),
        (["--country", "Syria", "--for", "6h", "--why", "x"], "give two letters"),
        (["--country", "SY", "--for", "soon", "--why", "x"], "is no span of time"),
        (["--country", "SY", "--for", "31d", "--why", "x"], "from 1 minute to 30 days"),
        (["--country", "SY", "--for", "8d", "--why", "x", "--deliver-after"], "7 days with --deliver-after"),
        (["--country", "SY", "--for", "6h", "--why", " "], "say why"),
        (["--incident", "abc", "--for", "6h", "--why", "x"], "no incident starts with 'abc'"),
    ],
)
def test_a_wrong_wish_is_one_sentence_and_silences_nothing(run, words, told):
    code, out = run("silence", "add", *words)
    assert code == 2
    assert told in out
    assert json.loads(run("silence", "list", "--json")[1]) == []


def test_an_area_can_be_silenced_like_a_base(run):
    assert run("silence", "add", "--base", "anbar", "--for", "2d", "--why", "x")[0] == 0


def test_ending_what_is_not_there_is_one_sentence(run):
    code, out = run("silence", "end", "zz")
    assert (code, "no silence starts with 'zz'" in out) == (2, True)
