"""A small rule set of another topic: rules, contexts, dates, sources, and mistakes in files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.errors import RuleError
from monitor.matching import judge, load_rules
from monitor.model import Article

RULES = """
[settings]
lead_sentences = 1
lead_characters = 40

[[concept]]
id = "event"
terms = ["fire(s)", "blaze"]
[[concept]]
id = "hit"
terms = ["hit(s)", "broke out at"]
[[concept]]
id = "owner"
exact = true
terms = ["IT"]
[[concept]]
id = "drill"
source = "general"
terms = ["drill"]
[[concept]]
id = "many"
terms = ["series of"]
[[concept]]
id = "new"
terms = ["new"]
[[concept]]
id = "month"
value = "3"
terms = ["march"]
[[concept]]
id = "weekday"
value = "4"
terms = ["friday"]
[[concept]]
id = "since"
terms = ["since"]
[[concept]]
id = "caption"
terms = ["file photo"]

[[base]]
id = "ruwais"
name = "Ruwais refinery"
country = "AE"
lat = 24.1
lon = 52.7
source = "seed"
[base.aliases]
latin = ["Ruwais", "Tanf"]

[[base]]
id = "reading"
name = "Reading refinery"
needs_cue = true
[base.aliases]
latin = ["Reading", "Reading works!"]
[[concept]]
id = "cue"
terms = ["refinery"]
[[phrase]]
id = "base"
pattern = "base_cued ~1 cue"

[[rule]]
id = "fire-at-base"
patterns = ["event ~3 hit ~3 base", "event ~2 base"]
score = 1.2
[[rule]]
id = "fires"
pattern = "many ~2 event ~4 base"
score = 0.4
[[context]]
id = "drill"
label = "other_incident_at_or_near_base"
before = "drill"
within = 3
[[context]]
id = "fresh"
gives = 0.8
before = "new"
within = 6
only = ["fires"]
[[class]]
label = "context_politics_opinion"
pattern = "base"
"""

PUBLISHED = datetime(2023, 3, 25, 12, tzinfo=UTC)


def article(title: str, summary: str = "", text: str = "") -> Article:
    return Article("a", title, summary, text, published_at=PUBLISHED)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    return tmp_path


def test_a_rule_fires_and_shows_the_words_as_written(folder: Path) -> None:
    rules = load_rules(folder)
    judgement = judge(article("Fire hits the Ruwais’s tank"), rules)
    assert (judgement.flagged, judgement.label, judgement.rule) == (True, "new_attack", "fire-at-base")
    assert (judgement.hits[0].base, judgement.hits[0].country) == ("ruwais", "AE")
    assert [evidence.text for evidence in judgement.evidence] == ["Fire", "hits", "Ruwais"]
    assert judgement.rules_version == rules.version
    base = rules.base("ruwais")
    assert base is not None
    assert base.lat == pytest.approx(24.1)


def test_the_summary_flags_too_but_less_directly(folder: Path) -> None:
    assert (
        judge(article("News", "A blaze broke out at Ruwais."), load_rules(folder)).label == "lead_mentions_fresh_attack"
    )


def test_deep_text_never_flags_but_gives_hits(folder: Path) -> None:
    text = "The minister spoke about the budget today at length.\n\nMore words here.\n\nA fire hit Ruwais."
    judgement = judge(article("Budget", text=text), load_rules(folder))
    assert (judgement.flagged, judgement.label) == (False, "background_mention_only")
    assert [hit.lead for hit in judgement.hits] == [False]


def test_a_context_acts_on_one_mention_only(folder: Path) -> None:
    rules = load_rules(folder)
    drill = judge(article("Drill: fire hits Ruwais"), rules)
    assert (drill.flagged, drill.label) == (False, "other_incident_at_or_near_base")
    assert "drill" in drill.missing
    assert judge(article("Drill ends in town as the fire hits Ruwais"), rules).flagged


def test_many_are_background_until_something_is_new(folder: Path) -> None:
    rules = load_rules(folder, frozenset({"curated", "seed", "general"}))
    assert not judge(article("Series of costly big fires around and well near Ruwais"), rules).flagged
    assert judge(article("New series of costly big fires around and well near Ruwais"), rules).flagged


@pytest.mark.parametrize(
    ("title", "flagged"),
    [
        ("Fire hits Ruwais on March 24", True),
        ("Fire hits Ruwais on March 2", False),
        ("Fire hits Ruwais, count since March 2", True),
        ("Fire hits Ruwais on Friday", True),
        ("The 2019 fire hits Ruwais still", False),
        ("Fire hits Ruwais, 24 March 2021", False),
    ],
)
def test_old_dates_take_away(folder: Path, title: str, flagged: bool) -> None:
    assert judge(article(title), load_rules(folder)).flagged is flagged


def test_a_title_without_a_date_means_the_old_attack_of_its_lead(folder: Path) -> None:
    judgement = judge(article("Fire hits Ruwais", "The fire hit Ruwais on March 2."), load_rules(folder))
    assert (judgement.flagged, judgement.label) == (False, "followup")


def test_a_cue_that_is_no_part_of_the_name_may_be_the_event(folder: Path) -> None:
    """Without `span` the event would be a part of the name, and no rule could find it."""
    phrase = '[[phrase]]\nid = "base"\npattern = "event ~1 base_cued"\nspan = "base_cued"\n'
    (folder / "span.toml").write_text(phrase, encoding="utf-8")
    judgement = judge(article("Fire hits Reading"), load_rules(folder))
    assert judgement.flagged
    assert judgement.hits[0].base == "reading"
    assert [evidence.text for evidence in judgement.evidence] == ["Fire", "hits", "Reading"]


def test_names_need_cues_where_the_table_says_so(folder: Path) -> None:
    rules = load_rules(folder)
    assert not judge(article("Fire hits Reading"), rules).flagged
    assert judge(article("Fire hits Reading refinery"), rules).flagged
    assert judge(article("Fire hits Reading works"), rules).flagged


def test_short_names_in_capitals_are_acronyms(folder: Path) -> None:
    rules = load_rules(folder)
    assert not judge(article("Fire hits TANF offices"), rules).flagged
    assert judge(article("FIRE HITS TANF AT NIGHT"), rules).flagged


def test_captions_are_left_out(folder: Path) -> None:
    assert not judge(article("News", "Fire hits Ruwais (File photo)."), load_rules(folder)).flagged


def test_what_did_not_fire_names_the_nearest_rule(folder: Path) -> None:
    judgement = judge(article("Ruwais opens new plant"), load_rules(folder))
    assert judgement.label == "context_politics_opinion"
    assert judgement.missing
    assert "no event" in judge(article("Shares rise"), load_rules(folder)).missing


def test_sources_filter_what_is_loaded(folder: Path) -> None:
    assert set(load_rules(folder, frozenset({"curated"})).bases) == {"reading"}
    assert load_rules(folder).version != load_rules(folder, frozenset({"curated"})).version


def test_an_empty_article_has_a_class(folder: Path) -> None:
    assert judge(article(""), load_rules(folder)).label == "unrelated"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[[rule]]\nid = "x"\npatern = "a"', ["rules.toml", "patern", "pattern"]),
        ('[[rulle]]\nid = "x"', ["rulle", "rule"]),
        ('[[concept]]\nid = "weapon"\nterms = ["x"]\n[[rule]]\nid = "r"\npattern = "weapn"', ["weapn", "weapon"]),
        ('[[concept]]\nid = "a"\nterms = ["x(y"]', ["x(y", "parenthesis"]),
        ('[[concept]]\nid = "a"\nterms = ["---"]', ["no letter"]),
        ("x = ", ["rules.toml", "TOML"]),
        ('[[base]]\nid = "x"', ["name"]),
        ('[[base]]\nid = "x"\nname = "X"\nkind = "sea"', ["sea", "area"]),
        ('[[concept]]\nid = "a"\nsource = "seeds"\nterms = ["x"]', ["seeds", "seed"]),
        ('[[rule]]\nid = "r"', ["r", "pattern"]),
    ],
)
def test_mistakes_are_told_in_one_sentence(tmp_path: Path, content: str, said: list[str]) -> None:
    (tmp_path / "rules.toml").write_text(content, encoding="utf-8")
    with pytest.raises(RuleError) as raised:
        load_rules(tmp_path)
    assert "\n" not in str(raised.value).strip()
    for words in said:
        assert words in str(raised.value)


def test_a_folder_that_is_absent_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no such folder"):
        load_rules(tmp_path / "none")
