"""The order in which modules load: what is needed first, else by name, the same every time.

This is networkx's ``lexicographical_topological_sort``, and a law holds the two equal. It stands here because every
start of the host orders modules and hardly one meets a cycle, and importing networkx takes a fifth of the time in
which the engine is to be ready.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Edges = Mapping[str, frozenset[str]]
"""What each module needs before it, by name; every name is a key."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """Names in order.

    Attributes:
        names: all, or as many as can be ordered.
        rest: those on a cycle or behind one, with what they wait for.
        given_up: wishes that would have closed a cycle: the module, and what it wished before it.
    """

    names: tuple[str, ...]
    rest: Edges
    given_up: tuple[tuple[str, str], ...] = ()


def in_order(edges: Edges) -> Ordered:
    """Names sorted so that each stands after what it needs, and by name where that leaves a choice."""
    waiting = {name: len(needs) for name, needs in edges.items()}
    dependents: dict[str, list[str]] = {name: [] for name in edges}
    for name, needs in edges.items():
        for need in needs:
            dependents[need].append(name)
    ready = [name for name, count in waiting.items() if not count]
    heapq.heapify(ready)
    names = []
    while ready:
        name = heapq.heappop(ready)
        names.append(name)
        for dependent in dependents[name]:
            waiting[dependent] -= 1
            if not waiting[dependent]:
                heapq.heappush(ready, dependent)
    placed = frozenset(names)
    return Ordered(tuple(names), {name: needs - placed for name, needs in edges.items() if name not in placed})


def with_wishes(edges: Edges, wishes: Iterable[tuple[str, str]]) -> Ordered:
    """The order of ``edges``, with as many wishes for order as close no cycle, taken by name.

    Args:
        edges: without a cycle.
        wishes: pairs of a module and one that it wants to come after.
    """
    wanted = sorted({(name, before) for name, before in wishes if name in edges and before in edges})
    together = in_order(_joined(edges, wanted))
    if not together.rest:
        return together
    kept: list[tuple[str, str]] = []
    given_up = []
    joined = {name: set(needs) for name, needs in edges.items()}
    for name, before in wanted:
        if _reaches(joined, before, name):
            given_up.append((name, before))
        else:
            joined[name].add(before)
            kept.append((name, before))
    return Ordered(in_order(_joined(edges, kept)).names, {}, tuple(given_up))


def one_cycle(rest: Edges) -> tuple[str, ...]:
    """Any cycle among what could not be ordered, the same every time."""
    way = [min(rest)]
    places = {way[0]: 0}
    while True:
        name = min(rest[way[-1]])
        if name in places:
            return tuple(way[places[name] :])
        places[name] = len(way)
        way.append(name)


def _joined(edges: Edges, wishes: Iterable[tuple[str, str]]) -> Edges:
    joined = {name: set(needs) for name, needs in edges.items()}
    for name, before in wishes:
        joined[name].add(before)
    return {name: frozenset(needs) for name, needs in joined.items()}


def _reaches(edges: Mapping[str, set[str]], start: str, goal: str) -> bool:
    """Whether ``start`` needs ``goal``, at however many steps, or is it."""
    seen = {start}
    pending = [start]
    while pending:
        name = pending.pop()
        if name == goal:
            return True
        pending += [need for need in edges[name] if need not in seen]
        seen |= edges[name]
    return False
