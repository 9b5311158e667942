"""What a host finds again at its next start: what was loaded, in which version, with which state."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing

import pytest

from host import SwapFailed
from host.runtime.codec import decode
from host.vocabulary.events import EventKind
from tests.engine.place import DEADLINE, Place, kinds

COUNTING = """local M = {n = 0}
M.hooks = {add = function(k) M.n = M.n + k end}
M.exports = {n = function() return M.n end}
function M:getState() return {n = self.n} end
function M:setState(state) self.n = state.n end
return M"""


async def test_what_was_loaded_comes_back_in_its_version_with_its_state(place: Place) -> None:
    place.module("chat", COUNTING, folder="1")
    place.module("chat", COUNTING, "2.0.0", folder="2")
    place.module("top", COUNTING, more='[dependencies]\nchat = "*"\n')
    async with place.host() as host:
        await host.load("chat", "==1.0.0")
        await host.load("top")
        await host.emit("add", 2)
    async with place.host(restore=True) as host:
        assert {name: each.version for name, each in host.parts.roster.active.items()} == {
            "chat": "1.0.0",
            "top": "1.0.0",
        }
        assert await host.call("chat", "n") == 2
        assert EventKind.ENGINE_DIED not in kinds(host.chronicle)


async def test_without_restore_nothing_comes_back_by_itself(place: Place) -> None:
    place.module("chat", COUNTING)
    async with place.host() as host:
        await host.load("chat")
    async with place.host() as host:
        assert dict(host.parts.roster.active) == {}


async def test_what_came_for_another_comes_back_for_it_alone(place: Place) -> None:
    place.module("base", COUNTING)
    folder = place.module("top", COUNTING, more='[dependencies]\nbase = "*"\n')
    async with place.host() as host:
        await host.load("top")
    (folder / "module.toml").write_text('name = "top"\nversion = "1.0.0"\n')
    async with place.host(restore=True) as host:
        assert list(host.parts.roster.active) == ["top"]


async def test_the_version_after_a_swap_comes_back(place: Place) -> None:
    place.module("chat", COUNTING, folder="1")
    place.module("chat", COUNTING, "2.0.0", folder="2")
    async with place.host() as host:
        await host.load("chat", "==1.0.0")
        await host.swap("chat", "2.0.0")
        await host.rollback("chat")
        await host.swap("chat", "2.0.0")
    async with place.host(restore=True) as host:
        assert host.snapshot().modules["chat"].version == "2.0.0"


async def test_where_the_version_is_gone_another_comes_back_and_where_all_are_gone_none(place: Place) -> None:
    place.module("chat", COUNTING, folder="1")
    place.module("chat", COUNTING, "2.0.0", folder="2")
    place.module("gone", COUNTING)
    async with place.host() as host:
        await host.load("chat", "==1.0.0")
        await host.load("gone")
        await host.emit("add", 4)
    shutil.rmtree(place.root / "plugins/chat/1")
    shutil.rmtree(place.root / "plugins/gone")
    async with place.host(restore=True) as host:
        assert {name: each.version for name, each in host.parts.roster.active.items()} == {"chat": "2.0.0"}
        assert await host.call("chat", "n") == 4


async def test_one_that_does_not_come_back_stops_no_other_and_is_told(place: Place) -> None:
    folder = place.module("bad", COUNTING)
    place.module("chat", COUNTING)
    async with place.host() as host:
        await host.load_all({"bad": "", "chat": ""})
        await host.emit("add", 4)
    (folder / "init.lua").write_text("return {")
    async with place.host(restore=True) as host:
        assert list(host.parts.roster.active) == ["chat"]
        assert kinds(host.chronicle) == [EventKind.MODULE_FAILED, EventKind.MODULE_LOADED]
    (folder / "init.lua").write_text(COUNTING)
    async with place.host() as host:
        await host.load("bad")
        assert await host.call("bad", "n") == 4, "its state was kept all the while"


async def test_a_session_at_odds_with_itself_brings_back_what_it_can(place: Place) -> None:
    place.module("a", COUNTING)
    place.module("b", COUNTING)
    async with place.host() as host:
        await host.load_all({"a": "", "b": ""})
    place.module("b", COUNTING, more='[conflicts]\na = "*"\n')
    async with place.host(restore=True) as host:
        assert list(host.parts.roster.active) == ["a"]
        assert EventKind.MODULE_FAILED in kinds(host.chronicle, "b")


async def test_autoload_and_what_was_loaded_come_together_once(place: Place) -> None:
    place.module("auto", COUNTING, more="autoload = true\n")
    place.module("asked", COUNTING)
    async with place.host(autoload=True) as host:
        await host.load("asked")
    async with place.host(autoload=True, restore=True) as host:
        assert sorted(host.parts.roster.active) == ["asked", "auto"]
        assert kinds(host.chronicle).count(EventKind.MODULE_LOADED) == 2


async def test_a_state_that_changed_is_kept_while_the_host_runs(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.engine.checkpoints.EVERY", 0.01)
    place.module("chat", COUNTING)
    async with place.host() as host:
        await host.load("chat")
        await host.emit("add", 7)
        async with asyncio.timeout(DEADLINE):
            while kept_state(place) != await host.state("chat"):  # noqa: ASYNC110 - what lies on disk tells no event
                await asyncio.sleep(0.005)


def kept_state(place: Place) -> object:
    """The checkpoint on disk, as another process would read it."""
    with closing(sqlite3.connect(f"file:{place.data}/theseus.sqlite3?mode=ro", uri=True)) as reading:
        row = reading.execute("SELECT state FROM checkpoints WHERE module = 'chat'").fetchone()
    return None if row is None else decode(row[0])


async def test_a_swap_is_on_disk_whole_or_not_at_all(place: Place) -> None:
    place.module("chat", COUNTING, folder="1")
    place.module(
        "chat", COUNTING.replace("return M", 'function M:validate() error("no") end return M'), "2.0.0", folder="2"
    )
    async with place.host() as host:
        await host.load("chat", "==1.0.0")
        await host.emit("add", 1)
        with pytest.raises(SwapFailed):
            await host.swap("chat", "2.0.0")
        await host.history("chat")
    async with place.host(restore=True) as host:
        assert host.snapshot().modules["chat"].version == "1.0.0"
        assert await host.call("chat", "n") == 1
        (newest, *_) = await host.history("chat")
        assert newest.kind == "load"
