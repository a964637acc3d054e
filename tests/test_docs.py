"""What can be used is documented, and what is documented can be used."""

from __future__ import annotations

import re
import sqlite3
import tomllib

import pytest

from monitor.cli import basewatch_app
from monitor.config.schema import Delivery, Document, FeedEntry, HealthEntry, Polling, RouteEntry, SinkEntry
from monitor.store.db import Database
from monitor.store.views import VIEWS

SECTIONS = {
    "": Document,
    "polling": Polling,
    "feed": FeedEntry,
    "sink": SinkEntry,
    "route": RouteEntry,
    "delivery": Delivery,
    "health": HealthEntry,
}
TABLES = ("polling", "feed", "sink", "route", "delivery", "health")


def commands():
    """Every command as people type it."""
    app = basewatch_app
    names = [info.name for info in app.registered_commands]
    for group in app.registered_groups:
        names += [f"{group.name} {info.name}" for info in group.typer_instance.registered_commands]
    return names


def read(root, name):
    return (root / name).read_text(encoding="utf-8")


def test_there_are_commands_to_document():
    assert {"init", "run", "replay", "feeds list", "sinks test", "outbox retry", "demo"} <= set(commands())


@pytest.mark.parametrize("command", commands())
def test_every_command_is_documented(root, command):
    assert f"`basewatch {command}" in read(root, "docs/commands.md")


def test_every_documented_command_exists(root):
    known = set(commands())
    groups = {name.split()[0] for name in known if " " in name}
    for document in ("README.md", "docs/commands.md", "docs/operations.md", "docs/review.md", "docs/configuration.md"):
        for first, second in re.findall(r"basewatch ([a-z]+)(?: ([a-z]+))?", code(read(root, document))):
            wanted = f"{first} {second}" if first in groups and second else first
            assert wanted in known | groups, (document, wanted)


def code(text):
    """What a document shows as code: indented or fenced lines, and words in backticks."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    indented = re.findall(r"^    .*$", text, re.MULTILINE)
    lines = "\n".join([*fenced, *indented])
    return "\n".join(
        [*re.findall(r"(?:^|bin/|\s)(basewatch [a-z].*)", lines), *re.findall(r"`(basewatch [a-z][^`]*)`", text)]
    )


@pytest.mark.parametrize(("section", "key"), [(s, k) for s, model in SECTIONS.items() for k in model.names()])
def test_every_setting_is_documented_and_in_the_template(root, section, key):
    if not section and key in TABLES:
        return
    assert f"`{key}`" in read(root, "docs/configuration.md")
    assert re.search(rf"^(# )?{key} = |\b{key} = ", read(root, "monitor/cli/basewatch.template.toml"), re.MULTILINE)


def test_every_documented_setting_exists(root):
    known = {key for model in SECTIONS.values() for key in model.names()}
    rows = re.findall(r"^\| (`[^|]+`) \|", read(root, "docs/configuration.md"), re.MULTILINE)
    named = {key for row in rows for key in re.findall(r"`([a-z_]+)`", row)}
    assert named == known - set(TABLES)


def test_the_template_is_a_configuration_with_its_comments_on_and_off(root, tmp_path):
    from monitor.config import load

    text = read(root, "monitor/cli/basewatch.template.toml")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "feeds.opml").write_text("<opml/>")
    file = tmp_path / "basewatch.toml"
    file.write_text(text)
    assert load(file, {}).sinks[0].kind == "console"
    opened = re.sub(r"^# (?=\[\[|[a-z_]+ = )", "", text, flags=re.MULTILINE)
    file.write_text(opened)
    secret = "whsec_" + "A" * 32
    settings = load(
        file,
        {
            "DESK_SLACK_URL": "https://a.example/x",
            "NEWSROOM_SLACK_TOKEN": "xoxb-1-a",
            "OPS_URL": "https://b.example/y",
            "OPS_SECRET": secret,
            "PAGER_URL": "mailto://me:pw@mail.example",
            "NEWS_LOGIN": "user:password",
            "PING_URL": "https://ping.example/id",
        },
    )
    assert [sink.kind for sink in settings.sinks] == ["console", "slack", "slack", "webhook", "apprise"]
    tomllib.loads(opened)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_documented(root, view):
    assert f"`{view}`" in read(root, "docs/review.md")


def test_every_table_is_documented(root, tmp_path):
    db = Database(tmp_path / "a.db", durable=False)
    tables = {row["name"] for row in db.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    db.close()
    text = read(root, "docs/review.md")
    assert {table for table in tables if f"`{table}`" not in text and not table.startswith("sqlite_")} == set()


def queries(root):
    return re.findall(r"```sql\n(.*?)```", read(root, "docs/review.md"), re.DOTALL)


def test_the_ten_queries_run(root, tmp_path):
    Database(tmp_path / "a.db", durable=False).close()
    db = sqlite3.connect(tmp_path / "a.db")
    assert len(queries(root)) == 10
    for query in queries(root):
        db.execute(query).fetchall()
    db.close()


def test_links_between_documents_lead_somewhere(root):
    for document in [root / "README.md", *(root / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), (document.name, target)


def test_the_makefile_has_what_the_readme_names(root):
    makefile = read(root, "Makefile")
    named = set(re.findall(r"\bmake ([a-z]+)\b", code_or_text(read(root, "README.md"))))
    assert named
    assert all(re.search(rf"^{name}:", makefile, re.MULTILINE) for name in named)


def code_or_text(text):
    return "\n".join([*re.findall(r"^    (make .*)$", text, re.MULTILINE), *re.findall(r"`(make [a-z]+)`", text)])
