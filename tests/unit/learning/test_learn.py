"""From seeds to files: deterministic bytes, rules that load and fire, nothing overwritten unasked, any topic."""

import tomllib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import InputError, RuleError
from monitor.learning import Material, Seed, diff, fires_on, learn, leave_one_out, lines, read_material, report, write
from monitor.learning.corpus import SeedText
from monitor.learning.keywords import learn_keywords
from monitor.learning.learn import least_seeds
from monitor.learning.trial import compile_rules
from monitor.learning.write import toml_text
from monitor.matching import judge, load_rules
from monitor.matching.background import Background, read_background
from monitor.model import Article

SHIPS = (
    "Missile attack on cargo ship near the strait. A missile hit the cargo ship on Monday, killing two sailors.",
    "Drones target oil tanker in the gulf. The tanker was attacked by two drones, its owner said.",
    "Tanker hit by missile. A missile attack on the tanker caused a fire, the navy said.",
    "Rebels attack cargo ship with drones. The ship was hit by a drone, and a drone attack on a tanker followed.",
)


def seeds(*texts):
    return [Seed(f"{number:03}", text.split(". ")[0], text) for number, text in enumerate(texts)]


def test_the_same_seeds_give_the_same_bytes_in_any_order(material):
    given_seeds = seeds(*SHIPS)
    assert learn(given_seeds, material).files == learn(list(reversed(given_seeds)), material).files


def test_what_is_proposed_loads_and_flags_another_attack(material):
    rules = compile_rules(learn(seeds(*SHIPS), material), material)
    assert judge(Article("a", "Drone attack on tanker in the strait"), rules).flagged
    assert not judge(Article("b", "Tanker prices rise again"), rules).flagged


def test_roles_are_learned_from_what_words_do(proposed):
    roles = proposed(*SHIPS).lesson.roles
    assert {one.text for one in roles.nouns} >= {"ship", "tanker"}
    assert {one.text for one in roles.weapons} == {"drone", "missile"}


def test_each_seed_is_tried_by_what_the_others_teach(material):
    """The first tells of a ship, which only one of the others does: too little to learn it."""
    assert [one.judgement.flagged for one in leave_one_out(seeds(*SHIPS), material)] == [False, True, True, True]
    assert leave_one_out(seeds(SHIPS[0]), material) == ()


def test_seeds_that_teach_nothing_give_an_empty_but_usable_proposal(material):
    proposal = learn(seeds("Weather will be fine tomorrow."), material)
    assert proposal.lesson.bases == ()
    told = report(proposal, material)
    assert told["rules"] == []
    assert lines(told)


def test_nothing_that_differs_is_overwritten_unless_accepted(material, tmp_path):
    proposal = learn(seeds(*SHIPS), material)
    first = write(proposal, material, tmp_path)
    assert not first.held
    path = tmp_path / "keywords.toml"
    path.write_text("# by hand\n", encoding="utf-8")
    assert write(proposal, material, tmp_path).held == (path,)
    assert path.read_text(encoding="utf-8") == "# by hand\n"
    assert write(proposal, material, tmp_path, accept=True).written == (path,)
    assert write(proposal, material, tmp_path).written == ()
    assert load_rules(tmp_path).rules


def test_the_report_says_what_changes(material):
    proposal = learn(seeds(*SHIPS), material)
    before = replace(material, present=proposal.files)
    assert report(proposal, before)["changes"] == []
    assert diff(proposal, before) == []
    fewer = learn(seeds(*SHIPS[:2]), material)
    changed = {row["change"] for row in report(fewer, before)["changes"]}
    assert "remove" in changed
    assert any(line.startswith("-") for line in diff(fewer, before))


def test_other_news_that_fires_is_shown(material):
    proposal = learn(seeds(*SHIPS), material)
    articles = [Article("a", "Missile hits cargo ship"), Article("b", "A quiet day")]
    tried = fires_on(proposal, material, articles)
    assert (tried.articles, [one.id for one in tried.fired]) == (2, ["a"])
    assert any("1 of 2 articles fire" in line for line in lines(report(proposal, material, (), tried)))


def test_without_its_own_rules_a_folder_uses_the_learned_ones_and_else_not(material, tmp_path):
    write(learn(seeds(*SHIPS), material), material, tmp_path)
    assert all(rule.id.startswith("seed-") for rule in load_rules(tmp_path).rules)
    (tmp_path / "own.toml").write_text('[[rule]]\nid = "own"\npattern = "event_noun"\n', encoding="utf-8")
    assert [rule.id for rule in load_rules(tmp_path).rules] == ["own"]


# --- keywords ------------------------------------------------------------------------------------


def test_keywords_stand_out_from_the_background_and_not_by_one_long_seed(grammar):
    background = Background(70_000, {"tanker": 40, "people": 9_000, "zebra": 40})
    long_seed = SeedText("c", ("The tanker and people.", *(f"The zebra number {n}." for n in range(50))))
    texts = [SeedText("a", ("The tanker and people.",)), SeedText("b", ("A tanker with people.",)), long_seed]
    found = {keyword.text: keyword for keyword in learn_keywords(texts, background, grammar)}
    assert found["tanker"].seeds == ("a", "b", "c")
    assert "zebra" not in found
    assert "people" not in found


def test_weekdays_months_and_numbers_are_no_keywords(grammar):
    texts = [SeedText(name, ("On Monday in March 2023 it sank.",)) for name in "abc"]
    assert not {"monday", "march", "2023"} & {one.text for one in learn_keywords(texts, Background(1000, {}), grammar)}


def test_a_broken_background_file_is_refused(tmp_path):
    path = tmp_path / "background.tsv"
    path.write_text("not a number\n", encoding="utf-8")
    with pytest.raises(RuleError, match="no background file"):
        read_background(path)


def test_material_needs_the_shipped_files(tmp_path):
    with pytest.raises(InputError, match="is missing"):
        read_material(tmp_path)


# --- files ---------------------------------------------------------------------------------------

TEXT = st.text(max_size=30)


@settings(max_examples=200)
@given(
    st.lists(
        st.dictionaries(st.from_regex("[a-z]{1,8}", fullmatch=True), TEXT | st.lists(TEXT, max_size=12) | st.booleans())
    )
)
def test_any_table_is_written_as_toml_that_reads_back(tables):
    tables = [table for table in tables if table]
    text = toml_text("a comment", [("base", table) for table in tables])
    assert tomllib.loads(text).get("base", []) == tables


@given(st.lists(st.text(max_size=200), min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_no_text_breaks_learning(material, texts):
    proposal = learn([Seed(str(number), text[:20], text) for number, text in enumerate(texts)], material)
    assert isinstance(compile_rules(proposal, material).rules, tuple)
    assert isinstance(material, Material)


# --- many seeds, few seeds -----------------------------------------------------------------------


@pytest.mark.parametrize(("seeds_given", "asked"), [(1, 1), (2, 2), (8, 2), (40, 2), (41, 3), (108, 6)])
def test_more_seeds_ask_more_of_a_word(seeds_given, asked):
    assert least_seeds(seeds_given) == asked


def test_many_seeds_are_tried_in_folds_and_all_told_in_order(material):
    many = seeds(*(SHIPS * 6))
    assert [one.seed for one in leave_one_out(many, material)] == [seed.id for seed in many]


def test_a_word_that_is_always_a_name_is_no_weapon(proposed):
    texts = [text.replace("rone", "ane").replace("issile", "ane").replace(" dane", " Dane") for text in SHIPS]
    assert "dane" not in {one.text for one in proposed(*texts).lesson.roles.weapons}


def test_a_report_without_rules_says_so(material):
    told = lines(report(learn(seeds("Weather will be fine tomorrow."), material), material))
    assert any(line.startswith("No rule could be made") for line in told)
