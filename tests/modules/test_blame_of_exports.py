"""Whose fault an error is that goes from an export, or from a function that was handed over, to another module."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

import pytest

from host import Host, HostError
from host.vocabulary.events import EventKind
from host.vocabulary.states import Status
from tests.engine.place import DEADLINE, Place, kinds

KIT: Final = """
local kept
local function check(value)
    if type(value) ~= "string" then error("bad argument #1 to 'check' (string expected)", 2) end
end
return {
    hooks = { go = function() return 1 end },
    exports = {
        check = check,
        each = function(body) body() end,
        later = function(body) host.sleep(0) body() end,
        loop = function() while true do end end,
        keep = function(body) kept = body end,
        tick = function() host.after(0, function() kept() end) end,
        object = function() return { use = function(value) check(value) end } end,
        own = function() OWN end,
        slow = function() host.sleep(0) OWN end,
    },
}
"""
ANA: Final = """
local kit = require("kit")
local function fail() error("on purpose") end
local acts = {
    check = function() kit.check(5) end,
    each = function() kit.each(fail) end,
    later = function() kit.later(fail) end,
    loop = function() kit.loop() end,
    object = function() kit.object().use(5) end,
    own = function() kit.own() end,
    slow = function() kit.slow() end,
}
return { exports = {
    try = function(act, often)
        for _ = 1, often do
            if pcall(acts[act]) then error("it raised nothing") end
        end
    end,
    fail = function(act) acts[act]() end,
    keep = function() kit.keep(fail) end,
    tick = function() kit.tick() end,
} }
"""
NEEDS: Final = '[dependencies]\nkit = "*"\n'
FAILING: Final = 'error("a mistake of its own")'
ACTS: Final = ("check", "each", "later")


def write(place: Place, own: str = "", tier: str = "plugins") -> None:
    place.module("kit", KIT.replace("OWN", own), tier=tier)


@pytest.fixture
async def host(place: Place) -> AsyncIterator[Host]:
    write(place, FAILING)
    place.module("ana", ANA, more=NEEDS)
    async with place.host() as host:
        await host.load("ana")
        yield host


def counted(host: Host) -> dict[str, int]:
    return {name: view.faults for name, view in host.snapshot().modules.items() if view.faults}


async def until(host: Host, holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not holds():
            await host.chronicle.newer_than(host.chronicle.revision, DEADLINE)


@pytest.mark.parametrize("act", ACTS)
async def test_what_a_caller_catches_is_nobodys_fault(host: Host, act: str) -> None:
    await host.call("ana", "try", act, 10)
    assert counted(host) == {}


@pytest.mark.parametrize("act", ACTS)
async def test_what_it_does_not_catch_is_its_own(host: Host, act: str) -> None:
    with pytest.raises(HostError):
        await host.call("ana", "fail", act)
    assert counted(host) == {"ana": 1}


@pytest.mark.parametrize("act", ["object", "own", "slow"])
async def test_what_a_module_raises_itself_is_told_and_switches_nothing_off(host: Host, act: str) -> None:
    await host.call("ana", "try", act, 10)
    assert counted(host) == {"kit": 10}
    assert host.snapshot().modules["kit"].status is Status.ACTIVE
    assert (await host.emit("go")).delivered == 1


async def test_a_limit_in_its_own_code_is_its_fault_whoever_calls(host: Host) -> None:
    await host.call("ana", "try", "loop", 5)
    assert counted(host) == {"kit": 5}
    assert host.snapshot().modules["kit"].status is Status.QUARANTINED


async def test_a_function_that_is_called_later_is_its_owners_fault_alone(host: Host) -> None:
    await host.call("ana", "keep")
    await host.call("ana", "tick")
    await until(host, lambda: bool(counted(host)))
    await asyncio.sleep(0)
    assert counted(host) == {"ana": 1}


@pytest.mark.parametrize("tier", ["plugins", "core"])
@pytest.mark.parametrize("act", ["own", "slow"])
async def test_a_version_whose_exports_begin_to_fail_goes_back_though_that_is_caught(
    place: Place, tier: str, act: str
) -> None:
    write(place, "return 1", tier)
    place.module("ana", ANA, more=NEEDS)
    async with place.host() as host:
        await host.load("ana")
        write(place, FAILING, tier)
        await host.reload("kit")
        await host.call("ana", "try", act, 3)
        await until(host, lambda: EventKind.SWAP_ROLLED_BACK in kinds(host.chronicle, "kit"))
        await host.call("ana", "fail", act)


@pytest.mark.parametrize("tier", ["plugins", "core"])
@pytest.mark.parametrize("act", ACTS)
async def test_mistakes_of_callers_take_no_version_back(place: Place, tier: str, act: str) -> None:
    write(place, "return 1", tier)
    place.module("ana", ANA, more=NEEDS)
    async with place.host() as host:
        await host.load("ana")
        write(place, "return 2", tier)
        await host.reload("kit")
        await host.call("ana", "try", act, 20)
        for _ in range(2):
            with pytest.raises(HostError):
                await host.call("ana", "fail", act)
        assert "on probation until" in host.snapshot().modules["kit"].truth
        assert EventKind.SWAP_ROLLED_BACK not in kinds(host.chronicle, "kit")
