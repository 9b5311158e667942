"""An error of a function that is handed to a core module goes on to whoever handed it over, as it was raised."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import pytest

from host import Host, ModuleFault
from tests.engine.place import DEADLINE, Place, lines
from tests.modules.bundled import ROOT

WAYS: Final = ("transaction", "with_lock", "timer", "retry", "cache", "circuit_breaker", "rate_limit", "plugin")
KIT: Final = """
return { exports = {
    each = function(body) return body() end,
    telling = function(body)
        local ok, why = pcall(body)
        if not ok then error("it did not work: " .. why, 0) end
    end,
} }
"""
LUA: Final = """
local state, metrics, reliability = require("state"), require("metrics"), require("reliability")
local kit = require("kit")
local ways = {
    transaction = function(fn) return state.transaction(fn) end,
    with_lock = function(fn) return state.with_lock("door", fn) end,
    timer = function(fn) return metrics.timer("seconds", fn) end,
    retry = function(fn) return reliability.retry(2, 0, fn) end,
    cache = function(fn) return reliability.cache("c", "k", {}, fn) end,
    circuit_breaker = function(fn) return reliability.circuit_breaker("c", { failures = 100 }, fn) end,
    rate_limit = function(fn) return reliability.rate_limit("c", { rate = 1000 }, fn) end,
    plugin = function(fn) return kit.each(fn) end,
}
local values = {
    text = "not today", lines = "one\\n two ", number = 5, no = false,
    table = setmetatable({ code = 7, call = print }, { __tostring = function() return "seven" end }),
}
return { exports = {
    same = function(way, name)
        local value = values[name]
        local ok, why = pcall(ways[way], function() error(value, 0) end)
        return not ok and rawequal(why, value)
    end,
    waited = function(way, name)
        local value = values[name]
        local ok, why = pcall(ways[way], function() host.sleep(1) error(value, 0) end)
        return not ok and rawequal(why, value)
    end,
    placed = function(way)
        return select(2, pcall(ways[way], function() error("mine") end))
    end,
    many = function()
        local tasks, right = {}, 0
        for number = 1, 20 do
            tasks[number] = host.async(function()
                local value = { number }
                local ok, why = pcall(state.with_lock, "door" .. number, function()
                    host.sleep(20 - number)
                    error(value)
                end)
                if not ok and rawequal(why, value) then right = right + 1 end
            end)
        end
        for _, task in ipairs(tasks) do task.wait() end
        return right
    end,
    alone = function() host.async(function() error({}) end) end,
    uncaught = function() state.with_lock("door", function() error("mine") end) end,
    told = function() return select(2, pcall(kit.telling, function() error("mine") end)) end,
} }
"""
NEEDS: Final = '[dependencies]\nstate = "*"\nmetrics = "*"\nreliability = "*"\nkit = "*"\n'


@pytest.fixture
async def host(place: Place) -> AsyncIterator[Host]:
    place.module("kit", KIT)
    place.module("ana", LUA, more=NEEDS)
    async with Host([place.root, ROOT], place.data) as host:
        await host.load("ana")
        yield host


@pytest.mark.parametrize("name", ["text", "lines", "number", "no", "table"])
@pytest.mark.parametrize("way", WAYS)
async def test_the_caller_gets_the_very_value(host: Host, way: str, name: str) -> None:
    assert await host.call("ana", "same", way, name) is True
    if way != "transaction":  # which cannot wait
        assert await host.call("ana", "waited", way, name) is True


@pytest.mark.parametrize("way", WAYS)
async def test_its_place_is_that_of_the_function(host: Host, way: str) -> None:
    said = await host.call("ana", "placed", way)
    assert isinstance(said, str)
    assert said.startswith("ana/init.lua:")
    assert said.endswith(": mine")
    assert said.count("ana") == 1


async def test_those_of_many_that_wait_are_not_mixed_up(host: Host) -> None:
    assert await host.call("ana", "many") == 20


async def test_what_nobody_catches_is_told_once(host: Host) -> None:
    with pytest.raises(ModuleFault) as caught:
        await host.call("ana", "uncaught")
    assert str(caught.value).count("failed in") == 1
    assert str(caught.value).endswith(": mine")


async def test_what_another_module_makes_of_it_is_its_own(host: Host) -> None:
    said = await host.call("ana", "told")
    assert isinstance(said, str)
    assert ": it did not work: ana failed in a function it handed out: ana/init" in said


async def test_an_error_of_a_task_of_its_own_is_told_as_it_is(host: Host) -> None:
    await host.call("ana", "alone")
    async with asyncio.timeout(DEADLINE):
        while not lines(host.chronicle, "ana"):
            await host.chronicle.newer_than(host.chronicle.revision, DEADLINE)
    assert "(error value: a table)" in lines(host.chronicle, "ana")[0]
    assert "#" not in lines(host.chronicle, "ana")[0]
