"""What is emitted while a module is swapped is delivered afterwards, in order, once, to whoever serves then."""

from __future__ import annotations

import asyncio

import pytest

from host import Host, SwapFailed
from tests.engine.place import Place, lines
from tests.swap.counting import LIMITS, OLD, new, place_both

ECHO = """local heard = {}
return {
    hooks = {sound = function(word) heard[#heard + 1] = word host.emit("hear", word .. " echoed") end},
    exports = {heard = function() return heard end},
}"""
TALKING = """host.emit("hear", "first"); host.emit("sound", "second"); host.emit("hear", "third")
    print("while paused", #M.heard)"""

CALLER = """local counting = require("counting")
local M = {asked = 0, answered = 0, filtered = 0}
function M:init()
    host.every(1, function()
        M.asked = M.asked + 1
        M.answered = M.answered + (pcall(counting.n) and 1 or 0)
        M.filtered = M.filtered + host.filter("shown", 1) - 1
    end)
end
M.exports = {figures = function() return {asked = M.asked, answered = M.answered, filtered = M.filtered} end}
return M"""


async def begun(host: Host) -> None:
    await host.load_all({"counting": "==1.0.0", "echo": ""})
    await host.emit("hear", "before")


@pytest.mark.parametrize("fails", [False, True])
async def test_events_from_init_are_heard_where_the_swap_counts_and_else_by_nobody(
    place: Place, *, fails: bool
) -> None:
    """A refused swap was heard all the same."""
    place_both(place, new(init=TALKING, validate='error("no")' if fails else ""))
    place.module("echo", ECHO)
    async with place.host() as host:
        await begun(host)
        if fails:
            with pytest.raises(SwapFailed) as refusal:
                await host.swap("counting", "2.0.0")
            report = refusal.value.report
        else:
            report = await host.swap("counting", "2.0.0")
        assert report.delivered == (0 if fails else 3)
        assert await host.call("counting", "version") == ("old" if fails else "new")
        state = await host.state("counting")
        assert state["heard"] == (["before"] if fails else ["before", "first", "second echoed", "third"])
        assert ("second" in await host.call("echo", "heard")) != fails


@pytest.mark.parametrize("step", ["migrate", "set_state", "validate"])
async def test_events_from_every_step_wait(place: Place, step: str) -> None:
    place_both(place, new(**{step: 'host.emit("hear", "meanwhile")'}))
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.swap("counting", "2.0.0")
        assert (await host.state("counting"))["heard"] == ["meanwhile"]


async def test_events_from_get_state_of_the_old_version_wait_too(place: Place) -> None:
    first = OLD.replace(
        "function M:getState()",
        "function M:pause() self.paused = true end\n"
        'function M:getState() if self.paused then host.emit("hear", "last") end',
    )
    place_both(place, new(), first=first)
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        report = await host.swap("counting", "2.0.0")
        assert report.delivered == 1
        assert (await host.state("counting"))["heard"] == ["last"]


async def test_what_waits_is_delivered_before_what_its_delivery_makes(place: Place) -> None:
    second = new(init='host.emit("hear", "a"); host.emit("hear", "b")').replace(
        "M.heard[#M.heard + 1] = word",
        "M.heard[#M.heard + 1] = word; if #word == 1 then host.emit('hear', word .. '!') end",
    )
    place_both(place, second)
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.swap("counting", "2.0.0")
        assert (await host.state("counting"))["heard"] == ["a", "b", "a!", "b!"]


async def test_tables_and_large_values_that_waited_arrive_whole(place: Place) -> None:
    second = new(
        init="""local big = {} for i = 1, 60000 do big[i] = i end
        host.emit("hear", big); host.emit("hear", {x = {y = 1}}); host.emit("hear", "a", "b")""",
    ).replace("function(word)", "function(word, more) print(type(word) == 'table' and #word or word, more)")
    place_both(place, second, more='[limits]\nmemory = "32 MiB"\n')
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        assert (await host.swap("counting", "2.0.0")).delivered == 3
        assert lines(host.chronicle)[:3] == ["60000 nil", "0 nil", "a b"]


async def test_an_event_the_new_version_does_not_answer_is_dropped(place: Place) -> None:
    second = new(init='host.emit("listen"); host.emit("hear", "kept")')
    place_both(place, second)
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.swap("counting", "2.0.0")
        assert (await host.state("counting"))["heard"] == ["kept"]


async def test_a_filter_passes_a_paused_module_by(place: Place) -> None:
    filtering = OLD.replace("M.hooks = {", 'M.hooks = {\n    shown = function(text) return text .. " old" end,')
    second = new(init='print(host.filter("shown", "text", "more"))')
    place_both(place, second, first=filtering)
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        report = await host.swap("counting", "2.0.0")
        assert lines(host.chronicle)[0] == "text"
        assert report.delivered == 0
        assert report.notes == ("1 filter passed it by while it was paused",)


async def test_events_of_python_tasks_around_a_swap_arrive_in_order_once(place: Place) -> None:
    """The swap waits for the disk and for a dependency to come up; tasks run meanwhile."""
    place_both(place, new(), more=LIMITS + '[dependencies]\nneeded = "*"\n')
    place.module("needed")
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        said: list[str] = []

        async def speak() -> None:
            while True:
                said.append(str(len(said)))
                await host.emit("hear", said[-1])
                await asyncio.sleep(0)

        speaking = asyncio.create_task(speak())
        for version in ("2.0.0", "1.0.0", "2.0.0"):
            await host.swap("counting", version)
        speaking.cancel()
        assert len(said) > 10
        assert (await host.state("counting"))["heard"] == said


async def test_events_of_timers_around_swaps_arrive_in_order_once(place: Place) -> None:
    place_both(place, new(init="local t = 0 for i = 1, 1e5 do t = t + i end"))
    place.module(
        "clock",
        """local M = {said = 0}
        function M:init()
            host.every(1, function() M.said = M.said + 1; host.emit("hear", M.said) end)
        end
        M.exports = {said = function() return M.said end}
        return M""",
    )
    async with place.host() as host:
        await host.load_all({"counting": "==1.0.0", "clock": ""})
        swaps = 0
        async with asyncio.timeout(10):
            while swaps < 3 or await host.call("clock", "said") < 30:
                swaps += 1
                await host.swap("counting", "2.0.0" if swaps % 2 else "1.0.0")
                await host.chronicle.newer_than(host.chronicle.revision, 0.002)
        heard = (await host.state("counting"))["heard"]
        assert heard == list(range(1, await host.call("clock", "said") + 1))


async def test_calls_and_filters_of_others_wait_for_a_swap_and_none_is_refused(place: Place) -> None:
    """From timers of another module and from Python; only what a swapping module sets off itself cannot wait."""
    shown = ("M.hooks = {", "M.hooks = {\n    shown = function(k) return k + 1 end,")
    place_both(
        place, new(init="local t = 0 for i = 1, 1e5 do t = t + i end").replace(*shown), first=OLD.replace(*shown)
    )
    place.module("caller", CALLER, more='[dependencies]\ncounting = "*"\n')
    async with place.host() as host:
        await host.load_all({"counting": "==1.0.0", "caller": ""})
        asked = 0

        async def ask() -> None:
            nonlocal asked
            while True:
                assert await host.call("counting", "n") == 0
                assert await host.filter("shown", 1) == 2
                asked += 1
                await asyncio.sleep(0)

        asking, swaps = asyncio.create_task(ask()), 0
        async with asyncio.timeout(10):
            while swaps < 3 or (await host.call("caller", "figures"))["asked"] < 30:
                swaps += 1
                report = await host.swap("counting", "2.0.0" if swaps % 2 else "1.0.0")
                assert report.notes == ()
                await host.chronicle.newer_than(host.chronicle.revision, 0.002)
        assert not asking.done(), "it was never refused"
        asking.cancel()
        figures = await host.call("caller", "figures")
        assert figures["answered"] == figures["filtered"] == figures["asked"]
        assert asked >= swaps


async def test_more_events_than_may_wait_are_refused_to_whoever_emits_them(place: Place) -> None:
    """They were told as faults of the module that they were for."""
    second = new(
        init="""local told, last = 0
        for i = 1, 12000 do
            local answered, refused = host.emit("hear", i)
            told = told + (refused and 1 or 0)
            last = answered .. ": " .. tostring(refused)
        end
        print(told, last)"""
    )
    place_both(place, second, more='[limits]\ncall = "5 s"\n')
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        report = await host.swap("counting", "2.0.0")
        assert report.delivered == 10_000
        assert (await host.state("counting"))["heard"] == list(range(1, 10_001))
        sentence = "more than 10,000 events before it counted; hear was not emitted"
        assert lines(host.chronicle, "counting")[0] == f"2000 0: {sentence}"
        assert host.snapshot().modules["counting"].faults == 0


async def test_an_answer_without_end_to_what_waited_ends(place: Place) -> None:
    second = new(init='host.emit("hear", "again")').replace(
        "M.heard[#M.heard + 1] = word", 'M.n = M.n + 1; host.emit("hear", word)'
    )
    place_both(place, second)
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        report = await host.swap("counting", "2.0.0")
        assert report.delivered == 20_000
        assert any("left undelivered" in note for note in report.notes)
        assert (await host.emit("add", 0)).delivered == 1


STORMY = 'return {exports = {storm = function() for _ = 1, 10001 do host.emit("hear", "storm") end end}}'


async def test_what_a_new_version_emitted_is_told_though_the_queue_is_full_by_then(place: Place) -> None:
    """Its emitter was told that it was taken."""
    fast = '[limits]\nevents = "1000000/s"\ncall = "30 s"\n'
    source = new(init='assert(host.emit("hear", "from init"))', validate='require("storm").storm()')
    place_both(place, source, more=f'{fast}[dependencies]\nstorm = "*"\n')
    place.module("storm", STORMY, more=fast)
    async with place.host() as host:
        await host.load_all({"counting": "==1.0.0", "storm": ""})
        report = await host.swap("counting", "2.0.0")
        assert report.delivered == 10_001
        assert [note for note in report.notes if "refused" in note] == [
            "1 event refused, as 10,000 waited already; who emitted was told"
        ]
        assert (await host.state("counting"))["heard"][-1] == "from init"
