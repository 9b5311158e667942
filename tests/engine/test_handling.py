"""One hook, timer or task of a module is fired, muted or cancelled by hand."""

from __future__ import annotations

import asyncio

import pytest

from host import Host, HostError, ModuleFault
from host.vocabulary.errors import ModuleUnknown
from tests.engine.place import DEADLINE, Place, lines

SOURCE = """local M = {told = {}, beats = 0}
M.hooks = {say = function(word)
    if word == "fault" then error("no such word") end
    M.told[#M.told + 1] = tostring(word)
end}
M.exports = {
    told = function() return table.concat(M.told, ",") end,
    beats = function() return M.beats end,
    wait = function() host.sleep(60000) end,
}
function M:init()
    host.every(3600000, function() M.beats = M.beats + 1 end)
    host.after(3600000, function() M.beats = M.beats + 100 end)
end
return M"""
OTHER = 'return {hooks = {say = function() host.log.info("the other heard it") end}}'


async def opened(place: Place, host: Host) -> None:
    place.module("m", SOURCE)
    place.module("other", OTHER)
    await host.rescan()
    await host.load_all({"m": "", "other": ""})


def entry(host: Host, kind: str, at: int = 0) -> str:
    return [row.id for row in host.parts.inspection.activity("m") if row.kind == kind][at]


async def test_a_hook_is_fired_with_an_argument_and_no_other_hears_it(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        await host.fire("m", entry(host, "hook"), "hello")
        assert await host.call("m", "told") == "hello"
        assert "the other heard it" not in lines(host.chronicle)
        assert "hook say was fired by hand" in lines(host.chronicle, "m")


async def test_a_fault_of_what_is_fired_is_told_and_counted(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        with pytest.raises(ModuleFault, match="no such word"):
            await host.fire("m", entry(host, "hook"), "fault")
        assert host.snapshot().modules["m"].faults == 1


async def test_a_timer_is_due_when_it_is_said_and_keeps_its_beat(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        await host.fire("m", entry(host, "timer"))
        await host.fire("m", entry(host, "timer"))
        assert await host.call("m", "beats") == 2
        assert len(host.parts.roster.get("m").timers) == 2


async def test_a_timer_that_does_not_repeat_has_then_fired(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        once = entry(host, "timer", 1)
        await host.fire("m", once)
        assert await host.call("m", "beats") == 100
        with pytest.raises(HostError, match="nothing of that kind registered any more"):
            await host.fire("m", once)


async def test_a_muted_hook_hears_nothing_until_it_is_told_again(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        await host.mute("m", entry(host, "hook"))
        await host.emit("say", "one")
        assert [row.muted for row in host.parts.inspection.activity("m") if row.kind == "hook"] == [True]
        with pytest.raises(HostError, match="switched off"):
            await host.fire("m", entry(host, "hook"), "two")
        await host.mute("m", entry(host, "hook"), on=False)
        await host.emit("say", "three")
        assert await host.call("m", "told") == "three"
        assert lines(host.chronicle, "other") == ["the other heard it"] * 2


async def test_a_muted_timer_does_not_fire(place: Place) -> None:
    body = """local beats = 0
    return {init = function() host.every(1, function() beats = beats + 1 end) end,
        exports = {beats = function() return beats end}}"""
    async with place.host() as host:
        place.module("m", body)
        await host.rescan()
        await host.load("m")
        await host.mute("m", entry(host, "timer"))
        before = await host.call("m", "beats")
        assert len(host.parts.roster.get("m").timers) == 1
        host.parts.roster.get("m").timers.fire(int(entry(host, "timer").partition(".")[2]))
        assert await host.call("m", "beats") == before


async def test_a_mute_ends_with_the_version(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        await host.mute("m", entry(host, "hook"))
        await host.reload("m")
        await host.emit("say", "after")
        assert await host.call("m", "told") == "after"


async def test_a_timer_and_a_task_are_cancelled(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        await host.cancel("m", entry(host, "timer"))
        assert len(host.parts.roster.get("m").timers) == 1
        waiting = asyncio.ensure_future(host.call("m", "wait"))
        await asyncio.sleep(0)
        await host.cancel("m", entry(host, "task"))
        async with asyncio.timeout(DEADLINE):
            with pytest.raises(HostError, match="cancelled"):
                await waiting


async def test_what_belonged_to_the_version_before_is_refused(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        old = entry(host, "hook")
        await host.reload("m")
        for act in (host.fire, host.mute, host.cancel):
            with pytest.raises(HostError, match="swapped since"):
                await act("m", old)


@pytest.mark.parametrize("number", ["", "x", "999", "-1"])
async def test_what_is_not_there_is_refused(place: Place, number: str) -> None:
    async with place.host() as host:
        await opened(place, host)
        serial = entry(host, "hook").partition(".")[0]
        with pytest.raises(HostError, match="nothing of that kind"):
            await host.mute("m", f"{serial}.{number}")
        with pytest.raises(HostError, match="swapped since"):
            await host.mute("m", number)
        with pytest.raises(ModuleUnknown):
            await host.mute("nobody", f"{serial}.{number}")


async def test_what_cannot_be_done_with_a_thing_is_refused(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        with pytest.raises(HostError, match="done with a timer or a task"):
            await host.cancel("m", entry(host, "hook"))
        with pytest.raises(HostError, match="done with a hook or a timer"):
            await host.mute("m", entry(host, "export"))
