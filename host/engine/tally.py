"""How many faults the code of each module had lately."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

GRAIN: Final = 0.1
"""Seconds that are counted together: a storm takes no more room than a trickle."""
MOST: Final = 100_000
"""Grains that are kept of a module, at most."""


class Tally:
    """Counts in grains of time.

    Attributes:
        clock: gives seconds from any point on.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._grains: dict[str, deque[tuple[int, int]]] = {}

    def add(self, name: str) -> None:
        """Count one."""
        now = int(self.clock() / GRAIN)
        grains = self._grains.setdefault(name, deque(maxlen=MOST))
        count = grains.pop()[1] if grains and grains[-1][0] == now else 0
        grains.append((now, count + 1))

    def within(self, name: str, seconds: float) -> int:
        """How many there were in the last so many seconds, to a grain."""
        after, count = int((self.clock() - seconds) / GRAIN), 0
        for at, some in reversed(self._grains.get(name, ())):
            if at < after:
                break
            count += some
        return count

    def forget(self, name: str) -> None:
        """Count anew."""
        self._grains.pop(name, None)
