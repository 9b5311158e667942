"""The http module beside servers that answer well, badly, late, or never."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from host import Host, HostError
from host.lifecycle.native_code import NativeCode, read_sources
from tests.engine.place import Place
from tests.modules.bundled import MANIFESTS, ROOT

LUA: Final = """
local http = require("http")
return { exports = {
    call = function(name, ...) return http[name](...) end,
    many = function(url, n)
        local tasks, well = {}, 0
        for i = 1, n do
            tasks[i] = host.async(function() return http.get(url) end)
        end
        for i = 1, n do
            local ok, answer = tasks[i].wait()
            well = well + ((ok and answer and answer.success) and 1 or 0)
        end
        return well
    end,
} }
"""


class Server:
    """Answers as it is told to, by path; counts connections and requests; ``most``: connections at once."""

    def __init__(self) -> None:
        self.port = self.most = 0
        self.seen = Counter[str]()
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.redirect = ""
        self.tag = '"one"'
        self.release = asyncio.Event()
        self._answering = set[asyncio.Task[None]]()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.seen["connections"] += 1
        self.most = max(self.most, len(self._answering) + 1)
        task = asyncio.current_task()
        assert task is not None
        self._answering.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while not writer.is_closing():
                    await self._one(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            self._answering.discard(task)

    async def end(self) -> None:
        tasks = list(self._answering)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *rest = head.strip().split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in rest)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.requests.append((method, path, headers, body))
        self.seen[path] += 1
        unchanged = path == "/tagged" and headers.get("if-none-match") == self.tag
        writer.write(said(b"", status="304 Not Modified") if unchanged else self._said(path, body))
        await writer.drain()
        if path == "/headers_forever":
            while True:
                writer.write(b"x-more: " + b"y" * 1000 + b"\r\n")
                await writer.drain()
                await asyncio.sleep(0)
        if path == "/held":
            await self.release.wait()
            writer.write(said(b"held"))
        if path == "/silent":
            await asyncio.sleep(1000)

    def _said(self, path: str, body: bytes) -> bytes:
        if path == "/busy" and self.seen[path] > 2:
            return said(b"at last")
        answers = {
            "/json": said(b'{"a": [1, 2, []], "big": 12345678901234567890}', "Content-Type: application/json"),
            "/echo": said(body),
            "/moved": said(b"", f"Location: {self.redirect}", status="302 Found"),
            "/round": said(b"", "Location: /round", status="302 Found"),
            "/kept": said(b"kept", "Cache-Control: max-age=1000"),
            "/tagged": said(self.tag.encode(), f"ETag: {self.tag}", "Cache-Control: no-cache"),
            "/secret": said(b"x", 'ETag: "x"', "Cache-Control: no-store"),
            "/varied": said(b"x", "Cache-Control: max-age=1000", "Vary: Accept-Language"),
            "/busy": said(b"", "Retry-After: 0", status="503 Service Unavailable"),
            "/missing": said(b"no", status="404 Not Found"),
            "/headers_forever": b"HTTP/1.1 200 OK\r\n",
            "/silent": b"",
            "/held": b"",
            "/short": b"blah blah\r\n\r\n",
            "/huge": said(b'{"a": 1e400}', "Content-Type: application/json"),
            "/garbage": b"\x00\xff this is no HTTP\r\n\r\n",
        }
        found = answers.get(path, large(path))
        return said(b"hello") if found is None else found


@cache
def large(path: str) -> bytes | None:
    """Answers that take long to make."""
    match path:
        case "/large":
            return said(b"x" * 100_000)
        case "/much":
            return said(b"x" * (60 << 20))
        case "/lists":
            return said(b"[" + b"[]," * 400_000 + b"[]]", "Content-Type: application/json")
    return None


def said(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    listening = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.port = listening.sockets[0].getsockname()[1]
    yield made
    listening.close()
    await made.end()


@pytest.fixture
async def host(place: Place, server: Server) -> AsyncIterator[Host]:
    more = f'[dependencies]\nhttp = "*"\n[permissions]\nnet = ["127.0.0.1:{server.port}"]\n"fs.write" = ["data/**"]\n'
    more += '[limits]\ncall = "10 s"\n'
    place.module("ana", LUA, more=more)
    async with Host([place.root, ROOT], place.data) as host:
        await host.load("ana")
        await host.grant("ana")
        yield host
        await host.unload("http", cascade=True)
        closing = [task for task in asyncio.all_tasks() if task.get_name() == "http connections close"]
        await asyncio.gather(*closing)


async def call(host: Host, server: Server, name: str, path: str, *more: Any) -> Any:
    async with asyncio.timeout(30):
        return await host.call("ana", "call", name, f"http://127.0.0.1:{server.port}{path}", *more)


async def refused(host: Host, server: Server, name: str, path: str, *more: Any) -> str:
    nothing, why = await call(host, server, name, path, *more)
    assert nothing is None
    return str(why)


async def test_an_answer_is_whole(host: Host, server: Server) -> None:
    answer = await call(host, server, "get", "/hello")
    assert answer.pop("elapsed_ms") > 0
    assert answer == {
        "status_code": 200,
        "status": "OK",
        "body": "hello",
        "headers": {"content-length": "5"},
        "success": True,
        "url": f"http://127.0.0.1:{server.port}/hello",
        "size": 5,
    }
    missing = await call(host, server, "get", "/missing")
    assert (missing["status_code"], missing["success"], missing["body"]) == (404, False, "no")


async def test_json_goes_both_ways(host: Host, server: Server) -> None:
    assert (await call(host, server, "get", "/json"))["json"] == {
        "a": [1, 2, {0: "[]"}],
        "big": "12345678901234567890",
    }
    answer = await call(host, server, "post", "/echo", {"json": {"n": 1, "text": "ä"}})
    assert answer["body"] == '{"n": 1, "text": "ä"}'
    assert server.requests[-1][2]["content-type"] == "application/json"


async def test_each_method_is_sent_with_its_body_and_headers(host: Host, server: Server) -> None:
    for method in ("post", "put", "patch", "delete"):
        await call(host, server, method, "/echo", {"body": b"\xff", "headers": {"X-Own": "yes"}})
        sent, _, headers, body = server.requests[-1]
        assert (sent, headers["x-own"], body) == (method.upper(), "yes", b"\xff")


@pytest.mark.parametrize(
    "name",
    ["Transfer-Encoding", "content-length", " Connection ", "TE", "Upgrade", "Proxy-Authorization", ":authority"],
)
async def test_a_header_of_the_connection_is_refused_before_anybody_is_asked(
    name: str, host: Host, server: Server
) -> None:
    why = await refused(host, server, "get", "/echo", {"headers": {name: "5"}})
    assert why == f"the header {name.strip().lower()} cannot be given: it is the connection's own"
    assert not server.requests


async def test_a_grant_for_one_name_reaches_no_other_behind_its_address(host: Host, server: Server) -> None:
    why = await refused(host, server, "get", "/echo", {"headers": {"Host": "other.example"}})
    assert why == "the header host is 127.0.0.1, of the URL, and no other"
    assert not server.requests
    answer = await call(host, server, "get", "/echo", {"headers": {"Host": f"127.0.0.1:{server.port}"}})
    assert answer["success"]


async def test_connections_are_kept(host: Host, server: Server) -> None:
    for _ in range(5):
        await call(host, server, "get", "/hello")
    assert server.seen["connections"] == 1


async def test_many_at_once_share_one_thread(host: Host, server: Server) -> None:
    async with asyncio.timeout(60):
        assert await host.call("ana", "many", f"http://127.0.0.1:{server.port}/hello", 1000) == 1000
    assert server.seen["/hello"] == 1000
    assert 1 < server.most <= 100


async def test_the_time_until_there_is_a_connection_is_none_of_the_servers(host: Host, server: Server) -> None:
    url = f"http://127.0.0.1:{server.port}/held"
    held = asyncio.ensure_future(host.call("ana", "many", url, 100))
    async with asyncio.timeout(60):
        while server.seen["/held"] < 100:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.005)
    waiting = asyncio.ensure_future(call(host, server, "get", "/hello", {"timeout": 5}))
    late = asyncio.ensure_future(refused(host, server, "get", "/silent", {"timeout": 0.2}))
    done, _ = await asyncio.wait({waiting, late}, timeout=0.5)
    assert not done, "a hundred others are asked"
    server.release.set()
    assert await held == 100
    assert (await waiting)["body"] == "hello"
    assert await late == "no answer of 127.0.0.1 within 0.2 s"


@pytest.mark.parametrize(
    ("path", "options", "said"),
    [
        ("/short", {}, "127.0.0.1 cannot be asked: its answer is none of HTTP (illegal status line)"),
        ("/hello", {"headers": {"X": "a\r\nX-B: c"}}, "the request is none of HTTP (illegal header value)"),
    ],
)
async def test_what_went_wrong_is_said_in_words(
    path: str, options: dict[str, Any], said: str, host: Host, server: Server
) -> None:
    assert (await refused(host, server, "get", path, options)).endswith(said)


async def test_a_number_that_lua_has_not_leaves_the_body_alone(host: Host, server: Server) -> None:
    answer = await call(host, server, "get", "/huge")
    assert (answer["body"], "json" in answer) == ('{"a": 1e400}', False)


async def test_what_was_not_granted_is_refused_before_anybody_is_asked(host: Host, server: Server) -> None:
    nothing, why = await host.call("ana", "call", "get", "http://127.0.0.1:1/")
    assert nothing is None
    assert why.startswith("permission denied: ana may not use net for '127.0.0.1:1'")
    assert server.seen["connections"] == 0


async def test_a_redirect_is_judged_as_any_request(host: Host, server: Server) -> None:
    server.redirect = "http://127.0.0.1:1/secret"
    assert (await refused(host, server, "get", "/moved")).startswith("permission denied")
    server.redirect = "/hello"
    answer = await call(host, server, "post", "/moved", {"body": "x"})
    assert (answer["body"], server.requests[-1][0]) == ("hello", "GET")
    assert "redirects more than 10 times" in await refused(host, server, "get", "/round")


async def test_what_is_busy_is_asked_again_when_it_says(host: Host, server: Server) -> None:
    assert (await call(host, server, "get", "/busy", {"retries": 5}))["body"] == "at last"
    assert server.seen["/busy"] == 3


async def test_an_answer_that_is_too_large_is_cut_off(host: Host, server: Server) -> None:
    why = await refused(host, server, "get", "/large", {"max_size": 1000})
    assert why == "the answer of 127.0.0.1 has more than 1,000 bytes"
    assert (await call(host, server, "get", "/hello"))["success"]


async def test_json_that_would_take_long_comes_as_text(host: Host, server: Server) -> None:
    answer = await call(host, server, "get", "/lists")
    assert ("json" in answer, answer["size"]) == (False, 1_200_004)


async def test_answers_that_are_read_at_once_have_a_limit_together(host: Host, server: Server) -> None:
    """One module could have the engine hold answers without end: it says how large they may be."""
    answers = await asyncio.gather(
        *(refused(host, server, "get", "/much", {"max_size": 1 << 26}) for _ in range(8)), return_exceptions=True
    )
    assert any("are being read have more than 134,217,728 bytes together" in str(each) for each in answers)
    with pytest.raises(HostError, match=r"a number from 0 to 6.71089e\+07 expected"):
        await call(host, server, "get", "/much", {"max_size": 1 << 40})


async def test_an_address_that_is_too_long_is_none(host: Host) -> None:
    nothing, why = await host.call("ana", "call", "get", "http://localhost/" + "x" * 9000)
    assert nothing is None
    assert why.endswith("...' is no URL: it has more than 8,192 characters")


async def test_a_server_that_never_answers_is_given_up(host: Host, server: Server) -> None:
    why = await refused(host, server, "get", "/silent", {"timeout": 0.1})
    assert why == "no answer of 127.0.0.1 within 0.1 s"


@pytest.mark.parametrize("path", ["/headers_forever", "/garbage"])
async def test_a_server_that_sends_no_answer_but_something_else_is_refused(
    path: str, host: Host, server: Server
) -> None:
    assert "127.0.0.1" in await refused(host, server, "get", path, {"timeout": 10})


async def test_a_download_is_whole_or_not_there(host: Host, server: Server, place: Place) -> None:
    file: Path = place.data / "modules" / "ana" / "large"
    answer = await call(host, server, "download", "/large", "data/large")
    assert (answer["success"], answer["size"]) == (True, 100_000)
    assert sizes(file.parent) == {"large": 100_000}
    await refused(host, server, "download", "/large", "data/large", {"max_size": 1000})
    await call(host, server, "download", "/missing", "data/large")
    assert sizes(file.parent) == {"large": 100_000}
    assert (await refused(host, server, "download", "/large", "/tmp/elsewhere")).startswith("permission denied")  # noqa: S108 - refused


def sizes(folder: Path) -> dict[str, int]:
    return {each.name: each.stat().st_size for each in folder.iterdir()}


@pytest.mark.parametrize("url", ["ftp://x/", "http://", "nonsense", "http://u:p@x/", "http://x:99999/", "http://\x00/"])
async def test_what_is_no_url_is_said(url: str, host: Host) -> None:
    nothing, why = await host.call("ana", "call", "get", url)
    assert nothing is None
    assert "is no URL" in why or "permission denied" in why or "cannot be asked" in why


async def test_what_may_be_kept_is_asked_for_once(host: Host, server: Server) -> None:
    first = await call(host, server, "get", "/kept")
    again = await call(host, server, "get", "/kept")
    assert (first.get("cached"), again["cached"], again["body"], server.seen["/kept"]) == (None, True, "kept", 1)
    assert "cached" not in await call(host, server, "get", "/kept", {"cache": False})
    assert (await call(host, server, "post", "/kept"))["success"]
    await call(host, server, "get", "/kept")
    assert server.seen["/kept"] == 4, "a post may have changed it"


async def test_what_has_a_tag_is_asked_about_and_sent_when_it_changed(host: Host, server: Server) -> None:
    await call(host, server, "get", "/tagged")
    again = await call(host, server, "get", "/tagged")
    assert (again["body"], again["status_code"], again["cached"]) == ('"one"', 200, True)
    assert server.requests[-1][2]["if-none-match"] == '"one"'
    server.tag = '"two"'
    assert (await call(host, server, "get", "/tagged"))["body"] == '"two"'
    assert server.seen["/tagged"] == 3


async def test_what_may_not_be_kept_or_is_another_request_is_asked_for_again(host: Host, server: Server) -> None:
    for _ in range(2):
        await call(host, server, "get", "/secret")
        await call(host, server, "get", "/hello")
        assert "if-none-match" not in server.requests[-2][2]
    assert (server.seen["/secret"], server.seen["/hello"]) == (2, 2)
    for language in ("en", "de", "de"):
        await call(host, server, "get", "/varied", {"headers": {"Accept-Language": language}})
    assert server.seen["/varied"] == 2


async def test_what_is_kept_is_given_to_nobody_who_may_not_ask(host: Host, server: Server) -> None:
    await call(host, server, "get", "/kept")
    await host.revoke("ana")
    assert (await refused(host, server, "get", "/kept")).startswith("permission denied")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "max-age=60, must-revalidate"}, 60),
        ({"cache-control": 'private, max-age="60"', "age": "20"}, 40),
        ({"cache-control": "no-cache, max-age=60"}, 0),
        ({"cache-control": "max-age=many"}, 0),
        ({"expires": "Thu, 01 Jan 1970 00:02:00 GMT", "date": "Thu, 01 Jan 1970 00:01:00 GMT"}, 60),
        ({"expires": "0"}, 0),
        ({}, 0),
    ],
)
def test_the_lifetime_of_an_answer_is_as_its_server_says(headers: dict[str, str], seconds: int) -> None:
    manifest = next(each for each in MANIFESTS if each.name == "http")
    code = NativeCode(manifest, read_sources(manifest))
    code.run()
    now = [100.0]
    cache = sys.modules[f"{code.name}.cache"].Cache(lambda: now[0], lambda: 0.0)
    cache.keep("u", [], {"status_code": 200, "headers": headers | {"etag": "x"}, "body": b"", "url": "u"})
    kept = cache.find("u", [])
    assert kept.until - 100 == seconds
    assert cache.fresh(kept) is (seconds > 0)
    now[0] += seconds
    assert cache.fresh(kept) is False
    code.close()
