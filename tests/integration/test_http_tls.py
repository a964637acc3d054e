"""TLS: a server that cannot prove who it is gets nothing, and the error says why."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
from loopback import answer, says, serving

from monitor.errors import FetchError
from monitor.http import Http, HttpSettings, surely_not_sent

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="needs the openssl command to make certificates")


def certificate(folder: Path, name: str, host: str) -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate for `host`, and a server's context with it."""
    pem, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", pem,
         "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}", "-days", "1"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    return pem, context


async def loopback(host: str, port: int) -> list[str]:  # noqa: ARG001 - every name is here
    return ["127.0.0.1"]


def ask(server_context: ssl.SSLContext, ca_file: Path | None, host: str = "news.example") -> int:
    async def main() -> int:
        settings = HttpSettings(allow_private=True, ca_file=str(ca_file) if ca_file else None)
        async with serving(says(answer(200, b"x")), ssl=server_context) as server, Http(settings, loopback) as http:
            return (await http.get(server.url.replace("127.0.0.1", host))).status

    return asyncio.run(main())


def test_a_trusted_server_is_asked_by_its_name(tmp_path: Path):
    pem, context = certificate(tmp_path, "good", "news.example")
    assert ask(context, pem) == 200


@pytest.mark.fault("HT-7")
def test_an_unknown_issuer_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pem, context = certificate(tmp_path, "self", "news.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    refused(lambda: ask(context, None), "self-signed certificate")


@pytest.mark.fault("HT-7")
def test_another_hosts_certificate_is_refused(tmp_path: Path):
    pem, context = certificate(tmp_path, "other", "other.example")
    refused(lambda: ask(context, pem), "news.example")


def test_an_old_protocol_is_refused(tmp_path: Path):
    pem, context = certificate(tmp_path, "old", "news.example")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    refused(lambda: ask(context, pem), "TLS")


def refused(asking, words: str) -> None:
    with pytest.raises(FetchError, match=words) as caught:
        asking()
    assert caught.value.kind == "tls"
    assert surely_not_sent(caught.value)
