"""Incidents as CSV and GeoJSON, safe to open in a spreadsheet. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from monitor.model import Base

COLUMNS = (
    "id", "base", "area", "country", "date_from", "date_to", "weapons", "reports", "alerts", "first_seen_at",
    "last_report_at", "severity", "first_title",
)  # fmt: skip

# A spreadsheet runs a cell that begins with one of these as a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """RFC 4180 text with a header; every cell is text that no spreadsheet takes for a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([cell(row.get(name)) for name in COLUMNS])
    return out.getvalue()


def cell(value: object) -> str:
    """One cell: lists joined by a semicolon, nothing as empty, a formula made harmless by an apostrophe."""
    if value is None:
        return ""
    text = ";".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    text = text.replace("\x00", "")
    return "'" + text if text.lstrip(" ").startswith(FORMULA) else text


def to_geojson(rows: Sequence[Mapping[str, Any]], bases: Mapping[str, Base]) -> dict[str, Any]:
    """A FeatureCollection (RFC 7946); an incident whose place has no coordinates gets a null geometry."""
    return {"type": "FeatureCollection", "features": [_feature(row, bases) for row in rows]}


def _feature(row: Mapping[str, Any], bases: Mapping[str, Base]) -> dict[str, Any]:
    place = bases.get(row["base"]) or bases.get(row["area"])
    point = None
    if place and place.lat is not None and place.lon is not None:
        point = {"type": "Point", "coordinates": [place.lon, place.lat]}
    return {"type": "Feature", "geometry": point, "properties": {name: row.get(name) for name in COLUMNS}}
