"""The daemon seen from outside: endpoint, metrics, heartbeat, systemd."""

from __future__ import annotations

import json
import signal
import socket
import urllib.error
import urllib.request
from contextlib import suppress

import pytest
from loopback import Request, answer
from prometheus_client.parser import text_string_to_metric_families
from receiver import in_thread
from station import CONFIG, call, configure, daemon, on_air, until

ATTACK = "Two drones hit the US military base at al-Tanf in Syria, injuring three soldiers"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as found:
            return found.status, found.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except urllib.error.URLError:
        return 0, ""


@pytest.fixture
def watched(tmp_path, monkeypatch):
    """A daemon on a station with everything that watches it; gives all of them."""
    pings = []

    async def switch(request: Request, writer) -> None:
        pings.append(request.target)
        writer.write(answer(200, b"OK"))
        await writer.drain()

    port = free_port()
    with (
        on_air() as station,
        in_thread(switch) as ping_url,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
    ):
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "300000")
        monkeypatch.setenv("PING_URL", f"{ping_url}/secret-id")
        station.add(ATTACK)
        health = f'[health]\nlisten = "127.0.0.1:{port}"\nping_url_env = "PING_URL"\n'
        config = configure(tmp_path, station, CONFIG + health)
        with daemon(config, station) as process:
            until(lambda: get(port, "/healthz")[0] == 200)
            yield config, station, port, pings, manager, process


def test_it_is_ready_counted_pinged_and_fed(watched):
    config, station, port, pings, manager, process = watched
    until(lambda: station.posts)
    assert get(port, "/readyz")[0] == 200
    one_look = call("status", "--config", config, station=station)
    assert (one_look.returncode, ATTACK in one_look.stdout) == (0, True), one_look.stdout
    status, text = until(lambda: (found := get(port, "/metrics"))[1].count('state="sent"') and found)
    values = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert status == 200
    assert values["basewatch_feeds", "ok"] == 1
    assert values["basewatch_deliveries", "sent"] == 1
    assert values["basewatch_alerts_total",] == 1
    assert values["basewatch_ready",] == 1
    assert values["process_resident_memory_bytes",] > 1e6
    assert "secret" not in text
    until(lambda: pings == ["/secret-id"])
    told = [manager.recv(100) for _ in range(5)]
    assert told.count(b"READY=1") == 1
    assert told.count(b"WATCHDOG=1") == 4
    assert get(port, "/other")[0] == 404
    drained(manager)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert b"STOPPING=1" in drained(manager)
    assert get(port, "/healthz")[0] == 0
    assert "secret-id" not in config.with_name("daemon.log").read_text()


def drained(manager):
    """All messages that wait. A queue that is full would take no more."""
    manager.setblocking(False)
    messages = []
    with suppress(BlockingIOError):
        while True:
            messages.append(manager.recv(100))
    return messages


def test_an_alarm_of_the_service_makes_it_unready_and_names_the_kind(watched):
    from datetime import UTC, datetime

    from monitor.model import Notice
    from monitor.store.db import Database
    from monitor.store.notices import raise_notice

    config, _, port, *_ = watched
    db = Database(config.with_name("basewatch.db"))
    with db.writing() as tx:
        raise_notice(tx, Notice("sink", "desk", "sink desk refuses", datetime.now(UTC)))
    db.close()
    code, text = get(port, "/readyz")
    assert code == 503
    assert json.loads(text) == {"status": "not well", "alarms": ["sink"]}
    assert get(port, "/healthz")[0] == 200


def test_a_port_that_is_taken_is_told_in_one_sentence(tmp_path):
    with on_air() as station, socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        config = configure(tmp_path, station, CONFIG + f'[health]\nlisten = "127.0.0.1:{port}"\n')
        done = call("run", "--config", config, station=station)
    assert done.returncode == 2
    assert f"127.0.0.1:{port} cannot be used" in done.stderr
    assert "Traceback" not in done.stderr
