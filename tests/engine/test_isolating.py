"""Where a module runs is its manifest's word, the word of where it came from, and before both the user's."""

from __future__ import annotations

import pytest

from host import Host, HostError, SwapFailed
from host.vocabulary.errors import ModuleUnknown
from tests.engine.place import Place

KEEPING = """
local M = { hooks = {} }
local n = 0
function M.hooks.add(by) n = n + by end
function M:getState() return { n = n } end
function M:setState(state) n = state.n end
return M
"""


def isolated(host: Host, name: str = "m") -> bool:
    view = host.snapshot().modules[name]
    assert view.isolated == (view.pid != 0) == (view.process_memory > 0) == ("a process of its own" in view.truth)
    return view.isolated


async def test_a_running_module_moves_with_its_state_and_back(place: Place) -> None:
    place.module("m", KEEPING)
    async with place.host() as host:
        await host.load("m")
        await host.emit("add", 5)
        assert not isolated(host)
        assert await host.isolate("m")
        assert isolated(host)
        await host.emit("add", 5)
        assert not await host.isolate("m", "shared")
        assert not isolated(host)
        assert await host.state("m") == {"n": 10}


async def test_the_user_s_word_outlives_the_host_and_goes_before_the_manifest(place: Place) -> None:
    place.module("a", KEEPING, more='isolation = "process"\n')
    place.module("b", KEEPING)
    async with place.host() as host:
        assert not await host.isolate("a", "shared")
        assert await host.isolate("b", "process")
    async with place.host() as host:
        await host.load_all({"a": "", "b": ""})
        assert (isolated(host, "a"), isolated(host, "b")) == (False, True)
        assert await host.isolate("a", "")
        assert not await host.isolate("b", "")
        assert (isolated(host, "a"), isolated(host, "b")) == (True, False)


async def test_one_that_does_not_come_up_elsewhere_runs_on_where_it_ran(place: Place) -> None:
    folder = place.module("m", KEEPING)
    async with place.host() as host:
        await host.load("m")
        (folder / "init.lua").write_text("error('broken meanwhile')")
        with pytest.raises(SwapFailed, match="broken meanwhile"):
            await host.isolate("m")
        assert not isolated(host)
    (folder / "init.lua").write_text(KEEPING)
    async with place.host() as host:
        await host.load("m")
        assert not isolated(host)


async def test_what_makes_no_sense_is_refused(place: Place) -> None:
    place.module("m", KEEPING)
    async with place.host() as host:
        with pytest.raises(HostError, match="'alone' is no isolation; there are 'shared', 'process'; nothing"):
            await host.isolate("m", "alone")
        with pytest.raises(ModuleUnknown, match="did you mean 'm'"):
            await host.isolate("mm")
