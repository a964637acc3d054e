"""`review merge` and `review split`, as a person types them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from monitor.engine.decide import decide_waiting, silent_desk
from monitor.matching import load_rules
from monitor.model import Article
from monitor.store import decisions
from monitor.store.db import Database

NOW = datetime(2024, 2, 3, 12, tzinfo=UTC)
TEXT = "Three drones attacked the {} garrison in Syria on Saturday, U.S. Central Command said."


@pytest.fixture
def run(tmp_path, root, typed):
    """Run a command on a database that knows two attacks; gives (exit code, output)."""
    config = tmp_path / "basewatch.toml"
    config.write_text(
        f'database = "{tmp_path}/a.db"\nrules = "{root}/rules"\n[[feed]]\nurl = "https://outlet.example/feed"\n'
    )
    db = Database(tmp_path / "a.db", durable=False)
    with db.writing() as tx:
        for key, base in (("one", "al-Tanf"), ("two", "al-Shaddadi")):
            decisions.add_given(tx, Article(key, f"Drones attack US base {base}", TEXT.format(base)), "", NOW)
        tx.execute("UPDATE entry SET published_at = first_seen_at")
    decide_waiting(db, silent_desk(load_rules(root / "rules")), NOW)
    db.close()

    return typed(config)


def test_two_events_are_merged_shown_and_split_again(run):
    ids = {row["base"]: row["id"] for row in json.loads(run("incident", "list", "--json")[1])}
    tanf, shaddadi = ids["al-tanf"], ids["al-shaddadi"]
    code, said = run("review", "merge", tanf[:8], shaddadi[:8], "--why", "one salvo")
    assert code == 0
    assert f"review split {tanf} two" in said
    code, page = run("incident", "show", shaddadi)
    assert code == 0
    assert f"event {tanf}" in page
    assert "one salvo" in page
    assert "one salvo" in run("explain", "two")[1]
    assert run("review", "split", tanf, "two", "--why", "two after all")[0] == 0
    assert {row["id"] for row in json.loads(run("incident", "list", "--json")[1])} == {tanf, shaddadi}


def test_an_edit_without_words_is_refused(run):
    (one, two) = (row["id"] for row in json.loads(run("incident", "list", "--json")[1]))
    assert run("review", "merge", one, two)[0] == 2
    code, said = run("review", "merge", one, two, "--why", "")
    assert code != 0
    assert "--why" in said
