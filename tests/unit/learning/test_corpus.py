"""Seeds are read whole or refused with one sentence; what is no news is cut; what stands twice counts once."""

from datetime import date

import pytest

from monitor.errors import InputError
from monitor.learning.corpus import Seed, clean, read_seeds


def cleaned(text, title="A title that stands apart"):
    return clean(Seed("s", title, text)).sentences[1:]


def test_a_bare_folder_of_texts_is_enough(tmp_path):
    (tmp_path / "b.txt").write_text("Second seed\n\nIt happened there.", encoding="utf-8")
    (tmp_path / "a.txt").write_text("\nFirst seed\n", encoding="utf-8")
    seeds = read_seeds(tmp_path)
    assert [(seed.id, seed.title, seed.published) for seed in seeds] == [
        ("a", "First seed", None),
        ("b", "Second seed", None),
    ]


def test_the_manifest_gives_title_source_day_and_language(tmp_path):
    (tmp_path / "a.txt").write_text("text", encoding="utf-8")
    (tmp_path / "manifest.toml").write_text(
        '[[seed]]\nfile = "a.txt"\ntitle = "T"\nsource = "S"\npublished = 2024-01-31\nlanguage = "en"\n',
        encoding="utf-8",
    )
    assert read_seeds(tmp_path) == (Seed("a", "T", "text", "S", date(2024, 1, 31), "en"),)


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ('[[seed]]\nfile = "gone.txt"\n', "names gone.txt, which is not in the folder"),
        ("[[seed]\n", "is not valid TOML"),
        ('[[seed]]\ntitle = "no file"\n', "needs a [[seed]] table with a file"),
        ('[[seed]]\nfile = "a.txt"\npublished = "yesterday"\n', "published of a.txt is no date"),
    ],
)
def test_a_broken_manifest_is_refused_in_one_sentence(tmp_path, manifest, said):
    (tmp_path / "a.txt").write_text("text", encoding="utf-8")
    (tmp_path / "manifest.toml").write_text(manifest, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_seeds(tmp_path)
    assert said in str(refused.value)


def test_an_empty_or_missing_folder_and_other_encodings_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"holds no \.txt files"):
        read_seeds(tmp_path)
    with pytest.raises(InputError, match="is not a folder"):
        read_seeds(tmp_path / "gone")
    (tmp_path / "a.txt").write_bytes(b"caf\xe9")
    with pytest.raises(InputError, match="not UTF-8"):
        read_seeds(tmp_path)


@pytest.mark.parametrize(
    "furniture",
    [
        "By Jane Q Writer",
        "A+ A-",
        "12 shares",
        "Somebody contributed to this report by phone and mail.",
        "The bridge at dawn in an undated picture, via Getty Images",
    ],
)
def test_furniture_is_cut(furniture):
    assert cleaned(f"The bridge was hit on Monday.\n{furniture}\nTwo people were hurt there.") == (
        "The bridge was hit on Monday.",
        "Two people were hurt there.",
    )


def test_a_dateline_is_cut_but_not_its_sentence():
    assert cleaned("PORT TOWN, Some Region - The pier was hit by a storm.") == ("The pier was hit by a storm.",)
    assert cleaned("CAPITAL (Agency) - The pier was hit by a storm.") == ("The pier was hit by a storm.",)


def test_comment_sections_end_a_text():
    text = "The pier was hit by a storm.\n\nLeave a Comment\nWe moderate what the pier was hit by."
    assert cleaned(text) == ("The pier was hit by a storm.",)


def test_a_text_that_stands_twice_counts_once():
    once = "The pier was hit by a storm.\nNobody was hurt on it.\n"
    assert cleaned(once + once) == cleaned(once)
