"""A picture of who needs whom, laid out: where each module and each arrow is, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Spot = tuple[float, int]
"""A middle, in characters from the left, and a layer, from 0 downwards."""


class Tie(StrEnum):
    """What one module has to do with another."""

    NEEDS = "needs"
    USES = "uses"
    """Where it is there."""
    CONFLICTS = "conflicts"


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphNode:
    """One module.

    Attributes:
        version: the one that is drawn; empty where there is none on disk.
        spot: the middle of its box; ``width`` of the box in characters.
        running: whether it runs, in whichever version.
        fault: why it could not be as it is drawn, one sentence; empty where it could.
        affected: whether it needs, at however many steps, the module that the picture is about.
    """

    name: str
    version: str
    tier: str
    spot: Spot
    width: float
    running: bool = False
    fault: str = ""
    affected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphArrow:
    """From a module that says something of another to that one.

    Attributes:
        specifier: the versions that it means.
        broken: it needs or uses a version that the other is not, or the two refuse one another.
        in_cycle: it lies on a circle of needs.
        way: the middles that it passes, both ends among them.
    """

    start: str
    end: str
    tie: Tie
    specifier: str
    broken: bool
    in_cycle: bool
    way: tuple[Spot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Modules and what is between them.

    Attributes:
        width: of all in characters.
        notes: what would follow, a sentence each; what is wrong, the nodes say.
    """

    nodes: tuple[GraphNode, ...] = ()
    arrows: tuple[GraphArrow, ...] = ()
    width: float = 0.0
    notes: tuple[str, ...] = ()
