from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest

from host.jobs.threads import Threads

DEADLINE = 30.0


class Later:
    """Calls what is due when it is told to."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []

    def __call__(self, _seconds: float, call: Callable[[], None]) -> None:
        self.due.append(call)

    def go(self) -> None:
        due, self.due = self.due, []
        for call in due:
            call()


def _wait(gate: threading.Event) -> None:
    gate.wait(DEADLINE)


def test_work_is_done_and_no_thread_is_there_before_it_and_after_the_end() -> None:
    threads = Threads("worker of tests", Later())
    assert len(threads) == 0
    done = threading.Event()
    threads.run(done.set)
    assert done.wait(DEADLINE)
    assert threads.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "worker of tests"]


def test_work_that_others_keep_from_running_gets_a_thread_of_its_own_a_little_later() -> None:
    later = Later()
    threads, gate, through = Threads("worker", later, most=5), threading.Event(), threading.Event()
    for _ in range(4):
        threads.run(partial(_wait, gate))
    while len(threads) < 4:
        later.go()
    threads.run(through.set)
    assert not through.wait(0.01)
    while not through.wait(0.001):
        later.go()
    assert len(threads) == 5
    gate.set()
    assert threads.close()


def test_there_are_never_more_than_most() -> None:
    later = Later()
    threads, gate = Threads("worker", later, most=3), threading.Event()
    for _ in range(20):
        threads.run(partial(_wait, gate))
    while len(threads) < 3:
        later.go()
    for _ in range(20):
        later.go()
    assert len(threads) == 3
    gate.set()
    assert threads.close()


def test_nothing_runs_after_the_end() -> None:
    threads, ran = Threads("worker", Later()), threading.Event()
    assert threads.close()
    threads.run(ran.set)
    assert not ran.wait(0.01)


def test_a_thread_that_computed_for_long_ends_and_the_next_work_has_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.jobs.threads.SOON", -1.0)
    later, gate, begun, done = Later(), threading.Event(), threading.Event(), threading.Event()
    threads = Threads("long worker", later)

    def compute() -> None:
        begun.set()
        gate.wait(DEADLINE)

    threads.run(compute)
    assert begun.wait(DEADLINE)
    (old,) = [thread for thread in threading.enumerate() if thread.name == "long worker"]
    later.go()
    gate.set()
    old.join(DEADLINE)
    assert not old.is_alive()
    threads.run(done.set)
    assert done.wait(DEADLINE)
    assert threads.close()
