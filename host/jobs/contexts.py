"""What tells jobs that they are no longer wanted: by hand, or after a time; and with it what came of it.

Source: Go's ``context``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

CANCELLED: Final = "context canceled"
EXCEEDED: Final = "context deadline exceeded"


class Context:
    """Is cancelled with the one that it came of.

    Attributes:
        deadline: when it is cancelled by itself, on its clock; ``None`` where it is not.
    """

    def __init__(
        self,
        parent: Context | None = None,
        seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make one.

        Args:
            parent: that it comes of.
            seconds: after which it is cancelled by itself; with its parent in any case.
            clock: goes on evenly.
        """
        self._parent = parent
        self._clock = clock
        self._cancelled = False
        own = None if seconds is None else clock() + seconds
        inherited = parent.deadline if parent else None
        self.deadline: float | None = min((each for each in (own, inherited) if each is not None), default=None)

    def cancel(self) -> None:
        if self.error is None:
            self._cancelled = True

    @property
    def error(self) -> str | None:
        """Why it is cancelled; ``None`` where it is not."""
        if self._cancelled:
            return CANCELLED
        if self._parent is not None and (inherited := self._parent.error) is not None:
            return inherited
        return EXCEEDED if self.deadline is not None and self._clock() >= self.deadline else None

    @property
    def seconds_left(self) -> float | None:
        return None if self.deadline is None else self.deadline - self._clock()
