"""A user's own job from the first command to the answer: why did this alert fire?"""

from __future__ import annotations

import json
import signal
import sqlite3
import time

from station import call, configure, daemon, on_air, until

TITLE = "Two drones hit the US military base at al-Tanf in Syria, injuring three soldiers"
SUMMARY = "Two drones struck the American garrison at al-Tanf on the border, US Central Command said."


def test_from_init_to_an_alert_and_the_query_that_tells_why(tmp_path):
    with on_air() as station:
        written = call("init", cwd=tmp_path)
        assert written.returncode == 0, written.stderr
        station.add("Parliament passes the budget after a long debate")
        config = configure(tmp_path, station)
        tried = call("sinks", "test", "--config", config, station=station)
        assert tried.returncode == 0, tried.stderr
        assert "test of Basewatch" in station.posts.pop()[1]["text"]

        with daemon(config, station) as process:
            db = sqlite3.connect(tmp_path / "basewatch.db")
            until(lambda: has_decided(db, 1))
            station.add(TITLE, SUMMARY)
            appeared = time.monotonic()
            until(lambda: station.posts)
            assert time.monotonic() - appeared < 10
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0

        [(path, message)] = station.posts
        assert path == "/services/T000/B000/secret-secret-secret"
        assert "al-Tanf" in message["text"]
        (why,) = db.execute("SELECT reason, sentence, link FROM matches_review").fetchall()
        assert why[0] == "new"
        assert "al-Tanf" in why[1]
        assert why[2].startswith(station.url)
        db.close()
        assert "secret-secret" not in (tmp_path / "daemon.log").read_text()
        for file in tmp_path.glob("basewatch.db*"):
            assert b"secret-secret" not in file.read_bytes()

        shown = json.loads(call("review", "list", "--json", "--config", config).stdout)
        assert [row["title"] for row in shown] == [TITLE]
        assert json.loads(call("outbox", "list", "--json", "--config", config).stdout) == []


def has_decided(db, entries):
    try:
        return db.execute("SELECT count(*) FROM entry WHERE state = 'decided'").fetchone()[0] >= entries
    except sqlite3.OperationalError:
        return False
