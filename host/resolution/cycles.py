"""Cycles of modules that need one another, named for refusals.

The only importer of networkx, which takes 150 ms; so this module is imported where a cycle was met, and at no start.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import networkx as nx

from host.resolution.order import Edges

MOST: Final = 100
PATIENCE: Final = 0.4
"""Seconds after which no more cycles are looked for; a dense graph of 500 modules has more than can be counted."""

Cycle = tuple[str, ...]
Clock = Callable[[], float]


def cycles(edges: Edges, patience: float = PATIENCE, clock: Clock = time.monotonic) -> tuple[list[Cycle], bool]:
    """Cycles, the smallest first, then by name; at least one where there is any, and at most ``MOST``; and whether all.

    Each begins with its first name; every name needs the next, and the last the first. Where there is not the time for
    all, there is a smallest one through each module before there are others.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from((name, need) for name in sorted(edges) for need in sorted(edges[name]))
    deadline = clock() + patience
    found: dict[Cycle, None] = {}
    for cycle in _cycles(graph):
        if cycle is not None:
            found[_turned(cycle)] = None
        if found and (clock() > deadline or len(found) >= MOST):
            return _sorted(found), False
    return _sorted(found), True


def _sorted(found: Iterable[Cycle]) -> list[Cycle]:
    return sorted(found, key=lambda cycle: (len(cycle), cycle))


def _cycles(graph: nx.DiGraph[str]) -> Iterator[list[str] | None]:
    """Cycles as they are found, some more than once; ``None`` now and then, so that somebody looks at a clock."""
    parts = [
        part for part in nx.strongly_connected_components(graph) if len(part) > 1 or min(part) in graph.adj[min(part)]
    ]
    # A copy of the whole of a dense graph would take as long as all the rest.
    knots = [graph if len(part) == len(graph) else graph.subgraph(part).copy() for part in sorted(parts, key=min)]
    smallest: dict[int, int] = {}
    for place, knot in enumerate(knots):
        for name in knot:
            cycle = _smallest_through(knot, name)
            smallest[place] = min(smallest.get(place, len(cycle)), len(cycle))
            yield cycle
    for place, knot in enumerate(knots):
        for length in range(smallest[place], len(knot) + 1):
            for cycle in nx.simple_cycles(knot, length_bound=length):
                yield cycle if len(cycle) == length else None


def _smallest_through(knot: nx.DiGraph[str], name: str) -> list[str]:
    """A smallest cycle through one module of a knot, in which each reaches each."""
    came_from = {name: name}
    reached = [name]
    for here in reached:
        if knot.has_edge(here, name):
            return _way_back(came_from, here, name)
        for need in knot.adj[here]:
            if need not in came_from:
                came_from[need] = here
                reached.append(need)
    raise AssertionError(f"{name} is on no cycle of its knot")


def _way_back(came_from: dict[str, str], end: str, start: str) -> list[str]:
    way = [end]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return way[::-1]


def _turned(cycle: list[str]) -> Cycle:
    first = cycle.index(min(cycle))
    return (*cycle[first:], *cycle[:first])
