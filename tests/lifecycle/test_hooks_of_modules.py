"""Hooks as modules see them: order, copies, faults, and tables that change while an event is under way."""

from __future__ import annotations

import asyncio
import re

import pytest

from host import DeadlineExceeded, HostError, ModuleFault
from host.vocabulary.errors import NotData
from host.vocabulary.events import EventKind
from host.vocabulary.views import PlainData
from tests.engine.place import Place, kinds, lines


def hearing(name: str) -> str:
    return f'return {{hooks = {{tick = function() print("{name}") end}}}}'


async def test_higher_priorities_answer_before_lower_ones(place: Place) -> None:
    place.module(
        "m",
        """local M = {}
        function M:init()
            for _, priority in ipairs({0, -1.5, 10}) do
                self:registerHook("tick", function() print(priority) end, {priority = priority})
            end
        end
        return M""",
    )
    async with place.host() as host:
        await host.load("m")
        assert (await host.emit("tick")).delivered == 3
        assert lines(host.chronicle) == ["10", "0", "-1.5"]


async def test_dependencies_answer_before_dependents_and_others_in_load_order(place: Place) -> None:
    place.module("a", hearing("a"), more='[dependencies]\nz = "*"\n')
    place.module("b", hearing("b"))
    place.module("z", hearing("z"))
    async with place.host() as host:
        await host.load("b")
        await host.load("a")
        await host.emit("tick")
        assert lines(host.chronicle) == ["b", "z", "a"]


async def test_an_optional_dependency_loaded_later_answers_before_its_dependent(place: Place) -> None:
    """It answered after, in the order of loads."""
    place.module("a", hearing("a"), more='[dependencies]\nz = { version = "*", optional = true }\n')
    place.module("z", hearing("z"))
    async with place.host() as host:
        await host.load("a")
        await host.load("z")
        await host.emit("tick")
        assert lines(host.chronicle) == ["z", "a"]


async def test_a_module_swapped_from_no_hooks_to_some_answers_in_its_place(place: Place) -> None:
    place.module("a", "return {}", folder="1", more='[dependencies]\nz = "*"\n')
    place.module("a", hearing("a"), "2.0.0", folder="2", more='[dependencies]\nz = "*"\n')
    place.module("y", hearing("y"))
    place.module("z", hearing("z"))
    async with place.host() as host:
        await host.load("a", "==1.0.0")
        await host.load("y")
        await host.swap("a", "2.0.0")
        await host.emit("tick")
        assert lines(host.chronicle) == ["z", "a", "y"]


async def test_a_handler_that_raises_is_counted_and_told_with_its_owner_and_lua_traceback(place: Place) -> None:
    place.module(
        "bad",
        """local function deeper() error("no luck") end
        return {hooks = {tick = function() deeper() end}}""",
    )
    place.module("good", hearing("good"))
    async with place.host() as host:
        await host.load_all({"bad": "", "good": ""})
        report = await host.emit("tick")
        (fault,) = report.failures
        assert (report.delivered, type(fault), fault.module, fault.hook) == (1, ModuleFault, "bad", "tick")
        assert (fault.file, fault.line) == ("init.lua", 1)
        assert re.search(r"init\.lua:1: in deeper\n.*init\.lua:2:", fault.traceback)
        assert host.snapshot().modules["bad"].faults == 1
        (event,) = [each for each in host.chronicle.events_since(0) if each.event is EventKind.MODULE_FAULT]
        assert (event.module, event.traceback) == ("bad", fault.traceback)
        (line,) = lines(host.chronicle, "bad")
        assert "no luck" in line
        assert "init.lua:2" in line
        assert lines(host.chronicle, "good") == ["good"]


async def test_each_fault_of_a_storm_is_counted_and_the_same_one_told_once(place: Place) -> None:
    place.module("bad", 'return {hooks = {tick = function() error("no") end}}')
    async with place.host(quarantine=None) as host:
        await host.load("bad")
        for _ in range(50):
            await host.emit("tick")
        assert host.snapshot().modules["bad"].faults == 50
        assert kinds(host.chronicle).count(EventKind.MODULE_FAULT) == 1


async def test_a_handler_over_its_time_is_ended_and_the_next_one_runs(place: Place) -> None:
    place.module(
        "bad", "return {hooks = {tick = function()\nwhile true do end end}}", more='[limits]\ncall = "10 ms"\n'
    )
    place.module("good", hearing("good"))
    async with place.host() as host:
        await host.load_all({"bad": "", "good": ""})
        (fault,) = (await host.emit("tick")).failures
        assert isinstance(fault, DeadlineExceeded)
        assert (fault.module, fault.file, fault.line) == ("bad", "init.lua", 2)
        assert lines(host.chronicle, "good") == ["good"]


async def test_a_handler_may_unregister_itself_and_register_others_while_it_runs(place: Place) -> None:
    place.module(
        "m",
        """local M = {}
        function M:init()
            local function once()
                print("once")
                self:unregisterHook("tick", once)
                self:registerHook("tick", function() print("later") end)
            end
            self:registerHook("tick", once, {priority = 1})
            self:registerHook("tick", function() print("always") end)
        end
        return M""",
    )
    async with place.host() as host:
        await host.load("m")
        assert (await host.emit("tick")).delivered == 2
        assert (await host.emit("tick")).delivered == 2
        assert lines(host.chronicle) == ["once", "always", "always", "later"]


async def test_unregistering_another_handler_during_emission_disturbs_nobody(place: Place) -> None:
    place.module(
        "m",
        """local M = {}
        function M:init()
            local function second() print("second") end
            self:registerHook("tick", function() self:unregisterHook("tick", second) end, {priority = 1})
            self:registerHook("tick", second)
            self:registerHook("tick", function() print("third") end, {priority = -1})
        end
        return M""",
    )
    async with place.host() as host:
        await host.load("m")
        assert (await host.emit("tick")).failures == ()
        assert "third" in lines(host.chronicle)
        await host.emit("tick")
        assert lines(host.chronicle).count("third") == 2
        assert lines(host.chronicle).count("second") <= 1


async def test_each_handler_has_its_own_copy_of_a_table(place: Place) -> None:
    spoiling = """return {hooks = {tick = function(t)
        print(t.n, #t.list); t.n = t.n + 1; t.list[1] = nil; t.extra = true end}}"""
    place.module("a", spoiling)
    place.module("b", spoiling)
    async with place.host() as host:
        await host.load_all({"a": "", "b": ""})
        given = {"n": 1, "list": ["x"]}
        await host.emit("tick", given)
        assert lines(host.chronicle) == ["1 1", "1 1"]
        assert given == {"n": 1, "list": ["x"]}


async def test_a_filter_hands_its_value_on_and_its_arguments_to_each(place: Place) -> None:
    place.module("a", 'return {hooks = {shown = function(text, by) return text .. "a" .. by end}}')
    place.module("b", "return {hooks = {shown = function() end}}")
    place.module("c", 'return {hooks = {shown = function(text) error("no") end}}')
    place.module("d", 'return {hooks = {shown = function(text, by) return text .. "d" .. by end}}')
    async with place.host() as host:
        await host.load_all(dict.fromkeys("abcd", ""))
        assert await host.filter("shown", "-", "!") == "-a!d!"
        assert await host.filter("unheard", {"x": [1, 2]}) == {"x": [1, 2]}


async def test_events_nested_without_end_are_refused_and_the_host_runs_on(place: Place) -> None:
    place.module(
        "a",
        """local M = {depth = 0}
        M.hooks = {
            ping = function(n) M.depth = n; host.emit("pong", n + 1) end,
            pong = function(n) host.filter("ping", n + 1) end,
        }
        M.exports = {depth = function() return M.depth end}
        return M""",
    )
    async with place.host() as host:
        await host.load("a")
        report = await host.emit("ping", 1)
        assert await host.call("a", "depth") in range(30, 60)
        faults = host.snapshot().modules["a"].faults
        assert faults + len(report.failures) >= 1
        assert any("nested deeper" in line for line in lines(host.chronicle))
        assert (await host.filter("unheard", 1)) == 1


async def test_a_priority_that_is_no_number_changes_no_order(place: Place) -> None:
    """It sorted as neither more nor less, so that who answered first was chance."""
    place.module(
        "m",
        """local M = {}
        function M:init()
            for _, priority in ipairs({1, 0/0, 2, 0/0, 3}) do
                self:registerHook("tick", function() print(priority) end, {priority = priority})
            end
        end
        return M""",
    )
    async with place.host() as host:
        await host.load("m")
        await host.emit("tick")
        assert lines(host.chronicle) == ["3", "2", "1", "nan", "nan"]


@pytest.mark.parametrize("value", [object(), {1, 2}, 1 << 60, {"a": [lambda: 0]}, "\ud800"])
async def test_an_event_with_what_is_no_data_reaches_nobody(place: Place, value: object) -> None:
    place.module("m", hearing("m"))
    async with place.host() as host:
        await host.load("m")
        with pytest.raises(NotData):
            await host.emit("tick", value)
        with pytest.raises(HostError):
            await host.filter("tick", value)
        assert lines(host.chronicle) == []


async def test_a_cyclic_value_is_refused(place: Place) -> None:
    cycle: list[object] = []
    cycle.append(cycle)
    async with place.host() as host:
        with pytest.raises(NotData):
            await host.emit("tick", cycle)


async def test_every_kind_of_plain_data_arrives_as_it_was(place: Place) -> None:
    place.module("m", "return {exports = {same = function(...) return ... end}}")
    values: list[PlainData] = [None, True, 0, -1.5, 1 << 53, "text \N{SNOWMAN}", b"\xff\x00", [1, [2]], {"a": {"b": 1}}]
    async with place.host() as host:
        await host.load("m")
        for value in values:
            assert await host.call("m", "same", value) == value
        assert await host.call("m", "same", []) == {}, "Lua has one type for both"
        assert await host.call("m", "same", 1, None, "x") == (1, None, "x")


async def test_a_large_table_reaches_each_handler(place: Place) -> None:
    place.module("m", "return {hooks = {tick = function(t) print(#t, t[#t]) end}}")
    async with place.host() as host:
        await host.load("m")
        assert (await host.emit("tick", list(range(200_000)))).delivered == 1
        assert lines(host.chronicle) == ["200000 199999"]


async def test_emissions_of_many_tasks_are_each_delivered_once(place: Place) -> None:
    place.module(
        "m", "local n = 0\nreturn {hooks = {tick = function(k) n = n + k end}, exports = {n = function() return n end}}"
    )
    async with place.host() as host:
        await host.load("m")
        await asyncio.gather(*(host.emit("tick", k) for k in range(100)))
        assert await host.call("m", "n") == sum(range(100))
