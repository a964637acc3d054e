"""The schema as a list of migrations. A migration that has been released is never edited; a new one is appended.

Everything a reviewer may query is STRICT, ids and times are TEXT (times: UTC ISO 8601, sortable).
"""

from __future__ import annotations

import sqlite3

from monitor.errors import StoreError
from monitor.store.views import VIEWS

APPLICATION_ID = 0x62776368  # "bwch"

FIRST = """
CREATE TABLE migration (number INTEGER PRIMARY KEY, applied_at TEXT NOT NULL) STRICT;

CREATE TABLE feed (
  id TEXT PRIMARY KEY, url TEXT NOT NULL UNIQUE, title TEXT NOT NULL DEFAULT '', language TEXT NOT NULL DEFAULT '',
  user_agent TEXT NOT NULL DEFAULT '',
  active INTEGER NOT NULL DEFAULT 1, added_at TEXT NOT NULL
) STRICT;

CREATE TABLE feed_state (
  feed_id TEXT PRIMARY KEY REFERENCES feed(id),
  etag TEXT, last_modified TEXT, validators_url TEXT,
  next_poll_at TEXT, lease_until_at TEXT, last_polled_at TEXT, last_ok_at TEXT, last_full_at TEXT,
  last_status INTEGER, last_error TEXT, failures INTEGER NOT NULL DEFAULT 0, entry_count INTEGER,
  gone INTEGER NOT NULL DEFAULT 0, moved_to TEXT, moved_count INTEGER NOT NULL DEFAULT 0, moved_since_at TEXT,
  interval_seconds INTEGER, skip_hours TEXT NOT NULL DEFAULT '[]', skip_days TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX feed_state_due ON feed_state(next_poll_at);

CREATE TABLE entry (
  id TEXT PRIMARY KEY, feed_id TEXT NOT NULL, guid TEXT, url TEXT, canonical_url TEXT,
  title TEXT NOT NULL, summary TEXT NOT NULL, language TEXT NOT NULL DEFAULT '', source TEXT NOT NULL DEFAULT '',
  published_at TEXT, first_seen_at TEXT NOT NULL, last_seen_at TEXT NOT NULL, edited_at TEXT,
  content_hash TEXT NOT NULL, baseline INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'undecided' CHECK (state IN ('undecided', 'decided')),
  page_state TEXT NOT NULL DEFAULT 'none' CHECK (page_state IN ('none', 'wanted', 'done', 'failed')),
  page_tries INTEGER NOT NULL DEFAULT 0, text TEXT NOT NULL DEFAULT '', text_source TEXT NOT NULL DEFAULT 'feed',
  decide_tries INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX entry_undecided ON entry(first_seen_at) WHERE state = 'undecided';
CREATE INDEX entry_page_wanted ON entry(first_seen_at) WHERE page_state = 'wanted';
CREATE INDEX entry_canonical ON entry(canonical_url) WHERE canonical_url IS NOT NULL;
CREATE INDEX entry_feed ON entry(feed_id, last_seen_at);

CREATE TABLE entry_alias (
  feed_id TEXT NOT NULL, alias TEXT NOT NULL, entry_id TEXT NOT NULL REFERENCES entry(id),
  PRIMARY KEY (feed_id, alias)
) STRICT, WITHOUT ROWID;

CREATE TABLE rule_set (version TEXT PRIMARY KEY, first_used_at TEXT NOT NULL, files TEXT NOT NULL) STRICT;

CREATE TABLE judgement (
  id INTEGER PRIMARY KEY, entry_id TEXT NOT NULL REFERENCES entry(id), judged_at TEXT NOT NULL,
  flagged INTEGER NOT NULL, label TEXT NOT NULL, score REAL NOT NULL, rule TEXT NOT NULL, missing TEXT NOT NULL,
  evidence TEXT NOT NULL, rules_version TEXT NOT NULL, text_source TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (reason IN ('new', 'update', 'possible_update', 'repeat', 'baseline', 'none')),
  why TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX judgement_entry ON judgement(entry_id, id);
CREATE INDEX judgement_flagged ON judgement(judged_at) WHERE flagged = 1;

CREATE TABLE incident (
  id TEXT PRIMARY KEY, base TEXT NOT NULL DEFAULT '', area TEXT NOT NULL DEFAULT '', country TEXT NOT NULL DEFAULT '',
  date_from TEXT, date_to TEXT, weapons TEXT NOT NULL DEFAULT '[]',
  first_seen_at TEXT NOT NULL, last_report_at TEXT NOT NULL, spoken INTEGER NOT NULL DEFAULT 0,
  first_entry_id TEXT NOT NULL REFERENCES entry(id), merged_into TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX incident_live ON incident(last_report_at, merged_into, country, base, area, date_from, first_seen_at);
CREATE INDEX incident_merged ON incident(merged_into) WHERE merged_into <> '';

CREATE TABLE incident_edit (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('merge', 'split')),
  incident_id TEXT NOT NULL REFERENCES incident(id), other_id TEXT NOT NULL REFERENCES incident(id),
  entry_ids TEXT NOT NULL, aliases TEXT NOT NULL DEFAULT '[]', why TEXT NOT NULL, at TEXT NOT NULL
) STRICT;
CREATE INDEX incident_edit_incident ON incident_edit(incident_id);
CREATE INDEX incident_edit_other ON incident_edit(other_id);
CREATE TABLE incident_edit_entry (
  entry_id TEXT NOT NULL, edit_id INTEGER NOT NULL REFERENCES incident_edit(id), PRIMARY KEY (entry_id, edit_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE mention (
  id INTEGER PRIMARY KEY, entry_id TEXT NOT NULL REFERENCES entry(id), incident_id TEXT REFERENCES incident(id),
  how TEXT NOT NULL, score REAL NOT NULL, why TEXT NOT NULL, seen_at TEXT NOT NULL, background INTEGER NOT NULL,
  sentence TEXT NOT NULL, data TEXT NOT NULL
) STRICT;
CREATE INDEX mention_incident ON mention(incident_id, id);
CREATE INDEX mention_entry ON mention(entry_id);

CREATE TABLE fact (
  id INTEGER PRIMARY KEY, incident_id TEXT NOT NULL REFERENCES incident(id), slot TEXT NOT NULL, value TEXT NOT NULL,
  entry_id TEXT NOT NULL REFERENCES entry(id), source TEXT NOT NULL, sentence TEXT NOT NULL, seen_at TEXT NOT NULL
) STRICT;
CREATE INDEX fact_incident ON fact(incident_id, slot, id);

CREATE TABLE sketch (hash INTEGER NOT NULL, entry_id TEXT NOT NULL, seen_at TEXT NOT NULL,
  PRIMARY KEY (hash, entry_id)) STRICT, WITHOUT ROWID;
CREATE INDEX sketch_entry ON sketch(entry_id, hash);
CREATE INDEX sketch_age ON sketch(seen_at);

CREATE TABLE alert (
  id TEXT PRIMARY KEY, incident_id TEXT NOT NULL REFERENCES incident(id), entry_id TEXT NOT NULL REFERENCES entry(id),
  reason TEXT NOT NULL, confidence TEXT NOT NULL, created_at TEXT NOT NULL, changes TEXT NOT NULL DEFAULT '[]',
  body TEXT NOT NULL, silenced_by TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX alert_created ON alert(created_at);
CREATE INDEX alert_incident ON alert(incident_id);

CREATE TABLE silence (
  id TEXT PRIMARY KEY, base TEXT NOT NULL DEFAULT '', incident_id TEXT NOT NULL DEFAULT '',
  country TEXT NOT NULL DEFAULT '', why TEXT NOT NULL, created_at TEXT NOT NULL, until_at TEXT NOT NULL,
  deliver_after INTEGER NOT NULL DEFAULT 0, ended_at TEXT
) STRICT;

CREATE TABLE delivery (
  id TEXT PRIMARY KEY, alert_id TEXT NOT NULL REFERENCES alert(id), sink TEXT NOT NULL, generation INTEGER NOT NULL,
  payload TEXT NOT NULL, state TEXT NOT NULL
    CHECK (state IN ('pending', 'sending', 'sent', 'unknown', 'held', 'cancelled', 'dead')),
  attempts INTEGER NOT NULL DEFAULT 0, next_attempt_at TEXT, boot_id TEXT, lease_expires_at TEXT,
  fence INTEGER NOT NULL DEFAULT 0, last_code INTEGER, last_error TEXT NOT NULL DEFAULT '',
  repeat_possible INTEGER NOT NULL DEFAULT 0, minimal INTEGER NOT NULL DEFAULT 0, digest_id TEXT,
  held_why TEXT NOT NULL DEFAULT '', not_before_at TEXT,
  created_at TEXT NOT NULL, first_attempt_at TEXT, sent_at TEXT, UNIQUE (alert_id, sink, generation)
) STRICT;
CREATE INDEX delivery_state ON delivery(state, sink, created_at);

CREATE TABLE attempt (
  id INTEGER PRIMARY KEY, delivery_id TEXT NOT NULL REFERENCES delivery(id), number INTEGER NOT NULL,
  started_at TEXT NOT NULL, ended_at TEXT, outcome TEXT, code INTEGER, error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX attempt_delivery ON attempt(delivery_id);
CREATE INDEX attempt_unknown ON attempt(delivery_id) WHERE outcome = 'unknown';

CREATE TABLE sink_state (
  sink TEXT PRIMARY KEY, failures INTEGER NOT NULL DEFAULT 0, next_slot_at TEXT, paused_until_at TEXT,
  circuit_open_at TEXT, broken_at TEXT, broken_why TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE notice (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL,
  cleared_at TEXT, told_at TEXT, details TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX notice_open ON notice(kind, subject) WHERE cleared_at IS NULL;

CREATE TABLE verdict (
  id INTEGER PRIMARY KEY, entry_id TEXT NOT NULL REFERENCES entry(id),
  verdict TEXT NOT NULL CHECK (verdict IN ('right', 'wrong')), why TEXT NOT NULL, at TEXT NOT NULL,
  rules_version TEXT NOT NULL
) STRICT;
CREATE INDEX verdict_entry ON verdict(entry_id, id);

CREATE TABLE heartbeat (name TEXT PRIMARY KEY, at TEXT NOT NULL, value TEXT NOT NULL DEFAULT '') STRICT;
"""

# What the alarms "empty" and "overflow" are found by. The notice was raised by polls before it was an alarm.
SIGNS = """
ALTER TABLE feed_state ADD COLUMN last_failure TEXT NOT NULL DEFAULT '';
ALTER TABLE feed_state ADD COLUMN overflowed_at TEXT;
UPDATE notice SET kind = 'overflow' WHERE kind = 'possible_missed_entries';
"""

# How grave an alert said that its incident is; "" where it did not say.
SEVERITY = "ALTER TABLE alert ADD COLUMN severity TEXT NOT NULL DEFAULT '';"

# What a sink calls a message that it accepted: a later one can go under it.
RECEIPTS = "ALTER TABLE delivery ADD COLUMN receipt TEXT NOT NULL DEFAULT '';"

# With which others a delivery goes out; "" where it goes alone.
BATCH = """
ALTER TABLE delivery ADD COLUMN batch TEXT NOT NULL DEFAULT '';
CREATE INDEX delivery_batch ON delivery(batch, sink) WHERE batch <> '';
"""

# Hosts that asked to be left alone, and until when; their pages wait.
RESTS = "CREATE TABLE host_rest (host TEXT PRIMARY KEY, until_at TEXT NOT NULL) STRICT, WITHOUT ROWID;"

# Rules that somebody put in place whatever the floors say.
ACCEPTED = "CREATE TABLE accepted_rules (version TEXT PRIMARY KEY, accepted_at TEXT NOT NULL) STRICT;"

MIGRATIONS: tuple[str, ...] = (FIRST, SIGNS, SEVERITY, RECEIPTS, BATCH, RESTS, ACCEPTED)


def migrate(db: sqlite3.Connection, now: str) -> None:
    """Bring the database to this version inside the caller's write transaction: all or nothing."""
    found = db.execute("PRAGMA application_id").fetchone()[0]
    tables = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if found != APPLICATION_ID and tables:
        raise StoreError("the file is an SQLite database of another program; give `database` another path")
    done = db.execute("SELECT max(number) FROM migration").fetchone()[0] if tables else 0
    if done > len(MIGRATIONS):
        raise StoreError(
            f"the database was written by a newer Basewatch (schema {done}, this one knows {len(MIGRATIONS)}); "
            "install that version or restore an older backup"
        )
    views = {name: f"CREATE VIEW {name} AS {body}" for name, body in VIEWS.items()}
    if done == len(MIGRATIONS) and views_of(db) == views:
        return
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    # Views may change without a migration, and one that is there can stand in the way of one.
    for name in views_of(db):
        db.execute(f"DROP VIEW {name}")
    for number in range(done + 1, len(MIGRATIONS) + 1):
        for statement in statements(MIGRATIONS[number - 1]):
            db.execute(statement)
        db.execute("INSERT INTO migration (number, applied_at) VALUES (?, ?)", (number, now))
    for view in views.values():
        db.execute(view)


def views_of(db: sqlite3.Connection) -> dict[str, str]:
    """The statements of the views that are there under a name of ours."""
    found = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'view'").fetchall()
    return {name: sql for name, sql in found if name in VIEWS}


def statements(script: str) -> list[str]:
    """The statements of a script, one by one: executescript() would commit the caller's transaction."""
    found, buffer = [], ""
    for line in script.splitlines(keepends=True):
        buffer += line
        if sqlite3.complete_statement(buffer) and buffer.strip():
            found.append(buffer.strip())
            buffer = ""
    return found
