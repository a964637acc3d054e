"""What a person types, and what feeds are called, is a value to the database and never a part of a statement (HC-6)."""

from __future__ import annotations

import sqlite3

import pytest

from monitor.cli.main import exit_code_of
from monitor.store.db import Database

HOSTILE = [
    "' OR '1'='1",
    "x'; DROP TABLE entry; --",
    '" OR 1=1 --',
    "%",
    "_",
    "*",
    "NEAR(",
    "\\",
    "?1",
    "\x00",
    "%s{0}",
]


@pytest.fixture
def config(tmp_path, root):
    """A configuration whose only feed is called by a statement, and its database with one row that `%` would find."""
    file = tmp_path / "basewatch.toml"
    file.write_text(
        f'database = "{tmp_path}/a.db"\nrules = "{root}/rules"\n'
        '[[feed]]\nurl = "https://outlet.example/feed?a=\';DROP/**/TABLE/**/feed;--"\n'
    )
    db = Database(tmp_path / "a.db")
    with db.writing() as tx:
        tx.execute("INSERT INTO feed (id, url, added_at) VALUES ('f', 'https://outlet.example/', '')")
    db.close()
    return file


@pytest.mark.fault("HC-6")
@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "words", [("incident", "show"), ("outbox", "show"), ("outbox", "retry"), ("outbox", "cancel"), ("sinks", "fix")]
)
def test_an_id_that_is_a_statement_names_nothing_and_changes_nothing(config, tmp_path, capsys, words, text):
    before = content(tmp_path / "a.db")
    code = exit_code_of([*words, "--config", str(config), "--", text])
    said = capsys.readouterr()
    assert code == 2
    assert "Traceback" not in said.err + said.out
    assert "syntax error" not in said.err + said.out
    assert content(tmp_path / "a.db") == before


@pytest.mark.fault("HC-6")
def test_a_feed_named_by_a_statement_is_listed_as_it_is(config, capsys):
    assert exit_code_of(["feeds", "list", "--config", str(config)]) == 0
    assert "DROP/**/TABLE" in capsys.readouterr().out


def content(path):
    with sqlite3.connect(path) as db:
        return list(db.iterdump())
