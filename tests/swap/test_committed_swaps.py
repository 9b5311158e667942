"""A swap that succeeds: the state goes over, the old version goes whole, and others notice nothing."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest

from host import HostError, SwapFailed
from host.vocabulary.errors import ModuleUnknown, NothingToRollBack
from host.vocabulary.events import EventKind
from host.vocabulary.states import Outcome
from tests.engine.place import Place, kinds, lines, until_logged
from tests.swap.counting import LIMITS, OLD, new, place_both

REGISTRY = """local f
return {exports = {keep = function(g) f = g end, run = function() return f() end}}"""
SWITCH = """local off
return {hooks = {off = function(o) off = o end}, exports = {off = function() return off end}}"""
MIGRATING = "function M:migrate(state, from) print(from) return state end function M:cleanup"
STEPS = "check prepare pause snapshot init migrate setState validate getState commit resume retire"


async def test_the_report_tells_the_steps_and_what_became_of_the_state(place: Place) -> None:
    second = new().replace("return {n = self.n, heard = self.heard}", "return {n = self.n + 1, words = self.heard}")
    place_both(place, second.replace("hear = function", "listens = function"))
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        report = await host.swap("counting", "2.0.0")
        assert " ".join(step.name for step in report.steps) == STEPS
        assert 0 < report.pause_s < 1
        assert (report.outcome, report.failed_step, report.error) == (Outcome.COMMITTED, "", "")
        assert (report.kept, report.changed, report.dropped, report.added) == ((), ("n",), ("heard",), ("words",))
        assert (report.hooks_gained, report.hooks_lost) == (("listens",), ("hear", "listen"))
        (event,) = [each for each in host.chronicle.events_since(0) if each.event is EventKind.SWAP_COMMITTED]
        assert (event.version, event.pause_s) == ("2.0.0", report.pause_s)


async def test_the_new_version_takes_the_state_migrated(place: Place) -> None:
    place_both(place, new(migrate="state.n = state.n * 10; state.heard = {from}"))
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.emit("add", 5)
        await host.swap("counting", "2.0.0")
        assert await host.state("counting") == {"n": 50, "heard": ["1.0.0"]}


async def test_timers_of_the_old_version_end_and_those_of_the_new_one_run(place: Place) -> None:
    place_both(place, new(init='host.every(1, function() print("new beat") end)'))
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.emit("listen")
        await until_logged(host.chronicle, "beat")
        await host.swap("counting", "2.0.0")
        beats = lines(host.chronicle).count("beat")
        await until_logged(host.chronicle, "new beat", 5)
        assert lines(host.chronicle).count("beat") == beats


async def test_nothing_of_the_old_version_remains(place: Place) -> None:
    place_both(place, new())
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        old = host.parts.roster.get("counting")
        runtime, ledger, dead = old.runtime, old.ledger, weakref.ref(old)
        await host.swap("counting", "2.0.0")
        assert "old went" in lines(host.chronicle)
        assert (len(ledger), runtime.gone) == (0, True)
        del old
        gc.collect()
        assert dead() is None


async def test_dependents_keep_calling_through_require(place: Place) -> None:
    place_both(place, new())
    place.module(
        "caller",
        """local counting = require("counting")
        local version = counting.version
        return {exports = {ask = function() return counting.version(), version() end}}""",
        more='[dependencies]\ncounting = "*"\n',
    )
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.load("caller")
        assert await host.call("caller", "ask") == ("old", "old")
        await host.swap("counting", "2.0.0")
        assert await host.call("caller", "ask") == ("new", "new")
        await host.rollback("counting")
        assert await host.call("caller", "ask") == ("old", "old")


async def test_a_call_from_another_module_during_the_pause_is_refused_with_the_reason(place: Place) -> None:
    place_both(place, new(init='host.filter("ask", 0)'))
    place.module(
        "caller",
        """local counting = require("counting")
        return {hooks = {ask = function() print(pcall(counting.version)) end}}""",
        more='[dependencies]\ncounting = "*"\n',
    )
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.load("caller")
        await host.swap("counting", "2.0.0")
        (line,) = lines(host.chronicle, "caller")
        assert line.startswith("false")
        assert "counting is being swapped" in line


async def test_a_function_of_a_version_that_went_says_whose_it_was_and_when_it_went(place: Place) -> None:
    first = OLD.replace("function M:init()", "function M:init() require('registry').keep(function() return 1 end)")
    needs = '[dependencies]\nregistry = "*"\n'
    place.module("counting", first, "1.0.0", folder="1", more=needs)
    place.module("counting", new(), "2.0.0", folder="2", more=needs)
    place.module("registry", REGISTRY)
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        assert await host.call("registry", "run") == 1
        await host.swap("counting", "2.0.0")
        with pytest.raises(HostError, match=r"counting 1\.0\.0.*went at \d\d:\d\d:\d\d"):
            await host.call("registry", "run")


async def test_a_module_without_state_is_swapped(place: Place) -> None:
    place.module("plain", 'return {exports = {v = function() return "1" end}}', "1.0.0", folder="1")
    place.module("plain", 'return {exports = {v = function() return "2" end}}', "2.0.0", folder="2")
    async with place.host() as host:
        await host.load("plain", "==1.0.0")
        await host.swap("plain", "2.0.0")
        assert await host.call("plain", "v") == "2"
        assert await host.state("plain") is None


async def test_a_dependency_of_the_new_version_is_loaded_for_it(place: Place) -> None:
    place_both(place, new(init='print(require("needed").word())'), more=LIMITS + '[dependencies]\nneeded = "*"\n')
    place.module("needed", 'return {exports = {word = function() return "here" end}}')
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.swap("counting", "2.0.0")
        assert "here" in lines(host.chronicle, "counting")
        assert list(host.parts.roster.active) == ["needed", "counting"], "in load order"


@pytest.mark.parametrize("wanted", ["2.0.0", "2.0", "==2.0.0", ">=2", "^2.0", "2.x", "2.*", "", "~2.0"])
async def test_a_version_may_be_named_or_described(place: Place, wanted: str) -> None:
    place_both(place, new())
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        assert (await host.swap("counting", wanted)).to_version == "2.0.0"


async def test_a_version_that_is_none_is_refused_in_one_sentence(place: Place) -> None:
    place_both(place, new())
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        with pytest.raises(HostError, match=r"'2\.\.x' is not a version"):
            await host.swap("counting", "2..x")
        assert host.snapshot().modules["counting"].version == "1.0.0"


async def test_a_module_that_is_not_loaded_cannot_be_swapped(place: Place) -> None:
    place_both(place, new())
    async with place.host() as host:
        with pytest.raises(ModuleUnknown):
            await host.swap("counting", "2.0.0")
        with pytest.raises(ModuleUnknown):
            await host.rollback("counting")
        with pytest.raises(ModuleUnknown):
            await host.reload("counting")


async def test_a_pair_of_name_and_version_is_swapped_and_none_where_one_of_several_is_not_loaded(place: Place) -> None:
    place_both(place, new())
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        with pytest.raises(HostError, match="'other' is not loaded; load it first"):
            await host.swap({"counting": "2.0.0", "other": "1"})
        assert (await host.swap({"counting": "2.0.0"})).outcome is Outcome.COMMITTED


async def test_swaps_asked_for_at_once_run_one_after_another(place: Place) -> None:
    place_both(place, new())
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.emit("add", 3)
        reports = await asyncio.gather(*(host.swap("counting", v) for v in ("2.0.0", "1.0.0", "2.0.0", "2.0.0")))
        assert [(each.from_version[0], each.to_version[0]) for each in reports] == [
            ("1", "2"),
            ("2", "1"),
            ("1", "2"),
            ("2", "2"),
        ]
        assert await host.call("counting", "n") == 3


# -- rolling back --


async def test_a_rollback_takes_the_newest_state_where_migrate_takes_it(place: Place) -> None:
    first = OLD.replace(
        "function M:cleanup", "function M:migrate(state, from) print(from) return state end function M:cleanup"
    )
    place_both(place, new(), first=first)
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.emit("add", 1)
        await host.swap("counting", "2.0.0")
        await host.emit("add", 10)
        report = await host.rollback("counting")
        assert await host.state("counting") == {"n": 11, "heard": {}}
        assert (report.from_version, report.to_version, len(report.notes)) == ("2.0.0", "1.0.0", 1)
        assert "2.0.0" in lines(host.chronicle)


@pytest.mark.parametrize(
    "migrate", ["", 'function M:migrate() error("cannot") end', "function M:migrate() return {n = {}} end"]
)
async def test_a_rollback_falls_back_to_the_snapshot_where_the_newest_state_is_not_taken(
    place: Place, migrate: str
) -> None:
    first = OLD.replace("function M:cleanup", f"{migrate} function M:cleanup").replace(
        "self.n, self.heard = state.n, state.heard", "self.n, self.heard = state.n + 0, state.heard"
    )
    place_both(place, new(), first=first)
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.emit("add", 1)
        await host.swap("counting", "2.0.0")
        await host.emit("add", 10)
        report = await host.rollback("counting")
        assert await host.state("counting") == {"n": 1, "heard": {}}
        assert any("before the swap" in note for note in report.notes)
        assert host.snapshot().modules["counting"].version == "1.0.0"


async def test_a_rollback_brings_code_back_whose_files_are_gone(place: Place) -> None:
    folder = place.module("m", "return {exports = {v = function() return 1 end}}")
    async with place.host() as host:
        await host.load("m")
        (folder / "init.lua").write_text("return {exports = {v = function() return 2 end}}")
        await host.reload("m")
        assert await host.call("m", "v") == 2
        (folder / "init.lua").unlink()
        await host.rollback("m")
        assert await host.call("m", "v") == 1


async def test_there_is_nothing_to_roll_back_to_before_a_swap_and_after_all_were_taken_back(place: Place) -> None:
    place_both(place, new())
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        with pytest.raises(NothingToRollBack, match=rf"theseus rollback counting --to ID --data {place.data} brings"):
            await host.rollback("counting")
        await host.swap("counting", "2.0.0")
        await host.rollback("counting")
        with pytest.raises(NothingToRollBack):
            await host.rollback("counting")


async def test_a_rollback_that_fails_leaves_the_new_version_running_and_can_be_tried_again(place: Place) -> None:
    first = OLD.replace("function M:init()", "function M:init() if require('switch').off() then error('no') end")
    needs = '[dependencies]\nswitch = "*"\n[swap]\nprobation = "0 s"\n'
    place.module("counting", first, "1.0.0", folder="1", more=needs)
    place.module("counting", new(), "2.0.0", folder="2", more=needs)
    place.module("switch", SWITCH)
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.swap("counting", "2.0.0")
        await host.emit("add", 4)
        await host.emit("off", value := True)
        with pytest.raises(SwapFailed):
            await host.rollback("counting")
        assert await host.call("counting", "version") == "new"
        assert await host.call("counting", "n") == 4
        await host.emit("off", not value)
        await host.rollback("counting")
        assert await host.call("counting", "version") == "old"


async def test_a_rollback_brings_back_what_the_earlier_version_needs(place: Place) -> None:
    needs = '[dependencies]\nneeded = "*"\n'
    place.module("m", "return {exports = {w = function() return require('needed').w() end}}", folder="1", more=needs)
    place.module("m", "return {}", "2.0.0", folder="2")
    place.module("needed", "return {exports = {w = function() return 1 end}}")
    async with place.host() as host:
        await host.load("m", "==1.0.0")
        await host.swap("m", "2.0.0")
        await host.unload("needed")
        await host.rollback("m")
        assert await host.call("m", "w") == 1


async def test_a_rollback_to_a_version_that_others_no_longer_take_is_refused(place: Place) -> None:
    place_both(place, new())
    place.module("dependent", more='[dependencies]\ncounting = "^2.0"\n')
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.swap("counting", "2.0.0")
        await host.load("dependent")
        with pytest.raises(SwapFailed, match="dependent"):
            await host.rollback("counting")
        assert host.snapshot().modules["counting"].version == "2.0.0"


async def test_a_rollback_to_a_version_at_odds_with_what_was_loaded_since_is_refused(place: Place) -> None:
    place_both(place, new())
    place.module("counting", OLD, "1.0.0", folder="1", more='[conflicts]\nrival = "*"\n')
    place.module("rival")
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.swap("counting", "2.0.0")
        await host.load("rival")
        with pytest.raises(SwapFailed, match="rival"):
            await host.rollback("counting")
        assert host.snapshot().modules["counting"].version == "2.0.0"


async def test_the_history_of_a_module_names_what_was_done_newest_first(place: Place) -> None:
    place_both(place, new())
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.swap("counting", "2.0.0")
        await host.rollback("counting")
        await host.unload("counting")
        rows = await host.history("counting")
        assert [(row.kind, row.to_version) for row in rows] == [
            ("unload", "1.0.0"),
            ("rollback", "1.0.0"),
            ("swap", "2.0.0"),
            ("load", "1.0.0"),
        ]
        assert kinds(host.chronicle).count(EventKind.SWAP_COMMITTED) == 2
