"""A disk that takes nothing more costs no state while the host runs."""

from __future__ import annotations

import pytest

from host import Host
from tests.engine.place import Place

COUNTING = """local M = {n = 0}
M.hooks = {add = function() M.n = M.n + 1 end}
function M:getState() return {n = self.n} end
function M:setState(state) self.n = state.n end
return M"""


async def fill(place_host: Host, full: str) -> None:
    """Make the disk full, or give it space again."""
    await place_host.parts.keeping.store.ask(
        lambda store: store._connection.execute(f"PRAGMA query_only = {full}")  # noqa: SLF001 - as a disk that is full
    )


async def test_an_unload_on_a_full_disk_loses_no_state(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The load after it began with what had been kept before."""
    monkeypatch.setattr("host.storage.thread.AGAIN", 0.01)
    place.module("chat", COUNTING)
    async with place.host() as host:
        await host.load("chat")
        await host.emit("add")
        await host.unload("chat")
        await host.load("chat")
        await fill(host, "ON")
        await host.emit("add")
        await host.unload("chat")
        await host.parts.keeping.flush()
        assert "runs on and forgets what is new when it ends" in host.snapshot().problems[0].message
        await host.load("chat")
        assert await host.state("chat") == {"n": 2}
        await host.unload("chat")
        await fill(host, "OFF")
    async with place.host() as host:
        await host.load("chat")
        assert await host.state("chat") == {"n": 2}


async def test_what_a_full_disk_did_not_take_is_not_held_in_memory_once_it_is_written(place: Place) -> None:
    place.module("chat", COUNTING)
    async with place.host() as host:
        checkpoints = host.parts.keeping.checkpoints
        await host.load("chat")
        await fill(host, "ON")
        await host.unload("chat")
        await host.parts.keeping.flush()
        await checkpoints.let_go()
        assert checkpoints._unwritten.keys() == {"chat"}  # noqa: SLF001 - nothing else shows it
        await fill(host, "OFF")
        await host.load("chat", fresh=True)
        await host.parts.keeping.flush()
        await checkpoints.let_go()
        assert not checkpoints._unwritten  # noqa: SLF001 - as above


async def test_a_disk_that_takes_something_again_as_the_host_ends_has_all_states(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that too many others had followed were written after the end, which was a traceback."""
    monkeypatch.setattr("host.storage.thread.MOST", 1)
    for name in ("chat", "news"):
        place.module(name, COUNTING)
    async with place.host() as host:
        await host.load_all({"chat": "", "news": ""})
        await fill(host, "ON")
        await host.emit("add")
        for name in ("chat", "news"):
            await host.unload(name)
            await host.parts.keeping.flush()
        await fill(host, "OFF")
    async with place.host() as host:
        await host.load_all({"chat": "", "news": ""})
        assert [await host.state(name) for name in ("chat", "news")] == [{"n": 1}, {"n": 1}]
