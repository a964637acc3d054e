"""The catalogue of faults, the marks of the tests and the page agree."""

from __future__ import annotations

import importlib.util
import sys

import pytest


@pytest.fixture(scope="module")
def bench(root):
    spec = importlib.util.spec_from_file_location("faults_bench", root / "benchmarks" / "faults.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_catalogue_and_marks_say(bench):
    page = bench.page(bench.read_catalogue(), bench.read_marks("fault"), bench.read_marks("control"))
    assert bench.PAGE.read_text(encoding="utf-8") == page, "write it anew: python benchmarks/faults.py --write"


def test_every_mark_names_a_case_and_no_case_without_anything_to_test(bench):
    catalogue = bench.read_catalogue()
    marks = bench.read_marks("fault") | bench.read_marks("control")
    assert set(marks) <= set(catalogue.faults)
    assert not set(marks) & set(catalogue.nothing_to_test)


def test_every_case_has_a_test_or_nothing_to_test(bench):
    """A mark that slips from its test onto a class beside it is seen here."""
    catalogue = bench.read_catalogue()
    assert set(bench.read_marks("fault")) | set(catalogue.nothing_to_test) == set(catalogue.faults)


def test_the_catalogue_is_whole(bench):
    catalogue = bench.read_catalogue()
    assert len(catalogue.faults) == 115
    assert len(catalogue.starred) == 25
    assert catalogue.starred | set(catalogue.nothing_to_test) <= set(catalogue.faults)
    assert sum(len(catalogue.of_group(letters)) for letters in catalogue.groups) == 115


def test_the_four_mistakes_have_their_controls(bench):
    """Recording before sending, a lazy disk, the plain way to read a body, a deferred BEGIN."""
    assert {"CR-1", "CR-3", "HT-1", "CC-3"} <= set(bench.read_marks("control"))


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        ({"passed"}, "passed"),
        ({"passed", "skipped"}, "passed"),
        ({"passed", "failed"}, "failed"),
        ({"skipped"}, "skipped"),
        (set(), "without a test"),
    ],
)
def test_a_case_passes_when_a_test_passed_and_none_failed(bench, outcomes, state):
    assert bench.Results({"CR-1": outcomes}).state("CR-1") == state
