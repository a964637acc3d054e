"""The daemon as a process: it stops well, runs once a database, and survives what happens to it."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess

import pytest
from station import CONFIG, PROGRAM, call, configure, daemon, environment, on_air, until

ATTACK = "Two drones hit the US military base at al-Tanf in Syria, injuring three soldiers"


def events(config):
    lines = config.with_name("daemon.log").read_text().splitlines()
    return [json.loads(line)["event"] for line in lines if line.startswith("{")]


def started(config):
    return until(lambda: "started" in events(config))


@pytest.mark.fault("CR-5")
def test_both_signals_end_it_well(tmp_path):
    with on_air() as station:
        for number in (signal.SIGTERM, signal.SIGINT):
            folder = tmp_path / number.name
            folder.mkdir()
            config = configure(folder, station)
            with daemon(config, station) as process:
                started(config)
                process.send_signal(number)
                assert process.wait(30) == 0
            assert events(config)[-1] == "stopped"


def test_a_hang_up_does_not_end_it(tmp_path):
    with on_air() as station:
        config = configure(tmp_path, station)
        with daemon(config, station) as process:
            started(config)
            process.send_signal(signal.SIGHUP)
            until(lambda: events(config).count("started") == 2)
            assert process.poll() is None


@pytest.mark.fault("CC-1")
def test_a_second_daemon_on_the_same_file_ends_with_3_and_names_the_first(tmp_path):
    with on_air() as station:
        config = configure(tmp_path, station)
        with daemon(config, station) as process:
            started(config)
            (tmp_path / "link.db").symlink_to(tmp_path / "basewatch.db")
            other = tmp_path / "other.toml"
            other.write_text(config.read_text().replace("basewatch.db", "link.db"))
            for file in (config, other):
                second = call("run", "--config", file, station=station)
                assert second.returncode == 3
                assert str(process.pid) in second.stderr
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0


@pytest.mark.fault("CC-2")
def test_a_killed_daemon_leaves_no_lock_and_the_next_one_takes_up_the_work(tmp_path):
    with on_air() as station:
        station.add(ATTACK)
        config = configure(tmp_path, station)
        with daemon(config, station) as process:
            until(lambda: station.posts)
            process.kill()
        with daemon(config, station) as process:
            until(lambda: events(config).count("started") == 2)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        db = sqlite3.connect(tmp_path / "basewatch.db")
        assert db.execute("SELECT count(*) FROM alert").fetchone() == (1,)
        db.close()


def test_health_follows_the_daemon(tmp_path):
    with on_air() as station:
        config = configure(tmp_path, station)
        assert call("doctor", "--health", "--config", config).returncode == 1
        with daemon(config, station) as process:
            started(config)
            until(lambda: call("doctor", "--health", "--config", config).returncode == 0)
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def test_one_round_polls_decides_delivers_and_ends(tmp_path):
    with on_air() as station:
        station.add(ATTACK)
        config = configure(tmp_path, station)
        done = call("run", "--once", "--config", config, station=station)
        assert done.returncode == 0, done.stderr
        assert "1 feeds polled, 0 not read, 1 alerts, 0 deliveries open." in done.stderr
        assert len(station.posts) == 1


def test_without_a_sink_alerts_go_to_the_console(tmp_path):
    with on_air() as station:
        station.add(ATTACK)
        config = configure(tmp_path, station, CONFIG.partition("[[sink]]")[0])
        done = call("run", "--once", "--config", config, station=station)
        assert done.returncode == 0, done.stderr
        assert "al-Tanf" in done.stdout


def test_a_wrong_configuration_never_starts(tmp_path):
    with on_air() as station:
        config = configure(tmp_path, station)
        config.write_text(config.read_text() + "[pollin]\n")
        done = call("run", "--config", config, station=station)
        assert done.returncode == 2
        assert "polling?" in done.stderr
        assert not (tmp_path / "basewatch.db").exists()


@pytest.mark.fault("FD-8")
def test_old_entries_of_a_first_poll_alert_nobody(tmp_path):
    from datetime import UTC, datetime, timedelta

    with on_air() as station:
        station.add(ATTACK, published=datetime.now(UTC) - timedelta(days=3))
        config = configure(tmp_path, station)
        done = call("run", "--once", "--config", config, station=station)
        assert done.returncode == 0, done.stderr
        assert station.posts == []
        (row,) = json.loads(call("review", "list", "--json", "--config", config).stdout)
        assert row["reason"] == "baseline"


@pytest.mark.fault("HC-3")
def test_a_feed_cannot_act_on_the_terminal(tmp_path):
    with on_air() as station:
        station.add(ATTACK + "\x1b]0;owned\x07\x1b[31m\u202e")
        config = configure(tmp_path, station)
        call("run", "--once", "--config", config, station=station)
        for arguments in (["review", "list"], ["review", "list", "--json"]):
            done = subprocess.run(
                [*PROGRAM, *arguments, "--config", str(config)],
                capture_output=True,
                env=environment(station),
                check=True,
            )
            assert b"\x1b]" not in done.stdout
            assert b"\x07" not in done.stdout
