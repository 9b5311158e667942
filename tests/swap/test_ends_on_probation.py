"""Events around the end of a process on probation: each is told once, in order, or counted as lost."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import psutil
import pytest

from host.vocabulary.events import EventKind
from tests.engine.place import DEADLINE, Place, kinds, until

FAILS = "M.hooks.fail = function() error('broken') end"
KEEPS = """local M = {seen = {}}
function M:getState() return {seen = self.seen} end
function M:setState(state) self.seen = state.seen end
M.hooks = {ev = function(n) M.seen[#M.seen + 1] = n end}
return M"""


@pytest.mark.parametrize("replay", [True, False])
@pytest.mark.parametrize("together", [("a",), ("a", "b")])
async def test_each_event_around_the_end_of_a_process_is_told_once_and_in_order(
    tmp_path: Path, together: tuple[str, ...], *, replay: bool
) -> None:
    """What waited for its restart was in the log of what it missed, too."""
    place = Place(tmp_path, isolated=True)
    more = "" if replay else "[swap]\nreplay = false\n"
    for name in together:
        for version in ("1.0.0", "2.0.0"):
            place.module(name, KEEPS, version, folder=version, more=more)
    async with place.host() as host:
        await host.load_all(dict.fromkeys(together, "==1.0.0"))
        await host.emit("ev", 0)
        await host.swap(dict.fromkeys(together, "2.0.0"))
        for number in range(1, 4):
            await host.emit("ev", number)
        pid = host.snapshot().modules["a"].pid
        os.kill(pid, signal.SIGKILL)
        events = host.events()
        await asyncio.gather(*(host.emit("ev", number) for number in range(4, 9)))
        told = await until(events, EventKind.SWAP_ROLLED_BACK, "a")
        kept = [0, 1, 2, 3, 4] if replay else [0]
        for name in together:
            if name == "a":
                assert (await host.state("a"))["seen"] == [*kept, 5, 6, 7, 8]
            elif replay:
                assert (await host.state(name))["seen"] == list(range(9))
        assert ("of events since then 4 are lost to it" in told.text) is not replay
        assert EventKind.MODULE_RESTARTED not in kinds(host.chronicle)


async def test_what_was_started_again_on_probation_gives_its_state_to_what_comes_back(tmp_path: Path) -> None:
    """The process that had ended was asked for it, and the one in its place stayed."""
    place = Place(tmp_path, isolated=True)
    source = KEEPS.replace("return M", f"function M:migrate(state) return state end {FAILS}\nreturn M")
    for version in ("1.0.0", "2.0.0"):
        place.module("a", source, version, folder=version)
    async with place.host() as host:
        await host.load("a", "==1.0.0")
        await host.emit("fail")  # else the end of the process would be fault enough
        await host.swap("a", "2.0.0")
        events = host.events()
        os.kill(host.snapshot().modules["a"].pid, signal.SIGKILL)
        await host.emit("ev", 1)
        await until(events, EventKind.MODULE_RESTARTED, "a")
        again = host.parts.roster.get("a")
        assert "on probation until" in host.snapshot().modules["a"].truth
        await host.emit("ev", 2)
        for _ in range(2):
            await host.emit("fail")
        told = await until(events, EventKind.SWAP_ROLLED_BACK, "a")
        assert told.text.endswith("it goes on with the newer state, that of 2.0.0")
        assert again.runtime.gone
        assert (await host.state("a"))["seen"] == [2]


@pytest.mark.parametrize("migrates", [True, False])
async def test_what_waits_and_whose_process_ends_comes_back_in_another(tmp_path: Path, *, migrates: bool) -> None:
    """It came back with the newest state and was told again what that held; or could not, and what failed ran on."""
    place = Place(tmp_path, isolated=True)
    migrate = "function M:migrate(state) return state end" if migrates else ""
    place.module("a", KEEPS.replace("return M", f"{migrate}\nreturn M"), folder="1")
    place.module("a", KEEPS.replace("return M", f"{FAILS}\nreturn M"), "2.0.0", folder="2")
    async with place.host() as host:
        await host.load("a", "==1.0.0")
        await host.emit("ev", 1)
        events, old = host.events(), host.parts.roster.get("a")
        await host.swap("a", "2.0.0")
        await host.emit("ev", 2)
        process = psutil.Process(old.runtime.pid)
        process.kill()
        process.wait(DEADLINE)
        for _ in range(3):
            await host.emit("fail")
        await host.emit("ev", 3)
        told = await until(events, EventKind.SWAP_ROLLED_BACK, "a")
        assert "the process of 1.0.0 had ended while it waited, and was started again" in told.text
        assert ("the newer state" in told.text) is migrates
        await host.emit("ev", 4)
        assert (await host.state("a"))["seen"] == [1, 2, 3, 4]
        assert host.snapshot().modules["a"].version == "1.0.0"


async def test_what_waits_and_does_not_come_up_again_leaves_what_failed(tmp_path: Path) -> None:
    place = Place(tmp_path, isolated=True)
    place.module("judge", "local n = 0 return {exports = {agrees = function() n = n + 1 return n == 1 end}}")
    once = "function M:init() assert(require('judge').agrees(), 'once is enough') end"
    needs = '[dependencies]\njudge = "*"\n'
    place.module("a", KEEPS.replace("return M", f"{once}\nreturn M"), folder="1", more=needs)
    place.module("a", KEEPS.replace("return M", f"{FAILS}\nreturn M"), "2.0.0", folder="2")
    async with place.host() as host:
        await host.load("a", "==1.0.0")
        await host.emit("ev", 1)
        events, old = host.events(), host.parts.roster.get("a")
        await host.swap("a", "2.0.0")
        process = psutil.Process(old.runtime.pid)
        process.kill()
        process.wait(DEADLINE)
        for _ in range(3):
            await host.emit("fail")
        told = await until(events, EventKind.SWAP_ROLLED_BACK, "a")
        assert told.text.startswith("a could not go back to 1.0.0 by itself (init): ")
        await host.emit("ev", 2)
        assert (await host.state("a"))["seen"] == [1, 2]
        assert len(psutil.Process(host.parts.roster.runtimes.server.pid).children()) == 2
