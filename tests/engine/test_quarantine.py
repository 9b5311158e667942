"""A module that fails too often is switched off, keeps its state, and is resumed or swapped."""

from __future__ import annotations

import pytest

from host import Host, HostError
from host.vocabulary.errors import ModuleFault, ModuleUnknown
from host.vocabulary.events import EventKind
from host.vocabulary.folders import data_option
from host.vocabulary.states import Status
from tests.engine.place import Place, kinds, lines

BAD = """local M = {n = 0}
function M:init() host.every(1, function() if self.on then print("beat") end end) end
M.hooks = {fail = function() error("broken") end, add = function(k) M.n = M.n + k end}
M.exports = {n = function() return M.n end}
function M:getState() return {n = self.n} end
function M:setState(state) self.n = state.n end
return M"""


async def failed(host: Host, times: int = 5) -> None:
    await host.load("bad", "==1.0.0")
    await host.emit("add", 2)
    for _ in range(times):
        await host.emit("fail")


@pytest.fixture
def bad(place: Place) -> Place:
    place.module("bad", BAD, folder="1")
    place.module("bad", BAD.replace('error("broken")', ""), "2.0.0", folder="2")
    return place


async def test_five_faults_switch_hooks_and_timers_off_and_keep_the_state(bad: Place) -> None:
    async with bad.host() as host:
        await failed(host)
        assert (await host.emit("add", 1)).delivered == 0
        assert await host.call("bad", "n") == 2
        assert await host.state("bad") == {"n": 2}
        view = host.snapshot()
        module = view.modules["bad"]
        assert (module.status, f"theseus resume bad{data_option(bad.data)}" in module.next_step) == (
            Status.QUARANTINED,
            True,
        )
        assert [(each.id, each.action) for each in view.problems][-1] == ("quarantine:bad", "resume")
        assert kinds(host.chronicle, "bad").count(EventKind.MODULE_QUARANTINED) == 1


async def test_fewer_do_not_and_how_many_can_be_said(bad: Place) -> None:
    async with bad.host() as host:
        await failed(host, 4)
        assert host.snapshot().modules["bad"].status is Status.ACTIVE
    async with bad.host(quarantine=(2, 10.0)) as host:
        await failed(host, 2)
        assert host.snapshot().modules["bad"].status is Status.QUARANTINED
    async with bad.host(quarantine=None) as host:
        await failed(host, 50)
        assert host.snapshot().modules["bad"].status is Status.ACTIVE


async def test_faults_far_apart_do_not_count_together(bad: Place) -> None:
    async with bad.host() as host:
        await host.load("bad", "==1.0.0")
        now = 0.0
        host.parts.quarantining._clock = lambda: now  # noqa: SLF001 - a fake clock
        for _ in range(12):
            await host.emit("fail")
            now += 3.0
        assert host.snapshot().modules["bad"].status is Status.ACTIVE


@pytest.mark.parametrize("limit", [(0, 10.0), (5, 0.0), (5, float("nan"))])
def test_a_limit_that_is_none_is_refused(bad: Place, limit: tuple[int, float]) -> None:
    with pytest.raises(HostError, match="at least one fault"):
        bad.host(quarantine=limit)


async def test_resumed_it_answers_again_and_is_counted_anew(bad: Place) -> None:
    async with bad.host() as host:
        await failed(host)
        await host.resume("bad")
        assert (await host.emit("add", 1)).delivered == 1
        assert kinds(host.chronicle, "bad")[-1] is EventKind.MODULE_RESUMED
        assert host.snapshot().problems == ()
        for _ in range(4):
            await host.emit("fail")
        assert host.snapshot().modules["bad"].status is Status.ACTIVE


async def test_only_what_is_quarantined_is_resumed(bad: Place) -> None:
    async with bad.host() as host:
        with pytest.raises(ModuleUnknown):
            await host.resume("bad")
        await host.load("bad", "==1.0.0")
        with pytest.raises(HostError, match="bad is not quarantined, it is active; nothing was changed"):
            await host.resume("bad")


async def test_a_swap_ends_it_and_there_is_no_way_back_by_itself(bad: Place) -> None:
    async with bad.host() as host:
        await failed(host)
        await host.swap("bad", "2.0.0")
        view = host.snapshot()
        assert (view.modules["bad"].status, view.problems) == (Status.ACTIVE, ())
        assert (await host.emit("add", 1)).delivered == 1
        assert await host.state("bad") == {"n": 3}
        assert "probation" not in view.modules["bad"].truth


async def test_a_swap_that_is_refused_leaves_it_quarantined(bad: Place) -> None:
    broken = BAD.replace("return M", "function M:validate() host.emit('add', 9) return false end return M")
    bad.module("bad", broken, "2.0.0", folder="2")
    async with bad.host() as host:
        await failed(host)
        with pytest.raises(HostError):
            await host.swap("bad", "2.0.0")
        assert host.snapshot().modules["bad"].status is Status.QUARANTINED
        assert (await host.emit("add", 1)).delivered == 0
        assert await host.state("bad") == {"n": 2}


async def test_an_unload_takes_its_problem_with_it(bad: Place) -> None:
    async with bad.host() as host:
        await failed(host)
        await host.unload("bad")
        assert host.snapshot().problems == ()
        assert lines(host.chronicle, "bad")


ASKED = """return {exports = {
    now = function() error("bad argument", 2) end,
    later = function() host.sleep(0) error("bad argument", 2) end,
}, hooks = {go = function() return 1 end}}"""
CALLER = """local asked = require("asked")
return {exports = {f = function() for i = 1, 20 do pcall(asked.now) pcall(asked.later) end end}}"""


async def test_who_is_called_wrongly_is_not_quarantined_for_it(place: Place) -> None:
    """Five wrong calls of an export switched the hooks and timers of its module off."""
    place.module("asked", ASKED)
    place.module("caller", CALLER, more='[dependencies]\nasked = "*"\n')
    async with place.host() as host:
        await host.load("caller")
        await host.call("caller", "f")
        for name in ("now", "later"):
            for _ in range(6):
                with pytest.raises(ModuleFault):
                    await host.call("asked", name)
        module = host.snapshot().modules["asked"]
        assert (module.status, module.faults) == (Status.ACTIVE, 52)
        assert (await host.emit("go")).delivered == 1


async def test_a_module_is_quarantined_by_hand_and_resumed(bad: Place) -> None:
    async with bad.host(quarantine=None) as host:
        await host.load("bad", "==2.0.0")
        await host.quarantine("bad")
        assert (await host.emit("add", 1)).delivered == 0
        assert await host.call("bad", "n") == 0
        view = host.snapshot()
        assert view.modules["bad"].status is Status.QUARANTINED
        (problem,) = [each for each in view.problems if each.id == "quarantine:bad"]
        assert problem.message == "bad 2.0.0 was quarantined by hand: its hooks and timers are off, it keeps its state"
        with pytest.raises(HostError, match="is quarantined, and only what is active"):
            await host.quarantine("bad")
        await host.resume("bad")
        assert (await host.emit("add", 1)).delivered == 1
        with pytest.raises(ModuleUnknown):
            await host.quarantine("nobody")
