"""Whose fault it is where a core module raises what a caller of it brought about."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import pytest

from host import Host, HostError
from host.vocabulary.events import EventKind
from host.vocabulary.states import Status
from tests.engine.place import Place, kinds
from tests.modules.bundled import ROOT

CORE: Final = ("data", "fs", "scheduler", "state")
NEEDS: Final = (
    "[dependencies]\n" + "".join(f'{name} = "*"\n' for name in CORE) + '[permissions]\n"fs.read" = ["data/**"]\n'
    '"fs.write" = ["data/**"]\n'
)
LUA: Final = """
local data, fs, scheduler, state = require("data"), require("fs"), require("scheduler"), require("state")
local acts = {
    arguments = function() scheduler.cron(5, 5, 5) end,
    native = function() data.json_decode(5) end,
    lua = function() state.with_lock("door", 5) end,
    own = function() state.transaction(function() error("not today") end) end,
    waited = function() state.with_lock("door", function() error("not today") end) end,
}
return { exports = {
    try = function(act, often)
        for _ = 1, often do
            if pcall(acts[act]) then error("it raised nothing") end
        end
    end,
    fail = function(act) acts[act]() end,
    watch = function()
        fs.write("data/seen", "one")
        assert(fs.watch("data/seen", function() error("on purpose") end))
    end,
    change = function() fs.write("data/seen", "two, and longer") end,
    job = function() scheduler.every("bad", 0.01, function() error("on purpose") end) end,
} }
"""


@pytest.fixture
async def host(place: Place) -> AsyncIterator[Host]:
    place.module("ana", LUA, more=NEEDS)
    async with Host([place.root, ROOT], place.data) as host:
        await host.grant("ana")
        await host.load("ana")
        yield host


def counted(host: Host) -> dict[str, int]:
    modules = host.snapshot().modules
    assert all(modules[name].status is Status.ACTIVE for name in CORE)
    return {name: view.faults for name, view in modules.items() if view.faults}


async def until_counted(host: Host, name: str) -> None:
    async with asyncio.timeout(20):
        while name not in counted(host):
            await host.chronicle.newer_than(host.chronicle.revision, 1)


@pytest.mark.parametrize("act", ["arguments", "native", "lua", "own", "waited"])
async def test_what_a_caller_catches_is_nobodys_fault(host: Host, act: str) -> None:
    await host.call("ana", "try", act, 10)
    assert counted(host) == {}


@pytest.mark.parametrize("act", ["arguments", "native", "lua", "own", "waited"])
async def test_what_it_does_not_catch_is_its_own(host: Host, act: str) -> None:
    with pytest.raises(HostError):
        await host.call("ana", "fail", act)
    assert counted(host) == {"ana": 1}


async def test_a_watch_that_raises_is_a_fault_of_who_watches(host: Host) -> None:
    await host.call("ana", "watch")
    await host.call("ana", "change")
    await until_counted(host, "ana")
    assert counted(host) == {"ana": 1}


async def test_a_job_that_raises_is_a_fault_of_whose_it_is(host: Host) -> None:
    await host.call("ana", "job")
    await until_counted(host, "ana")
    assert set(counted(host)) == {"ana"}


async def test_callers_take_no_core_module_back_that_is_on_probation(host: Host) -> None:
    await host.reload("data")
    await host.call("ana", "try", "native", 10)
    await asyncio.sleep(0)
    assert EventKind.SWAP_COMMITTED in kinds(host.chronicle, "data")
    assert EventKind.SWAP_ROLLED_BACK not in kinds(host.chronicle, "data")
    assert counted(host) == {}
