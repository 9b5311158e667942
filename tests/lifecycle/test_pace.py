"""A module whose turns are many, or long, lets others have theirs in between; one that works a little never waits."""

from __future__ import annotations

import pytest

from host.lifecycle.pace import LONGEST_REST, STRETCH, Pace
from host.lifecycle.timers import Timers
from tests.lifecycle.test_timers import FakeClock


class Turns:
    """A pace on a clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 50.0
        self.pace = Pace(lambda: self.now)

    def take(self, seconds: float) -> None:
        self.now += seconds
        self.pace.spent(seconds)


def test_turns_that_come_to_little_are_followed_by_no_rest() -> None:
    turns = Turns()
    for _ in range(9):
        turns.take(STRETCH / 10)
        assert turns.pace.rest() == 0


@pytest.mark.parametrize(("turn", "count"), [(STRETCH / 4, 4), (STRETCH, 1), (STRETCH * 3, 1)])
def test_a_stretch_of_turns_is_followed_by_a_rest_as_long(turn: float, count: int) -> None:
    turns = Turns()
    for _ in range(count):
        turns.take(turn)
    assert turns.pace.rest() == pytest.approx(turn * count)
    turns.now += turn * count
    assert turns.pace.rest() == 0
    turns.take(STRETCH / 4)
    assert turns.pace.rest() == 0


def test_a_rest_is_never_long() -> None:
    turns = Turns()
    turns.take(100.0)
    assert turns.pace.rest() == pytest.approx(LONGEST_REST)


def test_what_lies_apart_is_no_stretch() -> None:
    turns = Turns()
    for _ in range(20):
        turns.take(STRETCH * 0.9)
        assert turns.pace.rest() == 0
        turns.now += STRETCH * 2


def test_timers_that_are_due_wait_for_the_rest_and_miss_no_beat() -> None:
    clock = FakeClock()
    fired: list[tuple[int, float]] = []
    rests = [0.0]
    timers = Timers(lambda number, _: fired.append((number, clock.now)), lambda _: None, clock, rest=lambda: rests[-1])
    timers.add(1, 1.0, lambda _: None, repeating=False)
    timers.add(2, 1.0, lambda _: None, repeating=True)
    timers.start()
    rests.append(0.25)
    clock.move(1.0)
    assert fired == []
    rests.append(0.0)
    clock.move(0.25)
    assert fired == [(1, 1.25), (2, 1.25)]
    clock.move(0.75)
    assert fired == [(1, 1.25), (2, 1.25), (2, 2.0)]


def test_a_timer_that_waits_for_the_rest_can_be_cancelled_and_paused() -> None:
    clock = FakeClock()
    fired: list[int] = []
    rests = [0.25]
    timers = Timers(lambda number, _: fired.append(number), lambda _: None, clock, rest=lambda: rests[-1])
    timers.add(1, 1.0, lambda _: None, repeating=False)
    timers.add(2, 1.0, lambda _: None, repeating=False)
    timers.start()
    clock.move(1.0)
    timers.cancel(1)
    timers.pause()
    rests.append(0.0)
    clock.move(5.0)
    assert fired == []
    timers.start()
    clock.move(0.0)
    assert fired == [2]
