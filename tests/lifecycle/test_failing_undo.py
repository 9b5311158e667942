"""What core modules did for a module is undone when it goes; a failure in that keeps nothing else from going."""

from __future__ import annotations

import pytest

from host.trust.caller import Caller
from host.vocabulary.identity import Tier
from host.vocabulary.manifest import Manifest
from host.vocabulary.states import Outcome
from tests.engine.place import Place, lines

HEARING = (
    "return {hooks = {told = function() end}, getState = function() return {n = 1} end, setState = function() end}"
)


def fail() -> None:
    raise OSError("it is stuck")


def test_what_core_modules_did_is_undone_newest_first_whatever_fails(place: Place) -> None:
    undone: list[str] = []
    caller = Caller(Manifest(name="m", version="1.0.0", tier=Tier.PLUGINS, folder=place.root), place.data)
    caller.at_end.update(first=lambda: undone.append("first"), stuck=fail, last=lambda: undone.append("last"))
    with pytest.raises(ExceptionGroup) as caught:
        caller.leave()
    assert [str(each) for each in caught.value.exceptions] == ["it is stuck"]
    assert undone == ["last", "first"]
    caller.leave()


async def test_a_module_that_goes_takes_its_hooks_along(place: Place) -> None:
    """Its hooks and timers stayed in the ledger."""
    place.module("m", HEARING)
    async with place.host() as host:
        await host.load("m")
        instance = host.parts.roster.get("m")
        instance.caller.at_end["stuck"] = fail
        await host.unload("m")
        assert len(instance.ledger) == 0
        assert (await host.emit("told")).delivered == 0
        assert any("it is stuck" in line for line in lines(host.chronicle))


@pytest.mark.parametrize("probation", [0, 10])
async def test_a_swap_is_committed_with_a_note(probation: float, place: Place) -> None:
    """With a probation it raised, though the new version answered."""
    for version in "12":
        place.module("m", HEARING, f"{version}.0.0", folder=version)
    async with place.host() as host:
        await host.load("m", "==1.0.0")
        host.parts.roster.get("m").caller.at_end["stuck"] = fail
        report = await host.swap("m", "2.0.0", probation=probation)
        assert report.outcome is Outcome.COMMITTED
        assert any("it is stuck" in note for note in report.notes)
        assert (await host.emit("told")).delivered == 1
        assert (await host.history("m"))[0].outcome is Outcome.COMMITTED
