"""Timers run while their module does, keep the time they had left over a pause, and go with it."""

from __future__ import annotations

import asyncio

import pytest

from host.lifecycle.timers import MOST, Fire, Timers
from tests.engine.place import DEADLINE, Place, lines, until_logged


class Beats:
    """What fired, and what ended by itself, with the loop's clock."""

    def __init__(self) -> None:
        self.fired: list[tuple[int, float]] = []
        self.ended: list[int] = []
        self.news = asyncio.Event()
        self.timers = Timers(self._fire, self.ended.append)

    def _fire(self, number: int, fire: Fire) -> None:
        self.fired.append((number, asyncio.get_running_loop().time()))
        fire(None)
        self.news.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(DEADLINE):
            while len(self.fired) < count:
                self.news.clear()
                await self.news.wait()


def nothing(_: object) -> None:
    """Do nothing."""


async def test_a_timer_waits_for_the_start_and_fires_once() -> None:
    beats = Beats()
    beats.timers.add(1, 0.0, nothing, repeating=False)
    await asyncio.sleep(0.005)
    assert beats.fired == []
    beats.timers.start()
    await beats.until(1)
    assert (beats.ended, len(beats.timers)) == ([1], 0)


async def test_a_repeating_timer_keeps_its_beat_and_leaves_missed_beats_out() -> None:
    beats = Beats()
    loop = asyncio.get_running_loop()
    beats.timers.start()
    began = loop.time()
    beats.timers.add(1, 0.01, nothing, repeating=True)
    await beats.until(2)
    blocked_until = loop.time() + 0.055
    while loop.time() < blocked_until:
        pass
    before = len(beats.fired)
    await beats.until(before + 2)
    beats.timers.pause()
    assert len(beats.fired) == before + 2
    late = [(at - began) % 0.01 for _, at in beats.fired[-1:]]
    assert late[0] < 0.009, "back on the beat, not one interval after whenever it fired"


async def test_a_pause_keeps_the_time_left() -> None:
    beats = Beats()
    loop = asyncio.get_running_loop()
    beats.timers.add(1, 0.05, nothing, repeating=False)
    beats.timers.start()
    await asyncio.sleep(0.03)
    beats.timers.pause()
    await asyncio.sleep(0.05)
    assert beats.fired == []
    resumed = loop.time()
    beats.timers.start()
    await beats.until(1)
    assert beats.fired[0][1] - resumed < 0.045


async def test_a_timer_that_is_cancelled_never_fires() -> None:
    beats = Beats()
    beats.timers.start()
    beats.timers.add(1, 0.0, nothing, repeating=False)
    beats.timers.add(2, 0.002, nothing, repeating=False)
    beats.timers.cancel(1)
    beats.timers.cancel(1)
    await beats.until(1)
    assert [number for number, _ in beats.fired] == [2]


async def test_there_is_a_most_of_timers() -> None:
    beats = Beats()
    assert all(beats.timers.add(number, 1.0, nothing, repeating=False) for number in range(MOST))
    assert not beats.timers.add(MOST, 1.0, nothing, repeating=False)


# -- as modules have them --


async def test_a_module_may_cancel_a_timer_from_within_it(place: Place) -> None:
    place.module(
        "m",
        """local M, n = {}, 0
        function M:init()
            local timer
            timer = host.every(1, function()
                n = n + 1
                if n == 3 then timer:cancel(); host.after(5, function() print("done", n) end) end
            end)
        end
        return M""",
    )
    async with place.host() as host:
        await host.load("m")
        await until_logged(host.chronicle, "done\t3".replace("\t", " "))
        assert host.snapshot().modules["m"].timers == 0


async def test_a_timer_that_raises_is_told_and_goes_on(place: Place) -> None:
    place.module(
        "m",
        """local M, n = {}, 0
        function M:init()
            host.every(1, function() n = n + 1; print("beat", n); if n == 1 then error("first") end end)
        end
        return M""",
    )
    async with place.host() as host:
        await host.load("m")
        await until_logged(host.chronicle, "beat 3")
        assert host.snapshot().modules["m"].faults == 1
        assert any("m failed in timer" in line for line in lines(host.chronicle))


async def test_a_module_that_goes_while_its_timer_is_due_is_not_called_again(place: Place) -> None:
    place.module("m", 'return {init = function() host.every(1, function() print("beat") end) end}')
    async with place.host() as host:
        await host.load("m")
        await until_logged(host.chronicle, "beat")
        due = asyncio.get_running_loop().time() + 0.01
        while asyncio.get_running_loop().time() < due:
            pass
        await host.unload("m")
        beats = len(lines(host.chronicle))
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert len(lines(host.chronicle)) == beats


@pytest.mark.parametrize("delay", ["-1", "0/0", "1/0", '"1"', "nil", "2^40"])
async def test_a_delay_that_is_none_is_a_mistake_that_names_the_function(place: Place, delay: str) -> None:
    place.module("m", f"return {{init = function() print(pcall(host.after, {delay}, function() end)) end}}")
    async with place.host() as host:
        await host.load("m")
        (line,) = lines(host.chronicle)
        assert line.startswith("false")
        assert "'after'" in line
