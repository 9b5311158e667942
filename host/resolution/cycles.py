"""Cycles of modules that need one another, named for refusals.

The only importer of networkx, which takes 150 ms; so this module is imported where a cycle was met, and at no start.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
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
    deadline = clock() + patience
    found: dict[Cycle, None] = {}
    for cycle in chain(_smallest(edges, lambda: clock() > deadline), _longer(edges, found)):
        if cycle is not None:
            found[_turned(cycle)] = None
        if found and (clock() > deadline or len(found) >= MOST):
            return _sorted(found), False
    return _sorted(found), True


def _sorted(found: Iterable[Cycle]) -> list[Cycle]:
    return sorted(found, key=lambda cycle: (len(cycle), cycle))


def _smallest(edges: Edges, over: Callable[[], bool]) -> Iterator[list[str]]:
    """A smallest cycle through each module, where there is one; some more than once; one at least, however late it is.

    It goes along the edges as they are: in a dense graph, making one of networkx's takes longer than all the rest.
    """
    needs: dict[str, list[str]] = {}
    found = False
    for name in sorted(_needed(edges)):
        if found and over():
            return
        cycle = _smallest_through(edges, needs, name)
        if cycle:
            found = True
            yield cycle


def _needed(edges: Edges) -> set[str]:
    """The modules that something needs which is needed itself, and so on: those on a cycle, and those behind one."""
    counts = Counter(chain.from_iterable(edges.values()))
    pending = [name for name in edges if not counts[name]]
    for name in pending:
        counts.subtract(edges[name])
        pending += [need for need in edges[name] if not counts[need]]
    return edges.keys() - set(pending)


def _longer(edges: Edges, known: Iterable[Cycle]) -> Iterator[list[str] | None]:
    """Cycles of each knot, none smaller than the known; ``None`` now and then, so that somebody looks at a clock."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from((name, need) for name in sorted(edges) for need in sorted(edges[name]))
    parts = [
        part for part in nx.strongly_connected_components(graph) if len(part) > 1 or min(part) in graph.adj[min(part)]
    ]
    # A copy of the whole of a dense graph would take as long as all the rest.
    knots = [graph if len(part) == len(graph) else graph.subgraph(part).copy() for part in sorted(parts, key=min)]
    for knot in knots:
        smallest = min((len(cycle) for cycle in known if cycle[0] in knot), default=1)
        for length in range(smallest, len(knot) + 1):
            yield None
            for cycle in nx.simple_cycles(knot, length_bound=length):
                yield cycle if len(cycle) == length else None


def _smallest_through(edges: Edges, needs: dict[str, list[str]], name: str) -> list[str]:
    """A smallest cycle through one module; empty where it is on none. ``needs`` are edges in order, as far as met."""
    came_from = {name: name}
    reached = [name]
    for here in reached:
        if name in edges[here]:
            return _way_back(came_from, here, name)
        if here not in needs:
            needs[here] = sorted(edges[here])
        for need in needs[here]:
            if need not in came_from:
                came_from[need] = here
                reached.append(need)
    return []


def _way_back(came_from: dict[str, str], end: str, start: str) -> list[str]:
    way = [end]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return way[::-1]


def _turned(cycle: list[str]) -> Cycle:
    first = cycle.index(min(cycle))
    return (*cycle[first:], *cycle[:first])
