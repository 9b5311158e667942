"""Jobs of a module: what one costs beside ThreadPoolExecutor's, and what a second worker gains."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import perf_counter

from benchmarks.making import write_module
from benchmarks.rounds import Size, Subject, interleaved
from benchmarks.rows import AtMost, Row
from host import Host

JOBS = 500
PARTS = 8
DEPTH = 26
"""Of a recursion that takes some 20 ms."""

_SOURCE = """
local goroutine = require("goroutine")
local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end
goroutine.pool_create("two", { workers = 2, queue = 100000 })
goroutine.pool_create("one", { workers = 1, queue = 100000 })
return { exports = {
    in_turn = function(n)
        for i = 1, n do
            goroutine.pool_result(goroutine.pool_submit("two", function() return i end))
        end
    end,
    many = function(n)
        local ids = {}
        for i = 1, n do
            ids[i] = goroutine.pool_submit("two", function() return i end)
        end
        for i = 1, n do
            goroutine.pool_result(ids[i])
        end
    end,
    compute = function(pool, parts, depth)
        for _ = 1, parts do
            goroutine.pool_submit(pool, fib, depth)
        end
        goroutine.pool_wait(pool)
    end,
} }
"""
_BUNDLED = Path(__file__).resolve().parents[1] / "modules"


async def rows(size: Size) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="theseus-bench-") as folder, ThreadPoolExecutor(2) as executor:
        path = Path(folder, "modules", "plugins", "worker")
        more = '[dependencies]\ngoroutine = "*"\n[limits]\ncall = "60 s"\n'
        write_module(path, "worker", "1.0.0", _SOURCE, more)
        async with Host([Path(folder, "modules"), _BUNDLED], Path(folder, "data")) as host:
            await host.load("worker")
            peer = _Peer(executor)
            in_turn = await interleaved(size.long_rounds, _calling(host, "in_turn", JOBS), peer.in_turn)
            many = await interleaved(size.long_rounds, _calling(host, "many", JOBS), peer.many)
            compute = partial(_calling, host, "compute", PARTS)
            both = await interleaved(size.long_rounds, compute("two", PARTS, DEPTH), compute("one", PARTS, DEPTH))
    twice, pool = AtMost(2.0, of_ratio=True), "ThreadPoolExecutor"
    gain = AtMost(1 / 1.8, of_ratio=True)
    return [
        Row(name="submit to result, one by one", ours=in_turn[0], peer=in_turn[1], peer_name=pool, target=twice),
        Row(name="submit to result, many", ours=many[0], peer=many[1], peer_name=pool, target=twice),
        Row(name="two workers on what one does", ours=both[0], peer=both[1], peer_name="one worker", target=gain),
    ]


def _calling(host: Host, export: str, per: int, *arguments: str | int) -> Subject:
    async def measure() -> float:
        start = perf_counter()
        await host.call("worker", export, *(arguments or (per,)))
        return (perf_counter() - start) / per

    return measure


class _Peer:
    def __init__(self, executor: ThreadPoolExecutor) -> None:
        self._executor = executor

    async def in_turn(self) -> float:
        start = perf_counter()
        for number in range(JOBS):
            self._executor.submit(int, number).result()
        return (perf_counter() - start) / JOBS

    async def many(self) -> float:
        start = perf_counter()
        futures = [self._executor.submit(int, number) for number in range(JOBS)]
        for future in futures:
            future.result()
        return (perf_counter() - start) / JOBS
