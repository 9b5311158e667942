"""A version that does not give its state does not count; one that stops doing so can be left, with what was kept."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest

from host import Host, ModuleFault, SwapFailed
from host.storage.opening import DATABASE_NAME
from host.vocabulary.states import Outcome
from tests.engine.place import DEADLINE, Place
from tests.swap.counting import NEW, OLD, new, place_both
from tests.swap.test_probation import FakeClock

BREAKS = "if self.broken then error('no state') end return {n"
LIMITS = '[limits]\ncall = "2 s"\nmemory = "32 MiB"\n[swap]\nprobation = "0 s"\n'
PROBATION = '[limits]\ncall = "2 s"\nmemory = "32 MiB"\n'


def breaking(source: str, entry: str = "") -> str:
    """A version whose ``getState`` fails once it was told to."""
    text = source.replace("return {n", BREAKS).replace(
        "M.hooks = {", "M.hooks = {\n    broken = function() M.broken = true end,"
    )
    return text.replace("return M", f"{entry}\nreturn M")


async def test_a_version_that_cannot_give_its_state_back_is_refused(place: Place) -> None:
    """It committed, and nothing that was tried afterwards could be done without its state."""
    place_both(place, new().replace("return {n", "error('no state') return {n"))
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.emit("add", 5)
        rehearsed = await host.rehearse("counting", "2.0.0")
        with pytest.raises(SwapFailed, match=r"init.lua:\d+: no state") as refusal:
            await host.swap("counting", "2.0.0")
        assert refusal.value.report.failed_step == rehearsed.failed_step == "getState"
        assert await host.call("counting", "version") == "old"
        assert await host.state("counting") == {"n": 5, "heard": {}}


async def test_one_with_a_large_state_that_it_does_not_give_back_goes_by_itself(place: Place) -> None:
    place.module("counting", OLD, "1.0.0", folder="1", more=PROBATION)
    place.module("counting", new().replace("return {n", "error('no state') return {n"), "2.0.0", folder="2")
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.emit("hear", "x" * 70_000)
        with pytest.raises(SwapFailed, match="no state") as refusal:
            await host.swap("counting", "2.0.0")
        report = refusal.value.report
        assert (report.outcome, report.failed_step) == (Outcome.ROLLED_BACK, "getState")
        assert await host.call("counting", "version") == "old"
        row = (await host.history("counting"))[0]
        assert (row.kind, "did not give its state" in row.error) == ("rollback", True)
        assert await host.state("counting") == {"n": 0, "heard": ["x" * 70_000]}


MUTE = OLD.replace("return {n", "if #self.heard > 0 then error('no state') end return {n")
"""Gives its state until it has heard something."""


async def test_all_of_a_transaction_go_back_where_one_does_not_give_its_large_state(place: Place) -> None:
    place_both(place, new().replace("return {n", "error('no state') return {n"), more=PROBATION)
    for version in ("1.0.0", "2.0.0"):
        place.module("desk", OLD, version, folder=version)
    async with place.host() as host:
        await host.load_all({"counting": "==1.0.0", "desk": "==1.0.0"})
        await host.emit("hear", "x" * 70_000)
        with pytest.raises(SwapFailed) as refusal:
            await host.swap({"desk": "2.0.0", "counting": "2.0.0"})
        report = refusal.value.report
        assert (report.module, report.failed_step) == ("counting", "getState")
        (other,) = report.others
        assert "counting 2.0.0, which goes with it, was refused" in other.error
        assert {name: each.version for name, each in host.snapshot().modules.items()} == dict.fromkeys(
            ("counting", "desk"), "1.0.0"
        )
        assert [await host.state(name) for name in ("counting", "desk")] == [{"n": 0, "heard": ["x" * 70_000]}] * 2
        await host.emit("add", 1)
        assert await host.call("counting", "n") == 1


async def test_a_save_that_does_not_give_its_large_state_is_tried_once(place: Place) -> None:
    folder = place.module("counting", OLD, more=PROBATION)
    async with place.host(watch=True) as host:
        await host.load("counting")
        await host.emit("hear", "x" * 70_000)
        (folder / "init.lua").write_text(MUTE)
        async with asyncio.timeout(DEADLINE):
            while [row.kind for row in await host.history("counting")][:2] != ["rollback", "reload"]:
                await host.chronicle.newer_than(host.chronicle.revision, 0.05)
        assert await host.state("counting") == {"n": 0, "heard": ["x" * 70_000]}
        (folder / "init.lua").write_text(MUTE.replace("error('no state')", ""))
        async with asyncio.timeout(DEADLINE):
            while [row.kind for row in await host.history("counting")][:3] != ["reload", "rollback", "reload"]:
                await host.chronicle.newer_than(host.chronicle.revision, 0.05)
        assert "no state" not in " ".join(problem.message for problem in host.snapshot().problems)


async def stuck(host: Host) -> None:
    """Swap to a version that then counts one more, and gives its state no longer."""
    await host.load("counting", "==1.0.0")
    await host.emit("add", 5)
    await host.swap("counting", "2.0.0")
    await host.emit("add", 1)
    await host.emit("broken")


async def test_a_swap_from_one_that_does_not_give_its_state_names_the_ways_out(place: Place) -> None:
    place_both(place, breaking(NEW % dict.fromkeys(["init", "set_state", "migrate", "validate", "entry"], "")))
    async with place.host() as host:
        await stuck(host)
        with pytest.raises(SwapFailed, match="a roll-back, or a save that mends it, would go on with the state kept"):
            await host.swap("counting", "1.0.0")
        assert await host.call("counting", "n") == 6


async def test_a_roll_back_from_one_that_does_not_give_its_state_goes_on_with_what_was_kept(place: Place) -> None:
    place_both(place, breaking(new()))
    async with place.host() as host:
        await stuck(host)
        report = await host.rollback("counting")
        assert "what it has had since is lost" in report.notes[0]
        assert await host.call("counting", "version") == "old"
        assert await host.state("counting") == {"n": 5, "heard": {}}


async def test_on_probation_that_roll_back_loses_nothing(place: Place) -> None:
    place.module("counting", OLD, "1.0.0", folder="1", more=PROBATION)
    place.module("counting", breaking(new()), "2.0.0", folder="2", more=PROBATION)
    async with place.host() as host:
        await stuck(host)
        report = await host.rollback("counting")
        assert report.to_version == "1.0.0"
        assert await host.state("counting") == {"n": 6, "heard": {}}, "what came since was told to it"


async def test_what_waits_does_not_go_while_a_roll_back_to_it_waits_for_the_disk(place: Place) -> None:
    """Its time was over meanwhile, and what came back had cleaned up and held nothing."""
    place.module("counting", OLD, "1.0.0", folder="1", more=PROBATION)
    place.module("counting", breaking(new()), "2.0.0", folder="2", more=PROBATION)
    async with place.host() as host:
        clock = host.parts.probations.clock = FakeClock()
        await stuck(host)
        with closing(sqlite3.connect(place.data / DATABASE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            going_back = asyncio.create_task(host.rollback("counting"))
            done, _ = await asyncio.wait({going_back}, timeout=0.1)
            assert not done
            clock.pass_by(10)
            other.execute("ROLLBACK")
        await going_back
        assert await host.state("counting") == {"n": 6, "heard": {}}


async def test_a_save_that_mends_it_is_swapped_in(place: Place) -> None:
    place_both(place, breaking(new()))
    async with place.host() as host:
        await stuck(host)
        with pytest.raises(SwapFailed, match="a save that mends it"):
            await host.reload("counting")
        place.module("counting", new(entry="-- mended"), "2.0.0", folder="2", more=LIMITS)
        report = await host.reload("counting")
        assert "what it has had since is lost" in report.notes[0]
        assert await host.state("counting") == {"n": 5, "heard": {}}


async def test_a_save_that_mends_what_never_gave_a_state_begins_anew(place: Place) -> None:
    place.module("m", "return {getState = function() error('no state') end}")
    async with place.host() as host:
        await host.load("m")
        place.module("m", "return {getState = function() return {n = 1} end}")
        report = await host.reload("m")
        assert "it began anew, as no state of it was kept" in report.notes[0]
        assert await host.state("m") == {"n": 1}


async def test_the_state_in_hand_is_kept_where_the_new_version_gives_none(place: Place) -> None:
    """The next start then began with what was kept seconds before the swap."""
    place_both(place, breaking(new(set_state="self.broken = #state.heard[1] > 70000"), "-- large"))
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.emit("hear", "x" * 70_001)
        await host.emit("add", 3)
        with pytest.raises(SwapFailed, match="no state"):
            await host.swap("counting", "2.0.0", probation=10)
    async with place.host(restore=True) as host:
        assert await host.call("counting", "n") == 3


LATE = "local all = {} for at = 1, 12000 do all[at] = 1 end all[12001] = {[{}] = 1}"
PLACE = r"state\.all\[12001\] has a table for a key"


@pytest.mark.parametrize("probation", [0, 10])
async def test_a_table_for_a_key_late_in_a_large_state_is_named_wherever_the_state_is_asked_for(
    place: Place, probation: int
) -> None:
    """The swap counted, with a note, and every question for the state was answered with no place."""
    keeping = f"{LATE} return {{all = all, n"
    place_both(place, new().replace("return {n", keeping), first=OLD.replace("return {n", keeping))
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.emit("add", 5)
        with pytest.raises(ModuleFault, match=PLACE):
            await host.state("counting")
        told = await host.rehearse("counting", "2.0.0")
        assert (told.failed_step, "state.all[12001] has a table for a key" in told.error) == ("getState", True)
        with pytest.raises(SwapFailed, match=PLACE) as refusal:
            await host.swap("counting", "2.0.0", probation=probation)
        assert refusal.value.report.failed_step == "getState"
        assert await host.call("counting", "version") == "old"
        assert await host.call("counting", "n") == 5


async def test_a_version_that_makes_data_of_such_a_state_is_swapped_in(place: Place) -> None:
    place_both(place, new(), first=OLD.replace("return {n", f"{LATE} return {{all = all, n"))
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.emit("add", 5)
        assert "its state was not compared" in (await host.rehearse("counting", "2.0.0")).notes[-1]
        report = await host.swap("counting", "2.0.0")
        assert (report.outcome, "its state was not compared" in report.notes[-1]) == (Outcome.COMMITTED, True)
        assert await host.state("counting") == {"n": 5, "heard": {}}
        act = (await host.history("counting"))[1].id
        assert "a table with a table for a key" in (await host.compare("counting", act)).message


async def test_without_probation_a_large_state_too_is_given_back_before_it_counts(place: Place) -> None:
    """With nobody left to go back to, what had come since was lost."""
    place_both(place, new().replace("return {n", "error('no state') return {n"))
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.emit("hear", "x" * 70_000)
        with pytest.raises(SwapFailed, match="no state") as refusal:
            await host.swap("counting", "2.0.0")
        assert refusal.value.report.failed_step == "getState"
        assert await host.state("counting") == {"n": 0, "heard": ["x" * 70_000]}
