"""A small table that comes often is told by its fields; nobody can tell, but by the time that it takes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host import Host
from host.hooks.dispatch import Dispatch
from host.hooks.fielded import FREQUENT, MOST_FORMS
from host.hooks.table import HookTable
from host.runtime.crossing import LONGEST_FIELD, MOST_FIELDS, fields_of
from host.vocabulary.payload import Fields, Names
from tests.engine.place import Place, lines
from tests.hooks.handlers import handler

OFTEN = FREQUENT + 2
KEEPING = """
local kept
local M = {hooks = {}, exports = {}}
function M.hooks.tick(value) kept = value end
function M.exports.kept() return kept end
return M
"""

plain = st.one_of(st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False), st.text(), st.binary())
tables = st.dictionaries(st.text(max_size=8), plain, min_size=1, max_size=MOST_FIELDS + 1)


@settings(max_examples=60, deadline=None)
@given(tables)
def test_what_a_handler_gets_does_not_depend_on_the_way(table: dict[str, Any]) -> None:
    async def told() -> tuple[Any, Any]:
        with TemporaryDirectory() as folder:
            place = Place(Path(folder))
            place.module("m", KEEPING)
            async with place.host() as host:
                await host.load("m")
                await host.emit("tick", table)
                first = await host.call("m", "kept")
                for _ in range(OFTEN):
                    assert (await host.emit("tick", table)).failures == ()
                return first, await host.call("m", "kept")

    as_bytes, by_fields = asyncio.run(told())
    assert by_fields == as_bytes


async def frequent(host: Host, table: dict[str, Any]) -> None:
    for _ in range(OFTEN):
        await host.emit("tick", table)


def ways_in_force(host: Host, event: str, table: dict[str, Any]) -> bool:
    dispatch = host.parts.roster.dispatch
    fields = fields_of(table)
    assert fields is not None
    return dispatch.table.field_ways.of(event, dispatch.table.of(event), fields.names) is not None


@pytest.mark.parametrize(
    "table",
    [
        {"and": 1, "end": 2, "v1": 3, "2": 4},
        {'a"] = 1, ["b': "\x00\r\n", "]]": "", "\n\r\x00\\": b"\xff"},
        {"": True, " ": False, "x" * LONGEST_FIELD: 0.5},
    ],
)
async def test_any_names_are_names_of_fields(place: Place, table: dict[str, Any]) -> None:
    place.module("m", KEEPING)
    async with place.host() as host:
        await host.load("m")
        await frequent(host, table)
        assert ways_in_force(host, "tick", table)
        assert await host.call("m", "kept") == table


async def test_each_handler_has_a_table_of_its_own_each_time(place: Place) -> None:
    place.module(
        "m",
        """local M = {}
        local function told(value) print(value.n); value.n, value.more = 99, true; assert(next(value)) end
        function M:init()
            self:registerHook("tick", told)
            self:registerHook("tick", function(value) told(value) end)
        end
        return M""",
    )
    async with place.host() as host:
        await host.load("m")
        await frequent(host, {"n": 1, "of": "x"})
        assert ways_in_force(host, "tick", {"n": 1, "of": "x"})
        assert lines(host.chronicle) == ["1"] * (2 * OFTEN)


async def test_faults_and_deadlines_are_told_by_this_way_too(place: Place) -> None:
    place.module(
        "m",
        """return {hooks = {tick = function(value)
            if value.does == "raise" then error("no " .. value.n) end
            while value.does == "loop" do end
        end}}""",
        more='[limits]\ncall = "20 ms"\n',
    )
    async with place.host() as host:
        await host.load("m")
        await frequent(host, {"does": "nothing", "n": 1})
        assert ways_in_force(host, "tick", {"does": "", "n": 1})
        raised = await host.emit("tick", {"does": "raise", "n": 7})
        looped = await host.emit("tick", {"does": "loop", "n": 7})
        assert [type(fault).__name__ for fault in (*raised.failures, *looped.failures)] == [
            "ModuleFault",
            "DeadlineExceeded",
        ]
        assert raised.failures[0].line == 2
        assert "no 7" in str(raised.failures[0])
        assert (await host.emit("tick", {"does": "nothing", "n": 1})).delivered == 1
        (hook,) = host.parts.inspection.activity("m")
        assert (hook.calls, hook.faults) == (OFTEN + 3, 2)


async def test_a_full_module_is_told_by_no_way(place: Place) -> None:
    place.module(
        "m",
        """local kept = {}
        return {hooks = {tick = function(value)
            while value.fill do kept[#kept + 1] = ("x"):rep(10000) .. #kept end
        end}}""",
        more='[limits]\nmemory = "2 MiB"\n',
    )
    async with place.host() as host:
        await host.load("m")
        await frequent(host, {"fill": False})
        filled = await host.emit("tick", {"fill": True})
        refused = await host.emit("tick", {"fill": False})
        assert [type(fault).__name__ for fault in (*filled.failures, *refused.failures)] == ["MemoryExceeded"] * 2


async def test_a_swap_takes_the_ways_with_it_and_loses_no_event(place: Place) -> None:
    place.module("m", "return {hooks = {tick = function(v) print('old', v.n) end}}", folder="1")
    place.module("m", "return {hooks = {tick = function(v) print('new', v.n) end}}", "2.0.0", folder="2")
    async with place.host() as host:
        await host.load("m", "==1.0.0")
        await frequent(host, {"n": 1})
        await host.swap("m", "2.0.0")
        await frequent(host, {"n": 2})
        assert lines(host.chronicle) == ["old 1"] * OFTEN + ["new 2"] * OFTEN
        await host.unload("m")
        assert (await host.emit("tick", {"n": 3})).delivered == 0


def dispatching(*handlers: Any) -> Dispatch:
    dispatch = Dispatch(memoryview(bytearray(8)).cast("Q"), lambda _handler, _fault: None)
    for rank, each in enumerate(handlers):
        dispatch.table = dispatch.table.replacing(each.owner, [each], rank)
    return dispatch


def test_where_one_handler_has_no_room_for_a_way_all_get_bytes() -> None:
    told: list[Any] = []
    dispatch = dispatching(
        handler("a", takes=told.append, fields=lambda _names: told.append),
        handler("b", takes=told.append),
    )
    for _ in range(OFTEN):
        dispatch.emit("tick", 1, Fields(("n",), (5,), lambda: (1, b"bytes")))
    assert told == [b"bytes"] * (2 * OFTEN)


def test_a_form_that_is_rare_has_no_ways() -> None:
    asked: list[Names] = []
    table = HookTable().replacing("a", [handler("a", fields=asked.append)], 0)
    for number in range(3 * MOST_FORMS):
        assert table.field_ways.of("tick", table.of("tick"), (f"user_{number}",)) is None
    assert asked == []


NOT_SMALL_OR_FLAT: list[Any] = [
    5,
    [1],
    {},
    {"a": None},
    {"a": {}},
    {1: 1},
    {"a": 2**54},
    {"a": "x" * (LONGEST_FIELD + 1)},
    {str(number): number for number in range(MOST_FIELDS + 1)},
]


@pytest.mark.parametrize("value", NOT_SMALL_OR_FLAT)
def test_what_is_no_small_flat_table_goes_as_bytes(value: Any) -> None:
    assert fields_of(value) is None
