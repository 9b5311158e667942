"""While a module's activity is looked at, it says who called what last, and what works beside the module."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from host import Host
from host.engine import callers
from host.engine.callers import HOST
from host.vocabulary.views import ActivityRow
from tests.engine.place import DEADLINE, Place

CORE = Path(__file__).parents[2] / "modules" / "core"
CHAT = """return {
    hooks = {say = function() end, shape = function(text) return text end},
    exports = {count = function() return 1 end, wait = function() host.sleep(1) end},
}"""
HUD = """local chat = require("chat")
return {exports = {
    tell = function() host.emit("say", "hi") end,
    shape = function() return host.filter("shape", "hi") end,
    count = function() return chat.count() end,
    wait = function() return chat.wait() end,
}}"""


async def begun(place: Place, host: Host, *, isolated: str = "") -> None:
    place.module("chat", CHAT, more=isolated)
    place.module("hud", HUD, more='[dependencies]\nchat = "*"\n')
    await host.rescan()
    await host.load("hud")
    host.parts.inspection.activity("chat")


def row(host: Host, kind: str, name: str, module: str = "chat") -> ActivityRow:
    (found,) = [each for each in host.parts.inspection.activity(module) if (each.kind, each.name) == (kind, name)]
    return found


@pytest.mark.parametrize(
    ("call", "kind", "name"),
    [("tell", "hook", "say"), ("shape", "hook", "shape"), ("count", "export", "count"), ("wait", "export", "wait")],
)
@pytest.mark.parametrize("isolated", ["", 'isolation = "process"\n'])
async def test_the_module_that_called_last_is_named(
    place: Place, call: str, kind: str, name: str, isolated: str
) -> None:
    async with place.host() as host:
        await begun(place, host, isolated=isolated)
        assert row(host, kind, name).last_caller == ""
        await host.call("hud", call)
        found = row(host, kind, name)
        assert (found.last_caller, found.last_called > 0) == ("hud", True)


async def test_where_no_module_called_the_host_did(place: Place) -> None:
    async with place.host() as host:
        await begun(place, host)
        await host.emit("say", "hi")
        await host.call("chat", "count")
        assert [row(host, "hook", "say").last_caller, row(host, "export", "count").last_caller] == [HOST, HOST]


async def test_a_native_export_names_its_caller_too(place: Place) -> None:
    async with Host([place.root, CORE.parent], place.data) as host:
        source = 'local time = require("time")\nreturn {exports = {now = function() return time.now() end}}'
        place.module("user", source, more='[dependencies]\ntime = "*"\n')
        await host.rescan()
        await host.load("user")
        host.parts.inspection.activity("time")
        await host.call("user", "now")
        assert row(host, "export", "now", "time").last_caller == "user"


async def test_once_nobody_looks_nothing_is_noted(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "LEASE_S", 0.01)
    async with place.host() as host:
        await begun(place, host)
        dispatch, chat = host.parts.roster.dispatch, host.parts.roster.get("chat")

        def heard() -> bool:
            return dispatch.heard is not None

        assert heard()
        async with asyncio.timeout(DEADLINE):
            while heard():  # noqa: ASYNC110 - a timer ends it, and tells nobody
                await asyncio.sleep(0.005)
        assert (dispatch.filtering, chat.called) == (None, None)


async def test_a_swap_on_probation_and_a_look_hear_the_same_events(place: Place) -> None:
    async with place.host() as host:
        await begun(place, host)
        place.module("chat", CHAT, "2.0.0", folder="2")
        await host.rescan()
        await host.swap("chat", "2.0.0", probation=60)
        host.parts.inspection.activity("chat")
        await host.call("hud", "tell")
        assert row(host, "hook", "say").last_caller == "hud"
        await host.rollback("chat")
        await host.call("hud", "tell")
        assert host.snapshot().modules["chat"].version == "1.0.0"


POOLS = """local goroutine = require("goroutine")
return {exports = {
    begin = function()
        assert(goroutine.pool_create("squares", {workers = 2, queue = 10}))
        for _ = 1, 5 do assert(goroutine.pool_submit("squares", function() goroutine.sleep(60000) end)) end
    end,
    done = function()
        assert(goroutine.pool_create("quick", {workers = 1, queue = 10}))
        assert(goroutine.pool_submit("quick", function() return 1 end))
        assert(goroutine.pool_submit("quick", function() error("no") end))
        goroutine.pool_wait("quick")
    end,
}}"""


@pytest.mark.skipif(sys.platform == "win32", reason="goroutine has threads of its own there")
async def test_pools_say_how_many_jobs_run_wait_and_ended(place: Place) -> None:
    async with Host([place.root, CORE.parent], place.data) as host:
        place.module("user", POOLS, more='[dependencies]\ngoroutine = "*"\n')
        await host.rescan()
        await host.load("user")
        assert [each for each in host.parts.inspection.activity("user") if each.kind == "pool"] == []
        await host.call("user", "begin")
        assert row(host, "pool", "squares", "user").detail == "2 of 2 run, 3 wait"
        await host.call("user", "done")
        quick = row(host, "pool", "quick", "user")
        assert (quick.detail, quick.calls, quick.faults) == ("0 of 1 run, 0 wait", 2, 1)
        assert row(host, "pool", "threads", "user").detail.endswith(" wait")
        await host.unload("user")


async def test_a_process_of_its_own_is_shown(place: Place) -> None:
    async with place.host() as host:
        await begun(place, host, isolated='isolation = "process"\n')
        pid = host.snapshot().modules["chat"].pid
        assert row(host, "process", f"process {pid}").detail.endswith(" MiB")
