"""What a configuration may say, and how its mistakes are told."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import load
from monitor.errors import ConfigError

FEED = '[[feed]]\nurl = "https://news.example/rss"\n'
BOT = FEED + "[[sink]]\nname='a'\nkind='slack'\ntoken_env='T'\nchannel='C0123ABCD'\n"


@pytest.fixture
def write(tmp_path):
    def write(text):
        file = tmp_path / "basewatch.toml"
        file.write_text(text)
        return file

    return write


def mistakes(file, environ=None):
    with pytest.raises(ConfigError) as caught:
        load(file, environ or {})
    prefix = str(file)
    assert all(line.startswith(prefix) for line in caught.value.mistakes)
    return [line.removeprefix(prefix) for line in caught.value.mistakes]


def test_the_smallest_configuration_gets_the_defaults(write, tmp_path):
    settings = load(write(FEED), {})
    assert settings.database == tmp_path / "basewatch.db"
    assert settings.rules == tmp_path / "rules"
    assert settings.polling.every_seconds == 900
    assert settings.delivery.circuit_failures == 5
    assert [feed.url for feed in settings.feeds] == ["https://news.example/rss"]


def test_relative_paths_are_taken_from_the_folder_of_the_file(write, tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    assert load(write('database = "data/b.db"\n' + FEED), {}).database == tmp_path / "data" / "b.db"


@pytest.mark.fault("CF-1")
def test_all_mistakes_come_at_once_in_the_order_of_the_file_with_line_and_nearest_key(write):
    found = mistakes(
        write(
            'databse = "x"\n'
            'feeds_opml = "absent.opml"\n'
            "[polling]\n"
            "evry_seconds = 3\n"
            "host_delay_seconds = 0\n"
            "[[feed]]\n"
            'url = "ftp://x"\n'
            "[[sink]]\n"
            'name = "desk"\n'
            'kind = "slak"\n'
            "[[sink]]\n"
            'name = "ops"\n'
            'kind = "webhook"\n'
            'url_env = "ABSENT"\n'
            "[delivery]\n"
            "circuit_failures = 0\n"
        )
    )
    begins = [
        ", line 1: databse: no such setting; did you mean database?",
        ", line 2: feeds_opml: ",
        ", line 4: polling.evry_seconds: no such setting; did you mean every_seconds?",
        ", line 5: polling.host_delay_seconds: must be at least 1",
        ", line 7: feed[1].url: is not a web address",
        ", line 10: sink[1].kind: must be one of console, slack, webhook, apprise; did you mean slack?",
        ", line 14: sink[2].url_env: the environment variable ABSENT is not set",
        ", line 16: delivery.circuit_failures: must be at least 1",
    ]
    assert len(found) == len(begins)
    for line, begin in zip(found, begins, strict=True):
        assert line.startswith(begin)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "there is no feed to watch"),
        ("[polling]\nevery_seconds = 59\n" + FEED, "every_seconds: must be at least 60"),
        ("[polling]\nallow_private_addresses = true\nevery_seconds = 0.5\n" + FEED, "must be at least 1"),
        ("[polling]\nbackfill_hours = nan\n" + FEED, "backfill_hours: "),
        ('[polling]\nevery_seconds = "900"\n' + FEED, "must be a number"),
        ("[polling]\nevery_seconds = true\n" + FEED, "must be a number"),
        ("[feed]\nurl = 'https://a.example'\n", "write [[feed]] with two brackets"),
        (FEED + FEED, "stands twice, first in feed[1]"),
        ("[[feed]]\nurl = 'http://127.0.0.1:8/rss'\n", "is a private address"),
        ("[[feed]]\nurl = 'http://localhost/rss'\n", "is a private address"),
        ("[[feed]]\nurl = 'https://me:pw@a.example/'\n", "holds a user name or password"),
        ("[[feed]]\nurl = 'https://a.example/a b'\n", "holds a space"),
        ("[[feed]]\nurl = 'https://a.example:99999/'\n", "is not a web address"),
        ("[[feed]]\nurl = 'file:///etc/passwd'\n", "is not a web address"),
        ("[[feed]]\ntitle = 'x'\n", "feed[1].url: is missing"),
        (FEED + "[[sink]]\nname='a'\nkind='slack'\n", "a slack sink needs url_env or url_file"),
        (FEED + "[[sink]]\nname='a'\nkind='slack'\nurl_env='U'\nurl_file='f'\n", "keep one of the two"),
        (FEED + "[[sink]]\nname='a'\nkind='console'\nurl_env='U'\n", "is not used by a console sink"),
        (BOT.replace("channel='C0123ABCD'", ""), "a slack sink with a token needs channel"),
        (BOT.replace("C0123ABCD", "#alerts"), "channel: must be the id of a channel"),
        (BOT.replace("token_env='T'\n", ""), "channel: is not used by a slack sink; remove it"),
        (BOT.replace("token_env='T'\n", ""), "or token_env or token_file with a channel"),
        (BOT.replace("'T'", "'U'"), "token_env: its value is no token of Slack"),
        (BOT.replace("'T'", "'ABSENT'"), "token_env: the environment variable ABSENT is not set"),
        (BOT + "url_env='U'\n", "url_env: is not used by a slack sink with a token; remove it"),
        (BOT + "token_file='f'\n", "token_file: stands beside token_env; keep one of the two"),
        (BOT + "token='xoxb-1'\n", "put it into an environment variable and name that in token_env"),
        (BOT + "api_url='http://a.example/api'\n", "api_url: its value begins with http://"),
        (BOT.replace("'slack'", "'webhook'"), "token_env: is not used by a webhook sink; remove it"),
        (FEED + "[[sink]]\nname='a b'\nkind='console'\n", "must be 1 to 64 letters"),
        (FEED + "[[sink]]\nname='a'\nkind='console'\n" * 2, "names are unique"),
        ("a = 1\na = 2\n", "is not TOML"),
        ("\ta =\n", "is not TOML"),
        ("a = " + "[" * 5000, "is not TOML"),
    ],
)
def test_each_mistake_has_its_sentence(write, text, told):
    assert any(told in line for line in mistakes(write(text), {"U": "https://h.example/", "T": "xoxb-1"}))


def test_a_broken_key_hides_no_other_mistake_of_its_table(write):
    found = mistakes(write('[polling]\nevery_seconds = "x"\nhost_delay_seconds = 0\n' + FEED))
    assert len(found) == 2


def test_a_secret_is_read_from_the_environment_or_a_file_and_never_shown(write, tmp_path):
    (tmp_path / "key").write_text("whsec_c2VjcmV0\n")
    file = write(
        FEED + "[[sink]]\nname='ops'\nkind='webhook'\nurl_env='OPS'\nsecret_file='key'\nallow_private_addresses=true\n"
    )
    settings = load(file, {"OPS": "http://127.0.0.1:9/very-secret"})
    (sink,) = settings.sinks
    assert (sink.url, sink.secret) == ("http://127.0.0.1:9/very-secret", "whsec_c2VjcmV0")
    assert set(settings.secrets) == {sink.url, sink.secret}
    assert "very-secret" not in repr(settings)
    assert "c2VjcmV0" not in repr(settings)


def test_a_bots_token_is_a_secret_like_any_other(write, tmp_path):
    (tmp_path / "token").write_text("xoxb-1-very-secret\n")
    settings = load(write(BOT.replace("token_env='T'", "token_file='token'")), {})
    (sink,) = settings.sinks
    assert (sink.token, sink.channel, sink.url) == ("xoxb-1-very-secret", "C0123ABCD", "")
    assert settings.secrets == (sink.token,)
    assert settings.secret_files == (tmp_path / "token",)
    assert "very-secret" not in repr(settings)


def test_no_mistake_repeats_a_secret(write):
    text = FEED + (
        "[[sink]]\nname='a'\nkind='slack'\nurl='https://hooks.example/TOKEN'\n"
        "[[sink]]\nname='b'\nkind='slack'\nurl_env='https://hooks.example/TOKEN'\n"
        "[[sink]]\nname='c'\nkind='slack'\nurl_env='BAD'\n"
        "[[feed]]\nurl='https://me:TOKEN@a.example/'\n"
    )
    found = mistakes(write(text), {"BAD": "gopher://TOKEN"})
    assert len(found) == 4
    assert "TOKEN" not in "".join(found)


def test_a_command_that_sends_nothing_needs_no_secrets(write):
    file = write(FEED + "[[sink]]\nname='desk'\nkind='slack'\nurl_env='ABSENT'\n")
    assert load(file, {}, need_secrets=False).sinks[0].name == "desk"


def test_an_absent_file_names_the_command_that_writes_one(tmp_path):
    assert "basewatch init" in mistakes(tmp_path / "absent.toml")[0]


def test_a_byte_order_mark_does_no_harm(tmp_path):
    file = tmp_path / "basewatch.toml"
    file.write_bytes(b"\xef\xbb\xbf" + FEED.encode())
    assert load(file, {}).feeds


@given(text=st.text(alphabet=st.sampled_from("ab.[]=\"'\n\t#1{},feedurlsinkpolling"), max_size=200))
@pytest.mark.fault("CF-1")
def test_whatever_the_file_holds_the_answer_is_settings_or_sentences(tmp_path_factory, text):
    file = tmp_path_factory.mktemp("config") / "basewatch.toml"
    file.write_text(text)
    with contextlib.suppress(ConfigError):
        load(file, {})
