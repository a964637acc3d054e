"""Every way out of the command line is a result or one sentence, with an exit code that means something."""

from __future__ import annotations

import json
import sqlite3
import stat
from datetime import UTC, datetime, timedelta

import pytest
from loopback import Request
from loopback import answer as http_answer
from receiver import in_thread
from slack_api import CHANNEL, TOKEN, SlackApi
from station import CONFIG, ROOT, call, configure, on_air

from monitor.cli.main import exit_code_of
from monitor.health.watch import TICK, watch
from monitor.store import signs
from monitor.store.db import Database
from monitor.store.lock import only_one
from monitor.store.notices import open_notices

RULES = str(ROOT / "rules")


@pytest.fixture
def config(tmp_path):
    file = tmp_path / "basewatch.toml"
    file.write_text(f"rules = '{RULES}'\n[[feed]]\nurl = 'https://news.example/rss'\ntitle = 'Example'\n")
    return file


def answer(capsys, *arguments):
    """Run a command in this process; returns exit code, standard output, standard error."""
    code = exit_code_of([str(argument) for argument in arguments])
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    return code, told.out, told.err


def test_init_writes_a_configuration_that_loads_and_never_overwrites_one(tmp_path, capsys):
    file = tmp_path / "basewatch.toml"
    code, out, _ = answer(capsys, "init", "--config", file)
    assert code == 0
    assert "There is no folder rules/ beside it" in out
    before = file.read_text()
    code, _, err = answer(capsys, "init", "--config", file)
    assert (code, file.read_text()) == (2, before)
    assert "--force" in err
    assert answer(capsys, "init", "--config", file, "--force")[0] == 0


def test_init_beside_the_rules_is_ready_to_run(tmp_path, capsys):
    (tmp_path / "rules").symlink_to(RULES)
    assert answer(capsys, "init", "--config", tmp_path / "b.toml")[0] == 0
    code, out, _ = answer(capsys, "feeds", "list", "--json", "--config", tmp_path / "b.toml")
    assert code == 0
    assert len(json.loads(out)) > 10


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"], ["run", "--once"], ["feeds", "list"], ["sinks", "list"], ["sinks", "test"], ["review", "list"],
        ["review", "show", "x"], ["outbox", "list"], ["outbox", "retry", "x"],
    ],
)  # fmt: skip
def test_without_a_configuration_every_command_names_init(tmp_path, capsys, arguments):
    code, _, err = answer(capsys, *arguments, "--config", tmp_path / "absent.toml")
    assert code == 2
    assert "basewatch init" in err
    assert len(err.strip().splitlines()) == 1


NONE_YET = "there is no database yet; `basewatch run` makes it"


@pytest.mark.parametrize(
    "arguments",
    [
        ["incident", "list"], ["incident", "show", "x"], ["incident", "export", "--format", "csv"], ["review", "list"],
        ["review", "show", "x"], ["review", "accept", "x"], ["review", "ask"], ["review", "verdicts"],
        ["outbox", "list"], ["outbox", "retry", "x"], ["rules", "history"], ["rules", "rollback", "x"],
        ["silence", "list"], ["sinks", "fix", "console"], ["learn", "--from-verdicts"],
    ],
)  # fmt: skip
@pytest.mark.fault("CF-5")
def test_without_a_database_a_command_says_so_and_makes_none(config, capsys, arguments):
    code, out, err = answer(capsys, *arguments, "--config", config)
    assert (code, out) == (2, "")
    assert err.endswith(f"basewatch.db: {NONE_YET}\n")
    assert len(err.splitlines()) == 1
    assert not list(config.parent.glob("basewatch.db*"))


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["feeds", "list"], 0, "never polled"),
        (["sinks", "list"], 0, "console"),
        (["status"], 1, NONE_YET),
        (["doctor"], 0, NONE_YET),
        (["doctor", "--health"], 1, NONE_YET),
    ],
)
def test_what_needs_no_database_works_without_and_makes_none(config, capsys, arguments, code, told):
    found, out, _ = answer(capsys, *arguments, "--config", config)
    assert found == code
    assert told in " ".join(out.split())
    assert not list(config.parent.glob("basewatch.db*"))


def test_a_daemon_that_has_just_stopped_is_not_said_to_be_at_work(config, capsys):
    db = Database(config.with_name("basewatch.db"))
    with db.writing() as tx:
        signs.beat(tx, TICK, datetime.now(UTC))
    db.close()
    assert "is not running; it was last seen" in answer(capsys, "status", "--config", config)[1]
    with only_one(config.with_name("basewatch.db")):
        assert "is at work" in answer(capsys, "status", "--config", config)[1]


def test_that_the_daemon_does_not_run_is_said_once(config, capsys):
    db = Database(config.with_name("basewatch.db"))
    with db.writing() as tx:
        signs.beat(tx, TICK, datetime.now(UTC) - timedelta(hours=2))
    watch(db, datetime.now(UTC))
    assert [notice.kind for notice in open_notices(db.reading)] == ["stalled"]
    db.close()
    code, out, _ = answer(capsys, "status", "--config", config, "--json")
    assert code == 1
    assert [check["name"] for check in json.loads(out) if check["state"] != "ok"] == ["daemon", "feeds"]
    assert "is not running; it was last seen" in out


@pytest.mark.fault("CF-6")
def test_a_wrong_argument_is_told_in_words(capsys):
    for arguments in (["nonsense"], ["run", "--nonsense"], ["replay"], ["run", "--log", "loud"]):
        code, _, err = answer(capsys, *arguments)
        assert code == 2
        assert "Error" in err or "Usage" in err


@pytest.mark.fault("CF-6")
def test_a_bug_is_one_line_and_code_70(config, capsys, monkeypatch):
    def broken(*_args, **_more):
        raise ZeroDivisionError("nothing is left")

    monkeypatch.setattr("monitor.app.feeds_of", broken)
    code, _, err = answer(capsys, "feeds", "list", "--config", config)
    assert code == 70
    assert "this is a bug: ZeroDivisionError" in err


def test_no_rules_folder_is_one_clear_sentence(tmp_path, capsys):
    file = tmp_path / "basewatch.toml"
    file.write_text("[[feed]]\nurl = 'https://news.example/rss'\n")
    code, _, err = answer(capsys, "run", "--once", "--config", file)
    assert code == 2
    assert "there is no folder of rules" in err
    assert "basewatch learn" in err


def test_feeds_are_listed_and_added_once(config, capsys):
    assert (
        answer(capsys, "feeds", "add", "https://two.example/rss", "--title", 'A "quoted" one', "--config", config)[0]
        == 0
    )
    code, out, _ = answer(capsys, "feeds", "list", "--json", "--config", config)
    assert [(row["url"], row["title"]) for row in json.loads(out)] == [
        ("https://news.example/rss", "Example"),
        ("https://two.example/rss", 'A "quoted" one'),
    ]
    code, _, err = answer(capsys, "feeds", "add", "https://two.example/rss", "--config", config)
    assert (code, "watched already" in err) == (2, True)
    code, _, err = answer(capsys, "feeds", "add", "http://127.0.0.1/rss", "--config", config)
    assert (code, "private address" in err) == (2, True)


def test_a_broken_opml_is_told_with_its_name(tmp_path, capsys):
    (tmp_path / "feeds.opml").write_text("not xml at all")
    file = tmp_path / "basewatch.toml"
    file.write_text(f"rules = '{RULES}'\nfeeds_opml = 'feeds.opml'\n")
    code, _, err = answer(capsys, "feeds", "list", "--config", file)
    assert code == 2
    assert "feeds.opml" in err


def test_replay_reports_a_bad_line_and_goes_on(tmp_path, capsys):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    good = {"id": "1", "url": "", "title": "Parliament passes the budget", "published": "", "text": "", "source": "x"}
    source.write_text(json.dumps(good) + "\nnonsense\n" + json.dumps(good | {"id": "2"}) + "\n")
    code, out, err = answer(capsys, "replay", source, "--output", target, "--rules", RULES, "--json")
    assert code == 1
    assert "line 2" in err
    assert json.loads(out)["articles"] == 2
    assert [json.loads(line)["id"] for line in target.read_text().splitlines()] == ["1", "2"]


@pytest.mark.fault("CF-5")
def test_replay_never_touches_the_live_database(tmp_path, config, capsys):
    source = tmp_path / "in.jsonl"
    source.write_text('{"id": "1", "title": "x"}\n')
    assert answer(capsys, "replay", source, "-o", tmp_path / "o.jsonl", "--config", config)[0] == 0
    assert not (tmp_path / "basewatch.db").exists()


@pytest.mark.fault("CF-5")
def test_explain_tells_of_a_file_and_leaves_no_trace(tmp_path, config, capsys):
    article = tmp_path / "article.txt"
    article.write_text("Two drones hit the US military base at al-Tanf in Syria\n\nNobody was hurt.\n")
    code, out, _ = answer(capsys, "explain", article, "--published", "2024-01-02", "--config", config)
    assert code == 0
    assert "al-tanf" in out
    code, out, _ = answer(capsys, "explain", article, "--published", "2024-01-02", "--config", config, "--json")
    assert json.loads(out)["reason"] == "new"
    assert not (tmp_path / "basewatch.db").exists()
    assert answer(capsys, "explain", tmp_path, "--config", config)[0] == 2
    assert answer(capsys, "explain", article, "--published", "someday", "--config", config)[0] == 2


def test_explain_asks_for_a_page_as_the_daemon_does(config, capsys):
    asked = []

    async def site(request: Request, writer) -> None:
        asked.append(request.headers["user-agent"])
        page = f"<html><title>Rain</title><article><p>{'It rains in the north. ' * 30}</p></article></html>"
        writer.write(http_answer(200, page.encode(), Content_Type="text/html"))
        await writer.drain()

    with in_thread(site) as url:
        own = '[polling]\nuser_agent = "Desk/2 (+https://desk.example)"\nallow_private_addresses = true\n'
        config.write_text(config.read_text().replace("[[feed]]", f"{own}[[feed]]"))
        code, out, _ = answer(capsys, "explain", f"{url}/story", "--config", config)
    assert (code, asked) == (0, ["Desk/2 (+https://desk.example)"])
    assert "Rain" in out


def test_doctor_tells_every_mistake_and_every_warning(tmp_path, config, capsys):
    code, out, _ = answer(capsys, "doctor", "--config", config)
    assert code == 0
    assert "1 feeds" in out
    secret = tmp_path / "hook"
    secret.write_text("https://hooks.example/services/T/B/X")
    secret.chmod(stat.S_IRUSR | stat.S_IROTH)
    config.write_text(config.read_text() + "[[sink]]\nname = 'desk'\nkind = 'slack'\nurl_file = 'hook'\n")
    code, out, _ = answer(capsys, "doctor", "--config", config)
    assert "chmod 600" in out
    config.write_text(config.read_text() + "[nonsense]\n")
    code, out, _ = answer(capsys, "doctor", "--config", config)
    assert code == 1
    assert "nonsense: no such setting" in out


@pytest.mark.fault("DB-4")
def test_a_database_of_another_program_is_refused(tmp_path, config, capsys):
    other = sqlite3.connect(tmp_path / "basewatch.db")
    other.execute("CREATE TABLE mine (x)")
    other.close()
    code, _, err = answer(capsys, "review", "list", "--config", config)
    assert code == 2
    assert "another program" in err


def test_a_test_message_that_does_not_arrive_ends_with_1(tmp_path):
    with on_air() as station:
        config = configure(tmp_path, station)
        config.write_text(
            config.read_text()
            .replace("allow_private_addresses = true\n", "", 1)
            .replace("every_seconds = 1\nhost_delay_seconds = 0\n", "")
            .replace(f'url = "{station.url}/feed.xml"', 'url = "https://news.example/"')
            .replace("allow_private_addresses = true\n", "")
        )
        done = call("sinks", "test", "--config", config, "--json", station=station)
        assert done.returncode == 2 or json.loads(done.stdout)[0]["result"] != "sent"
        assert station.posts == []


def test_a_bot_of_slack_is_tried_out_and_its_mistake_told(config, typed, monkeypatch):
    api = SlackApi()
    with in_thread(api.handle) as url:
        bot = f"token_env = 'BOT'\nchannel = '{CHANNEL}'\napi_url = '{url}'\nallow_private_addresses = true\n"
        config.write_text(f"{config.read_text()}[[sink]]\nname = 'newsroom'\nkind = 'slack'\n{bot}")
        monkeypatch.setenv("BOT", TOKEN)
        assert typed(config)("sinks", "test", "newsroom")[0] == 0
        monkeypatch.setenv("BOT", "xoxb-not-this-one")
        code, told = typed(config)("sinks", "test", "newsroom", "--json")
    assert (code, json.loads(told.partition("]")[0] + "]")[0]["error"]) == (1, "Slack says invalid_auth")
    assert len(api.messages) == 1
    assert "This is a test of Basewatch" in api.messages[0]["text"]
    assert "xoxb" not in told


def test_a_dead_delivery_is_listed_retried_and_cancelled(tmp_path, capsys):
    with on_air() as station:
        station.add("Two drones hit the US military base at al-Tanf in Syria")
        config = configure(tmp_path, station, CONFIG.partition("[[sink]]")[0])
        assert call("run", "--once", "--config", config, station=station).returncode == 0
    db = sqlite3.connect(tmp_path / "basewatch.db")
    db.execute("UPDATE delivery SET state = 'dead', last_error = 'refused'")
    db.commit()
    _, out, _ = answer(capsys, "outbox", "list", "--json", "--config", config)
    (row,) = json.loads(out)
    assert (row["state"], row["last_error"]) == ("dead", "refused")
    assert answer(capsys, "doctor", "--config", config)[0] == 1
    assert answer(capsys, "outbox", "show", row["id"][:8], "--config", config)[0] == 0
    assert answer(capsys, "outbox", "retry", row["id"][:8], "--config", config)[0] == 0
    assert db.execute("SELECT state FROM delivery").fetchone() == ("pending",)
    assert answer(capsys, "outbox", "cancel", row["id"][:8], "--config", config)[0] == 0
    assert answer(capsys, "outbox", "retry", row["id"][:8], "--config", config)[0] == 2
    assert answer(capsys, "outbox", "retry", "--config", config)[0] == 2
    db.close()


def test_learn_writes_rules_that_load_and_asks_before_it_replaces(tmp_path, capsys):
    out = tmp_path / "rules"
    code, told, _ = answer(capsys, "learn", ROOT / "seeds", "--out", out, "--rules", RULES)
    assert code == 0
    assert "Wrote" in told
    learned = next(file for file in out.glob("*.toml") if "learned" in file.name)
    learned.write_text(learned.read_text() + "\n# mine\n")
    code, _, err = answer(capsys, "learn", ROOT / "seeds", "--out", out, "--rules", RULES)
    assert code == 1
    assert "--accept" in err
    assert learned.read_text().endswith("# mine\n")
    assert answer(capsys, "learn", ROOT / "seeds", "--out", out, "--rules", RULES, "--accept")[0] == 0
    assert answer(capsys, "learn", tmp_path / "absent", "--rules", RULES)[0] == 2


def test_status_of_a_service_that_never_ran_is_not_well(config, capsys):
    assert answer(capsys, "status", "--config", config)[0] == 1
    assert json.loads(answer(capsys, "status", "--json", "--config", config)[1])[0]["name"] == "daemon"
