"""What an instance may ask for in a second, and how often it met a limit of any kind.

Source: the token bucket; J. Turner, "New directions in communications" (1986).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from host.vocabulary.errors import DeadlineExceeded, MemoryExceeded, ModuleFault, RateExceeded, RecursionExceeded
from host.vocabulary.manifest import Limits

RATES: Final = ("events", "timers", "log", "tasks")
"""Limits that are so many a second, by their keys in a manifest."""
TOLD_EACH: Final = 1.0
"""Seconds between two lines about the same limit; all are counted."""
ROUNDING: Final = 1e-6
"""By which sums of rates may be off."""
_OF_FAULTS: Final = {DeadlineExceeded: "call", MemoryExceeded: "memory", RecursionExceeded: "recursion"}


class Bucket:
    """Tokens of one rate: one second's worth at most, and at least one.

    Attributes:
        rate: tokens that come back in a second.
        left: tokens at ``at``.
        told_at: when the log was told last that it was empty.
    """

    __slots__ = ("at", "left", "most", "rate", "told_at")

    def __init__(self, rate: float, now: float) -> None:
        self.rate = rate
        self.most = max(1.0, rate)
        self.left = self.most
        self.at = now
        self.told_at = now - TOLD_EACH

    def take(self, now: float) -> bool:
        """Take one token; False where there is none."""
        self.left = min(self.most, self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left < 1.0:
            return False
        self.left -= 1.0
        return True

    def spent(self, now: float) -> float:
        """Tokens that were taken and are not back yet."""
        return max(0.0, self.most - self.left - (now - self.at) * self.rate)


class Quota:
    """The token buckets of one instance.

    Attributes:
        hits: how often each limit was met, by its key in the manifest; ``recursion`` has none.
    """

    def __init__(
        self, module: str, limits: Limits, on_over: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin with full buckets; ``on_over`` is told, once a second at most, what is refused."""
        self.hits: Final = Counter[str]()
        self._module = module
        self._on_over = on_over
        self._clock = clock
        now = clock()
        self._buckets: Final = {name: Bucket(getattr(limits, name), now) for name in RATES}

    def take(self, name: str, standing: float = 0.0) -> None:
        """Take one token; ``standing`` is how many a second are asked for already, this one included.

        Raises:
            RateExceeded: there is none, or more are asked for than come back.
        """
        bucket, now = self._buckets[name], self._clock()
        if standing <= bucket.rate + ROUNDING and bucket.take(now):
            return
        self.hits[name] += 1
        if now - bucket.told_at >= TOLD_EACH:
            bucket.told_at = now
            self._on_over(f"{RateExceeded(self._module, name, bucket.rate)} ({self.hits[name]:,} so far)")
        raise RateExceeded(self._module, name, bucket.rate)

    def hit(self, name: str) -> None:
        """Count a limit that was met elsewhere."""
        self.hits[name] += 1

    def faulted(self, fault: ModuleFault) -> None:
        """Count the limit that a fault tells of, where it does."""
        name = _OF_FAULTS.get(type(fault))
        if name is not None and not (isinstance(fault, RecursionExceeded) and fault.nested):
            self.hits[name] += 1

    def spent(self, name: str) -> float:
        """How many of the last second's tokens are not back yet."""
        return self._buckets[name].spent(self._clock())
