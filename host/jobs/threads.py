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

from host.vocabulary.views import ActivityRow

MOST: Final = 32
"""Threads of one module."""
SOON: Final = 0.02
"""Seconds that work waits for a thread before there is one more."""
IDLE: Final = 5.0
"""Seconds after which a thread that has nothing to do ends."""
PATIENCE: Final = 5.0
"""Seconds that all have to end in."""

NICE: Final = 5
"""By which a thread that computes for long gives way, to the engine's own above all."""

Work = Callable[[], None]


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Threads:
    """Runs work, first come, first served; threads come as they are needed and go when they are not.

    Work that waits gives its thread back and asks to be run again, so whoever holds one computes. A module whose
    jobs do so for long gets more threads, lest those keep its others from running; such a thread gives way to all
    others, and ends after that work, since none may take its priority back.
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
        self._busy: dict[int, float] = {}
        self._slow: set[int] = set()
        self._watched = self._closed = False

    def __len__(self) -> int:
        return len(self._threads)

    def run(self, work: Work) -> None:
        """Have work done as soon as there is a thread for it; from any thread. Nothing once closed."""
        self._queue.put(work)
        if self._queue.qsize() > self._idle:
            self._grow()

    def _grow(self) -> None:
        """Start a thread, where there are few."""
        with self._lock:
            if not self._closed and len(self._threads) < self._at_once:
                self._start()

    def activity(self) -> ActivityRow:
        """How many there are, and how much work waits for one."""
        with self._lock:
            busy, threads = len(self._busy), len(self._threads)
        return ActivityRow(
            kind="pool", name="threads", detail=f"{busy:,} of {threads:,} run, {self._queue.qsize():,} wait"
        )

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

    def _watch(self) -> None:
        """Have threads that compute for long give way, and start one more, where work still waits and none is free."""
        now = time.monotonic()
        with self._lock:
            for thread, since in self._busy.items():
                if now - since > SOON and thread not in self._slow:
                    self._slow.add(thread)
                    _give_way(thread)
            if not self._closed and self._queue.qsize() > self._idle and len(self._threads) < self._most:
                self._start()
            self._watched = bool(self._busy or self._queue.qsize()) and not self._closed
            again = self._watched
        if again:
            self._later(SOON, self._watch)

    def _work(self) -> None:
        own = threading.get_native_id()
        while own not in self._slow and not self._closed and (work := self._next()) is not None:
            with self._lock:
                self._busy[own] = time.monotonic()
                watched, self._watched = self._watched, True
            if not watched:
                self._later(SOON, self._watch)
            work()
            del work  # and with it what it holds, while this one waits
            with self._lock:
                del self._busy[own]
        with self._lock:
            self._slow.discard(own)
            self._threads.discard(threading.current_thread())
        if self._queue.qsize() > self._idle:
            self._grow()

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


def _give_way(thread: int) -> None:
    """Lower the priority of a thread; only Linux has one for each. Source: setpriority(2)."""
    if sys.platform == "linux":
        with suppress(OSError):  # where it is not allowed, or has ended, all are equal
            os.setpriority(os.PRIO_PROCESS, thread, NICE)
