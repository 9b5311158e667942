"""What tells jobs that they are no longer wanted: by hand, or after a time; and with it what came of it.

Source: Go's ``context``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from host.vocabulary.errors import HostError

CANCELLED: Final = "context canceled"
EXCEEDED: Final = "context deadline exceeded"
DEEPEST: Final = 1000
"""Contexts that one comes of: each asks all of them."""


class Context:
    """Is cancelled with the one that it came of.

    Attributes:
        cancelled: whether it was by hand, itself.
        depth: how many it comes of.
        parent: that it comes of.
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

        Raises:
            HostError: too many came of one another.
        """
        self.depth: int = 0 if parent is None else parent.depth + 1
        if self.depth > DEEPEST:
            raise HostError(f"a context that comes of more than {DEEPEST:,} others; make it of an earlier one")
        self.parent = parent
        self._clock = clock
        self.cancelled = False
        own = None if seconds is None else clock() + seconds
        inherited = parent.deadline if parent else None
        self.deadline: float | None = min((each for each in (own, inherited) if each is not None), default=None)

    def cancel(self) -> None:
        if self.error is None:
            self.cancelled = True

    @property
    def error(self) -> str | None:
        """Why it is cancelled; ``None`` where it is not."""
        link: Context | None = self
        while link is not None:
            if link.cancelled:
                return CANCELLED
            link = link.parent
        return EXCEEDED if self.deadline is not None and self._clock() >= self.deadline else None

    @property
    def seconds_left(self) -> float | None:
        return None if self.deadline is None else self.deadline - self._clock()
