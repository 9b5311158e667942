"""Modules come up dependencies first, and nothing of one that went remains."""

from __future__ import annotations

import gc
import threading
import weakref
from pathlib import Path

import pytest

from host import HostError, LoadFailed
from host.vocabulary.events import EventKind
from host.vocabulary.states import Status
from tests.engine.place import Place, kinds, lines

RICH = """local M = {n = 0}
function M:init(config)
    self:registerHook("tick", function() self.n = self.n + 1 end)
    host.every(1, function() self.n = self.n + 1 end)
    host.after(100000, function() end)
    print("up")
end
M.hooks = {tock = function() end}
M.exports = {n = function() return M.n end}
function M:getState() return {n = self.n} end
function M:setState(state) self.n = state.n end
function M:cleanup() print("down") end
return M"""


def open_files() -> int:
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


def own_threads() -> list[str]:
    """All but those that the event loop keeps for its own, of which it makes one more when all are busy."""
    return sorted(thread.name for thread in threading.enumerate() if not thread.name.startswith("asyncio_"))


async def test_dependencies_come_up_first_and_go_last(place: Place) -> None:
    place.module("top", RICH, more='[dependencies]\nmiddle = "*"\nbase = "*"\n')
    place.module("middle", RICH, more='[dependencies]\nbase = "*"\n')
    place.module("base", RICH)
    async with place.host() as host:
        plan = await host.load("top")
        assert [step.name for step in plan.order] == ["base", "middle", "top"]
    order = [line.module for line in host.chronicle.log_since(0)]
    assert order == ["base", "middle", "top", "top", "middle", "base"]
    assert lines(host.chronicle) == ["up"] * 3 + ["down"] * 3


async def test_nothing_of_an_unloaded_module_remains(place: Place) -> None:
    place.module("m", RICH)
    async with place.host() as host:
        empty = host.parts.roster.dispatch.table
        await host.load("m")
        instance = host.parts.roster.get("m")
        assert len(instance.ledger) == 5
        runtime, ledger, dead = instance.runtime, instance.ledger, weakref.ref(instance)
        await host.unload("m")
        del instance
        gc.collect()
        assert (len(ledger), runtime.gone, dead()) == (0, True, None)
        table = host.parts.roster.dispatch.table
        assert (table.handlers, table.ranks, table.events) == (empty.handlers, empty.ranks, empty.events)
        assert not any(line.level == "error" for line in host.chronicle.log_since(0))
        with pytest.raises(HostError):
            await host.call("m", "n")
        assert (await host.emit("tick")).delivered == 0


async def test_loading_and_unloading_again_and_again_leaves_no_thread_and_no_file_open(place: Place) -> None:
    place.module("m", RICH)
    async with place.host() as host:
        await host.load("m")
        await host.unload("m")
        threads, files = own_threads(), open_files()
        for _ in range(50):
            await host.load("m")
            await host.swap("m", "1.0.0")
            await host.unload("m")
        assert (own_threads(), open_files()) == (threads, files)


async def test_a_host_that_ended_leaves_no_thread_and_no_file_open(place: Place) -> None:
    place.module("m", RICH)
    async with place.host(watch=True) as host:
        await host.load("m")
    del host
    threads, files = own_threads(), open_files()
    for _ in range(3):
        async with place.host(watch=True) as host:
            await host.load("m")
        del host
    assert own_threads() == threads
    assert open_files() == files


async def test_a_cleanup_that_raises_is_told_and_the_module_goes_all_the_same(place: Place) -> None:
    place.module("m", 'return {cleanup = function() error("no") end}')
    async with place.host() as host:
        await host.load("m")
        runtime = host.parts.roster.get("m").runtime
        await host.unload("m")
        assert runtime.gone
        assert kinds(host.chronicle)[-2:] == [EventKind.MODULE_FAULT, EventKind.MODULE_UNLOADED]


async def test_a_cleanup_may_still_use_what_the_module_needs(place: Place) -> None:
    place.module("base", 'return {exports = {word = function() return "still here" end}}')
    place.module(
        "top", 'return {cleanup = function() print(require("base").word()) end}', more='[dependencies]\nbase = "*"\n'
    )
    async with place.host() as host:
        await host.load("top")
    assert lines(host.chronicle) == ["still here"]


async def test_a_cleanup_may_still_use_an_optional_need_that_came_later(place: Place) -> None:
    """What came last went first, whoever used it."""
    place.module("base", 'return {exports = {word = function() return "still here" end}}')
    place.module(
        "top",
        'return {cleanup = function() print(require("base").word()) end}',
        more='[dependencies]\nbase = { version = "*", optional = true }\n',
    )
    async with place.host() as host:
        await host.load("top")
        await host.load("base")
    assert lines(host.chronicle) == ["still here"]


async def test_one_that_does_not_come_up_takes_those_loaded_for_it_along(place: Place) -> None:
    place.module("base", RICH)
    place.module("other", RICH)
    place.module("top", 'return {init = function() return false, "not today" end}', more='[dependencies]\nbase = "*"\n')
    async with place.host() as host:
        await host.load("other")
        with pytest.raises(LoadFailed) as refusal:
            await host.load("top")
        assert (refusal.value.name, refusal.value.step, refusal.value.reason) == ("top", "init", "not today")
        assert list(host.parts.roster.active) == ["other"]
        view = host.snapshot().modules
        assert (view["top"].status, view["base"].status) == (Status.FAILED, Status.FOUND)
        assert "not today" in view["top"].reason
        assert [problem.module for problem in host.snapshot().problems] == ["top"]


async def test_what_was_swapped_for_a_load_that_failed_is_swapped_back(place: Place) -> None:
    place.module("base", RICH, folder="1")
    place.module("base", RICH, "2.0.0", folder="2")
    place.module("top", 'return {init = function() error("no") end}', more='[dependencies]\nbase = "^2"\n')
    async with place.host() as host:
        await host.load("base", "==1.0.0")
        await host.emit("tick")
        with pytest.raises(LoadFailed):
            await host.load("top")
        assert host.snapshot().modules["base"].version == "1.0.0"
        assert await host.call("base", "n") >= 1


async def test_a_problem_goes_when_the_module_comes_up(place: Place) -> None:
    folder = place.module("m", "return {init = function() error('no') end}")
    async with place.host() as host:
        with pytest.raises(LoadFailed):
            await host.load("m")
        (problem,) = host.snapshot().problems
        assert (problem.file, problem.line) == (str(folder / "init.lua"), 1)
        (folder / "init.lua").write_text("return {}")
        await host.load("m")
        assert host.snapshot().problems == ()


async def test_a_module_comes_back_with_its_last_state_and_fresh_without(place: Place) -> None:
    place.module("m", RICH.replace("host.every(1, function() self.n = self.n + 1 end)", ""))
    async with place.host() as host:
        await host.load("m")
        await host.emit("tick")
        await host.unload("m")
        await host.load("m")
        assert await host.call("m", "n") == 1
        await host.unload("m")
        await host.load("m", fresh=True)
        assert await host.call("m", "n") == 0
    async with place.host() as host:
        await host.load("m")
        assert await host.call("m", "n") == 0, "the fresh one's state is the last"


async def test_a_state_of_another_version_is_migrated_when_the_module_comes_back(place: Place) -> None:
    place.module("m", RICH.replace("host.every(1, function() self.n = self.n + 1 end)", ""), folder="1")
    place.module(
        "m",
        """local M = {}
        function M:migrate(state, from) return {text = from .. ":" .. state.n} end
        function M:setState(state) self.text = state.text end
        function M:getState() return {text = self.text} end
        return M""",
        "2.0.0",
        folder="2",
    )
    async with place.host() as host:
        await host.load("m", "==1.0.0")
        await host.emit("tick")
        await host.unload("m")
        await host.load("m")
        assert await host.state("m") == {"text": "1.0.0:1"}


async def test_a_state_that_is_not_taken_fails_the_load_and_is_kept(place: Place) -> None:
    folder = place.module("m", RICH.replace("host.every(1, function() self.n = self.n + 1 end)", ""))
    good = (folder / "init.lua").read_text()
    async with place.host() as host:
        await host.load("m")
        await host.emit("tick")
        await host.unload("m")
        (folder / "init.lua").write_text(good.replace("self.n = state.n", 'error("not mine")'))
        with pytest.raises(LoadFailed, match="not mine") as refusal:
            await host.load("m")
        assert refusal.value.step == "setState"
        assert "--fresh" in host.snapshot().problems[0].remedy
        (folder / "init.lua").write_text(good)
        await host.load("m")
        assert await host.call("m", "n") == 1


async def test_core_comes_from_its_tier_and_names_it(place: Place) -> None:
    place.module("m", tier="core")
    async with place.host() as host:
        plan = await host.load("m")
        assert plan.order[0].tier == host.snapshot().modules["m"].tier == "core"
