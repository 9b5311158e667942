"""The engine is killed: modules and their last state come back, and who took it along twice is left out and named."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from host.protocol.client import Client
from host.protocol.lifesigns import EngineChange, EngineDown, EngineUp
from host.protocol.supervisor import Supervisor
from host.vocabulary.errors import LeftOut
from host.vocabulary.marker import MARKER_NAME, read_marker
from host.vocabulary.states import Phase, Status
from tests.cli.program import ROOT, Running, running
from tests.engine.place import DEADLINE, Place

pytestmark = pytest.mark.integration

CHAT = """local M = {n = 0}
M.hooks = {add = function(k) M.n = M.n + k end}
M.exports = {n = function() return M.n end}
function M:getState() return {n = self.n} end
function M:setState(state) self.n = state.n end
return M"""
DEADLY = "return {hooks = {hang = function() while true do end end}}"
PATIENT = '[limits]\ncall = "60 s"\n'


class Window:
    """A supervisor of the real engine, and what it tells."""

    def __init__(self) -> None:
        self.changes: asyncio.Queue[EngineChange] = asyncio.Queue()

    async def up(self) -> EngineUp:
        async with asyncio.timeout(2 * DEADLINE):
            change = await self.changes.get()
        assert isinstance(change, EngineUp), change
        return change

    async def down(self) -> EngineDown:
        async with asyncio.timeout(2 * DEADLINE):
            change = await self.changes.get()
        assert isinstance(change, EngineDown), change
        return change


@pytest.fixture
def window_on(monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    @asynccontextmanager
    async def opened(place: Place, *more: str) -> AsyncIterator[Window]:
        window = Window()
        command = [sys.executable, "-m", "host", "engine", "--no-watch", *more]
        command += ["--modules", str(place.root), "--data", str(place.data)]
        async with Supervisor(command, place.data, window.changes.put_nowait):
            yield window

    return opened


async def until_entered(data: Path, module: str, phase: Phase) -> int:
    """Wait until the marker names a module; the engine's process id. No event tells what the marker says."""
    async with asyncio.timeout(DEADLINE):
        while True:
            reading = read_marker(data / MARKER_NAME)
            if reading is not None and (reading.module, reading.phase) == (module, phase):
                return reading.pid
            await asyncio.sleep(0.002)


async def hang(data: Path) -> None:
    """Leave the engine inside the deadly module's handler."""
    async with await Client.connect(data) as client:
        hanging = asyncio.create_task(client.emit("hang", []))
        await until_entered(data, "deadly", Phase.HOOK)
        hanging.cancel()
        await asyncio.gather(hanging, return_exceptions=True)


async def die_in(window: Window, client: Client, data: Path) -> EngineDown:
    """Kill the engine while the deadly module's handler runs."""
    hanging = asyncio.create_task(client.emit("hang", []))
    os.kill(await until_entered(data, "deadly", Phase.HOOK), signal.SIGKILL)
    down = await window.down()
    await asyncio.gather(hanging, return_exceptions=True)
    return down


async def test_modules_and_their_last_checkpoint_come_back_after_a_kill(place: Place, window_on: Any) -> None:
    place.module("chat", CHAT, folder="1")
    place.module("chat", CHAT, "2.0.0", folder="2")
    async with window_on(place) as window:
        first = await window.up()
        await first.client.load("chat", "==1.0.0")
        await first.client.emit("add", [5])
        await first.client.swap("chat", "2.0.0")
        os.kill(first.pid, signal.SIGKILL)
        down = await window.down()
        assert (down.exit_text, down.suspect) == ("killed by signal 9", "")
        second = await window.up()
        assert (second.restarts, second.pid != first.pid) == (1, True)
        view = await second.client.snapshot()
        assert (view.modules["chat"].status, view.modules["chat"].version) == (Status.ACTIVE, "2.0.0")
        assert await second.client.call("chat", "n", []) == 5
        assert f"process {first.pid}" in view.engine.last_death
        assert view.engine.left_out == ()


async def test_what_the_command_line_loads_does_not_undo_a_swap_when_the_engine_is_started_again(
    place: Place, window_on: Any
) -> None:
    place.module("chat", CHAT, folder="1")
    place.module("chat", CHAT, "2.0.0", folder="2")
    async with window_on(place, "--load", "chat==1.0.0") as window:
        first = await window.up()
        await first.client.swap("chat", "2.0.0")
        os.kill(first.pid, signal.SIGKILL)
        await window.down()
        second = await window.up()
        assert (await second.client.snapshot()).modules["chat"].version == "2.0.0"


async def test_who_took_the_engine_along_twice_is_left_out_until_it_is_asked_for(place: Place, window_on: Any) -> None:
    place.module("chat", CHAT)
    place.module("deadly", DEADLY, more=PATIENT)
    place.module("needs_deadly", more='[dependencies]\ndeadly = "*"\n')
    async with window_on(place) as window:
        up = await window.up()
        for name in ("chat", "needs_deadly"):
            await up.client.load(name)
        view = await up.client.snapshot()
        for times in (1, 2):
            down = await die_in(window, up.client, place.data)
            assert (down.suspect, down.version, down.phase) == ("deadly", "1.0.0", "in a hook handler")
            up = await window.up()
            view = await up.client.snapshot()
            assert "while deadly 1.0.0 was in a hook handler" in view.engine.last_death
            assert view.modules["chat"].status is Status.ACTIVE
            assert (view.modules["deadly"].status is Status.ACTIVE) == (times == 1)
        assert view.engine.left_out == ("deadly",)
        assert view.modules["needs_deadly"].status is not Status.ACTIVE
        (problem,) = [each for each in view.problems if each.id == "left_out:deadly"]
        assert "died 2 times" in problem.message
        assert problem.action == "load"
        with pytest.raises(Exception, match="deadly is needed and left out") as refusal:
            await up.client.load("needs_deadly")
        assert getattr(refusal.value, "code", None) == LeftOut.code
        await up.client.load("deadly")
        await up.client.load("needs_deadly")
        view = await up.client.snapshot()
        assert view.engine.left_out == ()
        assert view.modules["deadly"].status is Status.ACTIVE
        await die_in(window, up.client, place.data)
        view = await (await window.up()).client.snapshot()
        assert view.modules["deadly"].status is Status.ACTIVE, "forgiven: the count begins anew"


async def test_the_engine_ends_with_its_window_and_begins_with_the_same_modules(place: Place, window_on: Any) -> None:
    place.module("chat", CHAT)
    place.module("other", CHAT)
    async with window_on(place) as window:
        up = await window.up()
        await up.client.load("chat")
        await up.client.load("other")
        await up.client.emit("add", [3])
        await up.client.unload("other")
    async with window_on(place) as window:
        up = await window.up()
        view = await up.client.snapshot()
        assert [name for name, each in view.modules.items() if each.status is Status.ACTIVE] == ["chat"]
        assert await up.client.call("chat", "n", []) == 3, "kept at the end, which was clean"
        assert view.engine.last_death == ""


@pytest.mark.parametrize(("member", "phase"), [("pause", Phase.PAUSE), ("resume", Phase.RESUME)])
async def test_a_kill_around_a_swap_names_the_member_and_keeps_the_old_version_with_its_state(
    place: Place, window_on: Any, member: str, phase: Phase
) -> None:
    source = CHAT.replace("return M", f"function M:{member}() while true do end end return M")
    for version in ("1.0.0", "2.0.0"):
        place.module("chat", source, version, folder=version, more=PATIENT)
    async with window_on(place) as window:
        up = await window.up()
        await up.client.load("chat", "==1.0.0")
        await up.client.emit("add", [3])
        await up.client.unload("chat")
        await up.client.load("chat", "==1.0.0")
        swapping = asyncio.create_task(up.client.swap("chat", "2.0.0"))
        os.kill(await until_entered(place.data, "chat", phase), signal.SIGKILL)
        assert (await window.down()).phase == f"in {member}"
        await asyncio.gather(swapping, return_exceptions=True)
        up = await window.up()
        assert (await up.client.snapshot()).modules["chat"].version == "1.0.0"
        assert await up.client.call("chat", "n", []) == 3


@pytest.mark.parametrize("inside", [False, True])
def test_a_headless_host_tells_how_the_one_before_died(place: Place, *, inside: bool) -> None:
    place.module("chat", CHAT, folder="1")
    place.module("chat", CHAT, "2.0.0", folder="2")
    place.module("deadly", DEADLY, more=PATIENT)
    with running(place, "--load", "chat==1.0.0", "--load", "deadly") as host:
        host.ask("swap", "chat", "2.0.0")
        if inside:
            asyncio.run(hang(place.data))
        host.process.kill()
        host.process.wait(DEADLINE)
    with running(place, "--load", "chat==2.0.0") as host:
        died = host.told[0]
        assert died["event"] == "engine_died"
        assert f"process {host_pid(died['text'])}" in died["text"]
        assert died["module"] == ("deadly" if inside else "")
        assert ("in a hook handler" in died["text"]) == inside
        assert {each["module"] for each in host.told if each["event"] == "module_loaded"} == {"chat", "deadly"}
        assert host.ask("status", "--json").json["engine"]["last_death"] == died["text"]
    with running(place) as host:
        assert host.kinds[0] == "engine_died", "this one was killed as well"


def host_pid(text: str) -> int:
    return int(text.partition("(process ")[2].partition(")")[0])


def test_a_kill_amid_swaps_leaves_one_version_with_the_state_that_it_had(place: Place) -> None:
    """Version and state were kept one after the other: the old version came back with the new one's state."""
    place.module("chat", CHAT, folder="1")
    place.module("chat", CHAT, "2.0.0", folder="2")
    for answered in (1, 2, 3, 6):
        with running(place, "--load", "chat==1.0.0") as host:
            asyncio.run(swap_until_killed(host, answered))
        with closing(sqlite3.connect(place.data / "theseus.sqlite3")) as kept:
            (state,) = kept.execute("SELECT version FROM checkpoints WHERE module = 'chat'").fetchall()
            (session,) = kept.execute("SELECT version FROM session WHERE name = 'chat'").fetchall()
        assert state == session


async def swap_until_killed(host: Running, answered: int) -> None:
    async with await Client.connect(host.place.data) as client:
        for number in range(answered):
            version = "1.0.0" if number % 2 else "2.0.0"
            await client.emit("add", [1])
            await client.swap("chat", version)
        last = asyncio.create_task(client.swap("chat", "1.0.0" if answered % 2 else "2.0.0"))
        await asyncio.sleep(0.0005 * answered)
        host.process.kill()
        await asyncio.gather(last, return_exceptions=True)


async def test_a_trial_in_which_a_module_takes_the_engine_along_counts_as_bad(place: Place, window_on: Any) -> None:
    for name in ("chat", "clock", "hud"):
        place.module(name, CHAT)
    place.module("deadly", DEADLY, more=PATIENT)
    async with window_on(place) as window:
        client = (await window.up()).client
        for name in ("chat", "clock", "deadly", "hud"):
            await client.load(name)
        await client.bisect("begin")
        await client.bisect("good")
        trial = await client.bisect("good")
        assert trial.on == ("chat", "clock", "deadly")
        await die_in(window, client, place.data)
        client = (await window.up()).client
        found = await client.bisection()
        assert (found.answers, found.on) == (3, ("deadly",))
        await die_in(window, client, place.data)
        client = (await window.up()).client
        found = await client.bisection()
        assert (found.over, found.guilty, found.on) == (True, ("deadly",), ("chat", "clock", "hud"))
        await client.bisect("end")
        assert (await client.snapshot()).modules["deadly"].status is Status.ACTIVE


CRUNCH = """local goroutine = require("goroutine")
return {init = function() goroutine.spawn(function() while true do end end) end}"""


def test_who_runs_jobs_as_the_engine_dies_is_named_and_left_out_after_two_deaths(place: Place) -> None:
    """A crash on a job's thread named nobody, or who happened to be entered."""
    place.module("chat", CHAT, more="autoload = true\n")
    place.module("crunch", CRUNCH, more='[dependencies]\ngoroutine = "*"\n')
    with running(place, "--modules", ROOT / "modules", "--load", "crunch") as host:
        for _ in range(2):
            os.kill(asyncio.run(until_at_work(place.data, "crunch")), signal.SIGSEGV)
            died = host.until("engine_died")
            assert (died["module"], "crunch 1.0.0 was running a job" in died["text"]) == ("crunch", True)
            host.until("ready")
        assert [each["module"] for each in host.told if each["event"] == "module_left_out"] == ["crunch"]
        host.process.terminate()
        status, said = host.end()
    assert status == 0
    one, two = said.splitlines()
    assert one == two
    assert one == (
        "theseus: the engine ended while crunch 1.0.0 was running a job (killed by signal 11); it is started again"
    )


async def until_at_work(data: Path, module: str) -> int:
    """Wait until the marker says that a module runs a job, and nobody is entered; the engine's process id."""
    async with asyncio.timeout(DEADLINE):
        while True:
            reading = read_marker(data / MARKER_NAME)
            if reading is not None and [key.name for key, _ in reading.suspects] == [module]:
                return reading.pid
            await asyncio.sleep(0.002)
