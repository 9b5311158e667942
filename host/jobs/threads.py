"""Threads that jobs run on: as many as there are processors, and more where jobs hold them for long."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final

MOST: Final = 32
"""Threads of one module."""
SOON: Final = 0.02
"""Seconds that work waits for a thread before there is one more."""
IDLE: Final = 5.0
"""Seconds after which a thread that has nothing to do ends."""
PATIENCE: Final = 5.0
"""Seconds that all have to end in."""

NICE: Final = 5
"""By which they give way to the engine's own thread."""

Work = Callable[[], None]


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Threads:
    """Runs work, first come, first served; threads come as they are needed and go when they are not.

    Work that waits gives its thread back and asks to be run again, so whoever holds one computes. A module whose
    jobs do so for long gets more threads, lest those keep its others from running.
    """

    def __init__(self, name: str, later: Callable[[float, Work], object], most: int = MOST) -> None:
        """Prepare; no thread is there yet.

        Args:
            name: of the threads.
            later: calls after so many seconds, on another thread than these.
            most: threads at once.
        """
        self._name = name
        self._later = later
        self._most = most
        self._at_once = min(max(2, processors()), most)
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()
        self._idle = 0
        self._watched = self._closed = False

    def __len__(self) -> int:
        return len(self._threads)

    def run(self, work: Work) -> None:
        """Have work done as soon as there is a thread for it; from any thread. Nothing once closed."""
        self._queue.put(work)
        if self._queue.qsize() > self._idle:
            self._grow()

    def _grow(self) -> None:
        """Start a thread, where there are few; else look a little later whether there are too few."""
        with self._lock:
            if self._closed or len(self._threads) >= self._most:
                return
            if len(self._threads) < self._at_once:
                self._start()
                return
            if self._watched:
                return
            self._watched = True
        self._later(SOON, self._relieve)

    def close(self) -> bool:
        """Have all end, once they have done what they do; whether they did in time."""
        with self._lock:
            self._closed = True
            threads = list(self._threads)
        for _ in threads:
            self._queue.put(None)
        deadline = time.monotonic() + PATIENCE
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _start(self) -> None:
        thread = threading.Thread(target=self._work, name=self._name, daemon=True)
        self._threads.add(thread)
        thread.start()

    def _relieve(self) -> None:
        """One thread more, where work still waits and none is free."""
        with self._lock:
            short = not self._closed and self._queue.qsize() > self._idle and len(self._threads) < self._most
            self._watched = short
            if short:
                self._start()
        if short:
            self._later(SOON, self._relieve)

    def _work(self) -> None:
        _give_way()
        while not self._closed and (work := self._next()) is not None:
            work()
            del work  # and with it what it holds, while this one waits
        with self._lock:
            self._threads.discard(threading.current_thread())

    def _next(self) -> Work | None:
        try:
            return self._queue.get_nowait()
        except Empty:
            with self._lock:
                self._idle += 1
        try:
            return self._queue.get(timeout=IDLE)
        except Empty:
            return None
        finally:
            with self._lock:
                self._idle -= 1


def _give_way() -> None:
    """Lower the priority of the calling thread; only Linux has one for each thread. Source: setpriority(2)."""
    if sys.platform == "linux":
        with suppress(OSError):  # where it is not allowed, all are equal
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
