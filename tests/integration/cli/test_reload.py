"""SIGHUP: the configuration is read again; a bad one changes nothing, and no delivery is lost (CF-2, CF-3)."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import sqlite3
from contextlib import contextmanager

import pytest
from station import CONFIG, ROOT, configure, daemon, on_air, until

ATTACK = "Two drones hit the US military base at al-Tanf in Syria, injuring three soldiers"
OTHER = "Rockets hit the Ain al-Asad air base in Iraq housing US troops, wounding two soldiers"


def logged(config):
    lines = config.with_name("daemon.log").read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def told(config, event):
    return [line for line in logged(config) if line["event"] == event]


def refusals(config):
    return [line["why"] for line in told(config, "the new configuration is refused, the old one stays in force")]


def rows(config, query):
    db = sqlite3.connect(config.with_name("basewatch.db"), timeout=10)
    try:
        return db.execute(query).fetchall()
    finally:
        db.close()


@contextmanager
def running(folder, text=CONFIG):
    """A daemon at work; gives its configuration, its station and how to hang up."""
    with on_air() as station:
        shutil.copytree(ROOT / "rules", folder / "rules")
        config = configure(folder, station, text.replace("'{rules}'", "'rules'"))
        with daemon(config, station) as process:
            until(lambda: told(config, "started"))

            def hang_up():
                process.send_signal(signal.SIGHUP)

            yield config, station, hang_up
            assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0


def change(config, old, new):
    text = config.read_text()
    assert old in text
    config.write_text(text.replace(old, new))


def test_a_new_feed_is_polled_and_what_was_known_stays_known(tmp_path):
    with running(tmp_path) as (config, station, hang_up):
        station.add(ATTACK)
        until(lambda: station.posts)
        with config.open("a") as file:
            file.write(f'[[feed]]\nurl = "{station.url}/feed.xml?second"\n')
        hang_up()
        until(lambda: len(told(config, "started")) == 2)
        assert told(config, "started")[1]["feeds"] == 2
        until(lambda: rows(config, "SELECT count(*) FROM feed_state WHERE last_polled_at IS NOT NULL") == [(2,)])
        station.add(OTHER)
        until(lambda: len(station.posts) == 2)
    assert len(station.posts) == 2


@pytest.mark.parametrize(
    ("break_it", "why"),
    [
        (lambda config: change(config, "every_seconds", "evry_seconds"), "did you mean every_seconds?"),
        (lambda config: config.write_text(config.read_text()[:40]), "is not TOML"),
        (lambda config: config.unlink(), "there is no configuration"),
        (lambda config: change(config, '"basewatch.db"', '"other.db"'), "cannot change while the daemon runs"),
        (lambda config: (config.parent / "rules" / "bases.toml").write_text("[[base"), "bases.toml"),
        (lambda config: change(config, "DESK_SLACK_URL", "NOT_SET"), "NOT_SET is not set"),
    ],
)
@pytest.mark.fault("CF-2")
def test_a_mistake_is_told_and_changes_nothing(tmp_path, break_it, why):
    with running(tmp_path) as (config, station, hang_up):
        break_it(config)
        hang_up()
        until(lambda: refusals(config))
        assert any(why in sentence for sentence in refusals(config)), refusals(config)
        station.add(ATTACK)
        until(lambda: station.posts)
        assert len(told(config, "started")) == 1


@pytest.mark.fault("CF-2")
def test_what_cannot_be_started_gives_way_to_what_ran_before(tmp_path):
    with socket.socket() as other, running(tmp_path) as (config, station, hang_up):
        other.bind(("127.0.0.1", 0))
        other.listen()
        with config.open("a") as file:
            file.write(f'[health]\nlisten = "127.0.0.1:{other.getsockname()[1]}"\n')
        hang_up()
        until(lambda: len(told(config, "started")) == 2)
        assert any("cannot be used" in sentence for sentence in refusals(config))
        station.add(ATTACK)
        until(lambda: station.posts)


@pytest.mark.fault("CF-3")
def test_deliveries_to_a_sink_that_was_taken_out_are_held_and_go_out_when_it_is_back(tmp_path):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/hook"
        (tmp_path / "hook").write_text(address)
        hook = '[[sink]]\nname = "hook"\nkind = "webhook"\nurl_file = "hook"\nallow_private_addresses = true\n'
        with running(tmp_path, CONFIG + hook) as (config, station, hang_up):
            station.add(ATTACK)
            until(lambda: station.posts)
            change(config, hook, "")
            hang_up()
            until(
                lambda: (
                    rows(config, "SELECT state, held_why FROM delivery WHERE sink = 'hook'") == [("held", "removed")]
                )
            )
            assert rows(config, "SELECT count(*) FROM notice WHERE kind = 'sink_removed'") == [(1,)]
            # A secret in a file may change with it.
            (tmp_path / "hook").write_text(f"{station.url}/hook")
            with config.open("a") as file:
                file.write(hook)
            hang_up()
            until(lambda: rows(config, "SELECT state FROM delivery WHERE sink = 'hook'") == [("sent",)], 60)
        assert [path for path, _ in station.posts].count("/hook") == 1


def test_a_stop_during_a_reload_stops(tmp_path):
    with on_air() as station:
        config = configure(tmp_path, station)
        with daemon(config, station) as process:
            until(lambda: told(config, "started"))
            process.send_signal(signal.SIGHUP)
            until(lambda: told(config, "reloading"))
            process.send_signal(signal.SIGTERM)
            assert process.wait(40) == 0
    assert logged(config)[-1]["event"] == "stopped"
