"""Rules that do badly on what people have said are refused; better ones never are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.app.gate import pass_gate, read_floors
from monitor.app.parts import configure
from monitor.app.renew import renew
from monitor.app.rulebook import keep_rules
from monitor.cli.main import exit_code_of
from monitor.errors import RuleError
from monitor.learning.folder import put_rule_files, read_rule_files
from monitor.matching import judge, load_rules
from monitor.model import Article
from monitor.review.verdicts import give_verdict
from monitor.store import decisions
from monitor.store.db import Database

NOW = datetime(2024, 2, 3, 12, tzinfo=UTC)
RULES = """
[[concept]]
id = "weapon"
terms = ["arrow(s)"]
[[concept]]
id = "castle"
terms = ["castle"]
[[rule]]
id = "weapon-on-castle"
pattern = "weapon ~3 castle"
score = 1.2
"""
FLOORS = "[verdicts]\nprecision = 0.7\nrecall = 0.7\nleast = 8\n"
GOOD = {"a.toml": RULES, "floors.toml": FLOORS}
BLIND = {"a.toml": RULES.replace("score = 1.2", "score = 0.2"), "floors.toml": "[verdicts]\nrecall = 0.0\n"}
LOOSE = {"a.toml": RULES + '[[rule]]\nid = "castle"\npattern = "castle"\n', "floors.toml": FLOORS}


@pytest.fixture
def db(tmp_path):
    """Eight articles with verdicts: four attacks, of which all are found, and four quiet ones."""
    put_rule_files(tmp_path / "rules", GOOD)
    rules = load_rules(tmp_path / "rules")
    db = Database(tmp_path / "a.db", durable=False)
    keep_rules(db, tmp_path / "rules")
    titles = [f"Arrows hit the castle on day {number}" for number in range(4)]
    titles += [f"The castle opens on day {number}" for number in range(4)]
    for number, title in enumerate(titles):
        article = Article(f"e{number}", title)
        with db.writing() as tx:
            decisions.add_given(tx, article, "", NOW)
            decisions.save_judgement(tx, article, judge(article, rules), "none", "", NOW)
        give_verdict(db, article.id, "right", "", NOW + timedelta(hours=1))
    yield db
    db.close()


def test_rules_that_miss_what_was_confirmed_are_refused_whatever_floors_they_bring(db):
    pass_gate(db, GOOD, GOOD)
    with pytest.raises(RuleError, match=r"recall on 8 verdicts is 0\.00, below its floor of 0\.70"):
        pass_gate(db, GOOD, BLIND)
    with pytest.raises(RuleError, match=r"precision on 8 verdicts is 0\.50"):
        pass_gate(db, GOOD, LOOSE)


def test_rules_below_a_floor_pass_where_those_in_force_are_worse(db):
    some = {"a.toml": RULES.replace("~3 castle", "~3 castle ~5 castle"), "floors.toml": FLOORS}
    with pytest.raises(RuleError):
        pass_gate(db, GOOD, some)
    strict = {"floors.toml": "[verdicts]\nprecision = 0.99\nleast = 8\n"}
    looser = LOOSE | {"a.toml": LOOSE["a.toml"] + '[[concept]]\nid = "x"\nterms = ["day"]\n'}
    pass_gate(db, LOOSE | strict, GOOD)
    with pytest.raises(RuleError):
        pass_gate(db, LOOSE | strict, looser)


def test_few_verdicts_or_no_floors_refuse_nothing(db):
    pass_gate(db, GOOD | {"floors.toml": FLOORS.replace("least = 8", "least = 9")}, BLIND)
    pass_gate(db, {"a.toml": RULES}, {"a.toml": BLIND["a.toml"]})


def test_the_way_out_of_rules_that_cannot_be_loaded_is_open_to_good_ones_only(db):
    broken = {"a.toml": "[[[", "floors.toml": FLOORS}
    pass_gate(db, broken, GOOD)
    with pytest.raises(RuleError):
        pass_gate(db, broken, BLIND)


@pytest.mark.parametrize("text", ["[verdicts]\nf1 = 0.5\n", '[verdicts]\nrecall = "much"\n', "[[[", "verdicts = 1\n"])
def test_floors_that_cannot_be_read_are_one_sentence(text):
    with pytest.raises(RuleError, match=r"floors\.toml"):
        read_floors(text)


@pytest.fixture
def config(db, tmp_path):
    """A configuration for that database."""
    assert db
    file = tmp_path / "basewatch.toml"
    file.write_text(
        f'database = "{tmp_path}/a.db"\nrules = "{tmp_path}/rules"\n[[feed]]\nurl = "https://outlet.example/f"\n'
    )
    return file


def test_a_folder_below_its_floors_is_accepted_only_by_force(config, tmp_path, capsys):
    put_rule_files(tmp_path / "blind", BLIND)
    accept = ["rules", "accept", str(tmp_path / "blind"), "--config", str(config)]
    assert exit_code_of(accept) == 2
    assert "below its floor" in capsys.readouterr().err
    assert read_rule_files(tmp_path / "rules") == GOOD
    assert exit_code_of([*accept, "--force"]) == 0
    assert read_rule_files(tmp_path / "rules") == BLIND


@pytest.mark.parametrize("how", ["force", "rollback"])
def test_what_was_put_in_place_whatever_the_floors_say_is_not_refused_by_a_reload(db, config, tmp_path, how):
    settings = configure(config)
    put_rule_files(tmp_path / "blind", BLIND)
    if how == "force":
        words = ["accept", str(tmp_path / "blind"), "--force"]
    else:
        words = ["rollback", keep_rules(db, tmp_path / "blind"), "--accept"]
        stand_back(db)
    assert exit_code_of(["rules", *words, "--config", str(config)]) == 0
    assert renew(settings).rules == settings.rules
    put_rule_files(tmp_path / "rules", BLIND | {"a.toml": BLIND["a.toml"] + "\n[settings]\nthreshold = 1.1\n"})
    with pytest.raises(RuleError, match="below its floor"):
        renew(settings)


def stand_back(db):
    """Make the version kept first the one used last, as if the later one had never judged."""
    with db.writing() as tx:
        tx.execute(
            "UPDATE rule_set SET first_used_at = '2000' WHERE version NOT IN (SELECT rules_version FROM judgement)"
        )


def test_a_reload_refuses_rules_below_their_floors(config, tmp_path):
    settings = configure(config)
    assert renew(settings).rules == settings.rules
    put_rule_files(tmp_path / "rules", BLIND)
    with pytest.raises(RuleError, match="below its floor"):
        renew(settings)
    put_rule_files(tmp_path / "rules", GOOD | {"b.toml": "[settings]\nthreshold = 1.1\n"})
    assert renew(settings).rules == settings.rules
