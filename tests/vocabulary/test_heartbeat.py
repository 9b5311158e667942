"""A heartbeat tells of a gap once it is over, with what the thread was at meanwhile; else nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from host.vocabulary.heartbeat import DEEPEST, Heartbeat, stack_of
from host.vocabulary.marker import Entered, memory_marker
from host.vocabulary.states import Phase
from host.vocabulary.views import GapView

LATE = 0.05
FOREVER = float("inf")


class Told:
    """What a heartbeat told, and a way to be late until somebody has come to look."""

    def __init__(self) -> None:
        self.gaps: list[GapView] = []
        self.looked = threading.Event()
        self.entered = Entered()
        self.heartbeat = Heartbeat(self.gaps.append, self._look, LATE)

    def _look(self) -> Entered:
        self.looked.set()
        return self.entered

    def be_slow(self) -> None:
        assert self.looked.wait(10)
        deadline = time.monotonic() + LATE
        while time.monotonic() < deadline:
            pass


@pytest.fixture
def told() -> Iterator[Told]:
    found = Told()
    found.heartbeat.start()
    yield found
    found.heartbeat.stop()


def test_a_gap_is_told_with_the_function_that_the_thread_was_in(told: Told) -> None:
    told.heartbeat.beat(0.01)
    before = time.time()
    told.be_slow()
    told.heartbeat.beat(0.01)
    (gap,) = told.gaps
    assert LATE < gap.seconds < 10
    assert before - 10 < gap.at <= time.time()
    assert any(frame.endswith(" in be_slow") and "test_heartbeat.py:" in frame for frame in gap.stack)


def test_a_gap_says_how_much_of_it_was_computed(told: Told) -> None:
    told.heartbeat.beat(0.01)
    told.be_slow()
    told.heartbeat.beat(0.01)
    assert 0 < told.gaps[0].own_s <= told.gaps[0].seconds


def test_a_gap_names_the_module_whose_lua_ran(told: Told) -> None:
    told.entered = Entered("chat", "2.1.0", Phase.HOOK)
    told.heartbeat.beat(0.01)
    told.be_slow()
    told.heartbeat.beat(0.01)
    gap = told.gaps[0]
    assert (gap.module, gap.version, gap.inside) == ("chat", "2.1.0", "in a hook handler")


def test_a_rest_is_no_gap(told: Told) -> None:
    told.heartbeat.beat(FOREVER)
    assert not told.looked.wait(3 * LATE)
    told.heartbeat.beat(10)
    assert told.gaps == []


def test_a_beat_after_a_rest_is_looked_at_again(told: Told) -> None:
    told.heartbeat.beat(FOREVER)
    told.heartbeat.beat(0.01)
    told.be_slow()
    told.heartbeat.beat(10)
    assert len(told.gaps) == 1


def test_beats_in_time_are_not_looked_at(told: Told) -> None:
    for _ in range(100):
        told.heartbeat.beat(10)
    assert told.gaps == []
    assert not told.looked.is_set()


def test_of_a_long_gap_its_second_half_is_told(told: Told) -> None:
    told.heartbeat.beat(0.01)
    told.be_slow()
    told.entered = Entered("late", "1.0.0", Phase.TIMER)
    deadline = time.monotonic() + 10
    told.looked.clear()
    while not told.looked.is_set() and time.monotonic() < deadline:
        pass
    told.be_slow()
    told.heartbeat.beat(10)
    assert [gap.module for gap in told.gaps] == ["late"]


def test_a_stack_is_the_innermost_frames_and_of_a_thread_that_is_gone_none() -> None:
    def deep(levels: int) -> tuple[str, ...]:
        return deep(levels - 1) if levels else stack_of(threading.get_ident())

    stack = deep(2 * DEEPEST)
    assert len(stack) == DEEPEST
    assert stack[-2].endswith(" in deep")
    assert stack_of(1) == ()


def test_of_several_threads_the_one_that_is_asked_for_is_told() -> None:
    waits, goes = threading.Event(), threading.Event()

    def resting() -> None:
        waits.set()
        goes.wait(10)

    thread = threading.Thread(target=resting)
    thread.start()
    assert waits.wait(10)
    try:
        assert any(frame.endswith(" in resting") for frame in stack_of(thread.ident or 0))
        assert not any(frame.endswith(" in resting") for frame in stack_of(threading.get_ident()))
    finally:
        goes.set()
        thread.join()


def test_a_marker_says_who_is_entered() -> None:
    marker = memory_marker()
    assert marker.entered() == Entered()
    marker.cell[0] = marker.slot("chat", "1.0.0") << 8 | Phase.INIT
    assert marker.entered() == Entered("chat", "1.0.0", Phase.INIT)
    marker.cell[0] = 255
    assert marker.entered() == Entered()


class Freed:
    """Says in which thread it went."""

    def __init__(self, threads: list[int]) -> None:
        self._threads = threads

    def __del__(self) -> None:
        self._threads.append(threading.get_ident())


def test_what_a_frame_holds_that_was_looked_at_goes_in_its_own_thread(told: Told) -> None:
    threads: list[int] = []

    def holds() -> None:
        held = Freed(threads)
        told.be_slow()
        assert held is not None

    told.heartbeat.beat(0.01)
    holds()
    told.heartbeat.beat(10)
    assert threads == [threading.get_ident()]
    assert any(frame.endswith(" in holds") for frame in told.gaps[0].stack)
