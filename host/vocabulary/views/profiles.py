"""Where a module spent the last seconds."""

from __future__ import annotations

from msgspec import Struct


class FlameNode(Struct, frozen=True, kw_only=True):
    """A function, or the line that one was at, with what it called.

    Attributes:
        name: what it was registered as (``hook onMessage``), or is called; empty for a line.
        file, line: where it begins, by its path in the module.
        samples: in which it ran, or what it called.
        children: most samples first; the samples of a function are those of its children.
    """

    name: str
    file: str
    line: int
    samples: int
    children: tuple[FlameNode, ...] = ()


class Profile(Struct, frozen=True, kw_only=True):
    """What a module ran, outermost functions first.

    Attributes:
        seconds: how long it was looked at; 0.0 where that began just now.
        samples: all that were taken.
        unit: what one stands for.
        roots: most samples first.
        beyond: samples of what was too various to be kept.
    """

    seconds: float
    samples: int
    unit: str
    roots: tuple[FlameNode, ...] = ()
    beyond: int = 0
