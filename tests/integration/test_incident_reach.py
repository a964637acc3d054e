"""Identity reads only the incidents that a mention can be tied to: with all of them it would decide the same."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.engine.decide import LIVE
from monitor.incidents import tie
from monitor.incidents.identity import reach_of
from monitor.matching.factwords import WeaponKinds
from monitor.model import Article, Incident, Judgement, Link, Mention
from monitor.store import decisions, edits
from monitor.store.db import Database
from monitor.store.memory import begun, live_incidents

NOW = datetime(2024, 2, 20, 12, tzinfo=UTC)
KINDS = WeaponKinds(alike=frozenset({"drone", "rocket"}))
HIT = Judgement(flagged=True, label="attack", score=3.0, rule="r")


@st.composite
def told(draw):
    """A mention of some place and some days, or of none."""
    country = draw(st.sampled_from(["", "XX", "YY"]))
    first = draw(st.none() | st.integers(0, 25).map(lambda back: date(2024, 2, 20) - timedelta(days=back)))
    return Mention(
        base=draw(st.sampled_from(["", "", "north", "south"])),
        area=draw(st.sampled_from(["", "", "hills", "coast"])),
        country=country,
        date_from=first,
        date_to=first and first + timedelta(days=draw(st.integers(0, 2))),
        date_source=draw(st.sampled_from(["sentence", "reporting", "publication"])),
        weapons=draw(st.sampled_from([(), ("drone",), ("rocket",)])),
        killed=draw(st.sampled_from([None, None, 0, 3])),
        again=draw(st.booleans()),
        words=draw(st.sampled_from([(), (("ghent", 1.0),), (("ghent", 0.6), ("lyon", 0.8))])),
    )


def stored(db, reports, merged):
    """Incidents with the reports given, some of them merged into the first one."""
    with db.writing() as tx:
        for number, several in enumerate(reports):
            first = several[0][0]
            at = NOW - timedelta(hours=several[0][1])
            for place, (mention, _hours) in enumerate(several):
                entry = f"e{number}-{place}"
                decisions.add_given(tx, Article(entry, "Base attacked"), "", at)
                if place == 0:
                    incident = Incident(
                        f"i{number}", first.base, first.area, first.country, first.date_from, first.date_to, (), at, at
                    )
                    decisions.save_incidents(tx, [incident], entry)
                link = Link(mention, f"i{number}", "opens" if place == 0 else "joins", 3.0, "because")
                decisions.save_links(tx, entry, [link], at)
        for number in merged:
            if 0 < number < len(reports):
                edits.merge(tx, "i0", f"i{number}", "the same", NOW)


REPORTS = st.lists(
    st.lists(st.tuples(told(), st.integers(0, 24 * 24)), min_size=1, max_size=3), min_size=1, max_size=10
)


@settings(max_examples=150, deadline=None)
@given(
    reports=REPORTS,
    mentions=st.lists(told(), min_size=1, max_size=3),
    merged=st.sets(st.integers(1, 9), max_size=2),
    copied=st.none() | st.integers(0, 9),
)
def test_the_incidents_within_reach_decide_as_all_of_them(reports, mentions, merged, copied):
    article = Article("new", "Base attacked", seen_at=NOW)
    copy_of = None if copied is None else f"i{copied}"
    with tempfile.TemporaryDirectory() as folder:
        db = Database(Path(folder) / "a.db", durable=False)
        stored(db, reports, merged)
        since = NOW - LIVE
        everything = live_incidents(db.reading, since)
        within = live_incidents(db.reading, since, {reach_of(mention) for mention in mentions}, also=copy_of)
        known = begun(db.reading, since)
        db.close()
    assert {incident.id for incident in within} <= {incident.id for incident in everything}
    narrow = tie(article, HIT, mentions, within, KINDS, copy_of, begun=known)
    assert narrow == tie(article, HIT, mentions, everything, KINDS, copy_of)


def test_an_incident_of_another_country_is_not_read(tmp_path):
    db = Database(tmp_path / "a.db", durable=False)
    here = Mention("", "", "XX", date(2024, 2, 20), date(2024, 2, 20), "sentence")
    there = Mention("", "", "YY", date(2024, 2, 20), date(2024, 2, 20), "sentence")
    weeks_ago = Mention("", "", "XX", date(2024, 2, 5), date(2024, 2, 5), "sentence")
    stored(db, [[(here, 1)], [(there, 1)], [(weeks_ago, 1)]], ())
    assert [incident.id for incident in live_incidents(db.reading, NOW - LIVE, {reach_of(here)})] == ["i0"]
