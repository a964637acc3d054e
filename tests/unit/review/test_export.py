"""Incidents as files that other programs open."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Base
from monitor.review.export import cell, to_csv, to_geojson

ROW = {"id": "i", "base": "fort-a", "area": "", "country": "XX", "weapons": ["x", "y"], "first_title": "=1+1"}


def test_csv_has_a_header_and_one_row_an_incident():
    header, row = csv.reader(io.StringIO(to_csv([ROW])))
    values = dict(zip(header, row, strict=True))
    assert values["weapons"] == "x;y"
    assert values["first_title"] == "'=1+1"


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1"])
@pytest.mark.fault("HC-4")
def test_formulas_are_made_harmless(text):
    """HC-4."""
    assert cell(text).startswith("'")


@given(st.lists(st.text(), max_size=4))
def test_any_text_comes_back_as_one_cell(texts):
    rows = [{"first_title": text} for text in texts]
    read = list(csv.reader(io.StringIO(to_csv(rows), newline="")))
    assert len(read) == len(texts) + 1
    for line, text in zip(read[1:], texts, strict=True):
        assert line[-1] == cell(text)


def test_geojson_has_longitude_first_and_null_where_unknown():
    found = to_geojson([ROW, {**ROW, "base": "nowhere"}], {"fort-a": Base("fort-a", "Fort A", lat=10.0, lon=20.0)})
    assert found["features"][0]["geometry"] == {"type": "Point", "coordinates": [20.0, 10.0]}
    assert found["features"][1]["geometry"] is None
