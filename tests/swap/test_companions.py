"""What a swap loads because the new version needs it belongs to the swap: it comes with it, or was never there."""

from __future__ import annotations

import pytest

from host import Host, SwapFailed
from host.vocabulary.events import EventKind
from tests.engine.place import Place, kinds, lines, until
from tests.swap.counting import LIMITS, new, place_both
from tests.swap.test_probation import FAILS, FakeClock, fail
from tests.swap.test_refused_swaps import living

NEEDS = '[dependencies]\nneeded = "*"\n'
NEEDED = """local M = {n = 0}
M.hooks = {add = function(k) M.n = M.n + k end}
M.exports = {n = function() return M.n end}
function M:init() INIT host.emit("hear", "needed") end
function M:getState() return {n = self.n} end
function M:setState(state) self.n = state.n end
function M:cleanup() print("needed went") end
return M"""


def placed(place: Place, second: str = "", *, init: str = "", more: str = LIMITS) -> None:
    place_both(place, second or new(), more=more + NEEDS)
    place.module("needed", NEEDED.replace("INIT", init))


def loaded(host: Host) -> list[str]:
    return list(host.parts.roster.active)


async def with_a_past(host: Host) -> None:
    """The first version runs, and what the second needs has a state from a run before."""
    host.parts.probations.clock = FakeClock()
    await host.load("needed")
    await host.emit("add", 3)
    await host.unload("needed")
    await host.load("counting", "==1.0.0")


async def test_it_comes_with_its_last_state_and_before_what_needs_it(place: Place) -> None:
    placed(place, new(init='print(require("needed").n())'))
    async with place.host() as host:
        await with_a_past(host)
        await host.swap("counting", "2.0.0")
        assert lines(host.chronicle, "counting")[0] == "3"
        assert loaded(host) == ["needed", "counting"]
        assert [row.kind for row in await host.history("needed")] == ["load", "unload", "load"]
        assert (await host.emit("add", 1)).delivered == 2
        assert await host.call("needed", "n") == 4


@pytest.mark.parametrize("step", ["init", "migrate", "set_state", "validate"])
async def test_of_a_refused_swap_it_leaves_nothing(place: Place, step: str) -> None:
    placed(place, new(**{step: 'error("no")'}))
    async with place.host() as host:
        await with_a_past(host)
        happened, past = kinds(host.chronicle, "needed"), await host.history("needed")
        with pytest.raises(SwapFailed):
            await host.swap("counting", "2.0.0")
        assert loaded(host) == ["counting"]
        assert len(living()) == 1
        assert (kinds(host.chronicle, "needed"), await host.history("needed")) == (happened, past)
        await host.load("needed")
        assert await host.call("needed", "n") == 3


@pytest.mark.parametrize(
    ("init", "word"),
    [('error("no")', "no"), ("while true do end", "limit"), ("do return false, 'not here' end", "not")],
)
async def test_where_it_does_not_come_up_the_swap_is_refused_and_says_so(place: Place, init: str, word: str) -> None:
    placed(place, init=f"if true then {init} end")
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.emit("add", 5)
        with pytest.raises(SwapFailed, match=r"needed 1\.0\.0, which goes with it, was refused") as refusal:
            await host.swap("counting", "2.0.0")
        assert (refusal.value.report.failed_step, word in refusal.value.report.error) == ("init", True)
        assert loaded(host) == ["counting"]
        assert kinds(host.chronicle, "needed") == []
        assert await host.state("counting") == {"n": 5, "heard": {}}


async def test_a_roll_back_takes_it_down_again(place: Place) -> None:
    placed(place)
    async with place.host() as host:
        await with_a_past(host)
        await host.swap("counting", "2.0.0")
        await host.emit("add", 1)
        await host.rollback("counting")
        assert (loaded(host), len(living())) == (["counting"], 1)
        assert [entry.name for entry in await host.parts.keeping.ask(lambda store: store.session.entries())] == [
            "counting"
        ]
        await host.swap("counting", "2.0.0")
        assert await host.call("needed", "n") == 4, "with the state that it went with"


async def test_what_was_asked_for_since_stays(place: Place) -> None:
    placed(place)
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.swap("counting", "2.0.0")
        await host.load("needed")
        await host.rollback("counting")
        assert loaded(host) == ["needed", "counting"]


async def test_what_another_needs_by_now_stays(place: Place) -> None:
    placed(place)
    place.module("other", more=NEEDS)
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.swap("counting", "2.0.0")
        await host.load("other")
        await host.rollback("counting")
        assert loaded(host) == ["needed", "counting", "other"]


async def test_what_was_there_before_the_swap_stays(place: Place) -> None:
    placed(place)
    place.module("other", more=NEEDS)
    async with place.host() as host:
        await host.load_all({"counting": "==1.0.0", "other": ""})
        await host.swap("counting", "2.0.0")
        await host.unload("other")
        await host.rollback("counting")
        assert loaded(host) == ["needed", "counting"]


async def test_what_it_needs_itself_goes_with_it(place: Place) -> None:
    place_both(place, new(), more=LIMITS + '[dependencies]\nupper = "*"\n')
    place.module("upper", 'return {init = function() require("needed").n() end}', more=NEEDS)
    place.module("needed", NEEDED.replace("INIT", ""))
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.swap("counting", "2.0.0")
        assert loaded(host) == ["needed", "upper", "counting"]
        await host.rollback("counting")
        assert (loaded(host), len(living())) == (["counting"], 1)


async def test_a_swap_that_is_taken_back_on_probation_takes_it_along(place: Place) -> None:
    placed(place, new(entry=FAILS), more='[limits]\ncall = "20 ms"\n')
    async with place.host() as host:
        await with_a_past(host)
        await host.swap("counting", "2.0.0")
        events = host.events()
        await fail(host)
        await until(events, EventKind.SWAP_ROLLED_BACK)
        assert loaded(host) == ["counting"]


async def test_a_roll_back_that_is_taken_back_on_probation_brings_it_again(place: Place) -> None:
    """What ran before the roll-back comes back by itself, whole: with what had gone with it, and the state of that."""
    first = new(entry=FAILS).replace('"new"', '"old"')
    place.module("counting", first, "1.0.0", folder="1", more='[limits]\ncall = "20 ms"\n')
    place.module("counting", new(), "2.0.0", folder="2", more=LIMITS + NEEDS)
    place.module("needed", NEEDED.replace("INIT", ""))
    async with place.host() as host:
        await with_a_past(host)
        await host.swap("counting", "2.0.0")
        await host.rollback("counting")
        assert loaded(host) == ["counting"]
        events = host.events()
        await fail(host)
        await until(events, EventKind.SWAP_ROLLED_BACK)
        assert loaded(host) == ["needed", "counting"]
        assert await host.call("counting", "version") == "new"
        assert await host.call("needed", "n") == 3


async def test_it_may_need_the_very_version_that_it_comes_with(place: Place) -> None:
    place_both(place, new())
    place.module("desk", version="1.0.0", folder="1", more='[dependencies]\ncounting = "*"\n')
    both = '[dependencies]\ncounting = "*"\nlamp = "*"\n'
    place.module("desk", "return {init = function() print(require('lamp').v()) end}", "2.0.0", folder="2", more=both)
    lamp = "return {init = function() M = require('counting').version() end, exports = {v = function() return M end}}"
    place.module("lamp", lamp, more='[dependencies]\ncounting = "^2.0"\n')
    async with place.host() as host:
        await host.load_all({"counting": "==1.0.0", "desk": "==1.0.0"})
        await host.swap({"counting": "2.0.0", "desk": "2.0.0"})
        assert lines(host.chronicle, "desk") == ["new"]
        assert loaded(host) == ["counting", "lamp", "desk"]
