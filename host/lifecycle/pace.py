"""How long an instance's own turns may take at a stretch.

A thousand timers that are due at once are a thousand calls, each within its limit, and without this nobody else's turn
would come before the last of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

STRETCH: Final = 0.01
"""Seconds of turns after which others come first; one turn alone may be longer."""
LONGEST_REST: Final = 0.05
"""Seconds that an instance rests at most; else as long as its stretch was."""


class Pace:
    """The turns of timers and tasks of one instance."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._stretch = 0.0
        self._ended = self._rested = clock()

    def rest(self) -> float:
        """Seconds until the next turn may begin; 0.0 where it may now."""
        return max(0.0, self._rested - self._clock())

    def spent(self, seconds: float) -> None:
        """Note that a turn took so long, which has just ended."""
        now = self._clock()
        if now - seconds - self._ended >= STRETCH:  # others had theirs meanwhile
            self._stretch = 0.0
        self._stretch += seconds
        self._ended = now
        if self._stretch >= STRETCH:
            self._rested = now + min(self._stretch, LONGEST_REST)
            self._stretch = 0.0
