"""A swap that fails anywhere before its commit leaves the old version running with exactly the state it had."""

from __future__ import annotations

import gc

import pytest

from host import Host, SwapFailed
from host.lifecycle.instance import Instance
from host.vocabulary.events import EventKind
from host.vocabulary.states import Outcome, Status
from tests.engine.place import Place, kinds, lines, until_logged
from tests.swap.counting import LIMITS, OLD, new, place_both

LOOP = "while true do end"
ALLOCATE = "local all = {} while true do all[#all + 1] = ('x'):rep(65536) .. #all end"

FAILURES = {
    "the new version needs what nobody has": ("check", new(), LIMITS + '[dependencies]\nnobody = "*"\n', "nobody"),
    "its file has a syntax error": ("prepare", "local M = {\nreturn M", LIMITS, "init.lua:2"),
    "its entry file raises": ("prepare", new(entry='error("no entry")'), LIMITS, "no entry"),
    "its entry file loops": ("prepare", new(entry=LOOP), LIMITS, "20 ms"),
    "its entry file allocates without end": ("prepare", new(entry=ALLOCATE), LIMITS, "4 MiB"),
    "its entry file returns nothing": ("prepare", "local M = {}", LIMITS, "must return a table"),
    "its entry file returns hooks that are none": ("prepare", "return {hooks = {add = 1}}", LIMITS, "hooks.add"),
    "init raises": ("init", new(init='error("no init")'), LIMITS, "no init"),
    "init says no": ("init", new(init='do return false, "not today" end'), LIMITS, "not today"),
    "init loops": ("init", new(init=LOOP), LIMITS, "20 ms"),
    "init allocates without end": ("init", new(init=ALLOCATE), LIMITS, "4 MiB"),
    "init swallows its end and goes on": (
        "init",
        new(init=f"while true do pcall(function() {LOOP} end) end"),
        LIMITS,
        "20",
    ),
    "migrate raises": ("migrate", new(migrate='error("no way")'), LIMITS, "no way"),
    "migrate returns nothing": ("migrate", new(migrate="do return end"), LIMITS, "returned nothing"),
    "migrate says no": ("migrate", new(migrate='do return nil, "too old" end'), LIMITS, "too old"),
    "migrate loops": ("migrate", new(migrate=LOOP), LIMITS, "20 ms"),
    "setState raises": ("setState", new(set_state='error("no state")'), LIMITS, "no state"),
    "setState says no": ("setState", new(set_state='do return false, "bad state" end'), LIMITS, "bad state"),
    "setState loops": ("setState", new(set_state=LOOP), LIMITS, "20 ms"),
    "validate raises": ("validate", new(validate='error("invalid")'), LIMITS, "invalid"),
    "validate says no": ("validate", new(validate='do return false, "is empty" end'), LIMITS, "is empty"),
    "validate loops": ("validate", new(validate=LOOP), LIMITS, "20 ms"),
}


async def begun(host: Host) -> Instance:
    """The first version, with a state."""
    await host.load("counting", "==1.0.0")
    await host.emit("add", 5)
    await host.emit("hear", "before")
    return host.parts.roster.get("counting")


async def assert_runs_on(host: Host, old: Instance) -> None:
    """The same instance answers by all ways, its timers run, and nothing else is there."""
    assert host.parts.roster.get("counting") is old
    assert host.snapshot().modules["counting"].status is Status.ACTIVE
    assert await host.state("counting") == {"n": 5, "heard": ["before"]}
    assert (await host.emit("add", 2)).delivered == 1
    assert await host.call("counting", "n") == 7
    assert await host.call("counting", "version") == "old"
    await host.emit("listen")
    await until_logged(host.chronicle, "beat", 2)
    assert "old went" not in lines(host.chronicle)
    assert [each.status for each in living()] == [Status.ACTIVE]


def living() -> list[Instance]:
    gc.collect()
    return [each for each in gc.get_objects() if isinstance(each, Instance)]


@pytest.mark.parametrize("failure", FAILURES)
async def test_the_old_version_runs_on_where(place: Place, failure: str) -> None:
    step, source, more, word = FAILURES[failure]
    place_both(place, source, more=more)
    async with place.host() as host:
        old = await begun(host)
        with pytest.raises(SwapFailed) as refusal:
            await host.swap("counting", "2.0.0")
        report = refusal.value.report
        assert (report.outcome, report.failed_step, report.from_version, report.to_version) == (
            Outcome.ROLLED_BACK,
            step,
            "1.0.0",
            "2.0.0",
        )
        assert word in report.error
        assert "Traceback" not in str(refusal.value)
        assert "\n" not in str(refusal.value)
        (event,) = [each for each in host.chronicle.events_since(0) if each.event is EventKind.SWAP_ROLLED_BACK]
        assert (event.module, event.version, word in event.error) == ("counting", "2.0.0", True)
        (row, *_) = await host.history("counting")
        assert (row.kind, row.outcome, row.to_version, word in row.error) == (
            "swap",
            Outcome.ROLLED_BACK,
            "2.0.0",
            True,
        )
        del refusal
        await assert_runs_on(host, old)


GET_STATE = "return {n = self.n, heard = self.heard}"


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        ('error("no snapshot")', "no snapshot"),
        ("return {n = self.n, f = function() end}", "function"),
        ("local t = {} t.t = t return t", "state.t is a cycle"),
        (LOOP, "20 ms"),
        (ALLOCATE, "4 MiB"),
        ("return coroutine.create(print)", "state is a thread, and must be a table"),
        ("do return end", "state is nothing, and must be a table"),
    ],
)
async def test_the_old_version_runs_on_where_its_own_get_state(place: Place, broken: str, word: str) -> None:
    first = OLD.replace(GET_STATE, f"if self.broken then {broken} end {GET_STATE}")
    first = first.replace("M.hooks = {", "M.hooks = {\n    mend = function(broken) M.broken = broken end,")
    place_both(place, new(), first=first)
    async with place.host() as host:
        old = await begun(host)
        await host.emit("mend", value := True)
        with pytest.raises(SwapFailed) as refusal:
            await host.swap("counting", "2.0.0")
        assert refusal.value.report.failed_step == "snapshot"
        assert word in refusal.value.report.error
        await host.emit("mend", not value)
        del refusal
        await assert_runs_on(host, old)


async def test_a_refused_swap_leaves_the_next_one_possible(place: Place) -> None:
    place_both(place, new(validate='if not M.heard[2] then return false, "too little" end'))
    async with place.host() as host:
        await begun(host)
        with pytest.raises(SwapFailed):
            await host.swap("counting", "2.0.0")
        await host.emit("hear", "more")
        assert (await host.swap("counting", "2.0.0")).outcome is Outcome.COMMITTED
        assert await host.state("counting") == {"n": 5, "heard": ["before", "more"]}


async def test_what_was_loaded_for_a_swap_that_failed_is_gone_again(place: Place) -> None:
    place_both(place, new(validate="return false"), more=LIMITS + '[dependencies]\nneeded = "*"\n')
    place.module("needed")
    async with place.host() as host:
        await begun(host)
        with pytest.raises(SwapFailed):
            await host.swap("counting", "2.0.0")
        assert list(host.parts.roster.active) == ["counting"]


async def test_nothing_of_the_version_that_failed_is_left(place: Place) -> None:
    place_both(place, new(init='host.every(1, function() print("ghost") end)', validate='error("no")'))
    async with place.host() as host:
        await begun(host)
        with pytest.raises(SwapFailed):
            await host.swap("counting", "2.0.0")
        assert len(living()) == 1
        await host.emit("listen")
        await until_logged(host.chronicle, "beat", 3)
        assert "ghost" not in lines(host.chronicle)
        assert "new went" in lines(host.chronicle), "what init began, cleanup may end"


async def test_a_version_that_raises_in_cleanup_too_hides_no_reason(place: Place) -> None:
    source = new(init='error("no init")').replace('print("new went")', 'error("no cleanup")')
    place_both(place, source)
    async with place.host() as host:
        old = await begun(host)
        with pytest.raises(SwapFailed, match="no init"):
            await host.swap("counting", "2.0.0")
        await assert_runs_on(host, old)


async def test_a_version_that_is_not_there_is_refused_by_name(place: Place) -> None:
    place_both(place, new())
    async with place.host() as host:
        old = await begun(host)
        with pytest.raises(SwapFailed, match=r"9\.9"):
            await host.swap("counting", "9.9")
        await assert_runs_on(host, old)


async def test_a_version_that_a_loaded_module_does_not_take_is_refused_with_its_name(place: Place) -> None:
    place_both(place, new())
    place.module("dependent", more='[dependencies]\ncounting = "^1.0"\n')
    async with place.host() as host:
        old = await begun(host)
        await host.load("dependent")
        with pytest.raises(SwapFailed, match="dependent") as refusal:
            await host.swap("counting", "2.0.0")
        assert refusal.value.report.failed_step == "check"
        assert kinds(host.chronicle)[-1] is EventKind.SWAP_ROLLED_BACK
        del refusal
        await assert_runs_on_with_dependent(host, old)


async def assert_runs_on_with_dependent(host: Host, old: Instance) -> None:
    assert host.parts.roster.get("counting") is old
    assert await host.state("counting") == {"n": 5, "heard": ["before"]}


LATE = "self.late = self:registerHook('late', function() print('late') end) host.emit('hear', 'during')"


async def test_the_old_version_keeps_a_hook_that_it_registers_while_its_state_is_taken(place: Place) -> None:
    """The hook brought all its hooks back in force during the swap, and events went past the queue."""
    first = OLD.replace(GET_STATE, f"if not self.late then {LATE} end {GET_STATE}")
    place_both(place, new(validate='error("no")'), first=first)
    async with place.host() as host:
        await begun(host)
        with pytest.raises(SwapFailed) as refusal:
            await host.swap("counting", "2.0.0")
        assert refusal.value.report.delivered == 1
        assert (await host.emit("late")).delivered == 1
        assert await host.state("counting") == {"n": 5, "heard": ["before", "during"]}


async def test_a_function_that_the_old_version_handed_out_cannot_change_it_during_the_swap(place: Place) -> None:
    first = OLD.replace("function M:init()", "function M:init() require('registry').keep(function() self.n = 99 end)")
    second = new(init="print(pcall(require('registry').run))", validate='error("no")')
    needs = '[dependencies]\nregistry = "*"\n'
    place.module("counting", first, "1.0.0", folder="1", more=needs)
    place.module("counting", second, "2.0.0", folder="2", more=needs)
    place.module("registry", "local f return {exports = {keep = function(g) f = g end, run = function() f() end}}")
    async with place.host() as host:
        await begun(host)
        with pytest.raises(SwapFailed):
            await host.swap("counting", "2.0.0")
        assert await host.state("counting") == {"n": 5, "heard": ["before"]}
        assert "counting is being swapped" in lines(host.chronicle, "counting")[0]
        await host.call("registry", "run")
        assert await host.call("counting", "n") == 99
