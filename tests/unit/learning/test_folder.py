"""A folder of rules is read and replaced as a whole."""

from __future__ import annotations

import pytest

from monitor.errors import RuleError
from monitor.learning.folder import put_rule_files, read_rule_files
from monitor.matching import load_rules

GOOD = {
    "a.toml": '# \u00e9\r\n[[concept]]\r\nid = "x"\r\nterms = ["one"]\r\n',
    "b.toml": "[settings]\nthreshold = 1.0\n",
}


def test_what_is_put_is_read_back_byte_for_byte_and_nothing_else_remains(tmp_path):
    (tmp_path / "old.toml").write_text("[settings]\nthreshold = 9.0\n")
    (tmp_path / "background.tsv").write_text("1\n")
    rules = put_rule_files(tmp_path, GOOD)
    assert read_rule_files(tmp_path) == GOOD
    assert (tmp_path / "a.toml").read_bytes() == GOOD["a.toml"].encode()
    assert (tmp_path / "background.tsv").read_text() == "1\n"
    assert rules.version == load_rules(tmp_path).version
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.toml", "b.toml", "background.tsv"]


@pytest.mark.parametrize(
    "files",
    [{"a.toml": "[[["}, {"a.toml": "[nonsense]\nx = 1\n"}, {"../a.toml": ""}, {"a.txt": ""}],
)
def test_files_that_make_no_rule_set_replace_nothing(tmp_path, files):
    folder = tmp_path / "rules"
    put_rule_files(folder, GOOD)
    with pytest.raises(RuleError):
        put_rule_files(folder, files)
    assert read_rule_files(folder) == GOOD
    assert [file.name for file in tmp_path.iterdir()] == ["rules"]
