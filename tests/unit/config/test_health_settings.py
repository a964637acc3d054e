"""[health]: loopback only, and the ping address is a secret."""

from __future__ import annotations

import pytest

from monitor.config import load
from monitor.errors import ConfigError

FEED = "[[feed]]\nurl = 'https://news.example/rss'\n"


def read(tmp_path, text, environ=None):
    file = tmp_path / "basewatch.toml"
    file.write_text(FEED + text)
    return load(file, environ or {})


@pytest.mark.parametrize("listen", ["127.0.0.1:8642", "[::1]:80", "127.8.8.8:65535"])
def test_a_loopback_address_is_listened_on(tmp_path, listen):
    host, port = read(tmp_path, f"[health]\nlisten = '{listen}'\n").health.address
    assert f"{host}:{port}" == listen.replace("[", "").replace("]", "")


@pytest.mark.parametrize(
    ("listen", "told"),
    [
        ("0.0.0.0:8642", "must be a loopback address"),
        ("[::]:8642", "must be a loopback address"),
        ("10.0.0.1:8642", "must be a loopback address"),
        ("localhost:8642", "must be a loopback address"),
        (":8642", "must be a loopback address"),
        ("127.0.0.1", "must be host:port"),
        ("127.0.0.1:0", "must be host:port"),
        ("127.0.0.1:99999", "must be host:port"),
        ("127.0.0.1:²", "must be host:port"),
        ("", "must not be empty"),
    ],
)
@pytest.mark.fault("WB-6")
def test_nothing_else_is(tmp_path, listen, told):
    with pytest.raises(ConfigError, match=told):
        read(tmp_path, f"[health]\nlisten = '{listen}'\n")


def test_the_ping_address_is_read_from_its_variable_and_hidden(tmp_path):
    settings = read(tmp_path, "[health]\nping_url_env = 'PING'\n", {"PING": "https://ping.example/secret-id"})
    assert settings.health.ping_url == "https://ping.example/secret-id"
    assert settings.health.ping_url in settings.secrets
    assert "secret-id" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ping_url_env = 'PING'", "the environment variable PING is not set"),
        ("ping_url_env = 'https://ping.example/id'", "must be the name of an environment variable"),
        ("ping_url = 'https://ping.example/id'", "did you mean ping_url_"),
        ("ping_url_env = 'A'\nping_url_file = 'b'", "keep one of the two"),
        ("listen = 8642", "must be a text in quotes"),
    ],
)
def test_mistakes_have_their_sentence(tmp_path, text, told):
    with pytest.raises(ConfigError, match=told):
        read(tmp_path, f"[health]\n{text}\n")
