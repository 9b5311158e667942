"""The core module goroutine: what becomes of jobs when modules go, are swapped, fail or have a process of their own."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Final

import pytest

from host import Host, HostError
from tests.engine.place import Place, lines
from tests.modules.bundled import ROOT

NEEDS: Final = '[dependencies]\ngoroutine = "*"\n'
LUA: Final = """
local goroutine = require("goroutine")
local shared = goroutine.channel(100)
return { exports = {
    forever = function()
        return goroutine.spawn(function() shared:send(1) while true do end end) and shared:receive()
    end,
    waiting = function()
        return goroutine.spawn(function() shared:send(1) goroutine.channel():receive() end) and shared:receive()
    end,
    short = function(ms) return goroutine.spawn(function() goroutine.sleep(ms) print("done") end) end,
    fails = function() return goroutine.spawn(function() error("broken job") end) end,
    asks = function() return goroutine.spawn(function() goroutine.await({}) end) end,
    stats = function() goroutine.pool_create("p") return goroutine.pool_stats("p").workers end,
} }
"""


def host_at(place: Place, **options: Any) -> Host:
    return Host([place.root, ROOT], place.data, **options)


def job_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("job of")]


async def line(host: Host, module: str, text: str) -> None:
    """Wait until a module has written a line."""
    async with asyncio.timeout(30):
        while not any(text in each for each in lines(host.chronicle, module)):
            await host.chronicle.newer_than(host.chronicle.revision, 10)


async def loaded(place: Place, host: Host, lua: str = LUA, more: str = NEEDS) -> None:
    place.module("worker", lua, more=more)
    await host.rescan()
    await host.load("worker")


@pytest.mark.parametrize("job", ["forever", "waiting"])
async def test_an_unload_leaves_no_thread(job: str, place: Place) -> None:
    async with host_at(place) as host:
        await loaded(place, host)
        assert await host.call("worker", job) == 1
        assert job_threads()
        await host.unload("worker")
        assert job_threads() == []


@pytest.mark.parametrize("job", ["forever", "waiting"])
async def test_the_end_of_the_host_leaves_no_thread(job: str, place: Place) -> None:
    async with host_at(place) as host:
        await loaded(place, host)
        assert await host.call("worker", job) == 1
    assert job_threads() == []


async def test_after_a_swap_of_goroutine_itself_all_is_made_anew_and_what_ran_goes_with_its_module(
    place: Place,
) -> None:
    async with host_at(place) as host:
        await loaded(place, host)
        assert await host.call("worker", "forever") == 1
        await host.reload("goroutine")
        with pytest.raises(HostError, match="this channel is gone: goroutine was swapped meanwhile; make a new one"):
            await host.call("worker", "waiting")
        assert await host.call("worker", "stats") == 4
        await host.unload("worker")
        assert job_threads() == []


async def test_a_swap_waits_for_jobs(place: Place) -> None:
    async with host_at(place) as host:
        await loaded(place, host)
        await host.call("worker", "short", 100)
        await host.reload("worker")
        assert "done" in lines(host.chronicle, "worker")


async def test_a_swap_stops_jobs_that_take_longer(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.lifecycle.quiesce.GRACE", 0.05)
    async with host_at(place) as host:
        await loaded(place, host)
        assert await host.call("worker", "forever") == 1
        await host.reload("worker")
        assert job_threads() == []
        assert await host.call("worker", "forever") == 1, "the new one runs its own"


async def test_a_spawned_job_that_fails_is_a_fault_with_its_line(place: Place) -> None:
    async with host_at(place) as host:
        await loaded(place, host)
        await host.call("worker", "fails")
        await line(host, "worker", "broken job")
        async with asyncio.timeout(30):
            while not host.snapshot().modules["worker"].faults:
                await host.chronicle.newer_than(host.chronicle.revision, 10)
        (problem,) = host.snapshot().problems
        (number,) = [number for number, text in enumerate(LUA.splitlines(), 1) if "broken job" in text]
        assert (problem.module, problem.line) == ("worker", number)


async def test_a_module_in_a_process_of_its_own_is_told_why_not(place: Place) -> None:
    async with host_at(place) as host:
        await loaded(place, host, 'return { exports = { f = function() return require("goroutine").mutex() end } }',
                     f'isolation = "process"\n{NEEDS}')  # fmt: skip
        with pytest.raises(HostError, match=r"goroutine\.mutex is not there for a module in a process of its own"):
            await host.call("worker", "f")


async def test_a_rehearsal_begins_no_job(place: Place) -> None:
    lua = LUA.replace("return {", "goroutine.spawn(function() print('ran') end) return {", 1)
    async with host_at(place) as host:
        await loaded(place, host)
        place.module("worker", lua, more=NEEDS)
        report = await host.rehearse("worker")
        assert job_threads() == []
        assert "ran" not in lines(host.chronicle, "worker")
        assert any("goroutine.spawn" in each for each in report.effects)


async def test_where_it_cannot_wait_it_says_so(place: Place) -> None:
    lua = """
    local goroutine = require("goroutine")
    return { hooks = { onGo = function()
        print(goroutine.mutex():lock())
        print(goroutine.await(goroutine.async(function() goroutine.sleep(1e6) end)))
    end } }
    """
    async with host_at(place) as host:
        await loaded(place, host, lua)
        await host.emit("onGo")
        why = "goroutine.await waits, and cannot here: call it inside host.async(function() ... end)"
        assert lines(host.chronicle, "worker") == ["true", f"false {why}"]


async def test_a_job_calls_other_modules_in_the_name_of_its_own(place: Place) -> None:
    lua = """
    local goroutine, state = require("goroutine"), require("state")
    local words = require("words")
    return { exports = { f = function()
        return goroutine.await(goroutine.async(function()
            state.set("key", words.said)
            return state.get("key"), pcall(state.set, {}, 1)
        end))
    end } }
    """
    place.module("worker", lua, more=f'{NEEDS}state = "*"\n')
    (place.root / "plugins" / "worker" / "words.lua").write_text('return { said = "hello" }')
    async with host_at(place) as host:
        await host.load("worker")
        ok, value, refused, why = await host.call("worker", "f")
        assert (ok, value, refused) == (True, "hello", False)
        assert "bad argument #1 to 'set'" in why
        assert await host.call("state", "stats") is not None


GARBAGE = """
local goroutine = require("goroutine")
local kept = goroutine.channel(1)
local M = { exports = {} }
function M.exports.make(count)
    for _ = 1, count do
        local group, cond = goroutine.wait_group(), goroutine.cond()
        group:add(1)
        group:done()
        cond:get_mutex():lock()
    end
    collectgarbage("step", 200)
    return kept:try_send(1) and kept:try_receive() == 1
end
function M.exports.share()
    local cond, started, go = goroutine.cond(), goroutine.channel(1), goroutine.channel(1)
    local handle = goroutine.async(function()
        started:send(true)
        go:receive()
        cond:get_mutex():lock()
        return "still there"
    end)
    started:receive()
    started, cond = nil, nil
    return handle and M.exports.make(2000), go:send(1), goroutine.await(handle)
end
function M.exports.hand_over()
    kept:send({ inner = goroutine.channel(1) })
    M.exports.make(2000)
    return kept:receive().inner:send(1)
end
return M
"""


async def test_what_nobody_has_any_more_is_let_go_and_nothing_else(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("host.jobs.things.MOST", 5000)
    async with host_at(place) as host:
        await loaded(place, host, GARBAGE, f'{NEEDS}[limits]\ncall = "2 s"\nmemory = "4 MiB"\n')
        for _ in range(10):
            assert await host.call("worker", "make", 1000) is True
        assert await host.call("worker", "share") == (True, True, True, "still there")
        assert await host.call("worker", "hand_over") is True


async def test_too_many_that_are_kept_are_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.jobs.things.MOST", 10)
    lua = """
    local goroutine, all = require("goroutine"), {}
    return { exports = { f = function() for n = 1, 11 do all[n] = goroutine.mutex() end end } }
    """
    async with host_at(place) as host:
        await loaded(place, host, lua)
        with pytest.raises(HostError, match="more than 10 channels, locks and the like"):
            await host.call("worker", "f")


async def test_jobs_that_use_too_much_together_are_stopped_until_they_do_not(place: Place) -> None:
    lua = """
    local goroutine = require("goroutine")
    return { exports = { f = function(jobs)
        for _ = 1, jobs do
            goroutine.spawn(function()
                local mine = ("x"):rep(600000)
                goroutine.channel():receive()
                return #mine
            end)
        end
    end } }
    """
    async with host_at(place) as host:
        await loaded(place, host, lua, f'{NEEDS}[limits]\ncall = "2 s"\nmemory = "2 MiB"\n')
        await host.call("worker", "f", 60)
        await line(host, "worker", "the jobs of worker used more than 32 MiB together, and this one the most")
        assert job_threads(), "the others are still there"


async def test_a_job_that_writes_too_many_lines_makes_no_noise_in_the_event_loop(place: Place) -> None:
    lua = """
local goroutine = require("goroutine")
return { exports = { flood = function()
    for n = 1, 50 do print("module", n) end
    return goroutine.await(goroutine.async(function() for n = 1, 5000 do print("flood", n) end return true end))
end } }
"""
    told = list[Any]()
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context))
    async with host_at(place) as host:
        await loaded(place, host, lua)
        await host.call("worker", "flood")
        await host.call("worker", "flood")
    assert not told


async def test_what_waits_in_channels_and_queues_is_bounded_and_counted_back(place: Place) -> None:
    lua = """
local goroutine = require("goroutine")
local text, kept = ("x"):rep(2 ^ 20), goroutine.channel(1000)
local function fill(send)
    for n = 1, 200 do
        local ok, why = pcall(send, n)
        if not ok then return n, why end
    end
end
return { exports = {
    channel = function() return { fill(function() kept:send(text) end) } end,
    empty = function() local n = 0 while kept:len() > 0 do kept:receive() n = n + 1 end return n end,
    queue = function()
        assert(goroutine.pool_create("p", { workers = 1, queue = 1000 }))
        return { fill(function(n)
            goroutine.pool_submit("p", function(t) goroutine.sleep(60000) return #t end, text)
        end) }
    end,
} }
"""
    async with host_at(place) as host:
        await loaded(place, host, lua, NEEDS + '[limits]\nmemory = "16 MiB"\n')
        for _ in range(2):
            count, why = await host.call("worker", "channel")
            assert 10 < count < 20
            assert "would hold more than 16 MiB" in why
            assert await host.call("worker", "empty") == count - 1
        count, why = await host.call("worker", "queue")
        assert 10 < count < 20
        assert "would hold more than 16 MiB" in why


WAITERS: Final = """
local goroutine = require("goroutine")
local ch, wg, mutex = goroutine.channel(), goroutine.wait_group(), goroutine.mutex()
local waits = {
    receive = function() return ch:receive() end,
    range = function() return ch:range(print) end,
    send = function() return goroutine.channel():send(1) end,
    select = function() return goroutine.select({ { channel = ch, receive = true } }) end,
    select_timeout = function() return goroutine.select_timeout(1e6, { { channel = ch, receive = true } }) end,
    wait = function() return wg:wait() end,
    lock = function() return mutex:lock() end,
}
return { exports = {
    wait = function()
        wg:add(1)
        mutex:lock()
        for name, body in pairs(waits) do
            host.async(function() print(name, pcall(body)) end)
        end
        host.async(function() print("sleep", pcall(goroutine.sleep, 200)) end)
    end,
    here = function(name) return pcall(waits[name]) end,
    nap = function() return goroutine.sleep(5) end,
} }
"""


async def test_who_waits_for_what_jobs_share_is_told_that_goroutine_was_swapped(place: Place) -> None:
    async with host_at(place) as host:
        await loaded(place, host, WAITERS)
        await host.call("worker", "wait")
        await asyncio.sleep(0)
        await host.reload("goroutine")
        for name in ("receive", "range", "send", "select", "select_timeout", "wait", "lock"):
            await line(host, "worker", f"{name} false cancelled: goroutine was swapped meanwhile; call it again")
        await line(host, "worker", "sleep true true")


@pytest.mark.parametrize("name", ["receive", "range"])
async def test_where_a_channel_cannot_be_waited_for_that_is_an_error(name: str, place: Place) -> None:
    lua = WAITERS.replace(
        "exports = {", "hooks = { onTry = function(name) print(pcall(waits[name])) end }, exports = {"
    )
    async with host_at(place) as host:
        await loaded(place, host, lua)
        await host.emit("onTry", name)
        assert any("waits, and cannot here: call it inside host.async" in each for each in lines(host.chronicle))


LEFT: Final = """
local goroutine = require("goroutine")
return { exports = { left = function(sends_first)
    local ch = goroutine.channel()
    local receiver = host.async(function() ch:receive() end)
    host.sleep(1)
    if sends_first then ch:try_send("kept") end
    receiver:cancel()
    if not sends_first then ch:try_send("kept") end
    host.sleep(1)
    return ch:try_receive()
end } }
"""


@pytest.mark.parametrize("sends_first", [True, False])
async def test_a_value_that_came_as_its_receiver_was_cancelled_is_there_for_the_next(
    sends_first: bool,  # noqa: FBT001 - a parameter of the test
    place: Place,
) -> None:
    async with host_at(place) as host:
        await loaded(place, host, LEFT)
        assert await host.call("worker", "left", sends_first) == ("kept", True)


KEEPING: Final = """
local goroutine = require("goroutine")
local channel, full = goroutine.channel(10), goroutine.channel(0)
local M = { exports = {} }
function M.exports.begin()
    assert(goroutine.spawn(function()
        local kept = ("x"):rep(4e6) .. "y"
        full:send(("z"):rep(1e6))
        return kept
    end))
    channel:send(("c"):rep(1e6))
end
return M
"""


async def test_what_jobs_use_and_what_waits_for_somebody_is_shown(place: Place) -> None:
    place.module("keeping", KEEPING, more=NEEDS)
    async with host_at(place) as host:
        await host.load("keeping")
        assert host.snapshot().modules["keeping"].memory_beside == 0
        await host.call("keeping", "begin")
        async with asyncio.timeout(20):
            while True:
                limits = {each.name: each for each in host.parts.inspection.limits("keeping")}
                if limits["channels"].used > 2e6:
                    break
                await asyncio.sleep(0)
        assert limits["channels"].most == 32 << 20
        assert (limits["jobs"].used > 4e6, limits["jobs"].most) == (True, 16 * (32 << 20))
        shown = host.snapshot().modules["keeping"].memory_beside
        assert shown >= limits["jobs"].used + limits["channels"].used - 1e6
        await host.unload("keeping")
        assert host.snapshot().modules["keeping"].memory_beside == 0
