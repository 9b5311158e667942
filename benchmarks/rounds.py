"""How often to measure, and in which order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from benchmarks.rows import Spread

Subject = Callable[[], Awaitable[float]]
"""Does its work once or many times; gives the seconds that one took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is done.

    Attributes:
        rounds: of each comparison of dispatch, of swaps of a small state.
        calls: of a hook in a round, over all modules that answer it: so many that what the peers left in the
            processor's cache does not count.
        table_rounds, tables: the same of those with a table: so many that each runtime collects its garbage nine or ten
            times in each round, so that one collection more is no great part of it.
        warm_up: calls before the first round: a runtime collects its garbage from then on.
        audiences: how many modules answer an event.
        found: how many module versions are found.
        graph: how many modules a graph has that is resolved.
        loads: how many modules are loaded.
        long_rounds: of what takes a good part of a second.
        records: of the large state.
        swaps: of one module, after which memory is looked at.
        settling: swaps before those.
        saves: of each kind.
        starts: of window and engine.
        shown: modules of which a window sees how they load.
        flood: seconds of their logging.
    """

    rounds: int
    calls: int
    table_rounds: int
    tables: int
    warm_up: int
    audiences: tuple[int, ...]
    found: int
    graph: int
    loads: tuple[int, ...]
    long_rounds: int
    records: int
    swaps: int
    settling: int
    saves: int
    starts: int
    shown: int
    flood: float


FULL = Size(
    rounds=41,
    calls=20_000,
    table_rounds=7,
    tables=900_000,
    warm_up=200_000,
    audiences=(1, 10, 100),
    found=10_000,
    graph=1_000,
    loads=(200, 1_000),
    long_rounds=9,
    records=100_000,
    swaps=1_000,
    settling=100,
    saves=25,
    starts=9,
    shown=200,
    flood=10.0,
)
QUICK = Size(
    rounds=15,
    calls=10_000,
    table_rounds=3,
    tables=900_000,
    warm_up=100_000,
    audiences=(1, 10, 100),
    found=10_000,
    graph=1_000,
    loads=(200, 1_000),
    long_rounds=3,
    records=100_000,
    swaps=1_000,
    settling=100,
    saves=7,
    starts=3,
    shown=200,
    flood=4.0,
)
TINY = Size(
    rounds=2,
    calls=6,
    table_rounds=2,
    tables=6,
    warm_up=3,
    audiences=(1, 3),
    found=5,
    graph=12,
    loads=(3,),
    long_rounds=2,
    records=20,
    swaps=3,
    settling=1,
    saves=1,
    starts=1,
    shown=3,
    flood=0.2,
)


async def interleaved(rounds: int, *subjects: Subject) -> tuple[Spread, ...]:
    """Measure A B A B ...: what the machine does meanwhile hits all alike."""
    samples: list[list[float]] = [[] for _ in subjects]
    for _ in range(rounds):
        for kept, subject in zip(samples, subjects, strict=True):
            kept.append(await subject())
    return tuple(Spread(tuple(each)) for each in samples)
