"""Bursts: many changes within a moment, told once, in the event loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path


class Burst:
    """Gathers paths from any thread and delivers them when it has been quiet for a while.

    A whole burst costs one hop into the loop. A stream of changes that never rests is delivered piece by piece.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        deliver: Callable[[frozenset[Path]], None],
        *,
        quiet: float,
        longest: float,
    ) -> None:
        self._loop = loop
        self._deliver = deliver
        self._quiet = quiet
        self._longest = longest
        self._lock = threading.Lock()
        self._paths: set[str] = set()
        self._first = 0.0
        self._last = 0.0
        self._open = True
        self._timer: asyncio.TimerHandle | None = None

    def add(self, path: str) -> None:
        """Take a change; from any thread."""
        with self._lock:
            if not self._open:
                return
            self._last = time.monotonic()
            if not self._paths:
                self._first = self._last
                self._loop.call_soon_threadsafe(self._wait, self._quiet)
            self._paths.add(path)

    def close(self) -> None:
        """Deliver nothing any more; in the loop's thread."""
        with self._lock:
            self._open = False
            self._paths.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _wait(self, seconds: float) -> None:
        if self._open:
            self._timer = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        with self._lock:
            due = min(self._last + self._quiet, self._first + self._longest)
            left = due - time.monotonic()
            paths = frozenset(map(Path, self._paths)) if left <= 0 else None
            if paths is not None:
                self._paths.clear()
        if paths is None:
            self._wait(left)
        elif self._open:
            self._deliver(paths)
