"""The lines that a replay reads."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.engine.intake import read_line, read_lines, to_published
from monitor.errors import InputError


def test_a_line_becomes_an_article():
    line = read_line(1, b'{"id":"a","url":"https://x.example/1","title":"T","published":"2023-03-24","text":"B","z":1}')
    assert line.article is not None
    assert (line.article.id, line.article.title, line.article.text) == ("a", "T", "B")
    assert line.article.published_at == datetime(2023, 3, 24, tzinfo=UTC)
    assert line.problem == ""


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        ("", None),
        (None, None),
        ("2023-03-24", datetime(2023, 3, 24, tzinfo=UTC)),
        ("2023-03-24 10:11:12", datetime(2023, 3, 24, 10, 11, 12, tzinfo=UTC)),
        ("2023-03-24T10:11:12Z", datetime(2023, 3, 24, 10, 11, 12, tzinfo=UTC)),
        ("2023-03-24T01:00:00+03:00", datetime(2023, 3, 23, 22, 0, tzinfo=UTC)),
        ("Fri, 24 Mar 2023 10:11:12 GMT", datetime(2023, 3, 24, 10, 11, 12, tzinfo=UTC)),
    ],
)
def test_published_times_are_utc_and_empty_is_unknown(published, expected):
    assert to_published(published) == expected


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"{", "line 7"),
        (b"[1]", "not a JSON object"),
        (b'{"title":"no id"}', "`id`"),
        (b'{"id":"a","title":3}', "`title`"),
        (b'{"id":"a","published":"yesterday"}', "`published`"),
        (b'{"id":"a","published":20230324}', "`published`"),
        (b'{"id":"a","published":"0001-01-01T00:00:00+14:00"}', "`published`"),
        (b"\xff\xfe", "line 7"),
    ],
)
def test_a_bad_line_is_one_sentence_with_its_number(line, says):
    read = read_line(7, line)
    assert read.article is None
    assert says in read.problem
    assert read.problem.startswith("line 7: ")
    assert "\n" not in read.problem


@given(st.binary(max_size=200))
def test_any_bytes_give_an_article_or_a_sentence(line):
    read = read_line(1, line)
    assert (read.article is None) == bool(read.problem)


@given(st.dictionaries(st.sampled_from(["id", "title", "text", "published", "url"]), st.text(max_size=30)))
def test_any_texts_can_be_stored_afterwards(values):
    read = read_line(1, json.dumps(values).encode())
    if read.article:
        for text in (read.article.id, read.article.title, read.article.text):
            assert "\x00" not in text
            text.encode("utf-8")


def test_gzip_is_recognised_by_its_content_not_its_name(tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_bytes(gzip.compress(b'{"id":"a"}\n\n{"id":"b"}\n'))
    assert [line.article.id for line in read_lines(path)] == ["a", "b"]
    assert [line.number for line in read_lines(path)] == [1, 3]


def test_a_missing_or_cut_file_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        list(read_lines(tmp_path / "absent.jsonl"))
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(b'{"id":"a"}\n' * 1000)[:-20])
    with pytest.raises(InputError, match="cannot be read"):
        list(read_lines(cut))
