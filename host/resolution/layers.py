"""Places for the modules of a graph: in layers, each above what it needs, with few crossings and nothing overlapping.

Source: Sugiyama's method. Layers by longest path, stand-ins where an arrow passes a layer, order by medians of
neighbours, then places by moving each towards its neighbours as far as those beside it allow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from host.resolution.order import Edges, in_order

SWEEPS: Final = 12
"""Passes over all layers, down and up in turn; pictures hardly change after that."""

MOST_VISITS: Final = 300_000
"""Arrows that all passes together may look at; where there are more arrows, there are fewer passes."""

MOST_STAND_INS: Final = 20_000
"""Where there would be more, in a thicket that nobody can read anyway, arrows go straight."""

_THIN: Final = 8.0
"""Width of a stand-in."""

Node = str | tuple[str, str, int]
"""A module, or the stand-in of the arrow from one to another in a layer."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are, from 0 to the right, in units of the widths; layers from 0 downwards.

    Attributes:
        places: middle and layer of each module.
        ways: of each arrow the middles and layers that it passes, from the module that needs to the one needed.
        width: of all.
    """

    places: Mapping[str, tuple[float, int]]
    ways: Mapping[tuple[str, str], tuple[tuple[float, int], ...]]
    width: float


def layout(edges: Edges, widths: Mapping[str, float], gap: float) -> Layout:
    """Lay a graph out; cycles are allowed, one arrow of each then points upwards.

    Args:
        edges: what each module needs.
        widths: of each module.
        gap: at least so much room between two of a layer.
    """
    rows = _Rows(_layers(edges), edges, widths, gap)
    rows.untangle()
    return rows.placed()


def _layers(edges: Edges) -> dict[str, int]:
    """The layer of each module: one below the lowest that needs it. What stands alone is in the last rows."""
    ordered = in_order(edges)
    order = [*ordered.names, *sorted(ordered.rest)]
    rank = {name: at for at, name in enumerate(order)}
    layers = dict.fromkeys(edges, 0)
    for name in reversed(order):
        for need in edges[name]:
            if rank[need] < rank[name]:
                layers[need] = max(layers[need], layers[name] + 1)
    return layers


@dataclass
class _Rows:
    layers: dict[str, int]
    edges: Edges
    widths: Mapping[str, float]
    gap: float
    rows: list[list[Node]] = field(init=False)
    straight: bool = field(init=False)
    sweeps: int = field(init=False)
    above: dict[Node, list[Node]] = field(default_factory=dict)
    below: dict[Node, list[Node]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        layers = self.layers
        passed = sum(abs(layers[name] - layers[need]) for name in self.edges for need in self.edges[name])
        self.straight = passed > MOST_STAND_INS
        arrows = sum(map(len, self.edges.values())) if self.straight else 0
        self.sweeps = min(SWEEPS, MOST_VISITS // max(arrows, 1))
        self.rows = [[] for _ in range(max(self.layers.values(), default=-1) + 1)]
        for name in sorted(self.edges):
            self._admit(name, self.layers[name])
        for name in sorted(self.edges):
            for need in sorted(self.edges[name]):
                self._join(name, need)

    def untangle(self) -> None:
        """Order rows by the medians of their neighbours, down and up in turn; the order with fewest crossings wins."""
        best, fewest = [list(row) for row in self.rows], self._crossings()
        for sweep in range(self.sweeps):
            down = sweep % 2 == 0
            for at in range(1, len(self.rows)) if down else range(len(self.rows) - 2, -1, -1):
                self._sort(at, at - 1 if down else at + 1, self.above if down else self.below)
            if (crossings := self._crossings()) < fewest:
                best, fewest = [list(row) for row in self.rows], crossings
        self.rows = best

    def placed(self) -> Layout:
        """Give every node a middle; those of a row keep their order and the gap."""
        middles: dict[Node, float] = {}
        for row in self.rows:
            middles |= zip(row, self._apart(row, [0.0] * len(row)), strict=True)
        for sweep in range(self.sweeps):
            for row in self.rows if sweep % 2 == 0 else reversed(self.rows):
                middles |= zip(row, self._apart(row, [self._wish(node, middles) for node in row]), strict=True)
        left = min((middles[node] - self._half(node) for node in middles), default=0.0)
        right = max((middles[node] + self._half(node) for node in middles), default=0.0)
        places = {name: (middles[name] - left, layer) for name, layer in self.layers.items()}
        ways = {
            (name, need): tuple(self._spot(node, middles[node] - left) for node in self._way(name, need))
            for name in self.edges
            for need in self.edges[name]
        }
        return Layout(places, ways, right - left)

    def _admit(self, node: Node, layer: int) -> None:
        self.rows[layer].append(node)
        self.above[node], self.below[node] = [], []

    def _join(self, name: str, need: str) -> None:
        """Link two modules by way of a stand-in in each layer between them."""
        way = self._way(name, need)
        for node in way[1:-1]:
            self._admit(node, self._layer(node))
        for upper, lower in pairwise(way if self.layers[name] <= self.layers[need] else way[::-1]):
            self.below[upper].append(lower)
            self.above[lower].append(upper)

    def _way(self, name: str, need: str) -> tuple[Node, ...]:
        if self.straight:
            return name, need
        start, end = self.layers[name], self.layers[need]
        step = 1 if end >= start else -1
        return (name, *((name, need, layer) for layer in range(start + step, end, step)), need)

    def _layer(self, node: Node) -> int:
        return self.layers[node] if isinstance(node, str) else node[2]

    def _spot(self, node: Node, middle: float) -> tuple[float, int]:
        return middle, self._layer(node)

    def _half(self, node: Node) -> float:
        return (self.widths[node] if isinstance(node, str) else _THIN) / 2

    def _sort(self, at: int, beside: int, neighbours: Mapping[Node, list[Node]]) -> None:
        place = {node: index for index, node in enumerate(self.rows[beside])}
        now = {node: index for index, node in enumerate(self.rows[at])}

        def median(node: Node) -> tuple[float, int]:
            there = sorted(place[each] for each in neighbours[node] if each in place)
            middle = (there[len(there) // 2] + there[(len(there) - 1) // 2]) / 2 if there else float(now[node])
            return middle, now[node]

        self.rows[at].sort(key=median)

    def _crossings(self) -> int:
        return sum(self._crossings_below(at) for at in range(len(self.rows) - 1))

    def _crossings_below(self, at: int) -> int:
        """Pairs of arrows that change sides between two rows, counted with a Fenwick tree."""
        place = {node: index for index, node in enumerate(self.rows[at + 1])}
        tree = [0] * (len(place) + 1)
        crossings = seen = 0
        for node in self.rows[at]:
            ends = [place[each] for each in self.below[node] if each in place]
            crossings += sum(seen - _sum(tree, end + 1) for end in ends)
            for end in ends:
                _add(tree, end + 1)
            seen += len(ends)
        return crossings

    def _wish(self, node: Node, middles: Mapping[Node, float]) -> float:
        neighbours = [*self.above[node], *self.below[node]]
        return sum(middles[each] for each in neighbours) / len(neighbours) if neighbours else middles[node]

    def _apart(self, row: Sequence[Node], wishes: Sequence[float]) -> Iterable[float]:
        """The middles nearest to the wishes that keep all apart: the mean of pushing everything right, and left."""
        halves = [self._half(node) for node in row]
        right, left = list(wishes), list(wishes)
        for at in range(1, len(row)):
            right[at] = max(right[at], right[at - 1] + halves[at - 1] + halves[at] + self.gap)
        for at in range(len(row) - 2, -1, -1):
            left[at] = min(left[at], left[at + 1] - halves[at] - halves[at + 1] - self.gap)
        return ((one + other) / 2 for one, other in zip(right, left, strict=True))


def _add(tree: list[int], at: int) -> None:
    while at < len(tree):
        tree[at] += 1
        at += at & -at


def _sum(tree: Sequence[int], at: int) -> int:
    total = 0
    while at:
        total += tree[at]
        at -= at & -at
    return total
