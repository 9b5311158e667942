"""After a swap what ran before waits; more faults bring it back by itself, with the newest state it takes."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable

import pytest

from host import Host, HostError
from host.engine.probations import LETS_GO_AFTER
from host.lifecycle.instance import Instance
from host.vocabulary.events import Event, EventKind
from host.vocabulary.states import Outcome, Status
from tests.engine.place import DEADLINE, Place, kinds, lines, until, until_logged
from tests.swap.counting import OLD, new

LIMITS = '[limits]\ncall = "20 ms"\nmemory = "4 MiB"\n'
MIGRATES = "function M:migrate(state) return {n = state.n, heard = state.heard} end function M:cleanup"
FAILS = "M.hooks.fail = function() error('broken') end"


class FakeClock:
    """Time that stands until it is moved on."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, Callable[[], object], Call]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], object], /) -> Call:
        call = Call()
        self._due.append((self.now + delay, callback, call))
        return call

    def pass_by(self, seconds: float) -> None:
        self.now += seconds
        due = [each for each in self._due if each[0] <= self.now]
        self._due = [each for each in self._due if each[0] > self.now]
        for _, callback, call in due:
            if not call.cancelled:
                callback()


class Call:
    cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


def placed(place: Place, *, first: str = OLD, second: str = "", more: str = "", old_more: str = "") -> None:
    """The second version answers ``fail`` with a fault."""
    place.module("counting", first, "1.0.0", folder="1", more=LIMITS + old_more)
    place.module("counting", second or new(entry=FAILS), "2.0.0", folder="2", more=LIMITS + more)


async def swapped(host: Host) -> None:
    """Load the first version, count to 5, swap to the second."""
    host.parts.probations.clock = FakeClock()
    await host.load("counting", "==1.0.0")
    await host.emit("add", 5)
    await host.swap("counting", "2.0.0")


async def fail(host: Host, times: int = 3) -> None:
    for _ in range(times):
        await host.emit("fail")


async def taken_back(host: Host) -> Event:
    async with asyncio.timeout(DEADLINE):
        while EventKind.SWAP_ROLLED_BACK not in kinds(host.chronicle):
            await host.chronicle.newer_than(host.chronicle.revision, DEADLINE)
    return next(each for each in host.chronicle.events_since(0) if each.event is EventKind.SWAP_ROLLED_BACK)


def serving(host: Host) -> Instance:
    return host.parts.roster.get("counting")


async def test_what_ran_before_waits_until_the_time_is_over_and_then_goes_whole(place: Place) -> None:
    placed(place)
    async with place.host() as host:
        host.parts.probations.clock = clock = FakeClock()
        await host.load("counting", "==1.0.0")
        old = serving(host)
        runtime, dead = old.runtime, weakref.ref(old)
        await host.swap("counting", "2.0.0")
        assert old.status is Status.PAUSED
        assert "on probation until" in host.snapshot().modules["counting"].truth
        clock.pass_by(9.9)
        assert lines(host.chronicle) == []
        clock.pass_by(0.2)
        assert lines(host.chronicle) == ["old went"]
        assert runtime.gone
        assert "probation" not in host.snapshot().modules["counting"].truth
        del old
        gc.collect()
        assert dead() is None


async def test_three_faults_bring_it_back_with_the_newer_state_where_it_migrates_that(place: Place) -> None:
    placed(place, first=OLD.replace("function M:cleanup", MIGRATES))
    async with place.host() as host:
        await swapped(host)
        await host.emit("add", 2)
        await fail(host)
        event = await taken_back(host)
        assert (event.reason, event.version) == ("probation", "2.0.0")
        assert event.error == "3 faults of counting on probation, and none in as much time before"
        assert event.text.startswith("counting was rolled back from 2.0.0 to 1.0.0 by itself, after 3 faults")
        assert event.text.endswith("it goes on with the newer state, that of 2.0.0")
        assert await host.call("counting", "version") == "old"
        assert (await host.state("counting"))["n"] == 7
        assert lines(host.chronicle, "counting")[-1] == "new went"
        view = host.snapshot()
        assert view.modules["counting"].status is Status.ACTIVE
        assert [each.id for each in view.problems] == ["probation:counting"]
        (row, *_) = await host.history("counting")
        assert (row.kind, row.to_version, row.outcome) == ("rollback", "1.0.0", Outcome.COMMITTED)


async def test_without_a_migrate_it_is_as_it_was_and_is_told_what_it_missed_in_order(place: Place) -> None:
    placed(place, second=new(init='host.emit("hear", "meanwhile")', entry=FAILS))
    async with place.host() as host:
        await swapped(host)
        await host.emit("add", 2)
        await host.emit("hear", "a")
        await host.emit("listen")  # which only the old one answers
        await host.emit("hear", "b")
        await fail(host)
        event = await taken_back(host)
        assert "it has no migrate for the state of 2.0.0" in event.text
        assert "of events since then 5 were told to it again, calls were not" in event.text
        assert await host.state("counting") == {"n": 7, "heard": ["meanwhile", "a", "b"]}
        await until_beat(host)


async def until_beat(host: Host) -> None:
    """The old one was told to beat by an event that it missed, and its timer runs again."""
    async with asyncio.timeout(DEADLINE):
        while "beat" not in lines(host.chronicle):
            await host.chronicle.newer_than(host.chronicle.revision, DEADLINE)


async def test_a_module_that_wants_nothing_twice_is_told_nothing_twice(place: Place) -> None:
    placed(place, old_more="[swap]\nreplay = false\n")
    async with place.host() as host:
        await swapped(host)
        await host.emit("add", 2)
        await fail(host)
        assert "of events since then 1 is lost to it: it says replay = false" in (await taken_back(host)).text
        assert (await host.state("counting"))["n"] == 5


async def test_a_newer_state_that_is_refused_leaves_the_one_of_the_swap(place: Place) -> None:
    first = OLD.replace("function M:cleanup", MIGRATES).replace(
        "self.n, self.heard = state.n, state.heard",
        "self.n, self.heard = state.n, state.heard if state.n > 5 then return false, 'too much' end",
    )
    placed(place, first=first, old_more="[swap]\nreplay = false\n")
    async with place.host() as host:
        await swapped(host)
        await host.emit("add", 2)
        await fail(host)
        assert "the state of the moment of the swap: too much" in (await taken_back(host)).text
        assert (await host.state("counting"))["n"] == 5


@pytest.mark.parametrize("member", ["pause", "getState"])
async def test_one_that_fails_cannot_stand_in_the_way(place: Place, member: str) -> None:
    stuck = f"""local as_was = M.{member}
        function M:{member}() if self.stuck then error('stuck') end return as_was and as_was(self) end return M"""
    fails = FAILS.replace("function() error", "function() M.stuck = true error")
    placed(place, second=new(entry=fails).replace("return M", stuck))
    async with place.host() as host:
        await swapped(host)
        await fail(host)
        assert "stuck" in (await taken_back(host)).text
        assert await host.call("counting", "version") == "old"


async def test_overruns_count_and_two_faults_do_not_suffice(place: Place) -> None:
    placed(place, second=new(entry="M.hooks.fail = function() while true do end end"))
    async with place.host() as host:
        await swapped(host)
        await fail(host, 2)
        await asyncio.sleep(0)
        assert kinds(host.chronicle).count(EventKind.SWAP_ROLLED_BACK) == 0
        await fail(host, 1)
        await taken_back(host)


async def test_as_many_faults_as_before_bring_nothing_back(place: Place) -> None:
    placed(place, first=OLD.replace("return M", f"{FAILS} return M"))
    async with place.host(quarantine=None) as host:
        host.parts.probations.clock = FakeClock()
        await host.load("counting", "==1.0.0")
        await fail(host, 4)
        await host.swap("counting", "2.0.0")
        await fail(host, 4)
        await asyncio.sleep(0)
        assert await host.call("counting", "version") == "new"
        await fail(host, 1)
        assert (await taken_back(host)).error.startswith("5 faults of counting on probation, and 4 in as much time")


async def test_faults_of_long_ago_are_not_held_for_the_old_one(place: Place) -> None:
    placed(place, first=OLD.replace("return M", f"{FAILS} return M"))
    async with place.host(quarantine=None) as host:
        host.parts.probations.clock = clock = FakeClock()
        await host.load("counting", "==1.0.0")
        await fail(host, 4)
        clock.pass_by(11)
        await host.swap("counting", "2.0.0")
        await fail(host)
        assert (await taken_back(host)).error.endswith("none in as much time before")


async def test_a_stream_of_saves_keeps_one_instance_waiting_and_no_more(place: Place) -> None:
    folder = place.module("m", "return {cleanup = function() print('went') end}")
    async with place.host() as host:
        await host.load("m")
        for save in range(20):
            (folder / "init.lua").write_text(f"return {{cleanup = function() print('went') end}} -- {save}")
            await host.rescan()
        await until_logged(host.chronicle, "went", 19)
        assert len(lines(host.chronicle, "m")) == 19
        gc.collect()
        living = [each for each in gc.get_objects() if isinstance(each, Instance)]
        assert sorted(each.status for each in living) == [Status.ACTIVE, Status.PAUSED]
    assert len(lines(host.chronicle, "m")) == 21


async def test_what_waited_goes_after_the_next_swap_and_at_the_latest_with_the_one_after(place: Place) -> None:
    """A large state was freed before whoever waited for the swap was answered."""
    for version in "123":
        place.module(
            "m", f"return {{cleanup = function() print('went {version}') end}}", f"{version}.0.0", folder=version
        )
    async with place.host() as host:
        host.parts.probations.clock = clock = FakeClock()
        await host.load("m", "==1.0.0")
        await host.swap("m", "2.0.0")
        await host.swap("m", "3.0.0")
        assert lines(host.chronicle, "m") == []
        clock.pass_by(LETS_GO_AFTER)
        assert lines(host.chronicle, "m") == ["went 1"]
        await host.swap("m", "1.0.0")
        await host.swap("m", "2.0.0")
        assert lines(host.chronicle, "m") == ["went 1", "went 2"]
    assert lines(host.chronicle, "m") == ["went 1", "went 2", "went 3", "went 1", "went 2"]


async def test_a_save_that_is_refused_leaves_the_probation_of_what_runs(place: Place) -> None:
    placed(place)
    async with place.host() as host:
        await swapped(host)
        (place.root / "plugins" / "counting" / "2" / "init.lua").write_text("return {")
        await host.rescan()
        assert kinds(host.chronicle)[-1] is EventKind.RELOAD_REFUSED
        await fail(host)
        await taken_back(host)
        assert await host.call("counting", "version") == "old"


async def test_an_unload_lets_what_waits_go_first(place: Place) -> None:
    placed(place)
    async with place.host() as host:
        await swapped(host)
        await host.unload("counting")
        assert lines(host.chronicle) == ["old went", "new went"]
        await fail(host, 5)


async def test_what_came_back_can_be_swapped_again_and_its_functions_be_called(place: Place) -> None:
    keep = "local f return {exports = {keep = function(g) f = g end, run = function() return f() end}}"
    needs = '[dependencies]\nregistry = "*"\n'
    first = OLD.replace("function M:init()", "function M:init() require('registry').keep(function() return 1 end)")
    placed(place, first=first, old_more=needs)
    place.module("registry", keep)
    async with place.host() as host:
        await swapped(host)
        with pytest.raises(HostError, match="went at"):
            await host.call("registry", "run")
        await fail(host)
        await taken_back(host)
        assert await host.call("registry", "run") == 1
        await host.swap("counting", "2.0.0")
        assert await host.call("counting", "version") == "new"


async def test_a_way_back_that_others_bar_is_refused_and_what_fails_runs_on_alone(place: Place) -> None:
    placed(place)
    place.module("late", more='[dependencies]\ncounting = "^2.0"\n')
    async with place.host() as host:
        await swapped(host)
        await host.load("late")
        await fail(host)
        assert "late 1.0.0 needs counting ^2.0" in (await taken_back(host)).text
        assert await host.call("counting", "version") == "new"
        assert lines(host.chronicle, "counting")[-1] == "old went"
        assert "probation" not in host.snapshot().modules["counting"].truth


async def test_a_way_back_to_what_needs_a_module_that_went_is_refused(place: Place) -> None:
    placed(place, old_more='[dependencies]\nneeded = "*"\n')
    place.module("needed")
    async with place.host() as host:
        await swapped(host)
        await host.unload("needed")
        await fail(host)
        assert "counting 1.0.0 needs needed, which is not loaded" in (await taken_back(host)).text
        assert (await host.emit("add", 1)).delivered == 1


async def test_more_events_than_are_kept_are_counted_as_lost(place: Place) -> None:
    placed(place)
    async with place.host() as host:
        await swapped(host)
        for _ in range(10_003):
            await host.emit("add", 1)
        await fail(host)
        text = (await taken_back(host)).text
        assert "10000 were told to it again" in text
        assert "3 are lost to it: more came than are kept" in text
        assert (await host.state("counting"))["n"] == 10_005


async def test_modules_that_were_swapped_together_go_back_together(place: Place) -> None:
    placed(place)
    place.module("beside", "return {exports = {v = function() return 1 end}}", folder="1")
    place.module("beside", "return {exports = {v = function() return 2 end}}", "2.0.0", folder="2")
    async with place.host() as host:
        host.parts.probations.clock = FakeClock()
        await host.load_all({"counting": "==1.0.0", "beside": "==1.0.0"})
        await host.swap({"counting": "2.0.0", "beside": "2.0.0"})
        await fail(host)
        await taken_back(host)
        assert await host.call("beside", "v") == 1
        assert await host.call("counting", "version") == "old"


# -- an exclusive handover --

PORT = """local M = {n = 0, hooks = {}}
local taken = require("port")
function M:init() assert(taken.open(self.version)) self:registerHook("more", function() M.n = M.n + 1 end) INIT end
function M:cleanup() taken.close(self.version) end
function M:getState() return {n = self.n} end
function M:setState(state) self.n = state.n end
FAILS
return M"""
TAKEN = """local by
return {exports = {
    open = function(who) if by then return nil, "taken by " .. by end by = who print("open " .. who) return true end,
    close = function(who) by = nil print("close " .. who) end,
}}"""


def port(place: Place, init: str = "") -> None:
    more = '[swap]\nhandover = "exclusive"\n[dependencies]\nport = "*"\n'
    place.module("port", TAKEN)
    for version, text in (("1.0.0", ""), ("2.0.0", init)):
        lua = PORT.replace("INIT", text).replace("FAILS", FAILS if version == "2.0.0" else "")
        place.module("server", lua, version, folder=version, more=more)


async def test_what_only_one_can_hold_is_let_go_before_the_new_one_begins(place: Place) -> None:
    port(place)
    async with place.host() as host:
        await host.load("server", "==1.0.0")
        await host.emit("more")
        report = await host.swap("server", "2.0.0")
        assert [each.name for each in report.steps][2:6] == ["pause", "snapshot", "cleanup", "init"]
        assert lines(host.chronicle, "port") == ["open 1.0.0", "close 1.0.0", "open 2.0.0"]
        await host.unload("server")
        assert lines(host.chronicle, "port")[3:] == ["close 2.0.0"]


async def test_a_new_one_that_is_refused_lets_the_old_one_begin_again_with_its_state(place: Place) -> None:
    port(place, init='error("no")')
    async with place.host() as host:
        await host.load("server", "==1.0.0")
        await host.emit("more")
        with pytest.raises(HostError, match="no"):
            await host.swap("server", "2.0.0")
        assert lines(host.chronicle, "port")[-2:] == ["close 2.0.0", "open 1.0.0"]
        assert (await host.emit("more")).delivered == 1
        assert await host.state("server") == {"n": 2}


async def test_one_that_cannot_begin_again_leaves_the_failing_one_with_what_it_held(place: Place) -> None:
    port(place)
    once = PORT.replace("INIT", "if M.begun then error('only once') end M.begun = true").replace("FAILS", "")
    place.root.joinpath("plugins", "server", "1.0.0", "init.lua").write_text(once)
    async with place.host() as host:
        await host.load("server", "==1.0.0")
        await host.swap("server", "2.0.0")
        events = host.events()
        await fail(host)
        assert "only once" in (await until(events, EventKind.SWAP_ROLLED_BACK)).text
        assert lines(host.chronicle, "port")[3:] == ["close 2.0.0", "open 1.0.0", "close 1.0.0", "open 2.0.0"]
        assert (await host.emit("more")).delivered == 1
        assert host.snapshot().modules["server"].version == "2.0.0"


async def test_on_probation_too_it_is_let_go_before_the_old_one_begins_again(place: Place) -> None:
    port(place)
    async with place.host() as host:
        await host.load("server", "==1.0.0")
        await host.emit("more")
        await host.swap("server", "2.0.0")
        await host.emit("more")
        events = host.events()
        await fail(host)
        await until(events, EventKind.SWAP_ROLLED_BACK)
        assert lines(host.chronicle, "port")[3:] == ["close 2.0.0", "open 1.0.0"]
        assert await host.state("server") == {"n": 2}
        assert (await host.emit("more")).delivered == 1


async def test_a_swap_can_ask_for_a_longer_probation_than_the_manifest_or_for_none(place: Place) -> None:
    placed(place)
    async with place.host() as host:
        host.parts.probations.clock = clock = FakeClock()
        await host.load("counting", "==1.0.0")
        await host.swap("counting", "2.0.0", probation=30)
        clock.pass_by(29.9)
        assert "on probation until" in host.snapshot().modules["counting"].truth
        clock.pass_by(0.2)
        assert "probation" not in host.snapshot().modules["counting"].truth
        await host.rollback("counting")
        await host.swap("counting", "2.0.0", probation=0)
        assert "probation" not in host.snapshot().modules["counting"].truth


@pytest.mark.parametrize("seconds", [-1.0, 86_401.0, float("nan")])
async def test_a_probation_that_is_no_time_is_refused_and_nothing_is_swapped(place: Place, seconds: float) -> None:
    placed(place)
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        with pytest.raises(HostError, match=r"a probation lasts 0 to 86400 s, not .* s; nothing was swapped"):
            await host.swap("counting", "2.0.0", probation=seconds)
        assert serving(host).version == "1.0.0"


async def test_code_that_went_back_has_to_fail_no_more_often_the_next_time(place: Place) -> None:
    """Its own faults counted as those before, and it took 4 to bring it back, then 10, then 20."""
    placed(place)
    async with place.host(quarantine=None) as host:
        await swapped(host)
        for _ in range(3):
            back = host.events()
            await fail(host)
            await until(back, EventKind.SWAP_ROLLED_BACK)
            await host.swap("counting", "2.0.0")


async def test_a_migrate_that_changes_the_old_one_and_raises_leaves_the_state_of_the_swap(place: Place) -> None:
    spoils = "function M:migrate() M.n = 99 error('cannot') end function M:cleanup"
    placed(place, first=OLD.replace("function M:cleanup", spoils))
    async with place.host() as host:
        await swapped(host)
        await fail(host)
        assert "with the state of the moment of the swap" in (await taken_back(host)).text
        assert (await host.state("counting"))["n"] == 5


async def test_each_module_has_its_own_room_for_what_it_misses(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.swap.missed.MOST", 3)
    placed(place)
    for version in ("1.0.0", "2.0.0"):
        place.module("loud", "return {hooks = {noise = function() end}}", version, folder=version)
    async with place.host() as host:
        host.parts.probations.clock = FakeClock()
        await host.load_all({"counting": "==1.0.0", "loud": "==1.0.0"})
        await host.swap({"counting": "2.0.0", "loud": "2.0.0"})
        for _ in range(9):
            await host.emit("noise")
        await host.emit("add", 2)
        await fail(host)
        await taken_back(host)
        assert (await host.state("counting"))["n"] == 2


async def test_a_roll_back_by_itself_that_fails_says_so_and_what_to_do(place: Place) -> None:
    again = "function M:init() if self.begun then error('port taken') end self.begun = true"
    placed(place, first=OLD.replace("function M:init()", again), old_more='[swap]\nhandover = "exclusive"\n')
    async with place.host() as host:
        await swapped(host)
        await fail(host)
        text = (await taken_back(host)).text
        assert text.startswith("counting could not go back to 1.0.0 by itself (init): ")
        assert "port taken" in text
        assert "; 2.0.0 runs on, after 3 faults of counting on probation" in text
        (problem,) = [each for each in host.snapshot().problems if each.id == "probation:counting"]
        assert "save it" in problem.remedy


async def test_a_roll_back_by_hand_on_probation_loses_nothing_either(place: Place) -> None:
    """It went on with the state of the swap, and what came since was lost to it."""
    placed(place)
    async with place.host() as host:
        await swapped(host)
        second = serving(host)
        for _ in range(3):
            await host.emit("add", 1)
        report = await host.rollback("counting")
        assert "of events since then 3 were told to it again, calls were not" in report.notes
        assert await host.call("counting", "n") == 8
        assert second.status is Status.UNLOADED
        assert kinds(host.chronicle)[-1] is EventKind.SWAP_COMMITTED


async def test_a_load_that_fails_after_a_swap_for_it_loses_nothing(place: Place) -> None:
    placed(place)
    place.module("needing", "error('no')", more='[dependencies]\ncounting = "^2.0"\n')
    async with place.host() as host:
        host.parts.probations.clock = FakeClock()
        await host.load("counting", "==1.0.0")
        await host.emit("add", 5)
        waits = serving(host)
        with pytest.raises(HostError):
            await host.load("needing")
        assert serving(host) is waits
        assert await host.call("counting", "n") == 5


@pytest.mark.parametrize("by_hand", [True, False])
async def test_what_was_configured_on_probation_counts_for_what_comes_back(place: Place, *, by_hand: bool) -> None:
    """It ran with the settings of before, which nothing showed."""
    schema = '{"properties": {"size": {"type": "integer", "default": 1}, "VERSION": {"default": 1}}}'
    configured = "function M:configure(config) end M.exports.size = function() return M.config.size end return M"
    for version, source in (("1.0.0", OLD), ("2.0.0", new(entry=FAILS))):
        folder = place.module("counting", source.replace("return M", configured), version, folder=version, more=LIMITS)
        (folder / "config.schema.json").write_text(schema.replace("VERSION", f"of_{version[0]}"))
    async with place.host() as host:
        await swapped(host)
        await host.emit("add", 1)
        await host.configure("counting", {"size": 7})
        if by_hand:
            await host.rollback("counting")
        else:
            await fail(host)
            assert "1.0.0 began anew, as it was configured since the swap" in (await taken_back(host)).text
        assert await host.call("counting", "size") == 7
        assert await host.call("counting", "n") == 6
        assert serving(host).version == "1.0.0"


async def test_a_schema_that_cannot_be_used_any_more_keeps_nothing_from_going_back(place: Place) -> None:
    placed(place)
    async with place.host() as host:
        await swapped(host)
        await host.emit("add", 1)
        (place.root / "plugins" / "counting" / "1" / "config.schema.json").write_text("{")
        await fail(host)
        await taken_back(host)
        assert serving(host).version == "1.0.0"
        assert await host.call("counting", "n") == 6
