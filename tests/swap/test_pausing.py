"""`pause` before the state is taken, `resume` of whoever goes on: what they may rely on, and what fails."""

from __future__ import annotations

import pytest

from host import SwapFailed
from host.vocabulary.events import EventKind
from host.vocabulary.states import Outcome, Status
from tests.engine.place import Place, kinds, lines, until
from tests.swap.counting import OLD, new, place_both
from tests.swap.test_refused_swaps import ALLOCATE, LOOP, assert_runs_on, begun

PAUSE = 'function M:pause() print("old pauses") {} end\n'
RESUME = 'function M:resume() print("{} resumes") {} end\n'


def pausing(pause: str = "", resume: str = "") -> str:
    """The first version, with both members."""
    return OLD.replace("return M", PAUSE.format(pause) + RESUME.format("old", resume) + "return M")


def resuming(resume: str = "", **parts: str) -> str:
    """The second version, with ``resume``."""
    return new(**parts).replace("\nreturn M", "\n" + RESUME.format("new", resume) + "return M")


async def test_the_old_one_pauses_before_its_state_is_taken_and_the_new_one_resumes(place: Place) -> None:
    place_both(place, resuming(), first=pausing('M.n = 6; host.emit("hear", "pausing")'))
    async with place.host() as host:
        await begun(host)
        report = await host.swap("counting", "2.0.0")
        assert [step.name for step in report.steps][:4] == ["check", "prepare", "pause", "snapshot"]
        assert lines(host.chronicle, "counting") == ["old pauses", "new resumes", "old went"]
        assert await host.state("counting") == {"n": 6, "heard": ["before", "pausing"]}
        assert report.delivered == 1


@pytest.mark.parametrize("second", [new(), resuming()])
async def test_either_member_may_be_missing(place: Place, second: str) -> None:
    place_both(place, second, first=OLD if "resume" in second else pausing())
    async with place.host() as host:
        await begun(host)
        assert (await host.swap("counting", "2.0.0")).outcome is Outcome.COMMITTED
        assert await host.state("counting") == {"n": 5, "heard": ["before"]}


@pytest.mark.parametrize(
    "parts", [{"init": 'error("no")'}, {"migrate": 'error("no")'}, {"validate": "do return false end"}]
)
async def test_the_old_one_resumes_after_a_failure_at_any_later_step(place: Place, parts: dict[str, str]) -> None:
    place_both(place, resuming(**parts), first=pausing())
    async with place.host() as host:
        old = await begun(host)
        with pytest.raises(SwapFailed) as refusal:
            await host.swap("counting", "2.0.0")
        del refusal
        assert lines(host.chronicle, "counting")[:3] == ["old pauses", "new went", "old resumes"]
        await assert_runs_on(host, old)


@pytest.mark.parametrize("second", [new(entry='error("no")'), "return {"])
async def test_nobody_pauses_for_a_version_that_cannot_even_be_prepared(place: Place, second: str) -> None:
    place_both(place, second, first=pausing())
    async with place.host() as host:
        await begun(host)
        with pytest.raises(SwapFailed):
            await host.swap("counting", "2.0.0")
        assert lines(host.chronicle, "counting") == []


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        ('error("not now")', "counting failed in pause: counting/init.lua:16: not now"),
        (LOOP, "20 ms"),
        (f"pcall(function() {LOOP} end)", "20 ms"),
        (ALLOCATE, "4 MiB"),
        ('do return false, "a file is open" end', "1.0.0 does not pause: a file is open"),
        ("do return false end", "it gave no reason"),
    ],
)
async def test_a_pause_that_fails_leaves_the_old_one_running_and_resumed(place: Place, broken: str, word: str) -> None:
    place_both(place, resuming(), first=pausing(broken))
    async with place.host() as host:
        old = await begun(host)
        with pytest.raises(SwapFailed) as refusal:
            await host.swap("counting", "2.0.0")
        report = refusal.value.report
        assert (report.failed_step, report.outcome) == ("pause", Outcome.ROLLED_BACK)
        assert word in report.error
        assert "\n" not in str(refusal.value)
        del refusal
        assert lines(host.chronicle, "counting")[:3] == ["old pauses", "new went", "old resumes"]
        await assert_runs_on(host, old)


async def test_a_save_that_the_running_pause_refuses_is_told_as_no_mistake_of_that_save(place: Place) -> None:
    folder = place.module("m", 'return {pause = function() return false, "never" end}')
    async with place.host() as host:
        await host.load("m")
        (folder / "init.lua").write_text("return {exports = {}}")
        await host.rescan()
        (problem,) = host.snapshot().problems
        assert "1.0.0 does not pause: never" in problem.message
        assert (problem.file, problem.line, "unload it and load it" in problem.remedy) == ("", 0, True)
        view = host.snapshot().modules["m"]
        assert view.truth.endswith("the newest save was refused")
        assert view.next_step == problem.remedy
        await host.unload("m")
        await host.load("m")
        assert host.snapshot().problems == ()


BROKEN = pausing('error("never")')


async def test_a_version_whose_pause_fails_is_left_by_a_roll_back_with_its_state(place: Place) -> None:
    """Nothing that was tried got rid of it."""
    place_both(place, new(entry='function M:pause() error("never") end'))
    async with place.host() as host:
        await begun(host)
        await host.swap("counting", "2.0.0")
        await host.emit("add", 2)
        with pytest.raises(SwapFailed, match="a roll-back, or a save that mends it, would go on all the same"):
            await host.swap("counting", "1.0.0")
        report = await host.rollback("counting")
        assert report.to_version == "1.0.0"
        assert any("never; its state was taken all the same" in note for note in report.notes)


async def test_a_save_that_mends_a_pause_is_swapped_in_with_the_state(place: Place) -> None:
    folder = place.module("counting", BROKEN)
    async with place.host() as host:
        await host.load("counting")
        await host.emit("add", 2)
        (folder / "init.lua").write_text(pausing())
        await host.rescan()
        assert host.snapshot().problems == ()
        assert (await host.state("counting"))["n"] == 2
        assert any(step == "old pauses" for step in lines(host.chronicle, "counting"))


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        ('error("no way")', "no way"),
        (LOOP, "20 ms"),
        (ALLOCATE, "4 MiB"),
        ('do return false, "cannot" end', "failed in resume: cannot"),
    ],
)
async def test_a_fault_in_resume_is_told_and_undoes_nothing(place: Place, broken: str, word: str) -> None:
    place_both(place, resuming(broken, init='host.emit("hear", "during")'))
    async with place.host() as host:
        await begun(host)
        events = host.events()
        report = await host.swap("counting", "2.0.0")
        assert report.outcome is Outcome.COMMITTED
        assert word in report.notes[0]
        assert word in (await until(events, EventKind.MODULE_FAULT)).text
        assert kinds(host.chronicle)[-2:] == [EventKind.SWAP_COMMITTED, EventKind.MODULE_FAULT]
        view = host.snapshot()
        assert [(each.id, word in each.message) for each in view.problems] == [("fault:counting", True)]
        assert (view.modules["counting"].status, view.modules["counting"].faults) == (Status.ACTIVE, 1)
        assert await host.state("counting") == {"n": 5, "heard": ["before", "during"]}


async def test_a_fault_in_resume_after_a_refusal_is_told_beside_it(place: Place) -> None:
    place_both(place, new(validate='error("no")'), first=pausing(resume='error("cannot go on")'))
    async with place.host() as host:
        old = await begun(host)
        with pytest.raises(SwapFailed, match="no") as refusal:
            await host.swap("counting", "2.0.0")
        assert "cannot go on" in refusal.value.report.notes[0]
        del refusal
        assert old.faults == 1
        await assert_runs_on(host, old)


async def test_what_waited_is_delivered_after_resume_and_what_resume_emits_after_that(place: Place) -> None:
    place_both(
        place,
        resuming('M.heard[#M.heard + 1] = "resumed"; host.emit("hear", "last")', init='host.emit("hear", "first")'),
    )
    async with place.host() as host:
        await begun(host)
        await host.swap("counting", "2.0.0")
        assert (await host.state("counting"))["heard"] == ["before", "resumed", "first", "last"]


async def test_what_a_module_registers_in_resume_counts(place: Place) -> None:
    place_both(place, resuming('self:registerHook("late", function() print("late") end)'))
    async with place.host() as host:
        await begun(host)
        await host.swap("counting", "2.0.0")
        assert (await host.emit("late")).delivered == 1


async def test_others_may_call_the_one_that_resumes_back(place: Place) -> None:
    """The old one was still called swapping while it was told what had waited."""
    needs = '[dependencies]\nbell = "*"\n'
    first = pausing(resume='require("bell").ring(function() print("rung back") end)')
    place.module("counting", first, "1.0.0", folder="1", more=needs)
    place.module("counting", new(validate='error("no")'), "2.0.0", folder="2", more=needs)
    place.module("bell", "return {exports = {ring = function(f) f() end}}")
    async with place.host() as host:
        await begun(host)
        with pytest.raises(SwapFailed):
            await host.swap("counting", "2.0.0")
        assert "rung back" in lines(host.chronicle, "counting")


async def test_reload_and_rollback_pause_and_resume_too(place: Place) -> None:
    folder = place.module(
        "m", "local M = {} function M:pause() print('p') end function M:resume() print('r') end return M"
    )
    async with place.host() as host:
        await host.load("m")
        await host.reload("m")
        (folder / "init.lua").write_text((folder / "init.lua").read_text() + "\n-- saved")
        await host.rescan()
        await host.rollback("m")
        assert lines(host.chronicle, "m") == ["p", "r"] * 3


async def test_a_load_and_an_unload_neither_pause_nor_resume(place: Place) -> None:
    place_both(place, new(), first=pausing())
    async with place.host() as host:
        await begun(host)
        await host.unload("counting")
        assert lines(host.chronicle, "counting") == ["old went"]


async def test_a_module_whose_memory_is_full_can_pause_and_be_replaced(place: Place) -> None:
    fill = "fill = function() M.all = {} while true do M.all[#M.all + 1] = ('x'):rep(65536) .. #M.all end end,"
    first = OLD.replace("M.hooks = {", "M.hooks = {" + fill).replace(
        "return M", "function M:pause() self.all = nil end return M"
    )
    place_both(place, new(), first=first)
    async with place.host() as host:
        await begun(host)
        assert (await host.emit("fill")).failures
        assert host.parts.roster.get("counting").runtime.full()
        assert (await host.swap("counting", "2.0.0")).outcome is Outcome.COMMITTED
        assert await host.state("counting") == {"n": 5, "heard": ["before"]}
