"""Swaps that others refuse, and swaps of several modules, through the public Host."""

from __future__ import annotations

import asyncio
import time

import pytest

from host import Host
from host.vocabulary.errors import HostError, ResolutionFailed, SwapFailed
from host.vocabulary.events import EventKind
from tests.engine.place import Place, kinds

STATEFUL = """local M = {n = 0}
M.hooks = {add = function(k) M.n = M.n + k end}
function M:getState() return {n = self.n} end
function M:setState(state) self.n = state.n end
return M"""


@pytest.fixture
def tied(place: Place) -> Place:
    """``chat 1.0`` takes ``state 1.0`` alone, ``chat 1.5`` any."""
    place.module("state", STATEFUL, "1.0", folder="1")
    place.module("state", STATEFUL, "2.0", folder="2")
    place.module("chat", STATEFUL, "1.0", folder="1", more='[dependencies]\nstate = "<2"\n')
    place.module("chat", STATEFUL, "1.5", folder="2", more='[dependencies]\nstate = "*"\n')
    return place


def running(host: Host) -> dict[str, str]:
    views = host.snapshot().modules
    return {name: view.version for name, view in views.items() if view.status == "active"}


async def test_a_swap_that_a_dependent_refuses_names_the_swap_that_makes_it_legal(tied: Place) -> None:
    async with tied.host() as host:
        await host.load("chat", "==1.0")
        with pytest.raises(SwapFailed) as refusal:
            await host.swap("state", "2.0")
        assert refusal.value.report.further == {"chat": "1.5"}
        assert str(refusal.value) == (
            "state 2.0 was not swapped in (check): swap chat to 1.5 along with it: theseus swap state 2.0 chat 1.5; "
            "chat 1.0 needs state <2; 1.0 runs on with its state"
        )
        assert running(host) == {"chat": "1.0", "state": "1.0"}


async def test_with_the_further_swaps_it_is_done_and_every_state_is_kept(tied: Place) -> None:
    async with tied.host() as host:
        await host.load("chat", "==1.0")
        await host.emit("add", 3)
        report = await host.swap({"state": "2.0", "chat": "1.5"})
        assert (report.module, report.to_version) == ("state", "2.0")
        (other,) = report.others
        assert (other.module, other.from_version, other.to_version) == ("chat", "1.0", "1.5")
        assert other.pause_s == report.pause_s
        assert running(host) == {"chat": "1.5", "state": "2.0"}
        assert [await host.state("state"), await host.state("chat")] == [{"n": 3}, {"n": 3}]


async def test_a_roll_back_to_an_act_that_others_refuse_names_the_swap_that_makes_it_legal(tied: Place) -> None:
    tied.module("chat", STATEFUL, "1.5", folder="2", more='[dependencies]\nstate = ">=2"\n')
    async with tied.host() as host:
        await host.load("chat", "==1.0")
        await host.emit("add", 3)
        await host.swap({"state": "2.0", "chat": "1.5"})
        (loaded,) = [row.id for row in await host.history("state") if row.kind == "load"]
        with pytest.raises(SwapFailed) as refusal:
            await host.rollback("state", to=loaded)
        assert refusal.value.report.further == {"chat": "1.0"}
        assert str(refusal.value) == (
            "state 1.0 was not swapped in (check): swap chat to 1.0 along with it: theseus swap state 1.0 chat 1.0; "
            "chat 1.5 needs state >=2; 2.0 runs on with its state"
        )
        await host.swap({"state": "1.0", **refusal.value.report.further})
        assert running(host) == {"chat": "1.0", "state": "1.0"}
        assert await host.state("state") == {"n": 3}


async def test_a_roll_back_that_no_further_swap_makes_legal_says_what_refuses_it(tied: Place) -> None:
    tied.module("late", more='[dependencies]\nstate = ">=2"\n')
    async with tied.host() as host:
        await host.load("state", "==1.0")
        await host.swap("state", "2.0")
        await host.load("late")
        with pytest.raises(SwapFailed, match=r"late 1\.0\.0 needs state >=2") as refusal:
            await host.rollback("state")
        assert refusal.value.report.further == {}


async def test_where_one_of_several_fails_all_run_on_with_their_states(tied: Place) -> None:
    tied.module("chat", 'error("no")', "1.5", folder="2", more='[dependencies]\nstate = "*"\nextra = "*"\n')
    tied.module("extra")
    async with tied.host() as host:
        await host.load("chat", "==1.0")
        await host.emit("add", 3)
        with pytest.raises(SwapFailed) as refusal:
            await host.swap({"state": "2.0", "chat": "1.5"})
        assert refusal.value.report.module == "chat"
        (beside,) = refusal.value.report.others
        assert beside.error == f"chat 1.5, which goes with it, was refused: {refusal.value.report.error}"
        assert str(refusal.value).endswith("; chat 1.0, state 1.0 run on with their states")
        assert running(host) == {"chat": "1.0", "state": "1.0"}
        assert [await host.state("state"), await host.state("chat")] == [{"n": 3}, {"n": 3}]
        await host.emit("add", 1)
        assert await host.state("state") == {"n": 4}


async def test_a_swap_of_something_that_is_not_loaded_among_several_changes_nothing(tied: Place) -> None:
    async with tied.host() as host:
        await host.load("state", "==1.0")
        with pytest.raises(HostError, match="'chat' is not loaded"):
            await host.swap({"state": "2.0", "chat": "1.5"})
        with pytest.raises(HostError, match="no module was named"):
            await host.swap({})
        assert running(host) == {"state": "1.0"}
        assert EventKind.SWAP_COMMITTED not in kinds(host.chronicle)


async def test_what_a_new_version_needs_may_take_only_what_is_swapped_in_with_it(tied: Place) -> None:
    tied.module("chat", STATEFUL, "1.5", folder="2", more='[dependencies]\nstate = "*"\nextra = "*"\n')
    tied.module("extra", more='[dependencies]\nstate = "^2.0"\n')
    async with tied.host() as host:
        await host.load("chat", "==1.0")
        await host.swap({"state": "2.0", "chat": "1.5"})
        assert running(host) == {"chat": "1.5", "extra": "1.0.0", "state": "2.0"}


async def test_a_load_that_must_change_two_loaded_modules_at_once_does_so(tied: Place) -> None:
    tied.module("rooms", more='[dependencies]\nstate = "^2.0"\n')
    async with tied.host() as host:
        await host.load("chat", "==1.0")
        await host.load("rooms")
        assert running(host) == {"chat": "1.5", "rooms": "1.0.0", "state": "2.0"}


async def test_a_load_that_fails_leaves_the_versions_that_ran_before(tied: Place) -> None:
    tied.module("rooms", 'error("no")', more='[dependencies]\nstate = "^2.0"\n')
    async with tied.host() as host:
        await host.load("chat", "==1.0")
        with pytest.raises(HostError, match="rooms"):
            await host.load("rooms")
        assert running(host) == {"chat": "1.0", "state": "1.0"}


async def test_an_upgrade_swaps_a_module_and_what_it_needs_to_the_newest(tied: Place) -> None:
    async with tied.host() as host:
        await host.load("chat", "==1.0")
        await host.load("chat")
        assert running(host) == {"chat": "1.0", "state": "1.0"}
        plan = await host.resolve({"chat": ""}, upgrade=True)
        assert [(step.name, step.version) for step in plan.order] == [("state", "2.0"), ("chat", "1.5")]
        assert running(host) == {"chat": "1.0", "state": "1.0"}
        await host.load("chat", upgrade=True)
        assert running(host) == {"chat": "1.5", "state": "2.0"}


async def test_a_search_without_an_end_holds_up_nothing_and_says_what_was_at_odds(place: Place) -> None:
    pigeons = [f"pigeon{at}" for at in range(10)]
    for name in pigeons:
        for hole in range(9):
            bars = "".join(f'{other} = "=={hole}.0"\n' for other in pigeons if other != name)
            place.module(name, version=f"{hole}.0", folder=str(hole), more=f"[conflicts]\n{bars}")
    place.module("chat", STATEFUL)
    async with place.host() as host:
        await host.load("chat")
        searching = asyncio.create_task(host.load_all(dict.fromkeys(pigeons, "")))
        longest, emitted = 0.0, 0
        while not searching.done():
            began = time.monotonic()
            await host.emit("add", 1)
            await asyncio.sleep(0.001)
            longest, emitted = max(longest, time.monotonic() - began), emitted + 1
        with pytest.raises(ResolutionFailed, match="no choice was found within 2 s") as refusal:
            await searching
        assert refusal.value.causes
        assert await host.state("chat") == {"n": emitted}
        assert longest < 1.0
        assert running(host) == {"chat": "1.0.0"}
