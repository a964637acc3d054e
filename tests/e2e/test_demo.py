"""The demo is what a newcomer sees first: it must end well, in time, and with its count as the last line."""

from __future__ import annotations

import json
import re
import time

from station import ROOT, call


def test_the_demo_ends_with_its_count_in_under_thirty_seconds(tmp_path):
    start = time.monotonic()
    done = call("demo", "--seeds", ROOT / "seeds", "--rules", ROOT / "rules", "--folder", tmp_path / "demo", timeout=60)
    last = done.stdout.rstrip().splitlines()[-1]
    found = re.fullmatch(
        r"(\d+) of (\d+) expected incidents alerted once, (\d+) signatures verified, (\d+) repeats silent", last
    )
    assert found, done.stdout + done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    assert found[1] == found[2] != "0"
    assert int(found[3]) >= int(found[1])
    assert time.monotonic() - start < 30
    # What it leaves behind can be reviewed, and a second demo starts afresh.
    listed = call("review", "list", "--json", "--config", tmp_path / "demo" / "basewatch.toml")
    assert any(row["reason"] == "repeat" for row in json.loads(listed.stdout))


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    done = call("demo", "--seeds", ROOT / "seeds", "--rules", ROOT / "rules", "--folder", tmp_path / "mine")
    assert done.returncode == 2
    assert "was not made by a demo" in done.stderr
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"
