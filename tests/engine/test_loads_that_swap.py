"""A load that has to swap what runs carries out its plan, whole and exactly."""

from __future__ import annotations

import asyncio

import pytest

from host import Host, LoadFailed
from host.engine import planning
from host.vocabulary.errors import ResolutionFailed
from tests.engine.place import Place


def placed(place: Place, *modules: str) -> None:
    """Each as ``name version need=range !conflict=range``; a need that ends with ``?`` is optional."""
    for module in modules:
        name, version, *ties = module.split()
        needs, conflicts = [], []
        for tie in ties:
            other, _, specifier = tie.partition("=")
            if other.startswith("!"):
                conflicts.append(f'{other[1:]} = "{specifier}"\n')
            else:
                optional = str(other.endswith("?")).lower()
                needs.append(f'{other.rstrip("?")} = {{ version = "{specifier}", optional = {optional} }}\n')
        more = "".join(["[dependencies]\n", *needs, "[conflicts]\n", *conflicts])
        place.module(name, "return {}", version, more=more, folder=version)


def running(host: Host) -> dict[str, str]:
    return {name: manifest.version for name, manifest in host.parts.roster.manifests.items()}


OLDER_NEEDS_MORE = ("am 2.0.0", "am 1.0.0 bm=*", "bm 1.0.0", "bm 2.0.0")


@pytest.mark.parametrize("asker", ["cm 1.0.0 am=^1 bm=^1", "cm 1.0.0 am=^1 !bm=>=2", "cm 1.0.0 am=^1 bm?=^1"])
async def test_what_a_swapped_module_newly_needs_comes_in_the_version_of_the_plan(place: Place, asker: str) -> None:
    """It came in its newest version, which what was loaded next does not take."""
    placed(place, *OLDER_NEEDS_MORE, asker)
    async with place.host() as host:
        await host.load("am")
        plan = await host.load("cm")
        assert {step.name: step.version for step in plan.order} == running(host)
        assert running(host) == {"am": "1.0.0", "bm": "1.0.0", "cm": "1.0.0"}


async def test_a_load_of_several_asks_those_of_the_plan_that_are_not_up_yet(place: Place) -> None:
    """One that came up last needed an older version than what came along with a swap."""
    placed(place, "am 1.0.0", "am 2.0.0 bm=*", "bm 1.0.0", "bm 2.0.0", "dm 1.0.0 bm?=^1")
    async with place.host() as host:
        await host.load("am", "==1.0.0")
        await host.load_all({"am": "^2", "dm": ""})
        assert running(host) == {"am": "2.0.0", "bm": "1.0.0", "dm": "1.0.0"}


async def test_where_the_last_of_a_plan_does_not_come_up_all_is_as_before(place: Place) -> None:
    placed(place, *OLDER_NEEDS_MORE, "cm 1.0.0 am=^1 bm=^1")
    place.module("cm", "error('no')", "1.0.0", more='[dependencies]\nam = "^1"\nbm = "^1"\n', folder="1.0.0")
    async with place.host() as host:
        await host.load("am")
        with pytest.raises(LoadFailed):
            await host.load("cm")
        assert running(host) == {"am": "2.0.0"}


def pigeons(place: Place, holes: int) -> None:
    """A module ``top`` that needs one pigeon more than there are holes, in which no two go together."""
    names = [f"p{at}" for at in range(holes + 1)]
    for name in names:
        for hole in range(1, holes + 1):
            conflicts = "".join(f'{other} = "=={hole}.0.0"\n' for other in names if other != name)
            place.module(name, "return {}", f"{hole}.0.0", more=f"[conflicts]\n{conflicts}", folder=str(hole))
    place.module("top", more="[dependencies]\n" + "".join(f'{name} = "*"\n' for name in names))


async def test_nobody_waits_for_a_hard_search_and_it_is_made_again_where_what_runs_changed(place: Place) -> None:
    """Whoever loaded anything else meanwhile waited until the search was over."""
    pigeons(place, 12)
    place.module("easy")
    async with place.host() as host:
        hard = asyncio.create_task(host.load("top"))
        await asyncio.sleep(0)
        await host.load("easy")
        assert not hard.done()
        await host.unload("easy")
        with pytest.raises(ResolutionFailed):
            await hard
        assert running(host) == {}


async def test_loads_that_are_found_at_once_happen_in_the_order_in_which_they_were_asked_for(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "PROMPT", 10.0)
    for name in ("one", "two", "three"):
        place.module(name)
    async with place.host() as host:
        await asyncio.gather(*(host.load(name) for name in ("two", "three", "one")), host.unload("three"))
        assert list(running(host)) == ["two", "one"]
