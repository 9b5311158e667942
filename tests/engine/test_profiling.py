"""Profiles: where a module spends its time, sampled only while somebody asks."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from host import Host, HostError
from host.engine import profiling
from host.runtime.codec import encode
from host.vocabulary.errors import ModuleUnknown
from host.vocabulary.views import FlameNode, Profile
from tests.engine.place import DEADLINE, Place

LIMITS = '[limits]\ncall = "5 s"\n'
BODY = """local function count(n)
    local sum = 0
    for i = 1, n do
        sum = sum + i % 7
    end
    return sum
end
local function both(n) local one = count(n); local two = count(n); return one + two end
local function sink(n) if n > 0 then return 1 + sink(n - 1) end local sum = count(20000) return sum end
return {hooks = {
    work = function(n) local sum = both(n) return nil, sum end,
    idle = function() end,
    fall = function(n) local sum = sink(n) return nil, sum end,
}, exports = {sum = function(n) local sum = count(n) return sum end}}"""


@pytest.fixture(params=[False, True], ids=["shared", "isolated"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place whose modules run in the engine's process, or each in one of its own."""
    return Place(tmp_path, isolated=request.param)


async def opened(place: Place, host: Host) -> None:
    place.module("busy", BODY, more=LIMITS)
    await host.rescan()
    await host.load("busy")
    assert host.parts.profiling.look("busy", 10) == Profile(
        seconds=0.0, samples=0, unit=host.parts.profiling.look("busy", 10).unit
    )


async def worked(host: Host, event: str = "work", argument: int = 50_000) -> Profile:
    """What was seen of a module that answers an event until something is."""
    async with asyncio.timeout(DEADLINE):
        while True:
            for _ in range(20):
                await host.emit(event, argument)
            profile = host.parts.profiling.look("busy", 10)
            if profile.samples > 20:
                return profile


async def unwatched(host: Host) -> None:
    async with asyncio.timeout(DEADLINE):
        while host.parts.profiling.watched:  # noqa: ASYNC110 - a timer ends it, and tells nobody
            await asyncio.sleep(0.005)


def busiest(nodes: tuple[FlameNode, ...]) -> list[FlameNode]:
    return [nodes[0], *busiest(nodes[0].children)] if nodes else []


async def test_what_ran_is_told_from_its_hook_to_the_line(either: Place) -> None:
    async with either.host() as host:
        await opened(either, host)
        path = busiest((await worked(host)).roots)
        assert [node.name for node in path] == ["hook work", "both", "count", ""]
        assert path[2].line == 1
        assert {node.file for node in path} == {"init.lua"}
        assert path[3].line in ({2, 3, 4, 5, 6} if either.isolated else {3, 4})  # of a compiled loop, any of its lines


async def test_the_samples_of_a_function_are_those_of_what_it_called(either: Place) -> None:
    async with either.host() as host:
        await opened(either, host)
        profile = await worked(host)
        assert sum(root.samples for root in profile.roots) == profile.samples

        def adds_up(node: FlameNode) -> bool:
            below = node.children
            return not below or (node.samples == sum(each.samples for each in below) and all(map(adds_up, below)))

        assert all(map(adds_up, profile.roots))


async def test_an_export_has_its_name(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        await host.call("busy", "sum", 1_000_000)
        (root,) = host.parts.profiling.look("busy", 10).roots
        assert root.name == "export sum"


async def test_a_timer_has_its_name(place: Place) -> None:
    body = """local function beat() local sum = 0 for i = 1, 100000 do sum = sum + i end end
    return {init = function() host.every(1, beat) end}"""
    async with place.host() as host:
        place.module("busy", body, more=LIMITS)
        await host.rescan()
        await host.load("busy")
        async with asyncio.timeout(DEADLINE):
            while not (roots := host.parts.profiling.look("busy", 10).roots):  # noqa: ASYNC110 - samples tell nobody
                await asyncio.sleep(0.01)
        assert roots[0].name == "timer"


async def test_a_deep_stack_shows_its_innermost_functions(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        path = busiest((await worked(host, "fall", 100)).roots)
        assert 30 < len(path) <= 41
        assert path[-2].name == "count"


async def test_what_does_nothing_has_no_samples(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        await host.emit("idle")
        assert host.parts.profiling.look("busy", 10).roots == ()


async def test_nothing_is_sampled_before_anybody_asks(place: Place) -> None:
    async with place.host() as host:
        place.module("busy", BODY, more=LIMITS)
        await host.rescan()
        await host.load("busy")
        await host.emit("work", 100_000)
        assert host.parts.profiling.watched == frozenset()
        assert host.parts.profiling.look("busy", 10).samples == 0
        assert host.parts.profiling.look("busy", 10).samples == 0


async def test_sampling_ends_when_nobody_asks_any_more(either: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiling, "LEASE_S", 0.02)
    async with either.host() as host:
        await opened(either, host)
        await unwatched(host)
        await host.emit("work", 200_000)
        assert host.parts.profiling.look("busy", 10).seconds == 0.0
        assert host.parts.profiling.look("busy", 10).samples == 0


async def test_a_module_that_goes_while_it_is_looked_at_harms_nothing(
    either: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiling, "LEASE_S", 0.02)
    async with either.host() as host:
        await opened(either, host)
        assert host.parts.profiling.watched == {"busy"}
        await host.unload("busy")
        await unwatched(host)
        with pytest.raises(ModuleUnknown):
            host.parts.profiling.look("busy", 10)


@pytest.mark.parametrize("seconds", [0, -1, 61, float("nan")])
async def test_a_span_that_is_none_is_refused(place: Place, seconds: float) -> None:
    async with place.host() as host:
        await opened(place, host)
        with pytest.raises(HostError, match="up to 60 s"):
            host.parts.profiling.look("busy", seconds)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"places": [], "stacks": {"1": 5}, "total": 5, "beyond": 0},
        {"places": [["a", "b", 1]], "stacks": {"x": 5}, "total": 5, "beyond": 0},
        {"places": [["a", "b", 1]], "stacks": {"1": -5}, "total": 5, "beyond": 0},
        {"places": [["a", "b"]], "stacks": {}, "total": 0, "beyond": 0},
        {"places": 3, "stacks": {}, "total": "many", "beyond": 0},
        {"places": [["a", "b", 1]], "stacks": {",".join(["1"] * 5000): 1}, "total": 1, "beyond": 0},
        {"places": [["a", "b", 1]], "stacks": {",".join(["1"] * 41): 1}, "total": 1, "beyond": 0},
        {"places": [["a", "b", 1]], "stacks": {f"{'0' * each}1": 1 for each in range(401)}, "total": 1, "beyond": 0},
        [1, 2],
        None,
    ],
)
async def test_samples_that_are_none_are_refused_with_the_modules_name(
    place: Place, said: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with place.host() as host:
        await opened(place, host)
        runtime = host.parts.roster.get("busy").runtime
        monkeypatch.setattr(runtime, "sample", lambda **_: encode(said))
        with pytest.raises(HostError, match="busy could not be looked into"):
            host.parts.profiling.look("busy", 10)


async def test_more_stacks_than_are_kept_are_counted(place: Place) -> None:
    body = (
        "return {hooks = {many = function()\n"
        + "".join(f"do local x = 0 for i = 1, 3000 do x = x + i end end -- {at}\n" for at in range(900))
        + "end}}"
    )
    async with place.host() as host:
        place.module("busy", body, more=LIMITS)
        await host.rescan()
        await host.load("busy")
        host.parts.profiling.look("busy", 10)
        await host.emit("many")
        profile = host.parts.profiling.look("busy", 10)
        kept = sum(root.samples for root in profile.roots)
        assert kept + profile.beyond == profile.samples > 0
