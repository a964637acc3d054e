"""Reviewers merge and split incidents: nothing is lost, nothing is sent again, and later reports keep to it."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from monitor.alerts.silencing import silence_for
from monitor.engine.decide import Desk, decide_waiting
from monitor.engine.explain import explain
from monitor.errors import InputError
from monitor.matching import load_rules
from monitor.model import Article, Fact, Incident, Link, Mention, Silence
from monitor.review.board import Filter, incident_list, incident_page
from monitor.review.edits import merge_incidents, split_incident
from monitor.store import decisions, edits, silences
from monitor.store.db import Database
from monitor.store.memory import article_of, incident

NOW = datetime(2024, 2, 3, 12, tzinfo=UTC)
TANF = Article(
    "tanf", "Three drones attack US base al-Tanf in Syria",
    "Three drones attacked the al-Tanf garrison in Syria on Saturday, U.S. Central Command said. No one was hurt.",
    source="Outlet",
)  # fmt: skip
AGAIN = Article(
    "again", "Drones target American troops at al-Tanf",
    "Drones targeted American troops at the al-Tanf garrison in southern Syria on Saturday, the military said.",
    source="Other",
)  # fmt: skip
ASAD = Article(
    "asad", "Rockets hit Ain al-Asad air base in Iraq",
    "Ten rockets hit the Ain al-Asad air base that houses US troops in Iraq on Saturday, two officials said.",
    source="Third",
)  # fmt: skip
ASAD_LATER = Article(
    "asad2", "Rocket attack on US troops at Ain al-Asad",
    "A rocket attack targeted US troops at the Ain al-Asad air base in western Iraq on Saturday, police said.",
    source="Fourth",
)  # fmt: skip


@pytest.fixture(scope="module")
def desk(root):
    rules = load_rules(root / "rules")
    return Desk(rules, body=lambda said: f'"{said.alert.reason}"', payloads=lambda _said: {"desk": "{}"})


@pytest.fixture
def db(tmp_path):
    return Database(tmp_path / "a.db", durable=False)


def tell(db, desk, article, at=NOW):
    """Let an article come in, or in again; the incidents that its reports stand at, and the reason."""
    with db.writing() as tx:
        decisions.add_given(tx, article, "", at)
        tx.execute("UPDATE entry SET published_at = first_seen_at WHERE id = ?", (article.id,))
    (decision,) = decide_waiting(db, desk, at)
    return decision.speech.reason, [
        row["incident_id"]
        for row in db.rows("SELECT incident_id FROM mention WHERE entry_id = ? AND how <> 'possible'", article.id)
    ]


def sent(db):
    return [tuple(row) for row in db.rows("SELECT * FROM alert ORDER BY id")], [
        tuple(row) for row in db.rows("SELECT * FROM delivery ORDER BY id")
    ]


def test_a_report_that_fits_a_merged_incident_joins_the_survivor_in_silence(db, desk):
    _, (tanf,) = tell(db, desk, TANF)
    _, (asad,) = tell(db, desk, ASAD)
    before = sent(db)
    merge_incidents(db, tanf, asad, "one salvo", NOW)
    assert sent(db) == before
    reason, found = tell(db, desk, ASAD_LATER, NOW + timedelta(hours=1))
    assert (reason, found) == ("repeat", [tanf])
    (row,) = incident_list(db, Filter())
    assert (row["id"], row["reports"], row["alerts"]) == (tanf, 3, 2)
    assert "one salvo" in row["edits"]
    page = incident_page(db, asad)
    assert page.incident["id"] == tanf
    assert {report["entry_id"] for report in page.reports} == {"tanf", "asad", "asad2"}
    assert len(page.alerts) == 2
    assert {row["merged_into"] for row in db.rows("SELECT merged_into FROM alerts_recent")} == {"", tanf}


def test_a_silence_of_a_merged_incident_follows_it_and_after_a_split_stays_with_the_named_one(db, desk):
    _, (tanf,) = tell(db, desk, TANF)
    _, (asad,) = tell(db, desk, ASAD)
    with db.writing() as tx:
        silences.save(tx, Silence("5a5a", "drill", NOW, NOW + timedelta(days=1), incident_id=asad))
    assert silenced(db) == {"asad"}
    merge_incidents(db, tanf, asad, "one salvo", NOW)
    assert silenced(db) == {"tanf", "asad"}
    split_incident(db, tanf, ["asad"], "two after all", NOW)
    assert silenced(db) == {"asad"}
    assert tell(db, desk, ASAD_LATER, NOW + timedelta(hours=1))[1] == [asad]
    split_incident(db, asad, ["asad2"], "another wave", NOW)
    assert silenced(db) == {"asad"}, "what is split off is told again"


def silenced(db):
    """The entries of which an alert would be silenced now."""
    active = silences.active(db.reading, NOW)
    found = {row["id"]: row["first_entry_id"] for row in db.rows("SELECT * FROM incident WHERE merged_into = ''")}
    covered = [key for key in found if silence_for(active, incident(db.reading, key), None, NOW)]
    return {row["entry_id"] for key in covered for row in incident_page(db, key).reports if row["entry_id"] != "asad2"}


def test_an_entry_of_a_merged_incident_judged_again_stays_with_the_survivor(db, desk):
    _, (tanf,) = tell(db, desk, TANF)
    _, (asad,) = tell(db, desk, ASAD)
    merge_incidents(db, tanf, asad, "one salvo", NOW)
    before = sent(db)
    assert tell(db, desk, ASAD) == ("new", [tanf])
    assert sent(db) == before


def test_an_entry_split_off_stays_apart_when_it_is_judged_again(db, desk):
    _, (tanf,) = tell(db, desk, TANF)
    assert tell(db, desk, AGAIN) == ("repeat", [tanf])
    before = sent(db)
    split = split_incident(db, tanf, ["again"], "a second attack", NOW).other_id
    assert incident(db.reading, split).spoken
    assert tell(db, desk, AGAIN) == ("repeat", [split])
    assert sent(db) == before
    told = explain(db, desk.rules, article_of(db.row("SELECT * FROM entry WHERE id = 'again'")), NOW)
    assert {link.incident_id for link in told.decision.links} == {split}
    assert [edit["why"] for edit in told.edits] == ["a second attack"]


def test_the_entry_that_opened_an_incident_can_be_split_off_it(db, desk):
    _, (tanf,) = tell(db, desk, TANF)
    tell(db, desk, AGAIN)
    split = split_incident(db, tanf, ["tanf"], "another day", NOW).other_id
    before = sent(db)
    _, found = tell(db, desk, TANF)
    assert tanf not in found
    assert found == [split]
    assert sent(db) == before


def test_what_was_split_off_may_be_merged_again_and_then_rejoins(db, desk):
    _, (tanf,) = tell(db, desk, TANF)
    tell(db, desk, AGAIN)
    split = split_incident(db, tanf, ["again"], "a second attack", NOW).other_id
    merge_incidents(db, tanf, split, "no, the same", NOW)
    assert tell(db, desk, AGAIN) == ("repeat", [tanf])
    assert [row["reports"] for row in incident_list(db, Filter())] == [2]


def test_what_cannot_be_edited_is_said_and_changes_nothing(db, desk):
    _, (tanf,) = tell(db, desk, TANF)
    tell(db, desk, ASAD)
    for edit, said in (
        (lambda: merge_incidents(db, tanf, tanf, "same", NOW), "one incident already"),
        (lambda: merge_incidents(db, tanf, "zzz", "same", NOW), "no incident starts"),
        (lambda: split_incident(db, tanf, ["tanf"], "all", NOW), "keep no report"),
        (lambda: split_incident(db, tanf, ["asad"], "stranger", NOW), "does not report"),
        (lambda: split_incident(db, tanf, ["tanf"], " ", NOW), "--why"),
    ):
        with pytest.raises(InputError, match=said):
            edit()
    assert db.rows("SELECT * FROM incident_edit") == []


class Editing(RuleBasedStateMachine):
    """Any order of merges, splits and their undoing, against a partition of the mentions kept beside it."""

    @initialize(sizes=st.lists(st.integers(1, 4), min_size=2, max_size=5))
    def begin(self, sizes):
        self.folder = tempfile.TemporaryDirectory()
        self.db = Database(Path(self.folder.name) / "a.db", durable=False)
        self.undo = []
        self.groups = {}
        self.number = 0
        for which, size in enumerate(sizes):
            entries = [self._report(f"i{which}", opens=number == 0) for number in range(size)]
            self.groups[f"i{which}"] = set(entries)
        with self.db.writing() as tx:  # one article that tells of two of them
            decisions.save_links(tx, "e0", [self._link("i0", "opens"), self._link("i1", "joins")], NOW)
        self.groups["i1"].add("e0")
        self.mentions = self.db.rows("SELECT id, entry_id, how, data FROM mention ORDER BY id")
        self.facts = self.db.rows("SELECT id, slot, value, entry_id, source, sentence FROM fact ORDER BY id")

    def _link(self, key, how):
        return Link(Mention(key, "", "XX", date(2024, 2, 3), date(2024, 2, 3), "sentence"), key, how, 3.0, "because")

    def _report(self, key, *, opens):
        entry = f"e{self.number}"
        self.number += 1
        with self.db.writing() as tx:
            decisions.add_given(tx, Article(entry, "Base attacked", source="s.example"), "", NOW)
            if opens:
                decisions.save_incidents(tx, [Incident(key, key, "", "XX", None, None, (), NOW, NOW)], entry)
            decisions.save_links(tx, entry, [self._link(key, "opens" if opens else "joins")], NOW)
            decisions.save_fact(tx, key, Fact("base", key, entry, "s.example", "…", NOW))
        return entry

    @precondition(lambda self: len(self.groups) > 1)
    @rule(data=st.data())
    def merge(self, data):
        one, other = data.draw(st.permutations(sorted(self.groups)))[:2]
        before = {key: set(entries) for key, entries in self.groups.items()}
        overlap = self.groups[one] & self.groups[other]
        done = merge_incidents(self.db, one, other, "same", NOW)
        assert (done.incident_id, done.other_id) == (one, other)
        self.groups[one] |= self.groups.pop(other)
        if not overlap and len(done.entry_ids) < len(self.groups[one]):
            self.undo.append(("split", one, done.entry_ids, other, before))
        else:
            self.undo.clear()  # an entry that told of both: no split by entries can tell its reports apart again

    @rule(data=st.data())
    def split(self, data):
        able = sorted(key for key, entries in self.groups.items() if len(entries) > 1)
        if not able:
            return
        key = data.draw(st.sampled_from(able))
        entries = sorted(self.groups[key])
        chosen = data.draw(st.lists(st.sampled_from(entries), min_size=1, max_size=len(entries) - 1, unique=True))
        before = {name: set(members) for name, members in self.groups.items()}
        done = split_incident(self.db, key, chosen, "not the same", NOW)
        assert done.other_id not in self.groups
        self.groups[key] -= set(chosen)
        self.groups[done.other_id] = set(chosen)
        self.undo.append(("merge", key, done.other_id, None, before))

    @precondition(lambda self: self.undo)
    @rule()
    def undo_last(self):
        kind, key, what, revived, before = self.undo.pop()
        if kind == "merge":
            merge_incidents(self.db, key, what, "undone", NOW)
        else:
            assert split_incident(self.db, key, what, "undone", NOW).other_id == revived
        self.groups = before

    @invariant()
    def each_report_is_in_exactly_one_incident_and_none_is_lost(self):
        if not hasattr(self, "db"):
            return
        assert self.db.rows("SELECT id, entry_id, how, data FROM mention ORDER BY id") == self.mentions
        kept = self.db.rows("SELECT id, slot, value, entry_id, source, sentence FROM fact ORDER BY id")
        assert kept == self.facts
        for table in ("mention", "fact"):
            found = defaultdict(set)
            for row in self.db.rows(
                "SELECT x.entry_id, coalesce(nullif(i.merged_into, ''), i.id) AS key, "
                f"(SELECT merged_into FROM incident s WHERE s.id = coalesce(nullif(i.merged_into, ''), i.id)) AS above "
                f"FROM {table} x JOIN incident i ON i.id = x.incident_id"
            ):
                assert row["above"] == ""
                found[row["key"]].add(row["entry_id"])
            if table == "mention":
                assert found == self.groups
            else:
                assert all(entries <= self.groups[key] for key, entries in found.items())
        assert {row["id"]: row["reports"] for row in self.db.rows("SELECT id, reports FROM incidents_board")} == {
            key: len(entries) for key, entries in self.groups.items()
        }

    @invariant()
    def what_is_split_holds_until_it_is_merged_again(self):
        if not hasattr(self, "db"):
            return
        for key, entries in self.groups.items():
            for entry in entries - {"e0"}:
                placed = edits.placed_by_reviewer(self.db.reading, entry)
                assert key not in placed.apart
                assert placed.incident_id in ("", key)

    def teardown(self):
        if hasattr(self, "db"):
            self.db.close()
            self.folder.cleanup()


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=25, stateful_step_count=10, deadline=None)
