"""One answer to one event, and what is known of its calls."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from host.vocabulary.distribution import Distribution
from host.vocabulary.errors import ModuleFault
from host.vocabulary.payload import FaultRecord, Names, Payload, Shape

SAMPLE_EVERY: Final = 64
"""One emission in so many is timed, which takes 0.6 µs for each handler; the others pay nothing for it."""
KEPT: Final = 64

Scalar = Callable[[Payload], FaultRecord | None]
Packed = Callable[[Payload, int], FaultRecord | None]
Answer = Callable[..., tuple[Shape, Payload]]
Begin = Callable[[Shape, Payload], Callable[[], FaultRecord | None]]
FieldWay = Callable[..., FaultRecord | None]


@dataclass(slots=True)
class Timing:
    """Durations in seconds, of all calls at first, then of samples.

    Attributes:
        samples: calls that were timed.
        calls: calls that those stand for.
        total: seconds that those took, an estimate once there are samples.
        newest: the last ``KEPT`` that were timed.
        spread: of those, each as often as it stands for a call.
    """

    samples: int = 0
    calls: int = 0
    total: float = 0.0
    newest: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    spread: Distribution = field(default_factory=Distribution)

    @property
    def wanted(self) -> bool:
        """Whether so few calls were timed that each still is."""
        return self.samples < KEPT

    def add(self, seconds: float) -> None:
        stands_for = 1 if self.wanted else SAMPLE_EVERY
        self.samples += 1
        self.calls += stands_for
        self.total += seconds * stands_for
        self.newest.append(seconds)
        self.spread.add(seconds, stands_for)

    @property
    def mean(self) -> float:
        return self.total / self.calls if self.calls else 0.0

    @property
    def p95(self) -> float:
        ordered = sorted(self.newest)
        return ordered[int(len(ordered) * 0.95)] if ordered else 0.0


def no_way(_names: Names) -> None:
    """None: a handler that takes a table as bytes alone."""
    return


def _raised(error: Exception) -> FaultRecord:
    raise error


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Handler:
    """A handler in force.

    Attributes:
        owner: the module's name.
        priority: higher answers first.
        order: of registration within the owner.
        mark: what the crash marker shows while it runs.
        scalar, packed: call it with one plain value, or with packed ones; ``None``, or a record of its fault.
        fields: gives what calls it with the values of a table's fields, given their names; ``None``: only as bytes.
        answer: call it as a filter, with the value and the further arguments, each as shape and payload.
        used, ceiling: bytes that its owner's runtime holds, and above which it is not entered.
        full: whether it holds too much even after a collection.
        fault: the error for a record.
        unforeseen: the record for what ``scalar`` or ``packed`` raised; raises it where it is not of Lua.
        registration: the owner's number for it.
        begin: begins to tell it and gives what waits for the end; ``None`` where it is told at once.
        needs: names of all modules that its owner needs, directly or not.
    """

    owner: str
    event: str
    priority: float
    order: int
    mark: int
    scalar: Scalar
    packed: Packed
    answer: Answer
    used: Callable[[], int]
    ceiling: int
    full: Callable[[], bool]
    fault: Callable[[FaultRecord], ModuleFault]
    registration: int
    unforeseen: Callable[[Exception], FaultRecord] = _raised
    begin: Begin | None = None
    needs: frozenset[str] = frozenset()
    fields: Callable[[Names], FieldWay | None] = no_way
    timing: Timing = field(default_factory=Timing)
