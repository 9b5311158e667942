"""Long work in stretches, between which others have their turn."""

from __future__ import annotations

from time import perf_counter
from typing import Final

STRETCH_S: Final = 0.01
"""How long one piece of work goes on without giving way to anything else."""


class Stretch:
    """One stretch of work; where it is over, give way, and begin another."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Work on from now: what others took meanwhile does not count."""
        self._end = perf_counter() + STRETCH_S

    @property
    def over(self) -> bool:
        """Whether it is time to give way."""
        return perf_counter() >= self._end
