"""The health endpoint answers what it knows, to this machine alone; systemd is told by datagrams."""

from __future__ import annotations

import asyncio
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.health.endpoint import REQUEST_BYTES, Page, page_for, serve
from monitor.health.systemd import Systemd

PAGES = {"/healthz": lambda: Page(b"well")}


def head(first="GET /healthz HTTP/1.1", host="Host: 127.0.0.1:8642"):
    return f"{first}\r\n{host}\r\n\r\n"


@pytest.mark.parametrize("host", ["127.0.0.1:8642", "127.0.0.1", "localhost:1", "LOCALHOST", "[::1]:8642", "[::1]"])
def test_it_answers_under_the_names_of_this_machine(host):
    assert page_for(head(host=f"Host: {host}"), PAGES).body == b"well"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (head(host="Host: evil.example"), 403),
        (head(host="Host: evil.example:127.0.0.1"), 403),
        (head(host="Host: 127.0.0.1.evil.example:80"), 403),
        (head(host="X: y"), 403),
        (head(host="Host: 127.0.0.1\r\nHost: evil.example"), 403),
        (head("POST /healthz HTTP/1.1"), 405),
        (head("GET /other HTTP/1.1"), 404),
        (head("GET /healthz/../etc HTTP/1.1"), 404),
    ],
)
@pytest.mark.fault("WB-1")
def test_wb_1_everything_else_is_refused(text, status):
    page = page_for(text, PAGES)
    assert (page.status, page.body) == (status, b"")


@given(st.text())
def test_no_request_breaks_it(text):
    assert page_for(text, PAGES).status in (200, 403, 404, 405)


def exchange(*sent: bytes) -> list[bytes]:
    """What the endpoint answers to each of these, in order."""

    async def main() -> list[bytes]:
        server = await serve("127.0.0.1", 0, PAGES)
        port = server.sockets[0].getsockname()[1]
        answers = []
        for data in sent:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(data)
            try:
                answers.append(await reader.read())
            except ConnectionError:
                answers.append(b"")
            writer.close()
        server.close()
        return answers

    return asyncio.run(main())


def test_over_the_wire_head_has_no_body_and_a_flood_of_headers_no_answer():
    asked, only_head, flood, after = exchange(
        head().encode(),
        head("HEAD /healthz HTTP/1.1").encode(),
        b"GET /healthz HTTP/1.1\r\nX: " + b"a" * 10 * REQUEST_BYTES + b"\r\n\r\n",
        head().encode(),
    )
    assert asked.startswith(b"HTTP/1.1 200 OK\r\n")
    assert asked.endswith(b"\r\n\r\nwell")
    assert b"Content-Length: 4" in only_head
    assert only_head.endswith(b"\r\n\r\n")
    assert flood == b""
    assert after == asked


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_gets_one_datagram_a_message(tmp_path, abstract):
    place = f"basewatch-{tmp_path.name}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + place if abstract else place)
        manager.settimeout(5)
        systemd = Systemd({"NOTIFY_SOCKET": ("@" if abstract else "") + place, "WATCHDOG_USEC": "60000000"})
        systemd.tell("READY=1")
        assert manager.recv(100) == b"READY=1"
        assert systemd.watchdog_seconds == 20


def test_without_a_manager_nothing_is_told_and_nothing_breaks(tmp_path):
    for environ in ({}, {"NOTIFY_SOCKET": str(tmp_path / "nobody"), "WATCHDOG_USEC": "soon"}):
        systemd = Systemd(environ)
        systemd.tell("READY=1")
        assert systemd.watchdog_seconds is None
