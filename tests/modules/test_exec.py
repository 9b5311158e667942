"""Programs end with whoever asked for them, and with all that they started."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil
import pytest

from host import Host, HostError
from tests.engine.place import Place, lines, until_logged
from tests.modules.bundled import ROOT

LUA: Final = """
local exec = require("exec")
return {
    exports = {
        begin = function(options, followed)
            options.on_line = followed and print or nil
            host.async(function()
                print((followed and "followed: " or "run: ") .. tostring(select(2, exec.run("sh", options))))
            end)
        end,
        run = function(...) return exec.run(...) end,
        follow = function(text, options, fails)
            options = options or {}
            options.args = { "-c", text }
            local told = {}
            function options.on_line(line, stream)
                print(line)
                if fails then error("enough", 0) end
                told[#told + 1] = stream .. " " .. line
            end
            return exec.run("sh", options), told
        end,
    },
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
GONE_AWAY: Final = "setsid sleep 1000 & (setsid sh -c 'sleep 1000 & echo $$ $! > new; mv new started; wait' &); wait"
"""Children in sessions of their own, one of them without its parent."""
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


async def until_gone(processes: list[psutil.Process]) -> None:
    """Within less than a probation."""
    _, alive = await asyncio.to_thread(psutil.wait_procs, processes, timeout=5)
    assert not [each for each in alive if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


async def until_started(place: Place) -> list[psutil.Process]:
    async with asyncio.timeout(20):
        while not (found := started(place)):  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.005)
    return found


@pytest.mark.parametrize("text", [PARENT_AND_CHILD, GONE_AWAY], ids=["children", "gone away"])
@pytest.mark.parametrize("end", ["unload", "cancel", "timeout", "reload"])
async def test_a_program_ends_with_its_children(end: str, text: str, host: Host, place: Place) -> None:
    options = {"args": ["-c", text]} | ({"timeout": 0.5} if end == "timeout" else {})
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
    await until_gone(processes)


async def test_a_swap_ends_programs_at_once_and_what_comes_back_is_told(host: Host, place: Place) -> None:
    await host.call("ana", "begin", {"args": ["-c", PARENT_AND_CHILD]})
    await host.call("ana", "begin", {"args": ["-c", "sleep 1000"]}, True)
    processes = await until_started(place)
    place.module("ana", LUA.replace('print(exec.run("sh"))', "nothing()"), more=MORE)
    await host.reload("ana")
    await until_gone(processes)
    for _ in range(3):
        await host.emit("onGo")
    told = "the program was ended, as the module that ran it was replaced or is gone"
    for how in ("run", "followed"):
        await until_logged(host.chronicle, f"{how}: {told}")


async def test_where_it_cannot_wait_nothing_is_run(host: Host, place: Place) -> None:
    await host.emit("onGo")
    assert lines(host.chronicle, "ana")[-1] == (
        "nil exec.run waits, and cannot here: call it inside host.async(function() ... end)"
    )
    assert started(place) == []


@pytest.mark.parametrize("name", ["LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "GCONV_PATH", "PATH"])
async def test_no_variable_makes_a_program_load_code_of_the_modules_own(name: str, host: Host) -> None:
    nothing, why = await host.call("ana", "run", "sh", {"args": ["-c", "echo ran"], "env": {name: "data/evil.so"}})
    assert nothing is None
    assert why == f"{name} is handed to no program: with it, any program runs any code"


async def test_a_module_has_so_many_programs_at_a_time(host: Host) -> None:
    calls = (host.call("ana", "run", "sh", {"args": ["-c", "exit 7"]}) for _ in range(60))
    said = await asyncio.gather(*calls)
    assert said.count((None, "more than 50 programs at a time; wait for some to end")) == 10
    assert [each["exit_code"] for each in said if isinstance(each, dict)] == [7] * 50
    assert (await host.call("ana", "run", "sh", {"args": ["-c", "exit 7"]}))["exit_code"] == 7


async def test_lines_are_told_as_they_come(host: Host) -> None:
    text = "echo first; while [ ! -e go ]; do sleep 0.01; done; echo second >&2; printf third"
    running = asyncio.ensure_future(host.call("ana", "follow", text))
    await until_logged(host.chronicle, "first")
    assert not running.done(), "the program waits for the file"
    (host.data / "modules" / "ana" / "go").touch()
    said, told = await running
    assert told == ["stdout first", "stderr second", "stdout third"]
    assert (said["success"], said["stdout"], said["stderr"]) == (True, "", "")


async def test_a_line_that_never_ends_is_cut_and_many_lines_all_come(host: Host) -> None:
    said, told = await host.call("ana", "follow", "printf %05000d 7; echo; echo x", {"max_output": 100})
    assert ([len(each) for each in told], said["truncated"]) == ([107, 8], False)
    _, told = await host.call("ana", "follow", "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo $i; done")
    assert [each.split()[1] for each in told] == [str(number) for number in range(1, 3001)]


@pytest.mark.parametrize("end", ["error", "unload", "cancel", "timeout"])
async def test_a_program_that_is_followed_ends_with_its_children(end: str, host: Host, place: Place) -> None:
    options = {"timeout": 0.5} if end == "timeout" else {}
    text = f"{PARENT_AND_CHILD.removesuffix('; wait')}; echo on; wait"
    running = asyncio.ensure_future(host.call("ana", "follow", text, options, end == "error"))
    processes = await until_started(place)
    if end == "unload":
        await host.unload("ana")
    elif end == "cancel":
        running.cancel()
    if end == "timeout":
        said, told = await running
        assert (said["timed_out"], told) == (True, ["stdout on"])
    else:
        with pytest.raises((HostError, asyncio.CancelledError)):
            await running
    _, alive = await asyncio.to_thread(psutil.wait_procs, processes, timeout=10)
    assert not [each for each in alive if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]
    leaving = [task for task in asyncio.all_tasks() if task.get_name() == "exec leaves a program"]
    await asyncio.gather(*leaving)


async def test_a_program_that_ignores_being_asked_to_end_is_ended(host: Host, place: Place) -> None:
    text = f"trap '' TERM; {PARENT_AND_CHILD}; while true; do sleep 1; done"
    running = asyncio.ensure_future(host.call("ana", "run", "sh", {"args": ["-c", text], "timeout": 0.3}))
    processes = await until_started(place)
    answer = await running
    assert (answer["timed_out"], answer["exit_code"]) == (True, -signal.SIGKILL)
    _, alive = await asyncio.to_thread(psutil.wait_procs, processes, timeout=10)
    assert not [each for each in alive if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


async def test_a_program_that_is_not_read_ends_as_soon_as_it_is_asked(host: Host) -> None:
    start = asyncio.get_running_loop().time()
    said = await host.call("ana", "run", "sh", {"args": ["-c", "exec yes"], "timeout": 0.3, "max_output": 10})
    assert (said["timed_out"], said["exit_code"]) == (True, -signal.SIGTERM)
    assert asyncio.get_running_loop().time() - start < 2


async def test_what_took_too_long_is_no_success_though_the_program_itself_had_ended_well(host: Host) -> None:
    said = await host.call("ana", "run", "sh", {"args": ["-c", "sleep 60 & echo started"], "timeout": 0.3})
    assert (said["timed_out"], said["exit_code"], said["success"]) == (True, 0, False)


async def test_a_program_that_nobody_waits_for_leaves_nothing_behind(host: Host, place: Place) -> None:
    child = "setsid sh -c 'echo $$ > new; mv new started; exec sleep 1000 <&- >/dev/null 2>&1'"
    text = f"({child} &); until [ -e started ]; do sleep 0.01; done"
    assert (await host.call("ana", "run", "sh", {"args": ["-c", text]}))["success"]
    with suppress(psutil.NoSuchProcess):  # it is gone already
        await until_gone(started(place))
    assert (place.data / "modules" / "ana" / "started").exists()


@pytest.mark.parametrize("name", ["A=B", "", "a\0b"])
async def test_a_name_that_no_variable_has_is_said(name: str, host: Host) -> None:
    _, why = await host.call("ana", "run", "sh", {"env": {name: "x"}})
    assert why == "a variable has a name without = and NUL, and a value without NUL"
