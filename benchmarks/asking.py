"""Answers of a server on this machine that a module gets from Lua, beside httpx called from Python."""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter

import httpx

from benchmarks.making import write_module
from benchmarks.rounds import Size, interleaved
from benchmarks.rows import AtMost, Row
from host import Host

CALLS = 200
AT_ONCE = 1000

_SOURCE = """
local http = require("http")
return { exports = {
    run = function(url, n)
        for _ = 1, n do assert(http.get(url)) end
    end,
    many = function(url, n)
        local tasks = {}
        for i = 1, n do tasks[i] = host.async(function() return assert(http.get(url)) end) end
        for i = 1, n do assert(tasks[i].wait()) end
    end,
} }
"""
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
_BUNDLED = Path(__file__).resolve().parents[1] / "modules"


async def rows(size: Size) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="theseus-bench-") as folder, _server() as port:
        more = f'[dependencies]\nhttp = "*"\n[permissions]\nnet = ["127.0.0.1:{port}"]\n[limits]\ncall = "60 s"\n'
        write_module(Path(folder, "modules", "plugins", "asker"), "asker", "1.0.0", _SOURCE, more)
        url = f"http://127.0.0.1:{port}/"
        async with Host([Path(folder, "modules"), _BUNDLED], Path(folder, "data")) as host, httpx.AsyncClient() as peer:
            await host.load("asker")
            await host.grant("asker")

            async def ours() -> float:
                start = perf_counter()
                await host.call("asker", "run", url, CALLS)
                return (perf_counter() - start) / CALLS

            async def theirs() -> float:
                start = perf_counter()
                for _ in range(CALLS):
                    await peer.get(url)
                return (perf_counter() - start) / CALLS

            async def ours_at_once() -> float:
                start = perf_counter()
                await host.call("asker", "many", url, AT_ONCE)
                return (perf_counter() - start) / AT_ONCE

            one = await interleaved(size.long_rounds, ours, theirs)
            (many,) = await interleaved(size.long_rounds, ours_at_once)
    target = AtMost(1 / 0.7, of_ratio=True)
    return [
        Row(name="http.get from Lua", ours=one[0], peer=one[1], peer_name="httpx", target=target),
        Row(name=f"{AT_ONCE:,} at once, each", ours=many),
    ]


@contextmanager
def _server() -> Iterator[int]:
    """Answer in a process of its own; gives the port."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,), daemon=True)
    process.start()
    yield here.recv()
    process.kill()
    process.join()


def _serve(tell: Connection) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(_ANSWER)

    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=2 * AT_ONCE)
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)  # connections that end
        tell.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())
