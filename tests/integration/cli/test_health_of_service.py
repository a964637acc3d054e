"""`basewatch canary`, and the health of a running service."""

from __future__ import annotations

import asyncio
import json
import shutil
from datetime import timedelta

import pytest
from station import CONFIG, configure, environment, on_air

from monitor import app as house
from monitor.app.canary import send_if_due
from monitor.cli.main import exit_code_of
from monitor.health.doctor import is_alive
from monitor.store import signs
from monitor.store.db import Database
from monitor.store.lock import only_one
from monitor.store.notices import open_notices

TOLD = CONFIG + "canary = true\n"
DAY = timedelta(hours=24)


@pytest.fixture
def given(tmp_path, root, monkeypatch):
    """A configuration with rules of its own, and the station that it watches and tells."""
    with on_air() as station:
        monkeypatch.setenv("DESK_SLACK_URL", environment(station)["DESK_SLACK_URL"])
        shutil.copytree(root / "rules", tmp_path / "rules")
        yield configure(tmp_path, station, TOLD.replace("'{rules}'", "'rules'")), station


def test_it_says_step_by_step_that_it_arrived_and_makes_no_database(given, capsys):
    config, station = given
    assert exit_code_of(["canary", "--config", str(config), "--json"]) == 0
    steps = json.loads(capsys.readouterr().out)
    assert [step["name"] for step in steps] == ["feed", "page", "decision", "delivery", "sink desk"]
    ((_, message),) = station.posts
    assert "nothing has happened" in message["text"]
    assert not config.with_name("basewatch.db").exists()


def test_rules_that_flag_nothing_end_with_one_and_are_an_alarm_until_they_do(given, capsys):
    config, station = given
    Database(config.with_name("basewatch.db")).close()
    canary = config.parent / "rules" / "canary.txt"
    good = canary.read_text()
    canary.write_text("A calm day\n\n" + "Nothing happened in the village today, its mayor said.\n\n" * 8)
    assert exit_code_of(["canary", "--config", str(config)]) == 1
    assert "the rules do not flag it" in capsys.readouterr().out
    assert station.posts == []
    assert exit_code_of(["doctor", "--config", str(config)]) == 0
    assert "the canary did not arrive: decision" in capsys.readouterr().out.replace("\n", " ")
    canary.write_text(good)
    assert exit_code_of(["canary", "--config", str(config)]) == 0
    exit_code_of(["doctor", "--config", str(config)])
    told = capsys.readouterr().out
    assert "arrived 20" in told
    assert "did not arrive" not in told


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "is not there"),
        ("One line\n\nOne paragraph", "at least two paragraphs"),
        (b"\xff\xfe\x00", "as UTF-8 text"),
    ],
)
def test_a_text_that_cannot_be_used_is_one_sentence(given, capsys, text, problem):
    config, _ = given
    canary = config.parent / "rules" / "canary.txt"
    canary.unlink()
    if text is not None:
        canary.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert exit_code_of(["canary", "--config", str(config)]) == 2
    assert problem in capsys.readouterr().err
    exit_code_of(["doctor", "--config", str(config)])
    assert "canary.txt" in capsys.readouterr().out.replace("\n", "")


def test_a_running_service_sends_it_when_it_is_due_and_forgets_it_when_it_is_switched_off(given):
    config, station = given
    settings = house.configure(config)

    async def main():
        async with house.open_service(settings) as service:
            for _ in range(2):
                await send_if_due(settings.rules, service, DAY)
            assert len(station.posts) == 1
            sign = signs.canary_sign(service.db.reading)
            assert (sign.problem, sign.next_at - sign.at) == ("", DAY)
            assert sign.rules == service.desk.rules.version
            await send_if_due(settings.rules, service, timedelta(0))
            assert signs.canary_sign(service.db.reading) is None

    asyncio.run(main())


def test_a_service_of_which_one_step_fails_is_not_at_work(given):
    config, _ = given
    settings = house.configure(config)

    async def main():
        async with house.open_service(settings) as service:
            service.check_health()
            assert is_alive(service.db, house.now()).state == "ok"
            service.done_at["decide"] -= timedelta(minutes=20)
            service.worked("poll")
            service.check_health()
            assert is_alive(service.db, house.now()).state != "ok"
            assert [notice.kind for notice in open_notices(service.db.reading)] == ["stalled"]
            service.worked("decide")
            service.check_health()
            assert is_alive(service.db, house.now()).state == "ok"
            assert open_notices(service.db.reading) == []

    with only_one(settings.database):
        asyncio.run(main())
