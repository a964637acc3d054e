"""A server of names that answers in every way (RFC 1035), and a network of its own in which it is the only one."""

from __future__ import annotations

import shutil
import socketserver
import struct
import subprocess
import sys
import threading
from pathlib import Path

HERE = Path(__file__)
# Alone with a loopback network and this resolv.conf.
ALONE = 'ip link set lo up && mount --bind "$1" /etc/resolv.conf && shift && exec "$@"'
RCODES = {"servfail": 2, "missing": 3, "refused": 5}
POINTER = b"\xc0\x0c"  # the name of the question
A, CNAME, IN = 1, 5, 1
UDP_BYTES = 512


def can_be_alone() -> bool:
    if not (shutil.which("unshare") and shutil.which("ip")):
        return False
    tried = subprocess.run(["unshare", "-mn", "ip", "link", "set", "lo", "up"], check=False, capture_output=True)
    return tried.returncode == 0


def alone(folder: Path, *command: str) -> list[str]:
    """The command that runs a Python script where this server answers all questions."""
    conf = folder / "resolv.conf"
    conf.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    return ["unshare", "-mn", "sh", "-c", ALONE, "sh", str(conf), sys.executable, str(HERE), *command]


def record(kind: int, data: bytes, seconds: int = 0) -> bytes:
    return POINTER + struct.pack(">HHIH", kind, IN, seconds, len(data)) + data


def encoded(name: str) -> bytes:
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def records_for(name: str, kind: int) -> list[bytes] | None:
    """The records of an answer; None where none is given at all."""
    first = name.partition(".")[0]
    if first == "silent":
        return None
    if first == "circle":
        return [record(CNAME, encoded("circle.example"))]
    if kind != A:
        return []
    addresses = {
        "good": ["127.0.0.1"],
        "mixed": ["8.8.8.8", "10.0.0.7"],
        "many": [f"8.8.{number // 250}.{number % 250 + 1}" for number in range(1000)],
    }
    return [record(A, bytes(map(int, address.split(".")))) for address in addresses.get(first, [])]


def reply(query: bytes, most: int) -> bytes | None:
    """The answer to one query, cut to its head where it is larger than `most` bytes."""
    end = query.index(b"\0", 12) + 5
    question, (kind,) = query[12:end], struct.unpack(">H", query[end - 4 : end - 2])
    labels, place = [], 12
    while size := query[place]:
        labels.append(query[place + 1 : place + 1 + size].decode())
        place += size + 1
    name = ".".join(labels)
    if name.startswith("garbage"):
        return b"\xff" * 40
    found = records_for(name, kind)
    if found is None:
        return None
    flags = 0x8180 | RCODES.get(labels[0], 0)
    body = b"".join(found)
    if 12 + len(question) + len(body) > most:
        return query[:2] + struct.pack(">HHHHH", flags | 0x0200, 1, 0, 0, 0) + question
    return query[:2] + struct.pack(">HHHHH", flags, 1, len(found), 0, 0) + question + body


class OverUdp(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        query, sock = self.request
        if answer := reply(query, UDP_BYTES):
            sock.sendto(answer, self.client_address)


class OverTcp(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while head := self.rfile.read(2):
            answer = reply(self.rfile.read(int.from_bytes(head)), 65_535) or b""
            self.wfile.write(len(answer).to_bytes(2) + answer)


def serve() -> None:
    """Answer at port 53 of this machine, in threads."""
    for kind, handler in (
        (socketserver.ThreadingUDPServer, OverUdp),
        (socketserver.ThreadingTCPServer, OverTcp),
    ):
        kind.daemon_threads = True
        server = kind(("127.0.0.1", 53), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()


async def ask(names: list[str]) -> dict[str, dict[str, object]]:
    """What becomes of a GET of each name: the kind of its error, its words, and how many connections were tried."""
    from opened import watching

    from monitor.errors import FetchError
    from monitor.http import Http, HttpSettings, Resolver

    found: dict[str, dict[str, object]] = {}
    for name in names:
        with watching() as seen:
            settings = HttpSettings(allow_private=name.startswith("good"), deadline_seconds=10)
            try:
                async with Http(settings, resolve=Resolver(deadline_seconds=4)) as http:
                    await http.get(f"http://{name}:9/")
                kind, words = "", ""
            except FetchError as error:
                kind, words = error.kind, str(error)
        dialled = {event for event in seen if event.startswith("socket.connect") and ", 9)" in event}
        found[name] = {"kind": kind, "words": words, "dialled": len(dialled)}
    return found


if __name__ == "__main__":
    import asyncio
    import json

    serve()
    print(json.dumps(asyncio.run(ask(sys.argv[1:]))))
