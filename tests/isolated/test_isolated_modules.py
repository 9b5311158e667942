"""Modules with processes of their own: what they do there ends those, and comes back."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer

import psutil
import pytest

from host import DeadlineExceeded, EmitReport, Host, HostError, LoadFailed, MemoryExceeded, ModuleFault, SwapFailed
from host.hooks.dispatch import DEEPEST
from host.vocabulary.errors import ProcessEnded
from host.vocabulary.events import EventKind
from host.vocabulary.states import Outcome, Status
from tests.engine.place import DEADLINE, Place, kinds, lines, until
from tests.runtime.separate import ROOT

COUNTER = """
local M = { hooks = {}, exports = {} }
local n = 0
function M.hooks.add(by) n = n + (by or 1) return n end
function M.hooks.hang() while true do end end
function M.hooks.swallow() while true do pcall(function() while true do end end) end end
function M.exports.n() return n end
function M.exports.hang() while true do end end
function M.exports.fill() local all = {} while true do all[#all + 1] = ("x"):rep(65536) .. #all end end
function M.exports.apply(f, ...) return f(...) end
function M.exports.double() return function(x) return 2 * x end end
function M:getState() return { n = n } end
function M:setState(state) n = state.n end
return M
"""
LIMITS = '[limits]\ncall = "30 ms"\nmemory = "4 MiB"\n'
SHARED = 'isolation = "shared"\n[dependencies]\ncounter = "*"\n'


def pid_of(host: Host, name: str = "counter") -> int:
    return host.parts.roster.get(name).runtime.pid


def processes(host: Host) -> list[int]:
    """Those of modules, which are not dead yet."""
    children = psutil.Process(host.parts.roster.runtimes.server.pid).children()
    return [each.pid for each in children if each.status() != psutil.STATUS_ZOMBIE]


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def checkpointed(host: Host) -> None:
    """Have the state kept now, as it is every few seconds."""
    instance = host.parts.roster.get("counter")
    host.parts.keeping.checkpoints.keep(instance, instance.state())
    await host.parts.keeping.flush()


async def back(host: Host, before: int, name: str = "counter") -> None:
    """Wait until the module has another process."""
    async with asyncio.timeout(DEADLINE):
        while pid_of(host, name) == before:
            await host.chronicle.newer_than(host.chronicle.revision, DEADLINE)


async def test_it_runs_in_a_process_of_its_own_and_its_code_is_compiled(place: Place) -> None:
    place.module("counter", COUNTER)
    async with place.host() as host:
        await host.load("counter")
        assert pid_of(host) not in {0, os.getpid()}
        assert (await host.emit("add", 2)).delivered == 1
        assert await host.filter("add", 3) == 5
        assert await host.call("counter", "n") == 5
        assert await host.state("counter") == {"n": 5}


@pytest.mark.parametrize(
    ("before", "after", "ends_in", "step"),
    [
        ("return M\n", "function M:pause() while n > 0 do end end return M", "pause", "pause"),
        ("return { n = n }", "while n > 0 do end return { n = n }", "getState", "snapshot"),
    ],
)
async def test_a_process_that_is_killed_in_a_swap_is_told_with_its_step_and_comes_back(
    place: Place, before: str, after: str, ends_in: str, step: str
) -> None:
    """What had come since the last checkpoint was lost, though the swap was told as one that changed nothing."""
    for version in ("1.0.0", "2.0.0"):
        text = COUNTER.replace(before, after)
        place.module("counter", text, version, folder=version, more='[limits]\ncall = "10 s"\n')
    async with place.host() as host:
        await host.load("counter", "==1.0.0")
        pid = pid_of(host)
        await host.emit("add", 7)
        killer = Timer(0.1, os.kill, (pid, signal.SIGKILL))
        killer.start()
        with pytest.raises(SwapFailed, match=f"ended in {ends_in}: by signal 9") as refusal:
            await host.swap("counter", "2.0.0")
        killer.join()
        assert refusal.value.report.failed_step == step
        await back(host, pid)
        assert host.snapshot().modules["counter"].version == "1.0.0"
        if ends_in == "pause":  # the other gives no state, and so has none that is told
            assert await host.state("counter") == {"n": 7}
        assert (await host.history("counter"))[0].outcome is Outcome.ROLLED_BACK


async def test_functions_cross_both_ways_and_call_back_into_whoever_waits(place: Place) -> None:
    place.module("counter", COUNTER)
    place.module(
        "shared",
        """local counter = require("counter")
        local M = { exports = {} }
        function M.exports.go()
            local double = counter.double()
            return counter.apply(function(x) return counter.apply(double, x) + counter.n() end, 21)
        end
        return M""",
        more=SHARED,
    )
    async with place.host() as host:
        await host.load("shared")
        await host.emit("add", 100)
        assert await host.call("shared", "go") == 142


async def test_two_isolated_modules_call_each_other_to_a_depth_that_ends(place: Place) -> None:
    place.module("a", 'return {hooks = {ping = function(n) host.emit("pong", n + 1) end}}')
    place.module("b", 'return {hooks = {pong = function(n) print(n) host.emit("ping", n + 1) end}}')
    async with place.host() as host:
        await host.load("a")
        await host.load("b")
        await host.emit("ping", 0)
        assert len(lines(host.chronicle, "b")) == DEEPEST // 2 + 1
        assert (await host.emit("pong", 100)).delivered == 1


@pytest.mark.parametrize("event", ["hang", "swallow"])
async def test_a_hang_costs_its_process_and_the_state_since_the_last_checkpoint(place: Place, event: str) -> None:
    place.module("counter", COUNTER, more=LIMITS)
    async with place.host() as host:
        await host.load("counter")
        before = pid_of(host)
        await host.emit("add", 5)
        await checkpointed(host)
        report = await host.emit(event)
        assert [type(each) for each in report.failures] == [DeadlineExceeded]
        assert str(report.failures[0]) == f"counter was ended in {event}: over its limit of 30 ms"
        await back(host, before)
        assert await host.state("counter") == {"n": 5}
        assert kinds(host.chronicle, "counter")[-2:] == [EventKind.MODULE_FAULT, EventKind.MODULE_RESTARTED]
        assert host.snapshot().modules["counter"].status is Status.ACTIVE
        assert not psutil.pid_exists(before)


async def test_what_is_told_while_its_process_is_away_waits_and_arrives_once_in_order(place: Place) -> None:
    place.module("counter", COUNTER, more=LIMITS)
    place.module("hearing", "return {hooks = {add = function(n) print(n) end}}")
    async with place.host() as host:
        await host.load("counter")
        before = pid_of(host)
        await host.emit("hang")
        for number in (1, 2, 3):
            assert (await host.emit("add", number)).delivered == 1
        await back(host, before)
        assert await host.state("counter") == {"n": 6}


async def test_a_process_killed_while_it_rests_is_noticed_and_comes_back(place: Place) -> None:
    place.module("counter", COUNTER)
    async with place.host() as host:
        await host.load("counter")
        events, before = host.events(), pid_of(host)
        os.kill(before, signal.SIGKILL)
        fault = await until(events, EventKind.MODULE_FAULT, "counter")
        assert fault.text == "the process of counter ended: by signal 9 (killed)"
        await until(events, EventKind.MODULE_RESTARTED, "counter")
        assert await host.call("counter", "n") == 0


async def test_what_was_muted_stays_so_when_its_process_is_started_again(place: Place) -> None:
    place.module(
        "ears",
        """
        local heard = {}
        return {
            hooks = {
                ring = function() heard[#heard + 1] = "ring" end,
                rung = function() heard[#heard + 1] = "rung" end,
            },
            exports = { heard = function() return table.concat(heard, " ") end },
        }
        """,
    )
    async with place.host() as host:
        await host.load("ears")
        rows = [row for row in host.parts.inspection.activity("ears") if row.kind == "hook"]
        await host.mute("ears", next(row.id for row in rows if row.name == "rung"))
        events = host.events()
        os.kill(pid_of(host, "ears"), signal.SIGKILL)
        await until(events, EventKind.MODULE_RESTARTED, "ears")
        await host.emit("rung")
        await host.emit("ring")
        assert await host.call("ears", "heard") == "ring"
        rows = [row for row in host.parts.inspection.activity("ears") if row.kind == "hook"]
        assert {row.name: row.muted for row in rows} == {"ring": False, "rung": True}


async def test_a_process_killed_in_a_call_is_told_with_what_it_was_doing(place: Place) -> None:
    place.module("counter", COUNTER, more='[limits]\ncall = "5 s"\n')
    async with place.host() as host:
        await host.load("counter")
        killer = Timer(0.05, os.kill, (pid_of(host), signal.SIGSEGV))
        killer.start()
        with pytest.raises(ProcessEnded, match=r"the process of counter ended in export hang: by signal 11"):
            await host.call("counter", "hang")
        killer.join()


async def test_the_time_zone_is_the_engine_s(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "XYZ-9")
    place.module("counter", 'return {exports = {hour = function() return os.date("%H %Z", 0) end}}')
    async with place.host() as host:
        await host.load("counter")
        assert await host.call("counter", "hour") == "09 XYZ"


async def test_a_stopped_process_is_ended_at_the_limit(place: Place) -> None:
    place.module("counter", COUNTER, more=LIMITS)
    async with place.host() as host:
        await host.load("counter")
        before = pid_of(host)
        os.kill(before, signal.SIGSTOP)
        start = time.perf_counter()
        report = await host.emit("add", 1)
        assert time.perf_counter() - start < 1
        assert [type(each) for each in report.failures] == [DeadlineExceeded]
        await back(host, before)


async def test_memory_over_its_limit_is_a_fault_and_the_process_goes_on(place: Place) -> None:
    place.module("counter", COUNTER, more='[limits]\ncall = "5 s"\nmemory = "4 MiB"\n')
    async with place.host() as host:
        await host.load("counter")
        before = pid_of(host)
        with pytest.raises(MemoryExceeded, match="4 MiB"):
            await host.call("counter", "fill")
        assert await host.call("counter", "n") == 0
        assert pid_of(host) == before


async def test_a_value_of_megabytes_crosses_both_ways(place: Place) -> None:
    place.module("counter", "return {exports = {f = function(v) return v .. v end}}", more='[limits]\ncall = "5 s"\n')
    async with place.host() as host:
        await host.load("counter")
        large = "x" * 3_000_000
        assert await host.call("counter", "f", large) == large * 2


async def test_a_value_that_it_has_no_room_for_is_a_fault_and_costs_no_process(place: Place) -> None:
    place.module("counter", COUNTER, more='[limits]\ncall = "5 s"\nmemory = "4 MiB"\n')
    (place.root / "plugins" / "counter" / "big.bin").write_bytes(bytes(7 << 20))
    async with place.host() as host:
        await host.load("counter")
        before = pid_of(host)
        (fault,) = (await host.emit("add", "x" * (6 << 20))).failures
        assert isinstance(fault, MemoryExceeded)
        with pytest.raises(MemoryExceeded):
            await host.call("counter", "apply", ["y" * 1000] * 7000)
        assert pid_of(host) == before
        assert await host.call("counter", "n") == 0


async def test_an_answer_that_it_has_no_room_for_is_an_error_there(place: Place) -> None:
    place.module(
        "big", 'return {exports = {f = function() return ("x"):rep(6 * 2 ^ 20) end}}', more='isolation = "shared"\n'
    )
    place.module(
        "counter",
        'return {exports = {f = function() return pcall(require("big").f) end}}',
        more='[dependencies]\nbig = "*"\n[limits]\ncall = "5 s"\nmemory = "4 MiB"\n',
    )
    async with place.host() as host:
        await host.load("counter")
        assert await host.call("counter", "f") == (False, "not enough memory for the answer")


async def test_a_third_end_is_quarantined_and_it_answers_what_it_is_asked(place: Place) -> None:
    place.module("counter", COUNTER, more=LIMITS)
    async with place.host() as host:
        await host.load("counter")
        await host.emit("add", 7)
        await checkpointed(host)
        events = host.events()
        for _ in range(3):
            before = pid_of(host)
            await host.emit("hang")
            await back(host, before)
        await until(events, EventKind.MODULE_QUARANTINED, "counter")
        view = host.snapshot().modules["counter"]
        assert view.status is Status.QUARANTINED
        assert (await host.emit("add", 1)).delivered == 0
        assert await host.call("counter", "n") == 7
        await host.resume("counter")
        assert (await host.emit("add", 1)).delivered == 1
        assert await host.state("counter") == {"n": 8}


async def test_one_that_cannot_begin_again_has_failed_and_its_checkpoint_is_kept(place: Place) -> None:
    picky = COUNTER.replace("n = state.n", "assert(state.n ~= 5, 'not five') n = state.n")
    place.module("counter", picky, more=LIMITS)
    async with place.host() as host:
        await host.load("counter")
        await host.emit("add", 5)
        await checkpointed(host)
        events = host.events()
        os.kill(pid_of(host), signal.SIGKILL)
        failed = await until(events, EventKind.MODULE_FAILED, "counter")
        assert "not five" in failed.text
        assert host.snapshot().modules["counter"].status is Status.FAILED
        assert processes(host) == []
        assert (await host.parts.keeping.checkpoints.of(frozenset({"counter"})))["counter"].state
        assert (await host.emit("add", 1)).delivered == 0


NUDGED = 'return {hooks = {nudge = function() for n = 1, 3 do host.emit("go", n) end end}}'
RESUMING = """return {
    hooks = { go = function(n) if n == 1 then while true do end end print(n) end },
    resume = function() host.emit("nudge") end,
}"""
HANGING = """local paused
return {
    hooks = { go = function(n) print(n) end },
    pause = function() paused = true host.emit("nudge") end,
    getState = function() while paused do end return {} end,
}"""


async def test_events_of_a_swap_that_are_left_when_the_new_process_ends_arrive_after_its_restart(place: Place) -> None:
    place.module("nudged", NUDGED)
    place.module("m", "return {hooks = {go = print}}", folder="1", more=LIMITS)
    place.module("m", RESUMING, "2.0.0", folder="2", more=LIMITS)
    async with place.host() as host:
        await host.load("nudged")
        await host.load("m", "==1.0.0")
        assert (await host.swap("m", "2.0.0", probation=0)).outcome is Outcome.COMMITTED
        await until(host.chronicle.follow(0), EventKind.MODULE_RESTARTED)
        assert [line for line in lines(host.chronicle, "m") if line in {"1", "2", "3"}] == ["2", "3"]


async def test_events_of_a_swap_that_is_refused_as_the_old_process_ends_arrive_after_its_restart(place: Place) -> None:
    place.module("nudged", NUDGED)
    place.module("m", HANGING, folder="1", more=LIMITS)
    place.module("m", "return {}", "2.0.0", folder="2", more=LIMITS)
    async with place.host() as host:
        await host.load("nudged")
        await host.load("m", "==1.0.0")
        with pytest.raises(SwapFailed):
            await host.swap("m", "2.0.0")
        await host.emit("go", 4)
        await until(host.chronicle.follow(0), EventKind.MODULE_RESTARTED)
        assert [line for line in lines(host.chronicle, "m") if line in set("1234")] == ["1", "2", "3", "4"]


async def test_the_end_of_the_prepared_process_costs_a_restart_of_each(place: Place) -> None:
    place.module("a", COUNTER)
    place.module("b", COUNTER)
    async with place.host() as host:
        await host.load("a")
        await host.load("b")
        before = {name: pid_of(host, name) for name in "ab"}
        os.kill(host.parts.roster.runtimes.server.pid, signal.SIGKILL)
        for name in "ab":
            await back(host, before[name], name)
        assert not set(before.values()) & set(processes(host))
        assert (await host.emit("add", 1)).delivered == 2


async def test_an_entry_file_that_hangs_is_a_load_that_failed(place: Place) -> None:
    place.module("counter", "while true do end", more=LIMITS)
    async with place.host() as host:
        with pytest.raises(LoadFailed, match=r"counter 1.0.0 did not load \(entry\): .* over its limit of 30 ms"):
            await host.load("counter")
        assert processes(host) == []


async def test_a_swap_between_shared_and_isolated_carries_the_state_both_ways(place: Place) -> None:
    place.module("counter", COUNTER, more='isolation = "shared"\n', folder="one")
    place.module("counter", COUNTER, "2.0.0", folder="two")
    place.module("counter", COUNTER, "3.0.0", more='isolation = "shared"\n', folder="three")
    async with place.host() as host:
        await host.load("counter", "==1.0.0")
        await host.emit("add", 5)
        assert pid_of(host) == 0
        await host.swap("counter", "2.0.0")
        assert pid_of(host) != 0
        await host.emit("add", 5)
        await host.swap("counter", "3.0.0")
        assert (pid_of(host), await host.state("counter")) == (0, {"n": 10})


async def test_a_new_version_whose_process_ends_on_probation_goes_back(place: Place) -> None:
    place.module("counter", COUNTER.replace("hang() while true do", "hang() do"), more=LIMITS, folder="one")
    place.module("counter", COUNTER, "2.0.0", more=LIMITS, folder="two")
    async with place.host() as host:
        await host.load("counter", "==1.0.0")
        await host.emit("add", 5)
        await host.swap("counter", "2.0.0")
        events = host.events()
        await host.emit("hang")
        await until(events, EventKind.SWAP_ROLLED_BACK, "counter")
        view = host.snapshot().modules["counter"]
        assert (view.version, view.status) == ("1.0.0", Status.ACTIVE)
        assert await host.state("counter") == {"n": 5}


async def test_a_rehearsal_leaves_no_process(place: Place) -> None:
    place.module("counter", COUNTER, folder="one")
    place.module("counter", COUNTER, "2.0.0", folder="two")
    async with place.host() as host:
        await host.load("counter", "==1.0.0")
        rehearsal = await host.rehearse("counter", "2.0.0")
        assert (rehearsal.error, rehearsal.failed_step) == ("", "")
        assert processes(host) == [pid_of(host)]


async def test_the_end_of_the_host_is_the_end_of_every_process(place: Place) -> None:
    place.module("counter", COUNTER)
    before = descriptors()
    async with place.host() as host:
        await host.load("counter")
        pids = [pid_of(host), host.parts.roster.runtimes.server.pid]
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert descriptors() <= before + 1  # the loop may have opened one


def test_an_engine_that_is_killed_leaves_no_process_behind(tmp_path: Path) -> None:
    place = Place(tmp_path, isolated=True)
    place.module("counter", COUNTER)
    code = f"""
import asyncio, os, signal
from host import Host
async def main():
    async with Host({str(place.root)!r}, {str(place.data)!r}) as host:
        await host.load("counter")
        print(host.parts.roster.runtimes.server.pid, host.parts.roster.get("counter").runtime.pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    left = [psutil.Process(int(pid)) for pid in done.stdout.split() if psutil.pid_exists(int(pid))]
    assert psutil.wait_procs(left, timeout=DEADLINE)[1] == []


async def test_where_no_process_can_be_had_the_load_says_so(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.module("counter", COUNTER)
    monkeypatch.setattr("host.runtime.isolated.fork_server.AVAILABLE", False)
    async with place.host() as host:
        with pytest.raises(LoadFailed, match="on Linux only"):
            await host.load("counter")


async def test_a_module_that_raises_is_told_as_if_it_were_shared(place: Place) -> None:
    place.module("counter", 'return {exports = {f = function() error({message = "no"}) end}}')
    async with place.host() as host:
        await host.load("counter")
        with pytest.raises(ModuleFault) as fault:
            await host.call("counter", "f")
        assert (fault.value.file, fault.value.line, fault.value.message) == ("init.lua", 1, "no")
        with pytest.raises(HostError, match="exports no"):
            await host.call("counter", "g")


async def test_those_that_are_told_at_once_may_call_one_another_meanwhile(place: Place) -> None:
    names = ["a", "b", "c", "d"]
    for name in names:
        others = "".join(f'say("{other}")\n' for other in names)
        place.module(
            name,
            f"""local M = {{ hooks = {{}} }}
            local heard = 0
            local function say(other) host.emit("to_" .. other, 1) end
            function M.hooks.all() {others} end
            function M.hooks.to_{name}(n) heard = heard + n end
            function M:getState() return {{ heard = heard }} end
            return M""",
        )
    async with place.host() as host:
        await host.load_all(dict.fromkeys(names, ""))
        for _ in range(5):
            assert await host.emit("all") == EmitReport(4)
        assert [await host.state(name) for name in names] == [{"heard": 20}] * 4


async def test_several_that_hang_at_once_are_all_ended_and_the_others_answer(place: Place) -> None:
    for name in "abc":
        place.module(name, COUNTER, more=LIMITS)
    place.module("well", COUNTER.replace("hang() while true do", "hang() do"))
    async with place.host() as host:
        await host.load_all(dict.fromkeys(["a", "b", "c", "well"], ""))
        report = await host.emit("hang")
        assert report.delivered == 1
        assert sorted(each.module for each in report.failures) == ["a", "b", "c"]
        assert {type(each) for each in report.failures} == {DeadlineExceeded}


async def test_an_old_version_that_hangs_in_its_pause_comes_back_with_its_checkpoint(place: Place) -> None:
    hanging = COUNTER.replace("function M:getState", "function M:pause() while true do end end function M:getState")
    place.module("counter", hanging, more=LIMITS, folder="one")
    place.module("counter", COUNTER, "2.0.0", more=LIMITS, folder="two")
    async with place.host() as host:
        await host.load("counter", "==1.0.0")
        before = pid_of(host)
        await host.emit("add", 5)
        await checkpointed(host)
        with pytest.raises(SwapFailed, match="was not swapped in"):
            await host.swap("counter", "2.0.0")
        assert (await host.emit("add", 1)).delivered == 1
        await back(host, before)
        assert await host.state("counter") == {"n": 6}
        assert processes(host) == [pid_of(host)]


@pytest.mark.parametrize(
    "begin",
    ["host.after(0, function() while true do end end)", "host.async(function() host.sleep(1) while true do end end)"],
    ids=["a timer", "a task"],
)
async def test_what_hangs_by_itself_is_ended_and_begun_anew(place: Place, begin: str) -> None:
    going = f"function M.hooks.go() {begin} end function M.exports.n()"
    place.module("counter", COUNTER.replace("function M.exports.n()", going), more=LIMITS)
    async with place.host() as host:
        await host.load("counter")
        events, before = host.events(), pid_of(host)
        await host.emit("go")
        fault = await until(events, EventKind.MODULE_FAULT, "counter")
        assert "over its limit of 30 ms" in fault.text
        await back(host, before)
        assert await host.call("counter", "n") == 0


async def test_a_quarantined_one_is_mended_by_a_swap(place: Place) -> None:
    place.module("counter", COUNTER, more=LIMITS, folder="one")
    place.module("counter", COUNTER.replace("hang() while true do", "hang() do"), "2.0.0", more=LIMITS, folder="two")
    async with place.host() as host:
        await host.load("counter", "==1.0.0")
        await host.emit("add", 5)
        await checkpointed(host)
        for _ in range(3):
            before = pid_of(host)
            await host.emit("hang")
            await back(host, before)
        assert host.snapshot().modules["counter"].status is Status.QUARANTINED
        await host.swap("counter", "2.0.0")
        assert (await host.emit("hang")).delivered == 1
        assert await host.state("counter") == {"n": 5}


async def test_one_that_goes_on_ending_in_quarantine_has_failed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.engine.restarting.MOST", 1)
    place.module("counter", COUNTER)
    async with place.host() as host:
        await host.load("counter")
        events = host.events()
        for _ in range(2):
            before = pid_of(host)
            os.kill(before, signal.SIGKILL)
            await back(host, before)
        assert host.snapshot().modules["counter"].status is Status.QUARANTINED
        os.kill(pid_of(host), signal.SIGKILL)
        failed = await until(events, EventKind.MODULE_FAILED, "counter")
        assert "its process ended 3 times in 5 minutes" in failed.text
        assert (host.snapshot().modules["counter"].status, processes(host)) == (Status.FAILED, [])
        await host.load("counter")
        assert await host.call("counter", "n") == 0
        before = pid_of(host)
        os.kill(before, signal.SIGKILL)
        await back(host, before)  # what the user loads again has a new life
