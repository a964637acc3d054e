"""What a reviewer says of a decision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.errors import InputError
from monitor.model import Article, Judgement
from monitor.review.verdicts import give_verdict, verdicts
from monitor.store import decisions
from monitor.store.db import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def db(tmp_path):
    db = Database(tmp_path / "a.db", durable=False)
    for name, flagged in (("abc1", True), ("abd2", False)):
        article = Article(name, f"title {name}")
        with db.writing() as tx:
            decisions.add_given(tx, article, "", NOW)
            decisions.save_judgement(tx, article, Judgement(flagged, "x", 1.0, "r"), "none", "", NOW)
    return db


def test_a_verdict_says_what_the_decision_should_have_been(db):
    assert give_verdict(db, "abc", "wrong", "old news", NOW).label is False
    assert give_verdict(db, "abd", "wrong", "missed", NOW).label is True
    assert [value.why for value in verdicts(db)] == ["old news", "missed"]


def test_the_last_verdict_counts_and_none_is_lost(db):
    give_verdict(db, "abc1", "wrong", "first look", NOW)
    give_verdict(db, "abc1", "right", "second look", NOW + timedelta(hours=1))
    assert [value.why for value in verdicts(db)] == ["second look"]
    assert db.row("SELECT count(*) FROM verdict")[0] == 2


@pytest.mark.parametrize(("name", "says"), [("zz", "no judged entry"), ("ab", "several"), ("", "several")])
def test_an_id_that_names_no_single_entry_is_one_sentence(db, name, says):
    with pytest.raises(InputError, match=says):
        give_verdict(db, name, "right", "", NOW)
    assert verdicts(db) == []
