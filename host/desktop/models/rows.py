"""How a list of keys becomes another in steps that a Qt model can tell one by one."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Removal:
    """Rows ``first`` to ``last`` go, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Insertion:
    """``count`` rows come in before row ``first``."""

    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Move:
    """One row goes up, from ``origin`` to ``target``."""

    origin: int
    target: int


Step = Removal | Insertion | Move


def steps(before: Sequence[Hashable], after: Sequence[Hashable]) -> Iterator[Step]:
    """The steps that lead from ``before`` to ``after``; keys are unique in each.

    Each step refers to the rows as the steps before it left them. Rows that stay are not mentioned.
    """
    rows = list(before)
    wanted = set(after)
    for removal in _removals(rows, wanted):
        del rows[removal.first : removal.last + 1]
        yield removal
    present = set(rows)
    at = 0
    while at < len(after):
        key = after[at]
        if at < len(rows) and rows[at] == key:
            at += 1
        elif key in present:
            origin = rows.index(key, at)
            rows.insert(at, rows.pop(origin))
            yield Move(origin, at)
            at += 1
        else:
            first = at
            while at < len(after) and after[at] not in present:
                at += 1
            rows[first:first] = after[first:at]
            yield Insertion(first, at - first)


def _removals(rows: Sequence[Hashable], wanted: set[Hashable]) -> list[Removal]:
    """The runs of rows that nobody wants, the last first, so that each leaves the others where they are."""
    runs: list[Removal] = []
    at = len(rows) - 1
    while at >= 0:
        if rows[at] in wanted:
            at -= 1
            continue
        last = at
        while at > 0 and rows[at - 1] not in wanted:
            at -= 1
        runs.append(Removal(at, last))
        at -= 1
    return runs


def runs(rows: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Ascending row numbers as first and last of each run of neighbours."""
    first = last = -1
    for row in rows:
        if row != last + 1 or first < 0:
            if first >= 0:
                yield first, last
            first = row
        last = row
    if first >= 0:
        yield first, last
