"""Days of incidents in reports that nobody tuned words to: MUC-4, upper case, 1988 to 1990."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from monitor.incidents.dates import resolve_days

FLOOR = 0.97


@pytest.mark.corpus
def test_incident_dates_other_than_publication_are_found(corpus: Path):
    lines = (corpus / "dates" / "muc4.jsonl").read_text(encoding="utf-8").splitlines()
    wanted = found = 0
    for report in map(json.loads, lines):
        published = date.fromisoformat(report["published"])
        named = [day for day in resolve_days(report["text"], published) if day.is_narrow]
        for gold in map(date.fromisoformat, report["incident_dates"]):
            if gold != published:
                wanted += 1
                found += any(day.date_from <= gold <= day.date_to for day in named)
    print(f"MUC-4: {found} of {wanted} = {found / wanted:.3f}")
    assert wanted >= 140
    assert found / wanted >= FLOOR
