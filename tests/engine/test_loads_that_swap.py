"""A load that has to swap what runs carries out its plan, whole and exactly."""

from __future__ import annotations

import pytest

from host import Host, LoadFailed
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
