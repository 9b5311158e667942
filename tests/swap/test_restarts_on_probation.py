"""A process ends on probation, and before it is started again what was swapped with it goes back: in any order."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from host import Host
from host.vocabulary.events import EventKind
from tests.engine.place import Place, kinds, until

KEEPS = """local M = {seen = {}}
function M:getState() return {seen = self.seen} end
function M:setState(state) self.seen = state.seen end
function M:init()
    self:registerHook("fail_" .. self.name, function() error("broken") end)
    INIT
end
M.hooks = {ev = function(n) M.seen[#M.seen + 1] = n end}
MORE
return M"""
MIGRATES = "function M:migrate(state) return state end"


def module(place: Place, name: str, *, more: str = "", old: str = "", new: str = "", init: str = "") -> None:
    """Write two versions; ``old`` and ``new`` are Lua of one of them, ``init`` of the new one."""
    for version, text, begins in (("1.0.0", old, ""), ("2.0.0", new, init)):
        source = KEEPS.replace("MORE", text).replace("INIT", begins)
        place.module(name, source, version, folder=version, more=more)


@asynccontextmanager
async def swapped_together(place: Place, *more: str) -> AsyncIterator[Host]:
    """``a`` and ``b`` in 1.0.0 with two events, then in 2.0.0 with two more; ``a`` had a fault before."""
    async with place.host(quarantine=None) as host:
        await host.load_all({"a": "==1.0.0", "b": "==1.0.0", **dict.fromkeys(more, "")})
        await host.emit("fail_a")  # else the end of its process would be fault enough
        await emit(host, 0, 1)
        await host.swap({"a": "2.0.0", "b": "2.0.0"})
        await emit(host, 2, 3)
        yield host


async def emit(host: Host, *numbers: int) -> None:
    for number in numbers:
        await host.emit("ev", number)


async def fail(host: Host, name: str) -> None:
    for _ in range(3):
        await host.emit(f"fail_{name}")


async def end_process(host: Host, name: str) -> None:
    """Kill it; the host knows when this returns."""
    events = host.events()
    instance = host.parts.roster.get(name)
    os.kill(instance.runtime.pid, signal.SIGKILL)
    await until(events, EventKind.MODULE_FAULT, name)
    assert not instance.live


async def seen(host: Host, name: str) -> list[int]:
    state = await host.state(name)
    assert isinstance(state, dict)
    return list(state["seen"] or ())


@pytest.mark.parametrize("replay", [True, False])
async def test_what_waits_for_a_restart_is_told_once_where_the_way_back_comes_first(
    tmp_path: Path, *, replay: bool
) -> None:
    """It waited for the restart, which another restart held up, and was in the log of what was missed, too."""
    place = Place(tmp_path, isolated=True)
    place.module("c")
    for name in ("a", "b"):
        module(place, name, more="" if replay else "[swap]\nreplay = false\n", old="M.hooks.gone = M.hooks.ev")
    async with swapped_together(place, "c") as host:
        events = host.events()
        async with host.parts.changing:
            await end_process(host, "c")
            await end_process(host, "a")
            await emit(host, 4, 5)
            await host.emit("gone", 6)  # what only the old ones answer
            await fail(host, "b")
            await emit(host, 7)
        told = await until(events, EventKind.SWAP_ROLLED_BACK, "a")
        assert ("told to it again" in told.text) is replay
        assert sorted(await seen(host, "a")) == ([0, 1, 2, 3, 4, 5, 6, 7] if replay else [0, 1, 4, 5, 7])
        assert [each for each in await seen(host, "a") if each != 6] == sorted({*await seen(host, "a")} - {6})
        assert await seen(host, "b") == ([0, 1, 2, 3, 4, 5, 6, 7] if replay else [0, 1])
        assert EventKind.MODULE_RESTARTED not in kinds(host.chronicle, "a")
        await emit(host, 8)
        assert (await seen(host, "a"))[-1] == 8


@pytest.mark.parametrize("migrates", [True, False])
async def test_what_was_started_again_goes_back_where_that_was_due_already(tmp_path: Path, *, migrates: bool) -> None:
    """The process that had ended was asked for its state, and the one in its place stayed."""
    place = Place(tmp_path, isolated=True)
    for name in ("a", "b"):
        module(place, name, old=MIGRATES if migrates else "")
    async with swapped_together(place) as host:
        events = host.events()
        async with host.parts.changing:
            await end_process(host, "a")
            await emit(host, 4, 5)
            await asyncio.sleep(0)
            await fail(host, "b")
            await emit(host, 6)
        await until(events, EventKind.MODULE_RESTARTED, "a")
        again = host.parts.roster.get("a")
        told = await until(events, EventKind.SWAP_ROLLED_BACK, "a")
        # of what its process had heard since the swap, only the log knows
        assert await seen(host, "a") == ([0, 1, 4, 5, 6] if migrates else [0, 1, 2, 3, 4, 5, 6])
        assert await seen(host, "b") == [0, 1, 2, 3, 4, 5, 6]
        assert ("the newer state" in told.text) is migrates
        assert again.runtime.gone
        assert {host.snapshot().modules[name].version for name in ("a", "b")} == {"1.0.0"}


async def test_the_end_of_a_process_that_is_to_go_back_already_has_its_events_told_once(tmp_path: Path) -> None:
    place = Place(tmp_path, isolated=True)
    for name in ("a", "b"):
        module(place, name)
    async with swapped_together(place) as host:
        events = host.events()
        async with host.parts.changing:
            await fail(host, "b")
            await emit(host, 4)
            await end_process(host, "a")
            await emit(host, 5, 6)
        await until(events, EventKind.SWAP_ROLLED_BACK, "a")
        assert await seen(host, "a") == await seen(host, "b") == [0, 1, 2, 3, 4, 5, 6]


async def test_what_does_not_start_again_on_probation_makes_way_for_what_ran_before(tmp_path: Path) -> None:
    """It was lost, and what could have come back was dropped with it."""
    place = Place(tmp_path, isolated=True)
    place.module("judge", "local n = 0 return {exports = {agrees = function() n = n + 1 return n <= 2 end}}")
    needs = '[dependencies]\njudge = "*"\n'
    for name in ("a", "b"):
        module(place, name, more=needs, init='assert(require("judge").agrees(), "there were two")')
    async with swapped_together(place) as host:
        events = host.events()
        await end_process(host, "a")
        await emit(host, 4)
        told = await until(events, EventKind.SWAP_ROLLED_BACK, "a")
        assert "ended on probation, and it did not come up again: a 2.0.0" in told.text
        assert await seen(host, "a") == await seen(host, "b") == [0, 1, 2, 3, 4]
        assert EventKind.MODULE_FAILED not in kinds(host.chronicle)
