"""The console: Lua typed by a person, run inside a module."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from host import DeadlineExceeded, Host, HostError, MemoryExceeded, ModuleFault
from host.vocabulary.errors import ModuleUnknown
from host.vocabulary.views import Evaluation, ValueRow
from tests.engine.place import DEADLINE, Place

LIMITS = '[limits]\ncall = "50 ms"\nmemory = "4 MiB"\n'
COUNTER = """local count, users = 3, {ana = {level = 2}, "first", "second"}
local function step(by) count = count + by end
shared = "seen by all of its files"
local M = {n = 7}
M.hooks = {add = function(by) step(by) end}
M.exports = {count = function() return count end, users = function() return users end}
function M:double() return self.n * 2 end
return M"""


async def opened(place: Place, host: Host, body: str = COUNTER) -> None:
    place.module("counter", body, more=LIMITS)
    await host.rescan()
    await host.load("counter")


def told(evaluation: Evaluation) -> list[str]:
    return [f"{row.kind} {row.text}" for row in evaluation.results]


def tree(row: ValueRow) -> Any:
    return {each.key: tree(each) for each in row.rows} if row.rows else row.text


@pytest.mark.parametrize(
    ("text", "results"),
    [
        ("1 + 1", ["number 2"]),
        ("count", ["number 3"]),
        ("self.n, self:double()", ["number 7", "number 14"]),
        ("shared", ["string seen by all of its files"]),
        ("users.ana.level", ["number 2"]),
        ("nil", ["nil nil"]),
        ("x = 5", []),
        ("for _ = 1, 3 do end return count", ["number 3"]),
        ("self.hooks.add", ["function counter/init.lua:5"]),
        ("print", ["function "]),
        ("'\\255\\1'", ["bytes ff 01"]),
        ("'\\n[31m'", ["string [31m"]),
        ("", []),
    ],
)
async def test_text_sees_what_the_functions_of_the_module_see(place: Place, text: str, results: list[str]) -> None:
    async with place.host() as host:
        await opened(place, host)
        assert told(await host.evaluate("counter", text)) == results


async def test_what_is_assigned_is_the_modules_own(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        await host.evaluate("counter", "count = 40")
        await host.emit("add", 2)
        assert await host.call("counter", "count") == 42
        await host.evaluate("counter", "fresh = 1")
        assert told(await host.evaluate("counter", "_G.fresh, fresh")) == ["number 1", "number 1"]


async def test_an_underscore_is_what_the_text_before_gave(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        await host.evaluate("counter", "6 * 7")
        await host.evaluate("counter", "y = 1")
        assert told(await host.evaluate("counter", "_ + 1")) == ["number 43"]


async def test_a_table_is_a_tree_numbers_first(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        (found,) = (await host.evaluate("counter", "users")).results
        assert (found.kind, found.entries) == ("table", 3)
        assert list(tree(found).items()) == [("[1]", "first"), ("[2]", "second"), ("ana", {"level": "2"})]


async def test_a_tree_ends_though_a_table_holds_itself_or_has_no_end(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        (found,) = (await host.evaluate("counter", "(function() local t = {} t.t = t return t end)()")).results
        assert tree(found) == {"t": "itself"}
        (wide,) = (
            await host.evaluate("counter", "(function() local t = {} for i = 1, 900 do t[i] = {i} end return t end)()")
        ).results
        assert (wide.entries, len(wide.rows)) == (900, 200)
        (deep,) = (await host.evaluate("counter", "{{{{{{{{}}}}}}}}")).results
        assert tree(deep) == {"[1]": {"[1]": {"[1]": {"[1]": {"[1]": ""}}}}}


async def test_no_metamethod_of_the_module_runs_to_show_a_value(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        sly = "setmetatable({a = 1}, {__tostring = error, __index = error, __pairs = error, __len = error})"
        (found,) = (await host.evaluate("counter", sly)).results
        assert tree(found) == {"a": "1"}


@pytest.mark.parametrize(
    ("text", "kind", "sentence"),
    [
        ("error('no such luck')", ModuleFault, "no such luck"),
        ("count +", ModuleFault, "console"),
        ("nothing.here", ModuleFault, "attempt to index"),
        ("while true do end", DeadlineExceeded, "50 ms"),
        ("pcall(function() while true do end end)", DeadlineExceeded, "50 ms"),
        ("local s, t = ('x'):rep(1e5), {} for i = 1, 1e4 do t[i] = s .. i end", MemoryExceeded, "memory"),
        ("\27LJ", ModuleFault, "console"),
        ("--" + "x" * 70_000, HostError, "at most 65,536 bytes; nothing was run"),
    ],
)
async def test_what_goes_wrong_is_one_sentence_and_no_fault_of_the_module(
    place: Place, text: str, kind: type[HostError], sentence: str
) -> None:
    async with place.host() as host:
        await opened(place, host)
        with pytest.raises(kind, match=sentence) as refusal:
            await host.evaluate("counter", text)
        assert "\n" not in str(refusal.value)
        assert host.snapshot().modules["counter"].faults == 0
        assert await host.call("counter", "count") == 3


async def test_nothing_of_the_host_is_in_reach(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        for text in ("io", "os.execute", "debug.getinfo", "ffi", "package", "port", "guard", "members"):
            assert told(await host.evaluate("counter", text)) == ["nil nil"], text
        locals_seen = {each.name for each in await host.complete("counter", "p")}
        assert locals_seen == {"pairs", "pcall", "print"}


async def test_the_log_of_the_module_has_what_was_run(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        await host.evaluate("counter", "count\n= 1")
        lines = [line.text for line in host.chronicle.log_since(0) if line.module == "counter"]
        assert lines[-1] == "console: count = 1"


async def test_what_is_printed_comes_back_with_the_results(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        assert (await host.evaluate("counter", "print('one', 2) host.log.warn('three') return 4")).printed == (
            "one 2",
            "three",
        )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("cou", ["count"]),
        ("return us", ["users"]),
        ("users.", ["ana"]),
        ("users.ana.l", ["level"]),
        ("self:d", ["double"]),
        ("self:n", []),
        ("string.for", ["format"]),
        ("shared:up", ["upper"]),
        ("nothing.here.", []),
        ("count.", []),
        ("f(", []),
        ("", []),
        ("host.log.w", ["warn"]),
    ],
)
async def test_text_goes_on_with_what_the_module_has_now(place: Place, text: str, names: list[str]) -> None:
    async with place.host() as host:
        await opened(place, host)
        assert [each.name for each in await host.complete("counter", text)] == names


async def test_completing_follows_tables_that_inherit_and_calls_nothing(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        await host.evaluate("counter", "base = {speak = print} pet = setmetatable({name = 'x'}, {__index = base})")
        assert [each.name for each in await host.complete("counter", "pet.")] == ["name", "speak"]
        await host.evaluate("counter", "trap = setmetatable({}, {__index = function() count = -1 end})")
        assert await host.complete("counter", "trap.x.y") == ()
        assert await host.call("counter", "count") == 3


async def test_a_module_that_is_not_loaded_has_no_console(place: Place) -> None:
    async with place.host() as host:
        with pytest.raises(ModuleUnknown):
            await host.evaluate("counter", "1")
        with pytest.raises(ModuleUnknown):
            await host.complete("counter", "1")


async def test_a_clipped_text_ends_at_a_whole_character(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        (found,) = (await host.evaluate("counter", "('a' .. ('ä'):rep(300))")).results
        assert (found.kind, found.text) == ("string", "a" + "ä" * 127)


async def test_a_text_may_wait_and_others_run_meanwhile(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        waiting = asyncio.ensure_future(host.evaluate("counter", "host.sleep(1) return count"))
        await asyncio.sleep(0)
        await host.evaluate("counter", "count = 50")
        async with asyncio.timeout(DEADLINE):
            assert told(await waiting) == ["number 50"]


async def test_a_text_that_waits_is_stopped_and_counts_for_nothing(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        waiting = asyncio.ensure_future(
            host.evaluate("counter", "stopped = pcall(host.sleep, 60000) host.sleep(60000)")
        )
        await asyncio.sleep(0)
        assert await host.interrupt("counter") == 1
        async with asyncio.timeout(DEADLINE):
            with pytest.raises(HostError, match=r"^stopped$"):
                await waiting
        assert told(await host.evaluate("counter", "stopped")) == ["boolean false"]
        assert await host.interrupt("counter") == 0
        assert host.snapshot().modules["counter"].faults == 0
        assert host.snapshot().modules["counter"].tasks == 0


async def test_a_fault_after_a_wait_counts_for_nothing(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        async with asyncio.timeout(DEADLINE):
            with pytest.raises(ModuleFault, match="after all"):
                await host.evaluate("counter", "host.sleep(1) error('after all')")
        assert host.snapshot().modules["counter"].faults == 0


async def test_a_loop_ends_at_the_limit_of_the_module_also_after_a_wait(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        async with asyncio.timeout(DEADLINE):
            with pytest.raises(DeadlineExceeded):
                await host.evaluate("counter", "host.sleep(1) while true do end")
        assert told(await host.evaluate("counter", "1")) == ["number 1"]
