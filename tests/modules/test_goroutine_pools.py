"""Pools of the core module goroutine: the same claims on threads and on a cluster of Dask's."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any, Final

import pytest

from host import Host
from tests.engine.place import Place, lines
from tests.modules.bundled import ROOT

MANIFEST: Final = """
[dependencies]
goroutine = "*"
log = "*"
[permissions]
net = ["127.0.0.1:*"]
[limits]
call = "5 s"
"""
LUA: Final = """
local goroutine, log = require("goroutine"), require("log")
local words = require("words")
local options
local M = { exports = {} }
local exports = M.exports

function exports.use(given) options = given end

local function pool(more)
    local all = { workers = 2 }
    for name, value in pairs(options) do all[name] = value end
    for name, value in pairs(more or {}) do all[name] = value end
    assert(goroutine.pool_create("p", all))
end

function exports.results()
    pool()
    local base, list = 10, { 1, { deep = true } }
    local id = assert(goroutine.pool_submit("p", function(a, b, c)
        return a + base, b == nil, c, list, "\\0\\255", words.twice(21)
    end, 1, nil, { x = "y" }))
    return goroutine.pool_result(id)
end

function exports.many(n)
    pool({ workers = 4, queue = n })
    local ids, sum = {}, 0
    for i = 1, n do
        ids[i] = assert(goroutine.pool_submit("p", function() return i end))
    end
    assert(goroutine.pool_wait("p"))
    for i = 1, n do
        local ok, value = goroutine.pool_result(ids[i])
        assert(ok and value == i)
        sum = sum + value
    end
    return sum, goroutine.pool_stats("p")
end

function exports.failing()
    pool()
    local id = goroutine.pool_submit("p", function() error("not today") end)
    local ok, why = goroutine.pool_result(id)
    goroutine.pool_submit("p", function() end)
    goroutine.pool_wait("p")
    local stats = goroutine.pool_stats("p")
    return ok, why, stats.completed, stats.failed
end

function exports.full()
    pool({ workers = 1, queue = 1 })
    local function slow() goroutine.sleep(300) end
    assert(goroutine.pool_submit("p", slow))
    assert(goroutine.pool_submit("p", slow))
    local id, why = goroutine.pool_submit("p", slow)
    local before = goroutine.pool_stats("p")
    goroutine.pool_wait("p")
    assert(goroutine.pool_submit("p", function() end))
    goroutine.pool_wait("p")
    return id, why, before.active, before.queued, goroutine.pool_stats("p").completed
end

function exports.closing()
    pool({ workers = 1 })
    local id
    for i = 1, 5 do
        id = goroutine.pool_submit("p", function() return i end)
    end
    local closed, again = goroutine.pool_close("p"), goroutine.pool_close("p")
    return closed, again, goroutine.pool_result(id)
end

function exports.printing()
    pool()
    return goroutine.pool_result(goroutine.pool_submit("p", function() print("from a job") return "printed" end))
end

function exports.memory()
    pool()
    return goroutine.pool_result(goroutine.pool_submit("p", function()
        local all = {}
        for n = 1, 1e9 do all[n] = ("x"):rep(1000) .. n end
        return #all
    end))
end

function exports.refused()
    pool()
    local thread = coroutine.create(function() end)
    return pcall(goroutine.pool_submit, "p", function() return thread end)
end

function exports.forever()
    pool()
    goroutine.pool_submit("p", function() while true do end end)
    goroutine.pool_submit("p", function() goroutine.sleep(1e8) end)
    goroutine.sleep(300)
    return goroutine.pool_stats("p").active
end

function exports.alone()
    pool()
    local channel = goroutine.channel(1)
    local sent = { goroutine.pool_result(goroutine.pool_submit("p", function() return channel:send(1) end)) }
    local said = { goroutine.pool_result(goroutine.pool_submit("p", function() log.info("x") end)) }
    return sent, said
end

return M
"""


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A cluster of one worker, on this machine alone."""
    if importlib.util.find_spec("distributed") is None:
        pytest.skip("distributed is not installed: pip install theseus-host[dask]")
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=4, host="127.0.0.1", dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster.scheduler_address


@pytest.fixture(params=["threads", "dask"])
def options(request: pytest.FixtureRequest) -> dict[str, str]:
    if request.param == "threads":
        return {"backend": "threads"}
    return {"backend": "dask", "address": request.getfixturevalue("scheduler")}


@pytest.fixture
async def host(place: Place, options: dict[str, str]) -> AsyncIterator[Host]:
    place.module("worker", LUA, more=MANIFEST)
    (place.root / "plugins" / "worker" / "words.lua").write_text("return { twice = function(n) return n * 2 end }")
    async with Host([place.root, ROOT], place.data) as running:
        await running.load("worker")
        await running.grant("worker")
        await running.call("worker", "use", options)
        yield running


async def called(host: Host, name: str, *arguments: Any) -> Any:
    async with asyncio.timeout(60):
        return await host.call("worker", name, *arguments)


async def test_what_a_job_returns_comes_back_as_it_is(host: Host) -> None:
    result = await called(host, "results")
    assert result == (True, 11, True, {"x": "y"}, [1, {"deep": True}], b"\0\xff", 42)


async def test_many_jobs_are_each_done_once(host: Host) -> None:
    total, stats = await called(host, "many", 200)
    assert total == 20100
    assert stats == {"name": "p", "workers": 4, "active": 0, "completed": 200, "failed": 0, "queued": 0}


async def test_a_job_that_fails_is_told_and_counted(host: Host) -> None:
    ok, why, completed, failed = await called(host, "failing")
    assert (ok, completed, failed) == (False, 1, 1)
    (line,) = [number for number, text in enumerate(LUA.splitlines(), 1) if "not today" in text]
    assert why == f"worker/init.lua:{line}: not today"


async def test_a_full_queue_says_so_and_the_pool_goes_on(host: Host) -> None:
    refused, why, active, queued, completed = await called(host, "full")
    assert (refused, why) == (None, "the queue of pool p is full: 1 jobs wait in it")
    assert (active, queued, completed) == (1, 1, 3)


async def test_what_was_submitted_before_a_close_is_done(host: Host) -> None:
    assert await called(host, "closing") == (True, False, True, 5)


async def test_what_a_job_prints_is_in_the_log(host: Host) -> None:
    assert await called(host, "printing") == (True, "printed")
    async with asyncio.timeout(30):
        while "from a job" not in lines(host.chronicle, "worker"):
            await host.chronicle.newer_than(host.chronicle.revision, 10)


async def test_memory_is_limited_and_costs_the_job_alone(host: Host) -> None:
    ok, why = await called(host, "memory")
    assert ok is False
    assert "memory" in why
    assert await called(host, "use", {"backend": "threads"}) is None


async def test_what_cannot_be_copied_is_named(host: Host) -> None:
    ok, why = await called(host, "refused")
    assert (ok, why) == (False, "upvalue thread is a coroutine, of which a job gets no copy")


async def test_an_unload_stops_what_runs(host: Host, options: dict[str, str]) -> None:
    assert await called(host, "forever") == 2
    await host.unload("worker")
    await host.load("worker", fresh=True)
    await called(host, "use", options)
    assert (await called(host, "many", 20))[0] == 210, "its places are free again"


async def test_on_a_cluster_nothing_is_shared_and_that_is_said(host: Host, options: dict[str, str]) -> None:
    sent, said = await called(host, "alone")
    if options["backend"] == "threads":
        assert (sent, said) == ([True, True], [True])
        return
    alone = "is not there in a job on another machine: give it what it needs, and have it return what came of it"
    assert (sent[0], said[0]) == (False, False)
    assert f"goroutine's send {alone}" in sent[1]
    assert f"log.info {alone}" in said[1]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("tcp://127.0.0.1:1", "no scheduler of Dask's answers at tcp://127.0.0.1:1"),
        ("tcp://203.0.113.9:8786", "permission denied"),
        ("nowhere", "'nowhere' is no address of a scheduler; write tcp://HOST:PORT"),
        ("tcp://127.0.0.1:99999", "is no address of a scheduler"),
        ("http://127.0.0.1:80", "is no address of a scheduler"),
    ],
)
async def test_a_scheduler_that_cannot_be_reached_is_a_message(address: str, why: str, place: Place) -> None:
    pytest.importorskip("distributed")
    lua = """
    local goroutine = require("goroutine")
    return { exports = { f = function(address)
        return goroutine.pool_create("p", { backend = "dask", address = address })
    end } }
    """
    place.module("worker", lua, more=MANIFEST)
    async with Host([place.root, ROOT], place.data) as running:
        await running.load("worker")
        await running.grant("worker")
        nothing, said = await called(running, "f", address)
        assert nothing is None
        assert why in said


LEFT: Final = """
local goroutine = require("goroutine")
return { exports = {
    make = function(address) return goroutine.pool_create("p", { backend = "dask", address = address }) end,
    submit = function() return goroutine.pool_submit("p", function() return 1 end) end,
} }
"""


async def test_a_pool_whose_scheduler_went_takes_no_job_and_says_so(place: Place) -> None:
    distributed = pytest.importorskip("distributed")
    anywhere = "127.0.0.1:0"
    make = partial(distributed.LocalCluster, n_workers=0, host="127.0.0.1", dashboard_address=anywhere, silence_logs=50)
    place.module("worker", LEFT, more=MANIFEST)
    async with Host([place.root, ROOT], place.data) as host:
        await host.load("worker")
        await host.grant("worker")
        cluster = await asyncio.to_thread(make)
        assert await host.call("worker", "make", cluster.scheduler_address) is True
        await asyncio.to_thread(cluster.close)
        async with asyncio.timeout(30):
            while not isinstance(  # noqa: ASYNC110 - nobody tells when Dask's client notices
                answer := await host.call("worker", "submit"), tuple
            ):
                await asyncio.sleep(0.05)
        assert answer[0] is None
        assert answer[1].startswith("the scheduler of the pool does not answer; close the pool")
