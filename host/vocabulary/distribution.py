"""How often values of some size came: what Prometheus calls a histogram."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Final

SECONDS: Final = tuple(digit * 10.0**exponent for exponent in range(-5, 1) for digit in (1.0, 2.5, 5.0))
"""Bounds for what takes 10 µs to 5 s."""


@dataclass(slots=True)
class Distribution:
    """Values by the first bound that is not below them.

    Attributes:
        bounds: in order; above the last there is one more bucket.
        counts: of each bucket.
        total: of all values.
    """

    bounds: tuple[float, ...] = SECONDS
    counts: list[int] = field(default_factory=list)
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = self.counts or [0] * (len(self.bounds) + 1)

    def add(self, value: float, times: int = 1) -> None:
        """Count a value that stands for so many."""
        self.counts[bisect_left(self.bounds, value)] += times
        self.total += value * times

    def include(self, other: Distribution) -> None:
        """Count all that another one with the same bounds has counted."""
        self.counts = [mine + its for mine, its in zip(self.counts, other.counts, strict=True)]
        self.total += other.total

    @property
    def count(self) -> int:
        return sum(self.counts)

    def buckets(self) -> list[tuple[str, float]]:
        """Each bound as text, and how many values do not lie above it; ``+Inf`` last."""
        below, found = 0, []
        for bound, count in zip((*self.bounds, float("inf")), self.counts, strict=True):
            below += count
            found.append(("+Inf" if bound == float("inf") else f"{bound:g}", float(below)))
        return found
