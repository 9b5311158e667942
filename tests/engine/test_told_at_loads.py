"""What a load tells: why a module that a start wanted did not load, and what to do."""

from __future__ import annotations

import pytest

from host import LoadFailed
from host.vocabulary.states import Status
from tests.engine.place import Place

NEEDY = 'autoload = true\n[dependencies]\ngone = "*"\n'


async def test_a_module_that_a_start_could_not_plan_is_a_failure_until_it_loads(place: Place) -> None:
    folder = place.module("needy", more=NEEDY)
    async with place.host(autoload=True) as host:
        (problem,) = host.snapshot().problems
        view = host.snapshot().modules["needy"]
        assert (problem.id, problem.module, view.status, view.version) == (
            "failed:needy",
            "needy",
            Status.FAILED,
            "1.0.0",
        )
        assert "gone" in problem.message
        assert "\n" not in problem.message
        assert (view.reason, view.next_step) == (problem.message, problem.remedy)
        (folder / "module.toml").write_text('name = "needy"\nversion = "1.0.0"\n')
        await host.rescan()
        await host.load("needy")
        assert host.snapshot().problems == ()
        assert host.snapshot().modules["needy"].status is Status.ACTIVE


async def test_a_problem_and_the_module_itself_name_one_remedy(place: Place) -> None:
    place.module("m", "return {getState = function() return {} end, setState = function() return false, 'no' end}")
    async with place.host() as host:
        await host.load("m")
    async with place.host() as host:
        with pytest.raises(LoadFailed):
            await host.load("m")
        (problem,) = host.snapshot().problems
        assert "theseus load m --fresh" in problem.remedy
        assert host.snapshot().modules["m"].next_step == problem.remedy
