"""The search for bad modules: every trial loads what it needs and nothing else, and at the end all is as it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from host import Host, HostError
from host.vocabulary.states import Status
from host.vocabulary.views import BisectionView
from tests.engine.place import Place

COUNTING = """
local M = { hooks = {} }
local n = 0
function M.hooks.add(by) n = n + by end
function M:getState() return { n = n } end
function M:setState(state) n = state.n end
return M
"""


def ship(place: Place) -> None:
    """Six modules: ``b`` and ``c`` need ``a``, ``e`` needs ``c``."""
    for name, needs in {"a": "", "b": "a", "c": "a", "d": "", "e": "c", "f": ""}.items():
        place.module(name, COUNTING, more=f'[dependencies]\n{needs} = "*"\n' if needs else "")


async def loaded(host: Host) -> None:
    await host.load_all(dict.fromkeys("abcdef", ""))


def running(host: Host) -> str:
    return "".join(sorted(host.parts.roster.active))


async def found(host: Host, *bad: str) -> tuple[BisectionView, int]:
    """Search where each of ``bad`` is a set that is bad together."""
    step, asked = await host.bisect("begin"), 0
    while not step.over:
        is_bad = any(set(each) <= set(running(host)) for each in bad)
        step, asked = await host.bisect("bad" if is_bad else "good"), asked + 1
    return step, asked


async def test_the_first_trial_has_all_off_and_each_has_what_its_modules_need(place: Place) -> None:
    ship(place)
    async with place.host() as host:
        await loaded(host)
        first = await host.bisect("begin")
        assert (running(host), first.on, first.total) == ("", (), 6)
        assert first.text == "All modules are off (6 ran). Is it still bad?"
        second = await host.bisect("good")
        assert (running(host), second.on) == ("abc", ("a", "b", "c"))
        assert second.text == "3 of 6 modules are on: a, b and c. Is it bad now?"


@pytest.mark.parametrize("bad", ["a", "b", "c", "d", "e", "f"])
async def test_one_bad_module_is_found_and_all_but_it_runs_on(place: Place, bad: str) -> None:
    ship(place)
    async with place.host() as host:
        await loaded(host)
        step, asked = await found(host, bad)
        assert (step.guilty, asked <= 5) == ((bad,), True)
        assert step.text == f"{bad} is bad by itself; it and what needs it are off."
        without = {"a": "df", "b": "acdef", "c": "abdf"}.get(bad, "abcdef".replace(bad, ""))
        assert running(host) == without


async def test_two_that_are_bad_only_together_are_found(place: Place) -> None:
    ship(place)
    async with place.host() as host:
        await loaded(host)
        step, _ = await found(host, "bf")
        assert set(step.guilty) == {"b", "f"}
        assert "only together" in step.text


async def test_what_is_bad_with_all_off_is_no_module(place: Place) -> None:
    ship(place)
    async with place.host() as host:
        await loaded(host)
        step, asked = await found(host, "")
        assert (step.guilty, asked, running(host)) == ((), 1, "abcdef")


async def test_at_the_end_all_that_ran_runs_again_with_its_state_and_for_the_same_reason(place: Place) -> None:
    ship(place)
    async with place.host() as host:
        await host.load_all({"e": "", "d": ""})
        await host.emit("add", 7)
        before = {name: view.reason for name, view in host.snapshot().modules.items()}
        await found(host, "d")
        ended = await host.bisect("end")
        assert (ended.total, running(host)) == (0, "acde")
        assert await host.state("d") == {"n": 7}
        assert {name: view.reason for name, view in host.snapshot().modules.items()} == before


async def test_what_does_not_load_at_the_end_is_named_and_comes_back_once_it_can(place: Place) -> None:
    ship(place)
    entry = place.root / "plugins" / "e" / "init.lua"
    async with place.host() as host:
        await loaded(host)
        await host.emit("add", 7)
        await host.bisect("begin")
        entry.write_text("error('torn')")
        ended = await host.bisect("end")
        assert ended.text == "No search for a bad module is under way. e did not load, which Problems explains."
        assert running(host) == "abcdf"
    entry.write_text(COUNTING)
    async with place.host(restore=True) as host:
        assert running(host) == "abcdef"
        assert await host.state("e") == {"n": 7}


async def test_no_step_drops_what_was_typed_and_not_saved(place: Place) -> None:
    ship(place)
    async with place.host() as host:
        await loaded(host)
        await host.swap_source("d", {"init.lua": f"{COUNTING} -- typed"}, probation=0)
        with pytest.raises(HostError, match="save d or reload it first; nothing was changed"):
            await host.bisect("begin")
        assert (running(host), (await host.bisection()).total) == ("abcdef", 0)
        await host.save_source("d")
        assert (await host.bisect("begin")).total == 6


async def test_what_was_loaded_by_hand_in_the_last_trial_stays(place: Place) -> None:
    ship(place)
    place.module("x")
    async with place.host() as host:
        await loaded(host)
        await host.bisect("begin")
        await host.load("x")
        await host.bisect("end")
        assert running(host) == "abcdefx"


async def test_a_quarantined_module_begins_anew(place: Place) -> None:
    ship(place)
    place.module("q", "return { hooks = { fail = function() error('bad') end } }")
    async with place.host(quarantine=(1, 10.0)) as host:
        await host.load_all({"a": "", "q": ""})
        await host.emit("fail")
        assert host.snapshot().modules["q"].status is Status.QUARANTINED
        await host.bisect("begin")
        await host.bisect("end")
        assert host.snapshot().modules["q"].status is Status.ACTIVE


async def test_the_last_answer_can_be_taken_back(place: Place) -> None:
    ship(place)
    async with place.host() as host:
        await loaded(host)
        await host.bisect("begin")
        second = await host.bisect("good")
        await host.bisect("bad")
        assert await host.bisect("back") == second
        assert running(host) == "abc"


async def test_a_search_goes_on_where_the_host_was_ended(place: Place) -> None:
    ship(place)
    place.module("auto", more="autoload = true\n")
    async with place.host() as host:
        await loaded(host)
        await host.bisect("begin")
        trial = await host.bisect("good")
    for restore in (True, False):
        async with place.host(restore=restore, autoload=True) as host:
            assert running(host) == "abc"
            assert await host.bisection() == trial
    async with place.host() as host:
        await host.bisect("end")
        assert running(host) == "abcdef"
    async with place.host(restore=True) as host:
        assert running(host) == "abcdef"


async def test_what_does_not_load_in_a_trial_is_named(place: Place) -> None:
    ship(place)
    async with place.host() as host:
        await loaded(host)
        await host.bisect("begin")
        (place.root / "plugins" / "b" / "init.lua").write_text("error('torn')")
        trial = await host.bisect("good")
        assert (trial.off, running(host)) == (("b",), "ac")
        assert trial.text.endswith("b did not load, which Problems explains.")


@pytest.mark.parametrize(
    ("steps", "refused"),
    [
        (["good"], "no search for a bad module is under way"),
        (["back"], "no search for a bad module is under way"),
        (["end"], "no search for a bad module is under way"),
        (["begin", "begin"], "under way already"),
        (["begin", "back"], "no answer was given yet"),
        (["begin", "bad", "good"], "the search is over"),
        (["sideways"], "'sideways' is no step of a search; these are: begin, bad, good, back, end"),
    ],
)
async def test_a_step_that_is_none_now_changes_nothing(place: Place, steps: list[str], refused: str) -> None:
    ship(place)
    async with place.host() as host:
        await loaded(host)
        for step in steps[:-1]:
            await host.bisect(step)
        before = running(host), await host.bisection()
        with pytest.raises(HostError, match=refused):
            await host.bisect(steps[-1])
        assert (running(host), await host.bisection()) == before


async def test_with_nothing_loaded_there_is_nothing_to_search(place: Place) -> None:
    async with place.host() as host:
        with pytest.raises(HostError, match="no module is loaded"):
            await host.bisect("begin")


async def test_what_was_to_come_back_before_a_search_comes_back_after_it(place: Place, tmp_path: Path) -> None:
    """Its files were away when the search began, and the host ended amid it."""
    ship(place)
    folder = place.module("x")
    async with place.host() as host:
        await host.load_all(dict.fromkeys("adx", ""))
    folder.rename(tmp_path / "away")
    async with place.host(restore=True) as host:
        await host.bisect("begin")
    async with place.host(restore=True) as host:
        assert running(host) == ""
        await host.bisect("end")
        assert running(host) == "ad"
    (tmp_path / "away").rename(folder)
    async with place.host(restore=True) as host:
        assert running(host) == "adx"


async def test_what_could_not_be_loaded_again_is_not_taken_down(place: Place) -> None:
    ship(place)
    async with place.host() as host:
        await loaded(host)
        shutil.rmtree(place.root / "plugins" / "d")
        (place.root / "plugins" / "f" / "module.toml").write_text("name = ")
        await host.rescan()
        with pytest.raises(HostError, match=r"d and f could not be loaded again, .*nothing was changed"):
            await host.bisect("begin")
        assert running(host) == "abcdef"
        for name in "df":
            await host.unload(name)
        assert (await host.bisect("begin")).total == 4
