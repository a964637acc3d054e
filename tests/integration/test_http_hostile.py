"""monitor.http against a server that misbehaves: every answer is bounded in time and size, every error has a kind."""

from __future__ import annotations

import asyncio
import gzip
import socket
import tracemalloc
import zlib
from collections.abc import Awaitable, Callable

import httpx
import pytest
from loopback import Handler, Request, Server, answer, open_http, says, serving

from monitor.errors import AddressRefused, FetchError, TooLarge
from monitor.http import Http, HttpSettings, Resolver, Response, Validators, surely_not_sent


def get(handler: Handler, path: str = "/feed", **settings: object) -> Response:
    async def main() -> Response:
        async with serving(handler) as server, open_http(**settings) as http:
            return await http.get(server.url + path)

    return asyncio.run(main())


def with_server(handler: Handler, work: Callable[[Http, Server], Awaitable[object]]) -> object:
    async def main() -> object:
        async with serving(handler) as server, open_http() as http:
            return await work(http, server)

    return asyncio.run(main())


def test_a_plain_answer_is_whole():
    got = get(says(answer(200, b"news", ETag='W/"a b"')))
    assert (got.status, got.body, got.whole, got.headers["etag"]) == (200, b"news", True, 'W/"a b"')


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "wire"),
    [
        ("gzip", gzip.compress(b"news " * 99)),
        ("x-gzip", gzip.compress(b"news " * 99)),
        ("gzip", gzip.compress(b"news " * 50) + gzip.compress(b"news " * 49)),
        ("deflate", zlib.compress(b"news " * 99)),
        ("deflate", raw_deflate(b"news " * 99)),
        ("identity", b"news " * 99),
    ],
)
def test_r19_what_is_offered_is_decoded(coding: str, wire: bytes):
    got = get(says(answer(200, wire, Content_Encoding=coding)))
    assert got.body == b"news " * 99
    assert got.whole


def test_r19_only_codings_that_can_be_decoded_are_offered():
    async def work(http: Http, server: Server) -> str:
        await http.get(server.url)
        return server.requests[0].headers["accept-encoding"]

    assert with_server(says(answer()), work) == "gzip, deflate"


def bomb(layers: int) -> bytes:
    data = bytes(64 * 2**20)
    for _ in range(layers):
        data = gzip.compress(data)
    return data


@pytest.mark.parametrize(
    ("coding", "layers"), [("gzip", 1), ("gzip, gzip", 2), ("gzip, gzip, gzip", 3), ("br", 1), ("zstd", 1)]
)
@pytest.mark.fault("HT-1")
def test_r19_a_bomb_is_refused(coding: str, layers: int):
    with pytest.raises(FetchError) as caught:
        get(says(answer(200, bomb(layers), Content_Encoding=coding)))
    assert caught.value.kind == ("too_large" if coding == "gzip" else "encoding")


def peak_bytes(work: Callable[[], object]) -> int:
    """The most memory that Python held while this ran, above what it held before."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.fault("HT-1")
def test_r19_a_bomb_costs_little_memory():
    def refused() -> None:
        with pytest.raises(TooLarge):
            get(handler)

    handler = says(answer(200, bomb(1), Content_Encoding="gzip"))
    assert peak_bytes(refused) < 25_000_000


@pytest.mark.control("HT-1")
def test_r19_the_usual_way_to_read_a_body_would_not_stop_a_bomb():
    """The control: a streamed body of two codings comes from the plain client as one chunk above any cap on chunks."""

    async def first_chunk() -> int:
        bombing = says(answer(200, bomb(2), Content_Encoding="gzip, gzip"))
        async with (
            serving(bombing) as server,
            httpx.AsyncClient(trust_env=False) as client,
            client.stream("GET", server.url) as plain,
        ):
            return max([len(chunk) async for chunk in plain.aiter_bytes()])

    assert asyncio.run(first_chunk()) > HttpSettings().max_bytes


@pytest.mark.fault("HT-3")
def test_r19_a_body_above_the_cap_is_refused_whatever_its_length_header_says():
    async def endless(request: Request, writer: asyncio.StreamWriter) -> None:  # noqa: ARG001
        writer.write(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + bytes(0x10000) + b"\r\n")
            await writer.drain()

    with pytest.raises(TooLarge):
        get(endless, max_bytes=300_000)


async def drip_body(request: Request, writer: asyncio.StreamWriter) -> None:  # noqa: ARG001
    writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\n")
    await drip(writer, b"x")


async def drip_headers(request: Request, writer: asyncio.StreamWriter) -> None:  # noqa: ARG001
    writer.write(b"HTTP/1.1 200 X\r\nA: ")
    await drip(writer, b"x")


async def endless_hints(request: Request, writer: asyncio.StreamWriter) -> None:  # noqa: ARG001
    await drip(writer, b"HTTP/1.1 103 Early Hints\r\n\r\n")


async def drip(writer: asyncio.StreamWriter, data: bytes) -> None:
    while True:
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("handler", [drip_body, drip_headers, endless_hints])
@pytest.mark.fault("HT-2")
def test_r19_a_dripping_server_is_stopped_by_the_overall_deadline(handler: Handler):
    async def main() -> FetchError:
        async with serving(handler) as server, open_http(deadline_seconds=0.4) as http:
            with pytest.raises(FetchError) as caught:
                await http.get(server.url)
            async with asyncio.timeout(10):
                await server.left.wait()
            return caught.value

    error = asyncio.run(main())
    assert error.kind == "timeout"
    assert not surely_not_sent(error)


@pytest.mark.parametrize("flood", [b"A: " + b"x" * 1_000_000, b"\r\n".join(b"A%d: x" % n for n in range(100_000))])
@pytest.mark.fault("HT-3")
def test_r19_a_header_flood_is_refused(flood: bytes):
    with pytest.raises(TooLarge):
        get(says(b"HTTP/1.1 200 X\r\n" + flood + b"\r\n\r\n"))


@pytest.mark.parametrize(
    ("wire", "kind"),
    [
        (b"", "protocol"),
        (b"garbage\r\n\r\n", "protocol"),
        (b"HTTP/0.9\r\n", "protocol"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "protocol"),
        (b"HTTP/1.1 200 X\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "protocol"),
        (b"HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\n\r\nnot gzip", "encoding"),
    ],
)
@pytest.mark.fault("HT-4")
def test_a_broken_answer_is_an_error_with_a_kind(wire: bytes, kind: str):
    with pytest.raises(FetchError) as caught:
        get(says(wire))
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    "wire",
    [
        b"HTTP/1.1 200 X\r\nContent-Length: 99\r\n\r\nstart",
        b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nstart\r\n",
        b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nstart\r\n9\r\n",
    ],
)
def test_a_cut_body_is_given_and_said_to_be_cut(wire: bytes):
    got = get(says(wire))
    assert (got.body, got.whole) == (b"start", False)


@pytest.mark.fault("FD-3")
def test_a_cut_gzip_body_is_given_and_said_to_be_cut():
    packed = gzip.compress(b"".join(b"%d," % n for n in range(9999)))
    for cut in (1, 5, 11, 500, len(packed) - 8, len(packed) - 1):
        got = get(says(b"HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\n\r\n" + packed[:cut]))
        assert not got.whole
        assert b"".join(b"%d," % n for n in range(9999)).startswith(got.body)


@pytest.mark.parametrize("dead", [["::1"], ["::1", "::1", "::1"]])
@pytest.mark.fault("DN-4")
def test_a_dead_address_is_followed_by_the_next(dead: list[str]):
    async def resolve(host: str, port: int) -> list[str]:  # noqa: ARG001
        return [*dead, "127.0.0.1"]

    async def main() -> Response:
        async with serving(says(answer(200, b"x"))) as server, Http(HttpSettings(allow_private=True), resolve) as http:
            return await http.get(server.url.replace("127.0.0.1", "both.example"))

    assert asyncio.run(main()).body == b"x"


def redirect_to(target: str, status: int = 302) -> Handler:
    return says(answer(status, Location=target))


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "gopher://x/",
        "ftp://x/",
        "javascript:alert(1)",
        "http://169.254.169.254/latest",
        "//[::]/",
    ],
)
@pytest.mark.fault("HT-5")
def test_r30_a_redirect_to_a_refused_place_is_not_followed(target: str):
    with pytest.raises(AddressRefused):
        get(redirect_to(target))


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1/", "http://[::1]/", "http://[::ffff:169.254.169.254]/", "http://0x7f.1/", "http://2130706433/"]
)  # fmt: skip
@pytest.mark.fault("HT-5")
def test_r30_every_hop_is_vetted(target: str):
    async def resolve(host: str, port: int) -> list[str]:
        return [host] if host == "public.example" else await Resolver()(host, port)

    async def main() -> None:
        async with Http(resolve=resolve) as http:
            await http.get(target)

    with pytest.raises(AddressRefused):
        asyncio.run(main())


@pytest.mark.fault("DN-3")
def test_r30_a_name_that_turns_private_between_two_look_ups_is_never_dialled():
    """DNS rebinding: what was vetted is what is dialled, and each hop is vetted anew."""
    answers = iter([["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:10.0.0.1"]])
    asked = []

    async def resolve(host: str, port: int) -> list[str]:  # noqa: ARG001
        asked.append(host)
        return next(answers)

    async def main() -> int:
        async with serving(says(answer())) as server, Http(resolve=resolve) as http:
            for _ in range(3):
                with pytest.raises(AddressRefused):
                    await http.get(server.url.replace("127.0.0.1", "rebinding.example"))
            return server.connections

    assert asyncio.run(main()) == 0
    assert len(asked) == 3


@pytest.mark.fault("DN-3")
def test_r30_a_name_is_resolved_once_for_one_connection():
    asked = []

    async def resolve(host: str, port: int) -> list[str]:  # noqa: ARG001
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.255.255.1"]

    async def main() -> Response:
        async with serving(says(answer(200, b"x"))) as server, Http(HttpSettings(allow_private=True), resolve) as http:
            return await http.get(server.url.replace("127.0.0.1", "name.example"))

    assert asyncio.run(main()).body == b"x"
    assert asked == ["name.example"]


def test_r16_redirects_are_followed_and_remembered():
    async def chain(request: Request, writer: asyncio.StreamWriter) -> None:
        hops = {"/a": (301, "/b"), "/b": (308, "/c?x=1"), "/c?x=1": (302, "d")}
        status, target = hops.get(request.target, (200, ""))
        writer.write(answer(status, b"end", Location=target) if target else answer(200, b"end"))

    async def work(http: Http, server: Server) -> tuple[Response, str]:
        return await http.get(server.url + "/a"), server.url

    got, root = with_server(chain, work)  # type: ignore[misc]
    assert got.url == root + "/d"
    assert got.redirects == ((301, root + "/b"), (308, root + "/c?x=1"), (302, root + "/d"))


@pytest.mark.fault("HT-5")
def test_r16_a_circle_and_a_long_chain_end():
    async def next_number(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(302, Location=f"/{int(request.target[1:]) + 1}"))

    for handler, path in ((redirect_to("/feed"), "/feed"), (redirect_to("/feed"), "/other"), (next_number, "/1")):
        with pytest.raises(FetchError) as caught:
            get(handler, path)
        assert caught.value.kind == "redirect"


def test_r1_validators_go_only_to_the_url_that_gave_them_and_byte_for_byte():
    async def moved(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(302, Location="/new") if request.target == "/old" else answer())

    async def work(http: Http, server: Server) -> list[dict[str, str]]:
        for path in ("/old", "/new"):
            given = Validators(server.url + path, 'W/"é,"x', "Tue, 31 Feb 2041")
            await http.get(server.url + "/old", validators=given)
        return [request.headers for request in server.requests]

    old, new, old_again, new_again = with_server(moved, work)  # type: ignore[misc]
    for sent in (old, new_again):
        assert sent["if-none-match"] == 'W/"é,"x'
        assert sent["if-modified-since"] == "Tue, 31 Feb 2041"
    for bare in (new, old_again):
        assert "if-none-match" not in bare
        assert "if-modified-since" not in bare


@pytest.mark.fault("HT-6")
@pytest.mark.fault("HT-11")
def test_credentials_of_a_url_do_not_cross_to_another_origin():
    async def main() -> tuple[list[Request], list[Request]]:
        async with serving(says(answer())) as other:

            async def moved(request: Request, writer: asyncio.StreamWriter) -> None:
                writer.write(answer(302, Location="/here" if request.target == "/" else other.url + "/there"))

            async with serving(moved) as server, open_http() as http:
                await http.get(server.url.replace("//", "//user:pass@") + "/")
                return server.requests, other.requests

    first, second = asyncio.run(main())
    assert [("authorization" in request.headers) for request in first] == [True, True]
    assert "authorization" not in second[0].headers


def test_r26_manners(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")

    async def work(http: Http, server: Server) -> list[dict[str, str]]:
        await http.get(server.url)
        await http.get(server.url, user_agent="Other/1")
        return [request.headers for request in server.requests]

    first, second = with_server(says(answer(200, Set_Cookie="a=b")), work)  # type: ignore[misc]
    assert first["user-agent"].startswith("Basewatch/")
    assert second["user-agent"] == "Other/1"
    assert not {"cookie", "referer"} & (first.keys() | second.keys())


def test_errors_hold_no_secret():
    async def main() -> list[str]:
        texts = []
        async with serving(redirect_to("http://u:hidden@[::]/hidden?hidden#hidden")) as server, open_http() as http:
            for url in (server.url + "/feed?key=hidden#hidden", server.url.replace("//", "//hidden:hidden@") + "/"):
                with pytest.raises(FetchError) as caught:
                    await http.get(url)
                texts.append(str(caught.value))
        for port in ("1", "x"):
            with pytest.raises(FetchError) as caught:
                async with open_http() as http:
                    await http.post(f"http://127.0.0.1:{port}/services/hidden", b"", {})
            texts.append(str(caught.value))
        return texts

    assert not [text for text in asyncio.run(main()) if "hidden" in text]


@pytest.mark.parametrize(
    "garbage",
    [b"HTTP/1.1 hidden\x1b[31m\r\n\r\n", b"hidden " * 9000 + b"\r\n\r\n", b"HTTP/1.1 200 X\r\nhidden\r\n\r\n"],
)
def test_an_error_never_quotes_the_other_side(garbage: bytes):
    with pytest.raises(FetchError) as caught:
        get(says(garbage))
    assert caught.value.kind == "protocol"
    assert "hidden" not in str(caught.value)
    assert len(str(caught.value)) < 200


def post(handler: Handler, **options: object) -> tuple[Response, Request]:
    async def main() -> tuple[Response, Request]:
        async with serving(handler) as server, Http() as http:
            got = await http.post(server.url + "/hook", b"{}", {"X-Test": "1"}, allow_private=True, **options)  # type: ignore[arg-type]
            return got, server.requests[0]

    return asyncio.run(main())


@pytest.mark.fault("DL-5")
def test_a_post_sends_once_and_follows_nothing():
    got, request = post(redirect_to("/other"))
    assert got.status == 302
    assert (request.method, request.body, request.headers["x-test"]) == ("POST", b"{}", "1")


@pytest.mark.parametrize(
    "wire",
    [
        b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n" + b"10000\r\n" + bytes(0x10000) + b"\r\n",
        b"HTTP/1.1 200 X\r\nContent-Length: 10000000000\r\n\r\n" + bytes(100_000),
        b"HTTP/1.1 200 X\r\nContent-Length: 50\r\n\r\nok",
    ],
)
def test_a_post_takes_its_verdict_from_the_status_whatever_the_body_does(wire: bytes):
    got, _ = post(says(wire))
    assert got.status == 200
    assert len(got.body) <= 8192


@pytest.mark.fault("DL-16")
def test_a_post_whose_answer_drips_has_its_status():
    got, _ = post(drip_body, deadline_seconds=0.4)
    assert (got.status, got.whole) == (200, False)


async def hang_up(request: Request, writer: asyncio.StreamWriter) -> None:
    pass


async def hang(request: Request, writer: asyncio.StreamWriter) -> None:  # noqa: ARG001
    await asyncio.sleep(30)


@pytest.mark.parametrize("handler", [hang_up, hang, says(b"HTTP/1.1 2")])
def test_a_post_without_a_status_is_unknown(handler: Handler):
    with pytest.raises(FetchError) as caught:
        post(handler, deadline_seconds=0.4)
    assert not surely_not_sent(caught.value)


def test_a_post_that_never_left_is_surely_not_sent():
    async def silent(host: str, port: int) -> list[str]:  # noqa: ARG001
        await asyncio.sleep(30)
        return []

    async def nowhere(host: str, port: int) -> list[str]:
        return list(await Resolver(look_up=unknown)(host, port))

    async def no_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:  # noqa: ARG001
        writer.write(b"HTTP/1.1 400 this is no TLS")
        writer.close()

    def unknown(*_: object, **__: object) -> list[tuple[object, ...]]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async def main() -> list[tuple[str, bool]]:
        kinds = []
        async with serving(hang_up) as server:
            port = server.url.rpartition(":")[2]
        cases = [
            (Http(), f"http://127.0.0.1:{port}/", True),
            (Http(), f"http://127.0.0.1:{port}/", False),
            (Http(resolve=nowhere), "http://does-not-exist.invalid/", True),
            (Http(), "file:///etc/passwd", True),
            (Http(resolve=silent), "http://silent.example/", True),
        ]
        for http, url, allow in cases:
            async with http:
                with pytest.raises(FetchError) as caught:
                    await http.post(
                        url, b"", {}, allow_private=allow, deadline_seconds=5 if "silent" not in url else 0.3
                    )
                kinds.append((caught.value.kind, surely_not_sent(caught.value)))
        async with await asyncio.start_server(no_tls, "127.0.0.1", 0) as server, Http() as http:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(FetchError) as caught:
                await http.post(f"https://127.0.0.1:{port}/", b"", {}, allow_private=True)
            kinds.append((caught.value.kind, surely_not_sent(caught.value)))
        return kinds

    kinds = asyncio.run(main())
    assert [kind for kind, _ in kinds] == ["connect", "refused", "dns", "url", "connect", "tls"]
    assert all(sure for _, sure in kinds)
