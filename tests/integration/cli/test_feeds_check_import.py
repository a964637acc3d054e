"""`feeds check` looks and stores nothing; `feeds import` takes over what can be watched (R28, CF-4)."""

from __future__ import annotations

import json

import pytest
from loopback import Request, answer
from polling import item, rss
from receiver import in_thread
from station import ROOT

from monitor.cli.main import exit_code_of

CONFIG = """
rules = "{rules}"
[polling]
host_delay_seconds = {delay}
allow_private_addresses = {private}
[[feed]]
url = "{url}/feed.xml"
[[feed]]
url = "{url}/gone"
"""
HEAD = '<html><head><link rel="alternate" type="application/rss+xml" href="/hidden/news"></head><p>A page</p></html>'


async def site(request: Request, writer) -> None:
    if request.target in ("/feed.xml", "/hidden/news", "/plain/feed/"):
        writer.write(answer(200, rss([item(1), item(2)]), Content_Type="application/rss+xml"))
    elif request.target == "/gone":
        writer.write(answer(410))
    elif request.target in ("/", "/plain"):
        body = HEAD if request.target == "/" else "<html><p>No feed is announced.</p></html>"
        writer.write(answer(200, body.encode(), Content_Type="text/html"))
    elif request.target == "/moved":
        writer.write(answer(301, Location="/feed.xml"))
    else:
        writer.write(answer(404))
    await writer.drain()


@pytest.fixture
def url():
    with in_thread(site) as root:
        yield root


@pytest.fixture
def config(tmp_path, url):
    return write(tmp_path, url)


def write(tmp_path, url, *, private=True):
    file = tmp_path / "basewatch.toml"
    file.write_text(
        CONFIG.format(rules=ROOT / "rules", url=url, private=str(private).lower(), delay=0 if private else 1)
    )
    return file


def run(capsys, *arguments):
    code = exit_code_of([str(argument) for argument in arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def check(capsys, config, *what):
    code, out, _ = run(capsys, "feeds", "check", *what, "--json", "--config", config)
    return code, json.loads(out)


def test_a_feed_that_can_be_read_is_told_with_what_it_holds_and_nothing_is_stored(capsys, config, url):
    code, (row,) = check(capsys, config, f"{url}/feed.xml")
    assert code == 0
    assert (row["state"], row["status"], row["entries"], row["source"]) == ("ok", 200, 2, "News")
    assert row["newest_at"] == "2026-03-02T09:00:00+00:00"
    assert [file.name for file in config.parent.iterdir()] == ["basewatch.toml"]


def test_all_feeds_of_the_configuration_are_checked(capsys, config):
    code, rows = check(capsys, config, "--all")
    assert code == 1
    assert [row["state"] for row in rows] == ["ok", "gone"]


@pytest.mark.parametrize(("page", "feed"), [("/", "/hidden/news"), ("/plain", "/plain/feed/")])
def test_r28_of_a_web_page_the_feed_is_proposed(capsys, config, url, page, feed):
    code, (row,) = check(capsys, config, url + page)
    assert code == 1
    assert row["state"] == "not_a_feed"
    assert row["proposed"] == [url + feed]
    assert f"a feed is at {url}{feed}" in run(capsys, "feeds", "check", url + page, "--config", config)[1]


def test_a_permanent_redirect_is_told(capsys, config, url):
    code, (row,) = check(capsys, config, f"{url}/moved")
    assert (code, row["state"]) == (0, "ok")
    assert f"moved for good to {url}/feed.xml" in row["problem"]


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ([], "give one address, or --all"),
        (["https://a.example/", "--all"], "give one address, or --all"),
        (["ftp://a.example/"], "is not a web address"),
        (["https://me:password@a.example/"], "holds a user name or password"),
    ],
)
@pytest.mark.fault("CF-4")
def test_what_cannot_be_checked_is_refused_in_one_sentence(capsys, config, what, told):
    code, out, err = run(capsys, "feeds", "check", *what, "--config", config)
    assert (code, out) == (2, "")
    assert told in err


def opml(tmp_path, *urls):
    file = tmp_path / "feeds.opml"
    outlines = "".join(f'<outline type="rss" text="A &quot;title&quot;&#x7f;" xmlUrl="{url}"/>' for url in urls)
    file.write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
    return file


def test_import_adds_what_is_new_once_and_refuses_what_cannot_be_polled(capsys, tmp_path):
    config = write(tmp_path, "https://a.example", private=False)
    file = opml(
        tmp_path,
        "https://a.example/feed.xml", "https://b.example/rss", "https://b.example/rss", "http://10.0.0.1/rss",
        "https://me:password@c.example/rss",
    )  # fmt: skip
    code, out, err = run(capsys, "feeds", "import", file, "--config", config)
    assert code == 1, err
    assert "1 feeds added" in out
    assert "1 were watched already, 2 not added" in out
    assert "is a private address" in err
    assert "login_env" in err
    assert "password@" not in out + err + config.read_text()
    listed = json.loads(run(capsys, "feeds", "list", "--json", "--config", tmp_path / "basewatch.toml")[1])
    assert [(row["url"], row["title"]) for row in listed][2:] == [("https://b.example/rss", 'A "title"')]
    again = run(capsys, "feeds", "import", opml(tmp_path, "https://b.example/rss"), "--config", config)
    assert again[0] == 0
    assert "0 feeds added" in again[1]


@pytest.mark.parametrize("text", ["", "not OPML", "<opml/>"])
def test_a_file_without_feeds_changes_nothing(capsys, config, tmp_path, text):
    file = tmp_path / "feeds.opml"
    file.write_text(text)
    before = config.read_bytes()
    code, _, err = run(capsys, "feeds", "import", file, "--config", config)
    assert code == 2
    assert "holds no feed" in err
    assert config.read_bytes() == before


def test_a_configuration_that_cannot_be_written_stays_as_it_was_and_one_behind_a_link_is_followed(capsys, tmp_path):
    config = write(tmp_path, "https://a.example", private=False)
    before = config.read_bytes()
    in_the_way = tmp_path / f".{config.name}.new"
    in_the_way.mkdir()
    code, _, err = run(capsys, "feeds", "add", "https://new.example/rss", "--config", config)
    assert (code, config.read_bytes()) == (2, before)
    assert "cannot be written" in err
    in_the_way.rmdir()
    link = tmp_path / "link.toml"
    link.symlink_to(config)
    assert run(capsys, "feeds", "add", "https://new.example/rss", "--config", link)[0] == 0
    assert link.is_symlink()
    assert "https://new.example/rss" in config.read_text()
