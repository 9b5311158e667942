"""Timers run while their module does, keep the time they had left over a pause, and go with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

import pytest

from host.lifecycle.timers import MOST, Fire, Timers
from tests.engine.place import Place, lines, until_logged


class Alarm:
    """A call at a time."""

    def __init__(self, when: float, call: Callable[[], None]) -> None:
        self.when = when
        self.call = call
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class FakeClock:
    """A clock that stands until it is moved; ``late`` seconds pass before whatever is due next is called."""

    def __init__(self) -> None:
        self.now = 0.0
        self.late = 0.0
        self._alarms: list[Alarm] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[[int], None], number: int, /) -> Alarm:
        self._alarms.append(Alarm(when, partial(callback, number)))
        return self._alarms[-1]

    def move(self, seconds: float) -> None:
        """Let time pass, and call what is due in it, in its order."""
        end = self.now + seconds
        while due := [each for each in self._alarms if not each.cancelled and each.when <= end]:
            first = min(due, key=lambda each: each.when)
            self._alarms.remove(first)
            self.now, self.late = max(self.now, first.when) + self.late, 0.0
            first.call()
        self.now = max(self.now, end)


class Beats:
    """What fired, and what ended by itself, with the time on its clock."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.fired: list[tuple[int, float]] = []
        self.ended: list[int] = []
        self.timers = Timers(self._fire, self.ended.append, self.clock)

    def _fire(self, number: int, fire: Fire) -> None:
        self.fired.append((number, self.clock.now))
        fire(None)


def nothing(_: object) -> None:
    """Do nothing."""


def test_a_timer_waits_for_the_start_and_fires_once() -> None:
    beats = Beats()
    beats.timers.add(1, 0.0, nothing, repeating=False)
    beats.clock.move(1.0)
    assert beats.fired == []
    beats.timers.start()
    beats.clock.move(1.0)
    assert (beats.fired, beats.ended, len(beats.timers)) == ([(1, 1.0)], [1], 0)


def test_a_repeating_timer_keeps_its_beat_and_leaves_missed_beats_out() -> None:
    beats = Beats()
    beats.timers.start()
    beats.timers.add(1, 1.0, nothing, repeating=True)
    beats.clock.move(2.0)
    beats.clock.late = 2.25
    beats.clock.move(5.0)
    assert [at for _, at in beats.fired] == [1.0, 2.0, 5.25, 6.0, 7.0]


def test_a_pause_keeps_the_time_left() -> None:
    beats = Beats()
    beats.timers.add(1, 1.0, nothing, repeating=False)
    beats.timers.start()
    beats.clock.move(0.75)
    beats.timers.pause()
    beats.clock.move(4.0)
    assert beats.fired == []
    beats.timers.start()
    beats.clock.move(1.0)
    assert beats.fired == [(1, 5.0)]


def test_a_timer_that_is_cancelled_never_fires() -> None:
    beats = Beats()
    beats.timers.start()
    beats.timers.add(1, 0.0, nothing, repeating=False)
    beats.timers.add(2, 1.0, nothing, repeating=False)
    beats.timers.cancel(1)
    beats.timers.cancel(1)
    beats.clock.move(2.0)
    assert [number for number, _ in beats.fired] == [2]


def test_there_is_a_most_of_timers() -> None:
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
