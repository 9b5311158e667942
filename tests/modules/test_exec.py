"""Programs end with whoever asked for them, and with all that they started."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import psutil
import pytest

from host import Host, HostError
from tests.engine.place import Place, lines
from tests.modules.bundled import ROOT

LUA: Final = """
local exec = require("exec")
return {
    exports = { run = function(...) return exec.run(...) end },
    hooks = { onGo = function() print(exec.run("sh")) end },
}
"""
MORE: Final = """
[dependencies]
exec = "*"
[permissions]
exec = ["sh"]
"fs.read" = ["data/**"]
"""
PARENT_AND_CHILD: Final = "sleep 1000 & echo $$ $! > started.new; mv started.new started; wait"


@pytest.fixture
async def host(place: Place) -> AsyncIterator[Host]:
    place.module("ana", LUA, more=MORE)
    (place.data / "modules" / "ana").mkdir(parents=True)
    async with Host([place.root, ROOT], place.data) as host:
        await host.load("ana")
        await host.grant("ana")
        yield host


def started(place: Place) -> list[psutil.Process]:
    file: Path = place.data / "modules" / "ana" / "started"
    return [psutil.Process(int(pid)) for pid in file.read_text().split()] if file.exists() else []


async def until_started(place: Place) -> list[psutil.Process]:
    async with asyncio.timeout(20):
        while not (found := started(place)):  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.005)
    return found


@pytest.mark.parametrize("end", ["unload", "cancel", "timeout", "reload"])
async def test_a_program_ends_with_its_children(end: str, host: Host, place: Place) -> None:
    options = {"args": ["-c", PARENT_AND_CHILD]} | ({"timeout": 0.5} if end == "timeout" else {})
    running = asyncio.ensure_future(host.call("ana", "run", "sh", options))
    processes = await until_started(place)
    match end:
        case "unload":
            await host.unload("ana")
        case "reload":
            await host.reload("ana")
        case "cancel":
            running.cancel()
    if end == "timeout":
        answer = await running
        assert (answer["timed_out"], answer["success"]) == (True, False)
    else:
        with pytest.raises((HostError, asyncio.CancelledError)):
            await running
    _, alive = await asyncio.to_thread(psutil.wait_procs, processes, timeout=10)
    assert not [each for each in alive if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


async def test_where_it_cannot_wait_nothing_is_run(host: Host, place: Place) -> None:
    await host.emit("onGo")
    assert lines(host.chronicle, "ana")[-1] == (
        "nil exec.run waits, and cannot here: call it inside host.async(function() ... end)"
    )
    assert started(place) == []


@pytest.mark.parametrize("name", ["LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "GCONV_PATH"])
async def test_no_variable_makes_a_program_load_code_of_the_modules_own(name: str, host: Host) -> None:
    nothing, why = await host.call("ana", "run", "sh", {"args": ["-c", "echo ran"], "env": {name: "data/evil.so"}})
    assert nothing is None
    assert why == f"{name} is handed to no program: with it, any program runs any code"
