"""docs/polling.md tells the truth about its tests."""

from __future__ import annotations

import re
from pathlib import Path


def test_every_rule_of_polling_has_a_test_that_exists(root: Path):
    rows = re.findall(r"^\| (R\d+) \|.*\| `(\w+)` \|$", (root / "docs" / "polling.md").read_text(), re.MULTILINE)
    code = "\n".join(file.read_text() for file in (root / "tests").rglob("test_*.py"))
    assert [rule for rule, _ in rows] == [f"R{number}" for number in range(1, 31) if number != 29]
    assert not [test for _, test in rows if f"def {test}(" not in code]
    assert not [(rule, test) for rule, test in rows if not re.search(rf"r{rule[1:]}_", test)]
