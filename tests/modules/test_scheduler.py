"""Jobs with functions, through swaps of the module that makes them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from host import Host, ModuleFault, SwapFailed
from tests.engine.place import Place, lines
from tests.modules.bundled import ROOT

NEEDS: Final = '[dependencies]\nscheduler = "*"\n'
LUA: Final = """
local scheduler = require("scheduler")
local M = { exports = { jobs = function() return scheduler.jobs() end } }
function M:init()
    scheduler.every("beat", 0.01, function(job) print("VERSION", job.runs) end)
end
VALIDATE
return M
"""


def write(place: Place, version: str, validate: str = "") -> None:
    place.module("ana", LUA.replace("VERSION", version).replace("VALIDATE", validate), more=NEEDS)


@pytest.fixture
async def host(place: Place) -> AsyncIterator[Host]:
    write(place, "one")
    async with Host([place.root, ROOT], place.data) as host:
        await host.load("ana")
        yield host


async def beats(host: Host, version: str, more: int = 2) -> list[int]:
    """Wait for runs by a version, as many more than there are; all their numbers."""

    def runs() -> list[int]:
        found = [line.split() for line in lines(host.chronicle, "ana")]
        return [int(number) for name, number in found if name == version]

    wanted = len(runs()) + more
    async with asyncio.timeout(20):
        while len(runs()) < wanted:
            await host.chronicle.newer_than(host.chronicle.revision, 20)
    return runs()


async def test_the_next_version_goes_on_with_its_function(host: Host, place: Place) -> None:
    before = await beats(host, "one")
    write(place, "two")
    await host.reload("ana")
    after = await beats(host, "two")
    assert after[0] > before[-1]
    assert [job["runs"] >= after[-1] for job in (await host.call("ana", "jobs")).values()] == [True]


async def test_where_a_version_is_refused_the_one_before_goes_on(host: Host, place: Place) -> None:
    before = await beats(host, "one")
    write(place, "two", "function M:validate() return false, 'no' end")
    with pytest.raises(SwapFailed):
        await host.reload("ana")
    after = await beats(host, "one")
    assert after == sorted(set(after))
    assert len(after) > len(before)
    assert await beats(host, "two", 0) == []


async def test_a_job_ends_with_its_module(host: Host) -> None:
    await beats(host, "one")
    await host.unload("ana")
    await host.load("ana")
    assert len(await host.call("ana", "jobs")) == 1


async def test_each_module_has_jobs_of_its_own_number(place: Place) -> None:
    lua = """
local scheduler = require("scheduler")
return { exports = { fill = function(count)
    local due, why
    for number = 1, count do due, why = scheduler.every("job" .. number, 1000, "onX") end
    return due ~= nil, why
end } }
"""
    for name in ("ana", "ben"):
        place.module(name, lua, more=NEEDS)
    async with Host([place.root, ROOT], place.data) as host:
        for name in ("ana", "ben"):
            await host.load(name)
        assert await host.call("ana", "fill", 1001) == (False, "more than 1000 jobs of ana")
        assert (await host.call("ben", "fill", 2)) in (True, (True, None))
        await host.unload("ana")
        assert (await host.call("ben", "fill", 1000)) in (True, (True, None))


OTHER: Final = """
local scheduler = require("scheduler")
local M = { exports = { jobs = function() return scheduler.jobs() end } }
function M:init()
    scheduler.every("beat", 0.01, function(job) print("one", job.runs) end)
    scheduler.every("rare", 1000, function() print("rare") end)
end
return M
"""


def write_scheduler(place: Place, version: str, change: str = "") -> None:
    """Put a version of the scheduler beside the bundled one."""
    folder = place.root / "core" / "scheduler" / version
    shutil.copytree(ROOT / "core" / "scheduler", folder)
    manifest = folder / "module.toml"
    manifest.write_text(manifest.read_text().replace('version = "1.0.0"', f'version = "{version}"'))
    entry = folder / "init.lua"
    entry.write_text(entry.read_text().replace("return M\n", f"{change}\nreturn M\n"))


async def test_a_function_goes_on_through_a_swap_of_the_scheduler(host: Host, place: Place) -> None:
    place.module("ana", OTHER, more=NEEDS)
    await host.reload("ana")
    before = await beats(host, "one")
    due = (await host.call("ana", "jobs"))["rare"]["next"]
    write_scheduler(place, "1.9.0")
    await host.rescan()
    await host.swap("scheduler", "1.9.0")
    after = await beats(host, "one")
    assert after[: len(before)] == before
    assert after == sorted(set(after)), "none is run twice, and the count goes on"
    jobs = await host.call("ana", "jobs")
    assert (sorted(jobs), jobs["rare"]["next"]) == (["beat", "rare"], due)


async def test_where_the_scheduler_refuses_to_be_another_the_functions_go_on(host: Host, place: Place) -> None:
    await beats(host, "one")
    write_scheduler(place, "1.9.0", "function M:validate() return false, 'no' end")
    await host.rescan()
    with pytest.raises(SwapFailed):
        await host.swap("scheduler", "1.9.0")
    after = await beats(host, "one")
    assert after == sorted(set(after))


async def test_both_may_be_swapped_at_once(host: Host, place: Place) -> None:
    before = await beats(host, "one")
    write_scheduler(place, "1.9.0")
    (place.root / "plugins" / "ana").rename(place.data / "aside")
    for version in ("1.0.0", "2.0.0"):
        lua = LUA.replace("VERSION", "two").replace("VALIDATE", "")
        place.module("ana", lua, version, more=NEEDS, folder=version)
    await host.rescan()
    await host.swap({"scheduler": "1.9.0", "ana": "2.0.0"})
    after = await beats(host, "two")
    assert after[0] > before[-1]
    await host.rollback("ana")
    assert (await beats(host, "one"))[-1] > before[-1], "as it stood before both were swapped"


async def test_a_function_of_another_run_of_the_host_is_none(place: Place) -> None:
    place.module("ana", OTHER, more=NEEDS)
    async with Host([place.root, ROOT], place.data) as host:
        await host.load("ana")
        assert len(await host.call("ana", "jobs")) == 2
    place.module("ana", LUA.replace("function M:init()", "function M:begin()").replace("VALIDATE", ""), more=NEEDS)
    async with Host([place.root, ROOT], place.data) as host:
        await host.load("ana")
        assert await host.call("ana", "jobs") == {}


TWO: Final = """
local scheduler = require("scheduler")
local M, heard = { exports = {}, hooks = {} }, 0
function M.hooks.onBeat() heard = heard + 1 print("beat", heard) end
function M.exports.poison(name, event) return scheduler.every(name, 0.01, event) end
function M.exports.beat() return scheduler.every("beat", 0.01, "onBeat") end
function M.exports.jobs() return scheduler.jobs() end
return M
"""
NAMES: Final = ("", "e" * 201, "on\nX", "a\0b")


@pytest.mark.parametrize("event", NAMES)
async def test_an_event_that_cannot_be_emitted_is_refused_at_once(place: Place, event: str) -> None:
    place.module("ana", TWO, more=NEEDS)
    async with Host([place.root, ROOT], place.data) as host:
        await host.load("ana")
        with pytest.raises(ModuleFault, match="an event of 1 to 200 bytes without control"):
            await host.call("ana", "poison", "x", event)
        assert await host.call("ana", "jobs") == {}


def write_trusting_scheduler(place: Place) -> Path:
    """Put a version beside the bundled one that takes any event, as an earlier one did."""
    write_scheduler(place, "1.9.0")
    entry = place.root / "core" / "scheduler" / "1.9.0" / "init.lua"
    text = entry.read_text()
    entry.write_text(text.replace('return type(target) ~= "string" or', "return true or"))
    assert entry.read_text() != text
    return entry.parent


async def test_a_job_that_cannot_run_is_dropped_and_told_and_the_others_go_on(place: Place) -> None:
    place.module("ana", TWO, more=NEEDS)
    write_trusting_scheduler(place)
    async with Host([place.root, ROOT], place.data) as host:
        await host.load("ana")
        for number, event in enumerate(NAMES[1:]):
            await host.call("ana", "poison", f"bad{number}", event)
        await host.call("ana", "beat")
        await beats(host, "beat", 5)
        assert list(await host.call("ana", "jobs")) == ["beat"]
        told = [line for line in lines(host.chronicle, "scheduler") if "it was dropped" in line]
        assert [line.split(" failed: ")[0] for line in told] == [f"job bad{number} of ana" for number in range(3)]
        assert host.snapshot().modules["scheduler"].faults == 0


async def test_such_a_job_that_was_kept_is_dropped_when_it_comes_back(place: Place) -> None:
    place.module("ana", TWO.replace("0.01, event", "1000, event"), more=NEEDS)
    trusting = write_trusting_scheduler(place)
    async with Host([place.root, ROOT], place.data) as host:
        await host.load("ana")
        await host.call("ana", "poison", "bad", "on\nX")
        await host.call("ana", "beat")
        await beats(host, "beat")
    shutil.rmtree(trusting)
    async with Host([place.root, ROOT], place.data) as host:
        await host.load("ana")
        await beats(host, "beat", 5)
        assert list(await host.call("ana", "jobs")) == ["beat"]
        assert [line for line in lines(host.chronicle, "scheduler") if line.startswith("job bad of ana failed: ")]
