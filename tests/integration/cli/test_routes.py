"""Routes from the configuration to the outbox, and asked offline."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from alerts import ALERT, ARTICLE, BASE, INCIDENT, JUDGEMENT, Clock

from monitor import app as house
from monitor.alerts.gathering import Batch, Salvo, Terms
from monitor.app.outlets import desk_of
from monitor.cli.main import exit_code_of
from monitor.engine.decide import Announcement, decide_waiting
from monitor.model import Article
from monitor.store import decisions
from monitor.store.db import Database

NOW = datetime(2024, 2, 3, 12, tzinfo=UTC)
ATTACK = Article(
    "attack1",
    "Three drones attack US base al-Tanf in Syria",
    "Three drones attacked the al-Tanf garrison in Syria on Saturday, U.S. Central Command said.",
    url="https://outlet.example/1",
    source="Outlet",
)
SINKS = "".join(f'[[sink]]\nname = "{name}"\nkind = "console"\n' for name in ("desk", "iraq", "syria"))
ROUTES = """
[[route]]
country = ["IQ"]
sinks = ["iraq"]
[[route]]
base = ["al-tanf"]
source = ["outlet.example"]
sinks = ["syria"]
"""


@pytest.fixture
def configured(tmp_path, root):
    def configured(routes=ROUTES, sinks=SINKS):
        file = tmp_path / "basewatch.toml"
        top = f'database = "a.db"\nrules = "{root}/rules"\n[[feed]]\nurl = "https://outlet.example/feed"\n'
        file.write_text(top + sinks + routes)
        return file

    return configured


def alerted(file):
    """Decide one attack by this configuration; the sinks in the outbox."""
    settings = house.configure(file)
    rules = house.rules_of(settings)
    db = Database(settings.database, durable=False)
    with db.writing() as tx:
        decisions.add_given(tx, ATTACK, ATTACK.url, NOW)
        tx.execute("UPDATE entry SET published_at = first_seen_at")
    decide_waiting(db, desk_of(rules, house.sink_settings(settings), house.routes_of(settings, rules)), NOW)
    sinks = sorted(row["sink"] for row in db.rows("SELECT sink FROM delivery"))
    incident = db.rows("SELECT id FROM incident")[0]["id"]
    db.close()
    return sinks, incident


def ask(capsys, file, *words):
    code = exit_code_of(["routes", "test", *words, "--config", str(file)])
    told = capsys.readouterr()
    return code, told.out, told.err


def gets(text):
    return {row["sink"]: row["gets"] == "yes" for row in json.loads(text)}


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ("", ["desk", "iraq", "syria"]),
        (ROUTES, ["syria"]),
        ('[[route]]\ncountry = ["IQ"]\nsinks = ["iraq"]\n', ["desk", "iraq", "syria"]),
    ],
)
def test_an_alert_goes_where_its_route_says_and_the_test_says_the_same(configured, capsys, routes, expected):
    file = configured(routes)
    sinks, incident = alerted(file)
    assert sinks == expected
    code, out, _ = ask(capsys, file, incident[:8], "--json")
    assert code == 0
    assert sorted(name for name, yes in gets(out).items() if yes) == expected


def test_an_imagined_alert_takes_area_and_country_from_its_base(configured, capsys):
    file = configured('[[route]]\ncountry = ["IQ"]\narea = ["anbar"]\nsinks = ["iraq"]\n[[route]]\nsinks = ["desk"]\n')
    assert gets(ask(capsys, file, "--base", "ain-al-asad", "--json")[1]) == {
        "desk": False, "iraq": True, "syria": False,
    }  # fmt: skip
    code, out, _ = ask(capsys, file, "--country", "sy")
    assert code == 0
    assert "route[2] takes it: asks nothing" in out


def test_a_sink_that_wants_surer_alerts_says_so(configured, capsys):
    file = configured("", '[[sink]]\nname = "desk"\nkind = "console"\nmin_confidence = "confirmed"\n')
    _, out, _ = ask(capsys, file, "--country", "SY")
    assert "it is a claim, and min_confidence is confirmed" in out


def test_a_sink_with_quiet_hours_says_until_when_it_would_wait(configured, capsys, monkeypatch):
    monkeypatch.setattr(house, "now", lambda: NOW.replace(hour=23))
    quiet = 'quiet = { from = "22:00", to = "07:00", timezone = "UTC", except_confidence = "confirmed" }\n'
    file = configured("", f'[[sink]]\nname = "desk"\nkind = "console"\n{quiet}')
    way = json.loads(ask(capsys, file, "--country", "SY", "--json")[1])[0]
    assert (way["gets"], way["at"]) == ("yes", "2024-02-04 07:00:00+00:00")
    assert way["why"].endswith("quiet hours until 07:00 UTC")
    assert "at once" in ask(capsys, file, "--country", "SY", "--confidence", "confirmed")[1]


GROUPED = """
[[route]]
sinks = ["desk", "syria"]
group_by = ["base", "country"]
group_wait_seconds = 120
"""


def test_the_test_tells_groups_and_when_they_go_out(configured, capsys, monkeypatch):
    file = configured(GROUPED)
    _, incident = alerted(file)
    monkeypatch.setattr(house, "now", lambda: NOW)
    code, out, _ = ask(capsys, file, incident, "--json")
    assert code == 0
    assert [way["at"] for way in json.loads(out) if way["gets"] == "yes"] == [str(NOW)] * 2, "a first alert never waits"
    ways = {way["sink"]: way for way in json.loads(ask(capsys, file, incident, "--reason", "update", "--json")[1])}
    assert ways["desk"]["at"] == "2024-02-03 12:02:00+00:00"
    assert "gathered until 12:02 UTC by base al-tanf, country SY" in ways["desk"]["why"]


def test_the_test_tells_a_silence_and_a_salvo(configured, capsys, monkeypatch):
    salvo = "salvo = { places = 1 }\n"
    file = configured(
        "", f'[[sink]]\nname = "desk"\nkind = "console"\n{salvo}[[sink]]\nname = "tty"\nkind = "console"\n'
    )
    _, incident = alerted(file)
    monkeypatch.setattr(house, "now", lambda: NOW.replace(minute=30))
    ways = {way["sink"]: way for way in json.loads(ask(capsys, file, "--base", "ain-al-asad", "--json")[1])}
    assert "gathered until 12:31 UTC by more than 1 places within an hour" in ways["desk"]["why"]
    assert ways["tty"]["at"] == "2024-02-03 12:30:00+00:00"
    assert (
        exit_code_of(["silence", "add", "--for", "1h", "--why", "drill", "--incident", incident, "--config", str(file)])
        == 0
    )
    capsys.readouterr()
    ways = json.loads(ask(capsys, file, incident, "--json")[1])
    assert {way["gets"] for way in ways} == {"no"}
    assert all("until 2024-02-03 13:30 UTC: drill" in way["why"] for way in ways)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--base", "al-tamf"], "did you mean al-tanf?"),
        (["--base", "anbar"], "anbar is an area; name it in area"),
        (["--area", "zzzz"], "the rules know no area 'zzzz'"),
        (["--weapon", "dron"], "the rules know no weapon 'dron'; did you mean drone?"),
        (["abc"], "there is no database yet"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(configured, capsys, words, told):
    code, _, err = ask(capsys, configured(), *words)
    assert code == 2
    assert told in err


def test_an_unknown_base_stops_the_start_and_the_doctor_tells_all(configured, capsys):
    file = configured(
        '[[route]]\nbase = ["al-tamf", "Ain al-Asad Air Base"]\narea = ["al-tanf"]\n'
        'weapons = ["zzz"]\nsinks = ["desk"]\n'
    )
    assert exit_code_of(["run", "--once", "--config", str(file)]) == 2
    told = capsys.readouterr().err
    assert "route[1].base: the rules know no base 'al-tamf'; did you mean al-tanf?" in told
    assert "did you mean ain-al-asad?" in told
    assert "al-tanf is a base; name it in base" in told
    assert "route[1].weapons: the rules know no weapon 'zzz'; they know " in told
    assert exit_code_of(["doctor", "--config", str(file), "--json"]) == 1
    assert [check["state"] for check in json.loads(capsys.readouterr().out) if check["name"] == "routes"] == ["bad"] * 4


def test_the_doctor_says_where_goes_what_no_route_takes(configured, capsys):
    exit_code_of(["doctor", "--config", str(configured()), "--json"])
    told = [check for check in json.loads(capsys.readouterr().out) if check["name"] == "routes"]
    assert told[0] == {
        "name": "routes", "state": "ok", "text": "2 routes; what no route takes goes to every sink",
    }  # fmt: skip
    assert "no route names sink desk" in told[1]["text"]


def test_the_doctor_tells_what_a_route_asks_in_vain_of_its_sinks(configured, capsys, monkeypatch):
    monkeypatch.setenv("OPS_URL", "https://ops.example/hook")
    sinks = (
        '[[sink]]\nname = "desk"\nkind = "console"\nmin_confidence = "claim"\n'
        '[[sink]]\nname = "ops"\nkind = "webhook"\nurl_env = "OPS_URL"\n'
    )
    routes = '[[route]]\nsinks = ["ops"]\ngroup_by = ["base"]\ncontinue = true\n[[route]]\nsinks = ["desk"]\n'
    exit_code_of(["doctor", "--config", str(configured(routes, sinks)), "--json"])
    told = [check["text"] for check in json.loads(capsys.readouterr().out) if check["name"] == "routes"]
    assert told[1:] == [
        "route[1] has group_by and only webhooks, which get each alert by itself",
        "what route[2] takes and is less than claim goes nowhere until it is surer",
    ]


def test_groups_salvos_and_reminders_of_the_configuration_are_what_the_service_does(configured, monkeypatch, capsys):
    routes = '[[route]]\nsinks = ["desk"]\ngroup_by = ["base"]\nrepeat_hours = 4\n'
    file = configured(routes, '[[sink]]\nname = "desk"\nkind = "console"\nsalvo = { places = 3 }\n')
    alerted(file)
    clock = Clock(NOW)
    monkeypatch.setattr("monitor.app.service.now", clock)

    async def live() -> None:
        async with house.open_service(house.configure(file)) as service:
            update = Announcement(replace(ALERT, reason="update"), INCIDENT, ARTICLE, JUDGEMENT, BASE, None)
            wanted = Terms(batch=Batch("base fort-a", 30, 300), salvo=Salvo(3, 300))
            assert service.desk.terms(update) == {"desk": wanted}
            await service.deliverer.send_due()
            clock.forward(hours=4)
            for _ in range(2):
                service.remind()
                await service.deliverer.send_due()
            assert service.alerts == 1

    asyncio.run(live())
    told = [line for line in capsys.readouterr().out.splitlines() if " attack at " in line]
    assert [line.partition(":")[0] for line in told] == ["New", "Not reviewed yet"]
