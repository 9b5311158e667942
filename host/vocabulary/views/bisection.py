"""How far a search for bad modules is."""

from __future__ import annotations

from msgspec import Struct


class BisectionView(Struct, frozen=True, kw_only=True):
    """A search, or that there is none.

    Attributes:
        text: what to look at now, or what was found; a sentence or two.
        total: how many modules ran when it began; 0 where none is under way.
        on: what of them is loaded for the trial, in load order.
        off: what of it should be loaded and did not load.
        answers: how many were given.
        most: how many more are needed at most, where one module is bad by itself; 0 once it is over.
        over: whether ``guilty`` is the answer: bad together, each only with the others; none where no module is.
    """

    text: str
    total: int = 0
    answers: int = 0
    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    most: int = 0
    over: bool = False
    guilty: tuple[str, ...] = ()
