"""The line to the engine: whom to ask now, and word when it goes and comes back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from host.vocabulary.errors import HostUnreachable

if TYPE_CHECKING:
    from host.protocol.messages import Source


@dataclass(frozen=True, slots=True)
class Loss:
    """The engine went.

    Attributes:
        at: seconds since the Unix epoch.
        text: what happened, one sentence.
        next_step: what happens now, one sentence.
        module: whom it was entering, empty where nobody.
        returns: whether somebody starts it again now.
    """

    at: float
    text: str
    next_step: str = ""
    module: str = ""
    returns: bool = True


class EngineAway(HostUnreachable):
    """No engine answers this window now; whoever keeps it says elsewhere what is done about that."""

    def __str__(self) -> str:
        return "the engine is not running at this moment; do it again once it is back"


class Link(QObject):
    """Holds the source in force; at most one, and none while the engine is down."""

    up = Signal(bool)
    """Whether it is *back*: up again after a loss."""
    down = Signal(object)
    givenUp = Signal(str)
    """The engine stays down until somebody wants it again; the sentence says why."""

    def __init__(self, data: str) -> None:
        super().__init__()
        self._data = data
        self._source: Source | None = None
        self._lost = False
        self._there = asyncio.Event()
        self._away = asyncio.Event()
        self._away.set()

    @property
    def source(self) -> Source:
        """Whom to ask.

        Raises:
            HostUnreachable: nobody answers now.
        """
        if self._source is None:
            raise EngineAway(self._data, "")
        return self._source

    @property
    def connected(self) -> bool:
        return self._source is not None

    def restore(self, source: Source) -> None:
        """The engine answers."""
        self._source = source
        self._away.clear()
        self._there.set()
        self.up.emit(self._lost)

    def lose(self, loss: Loss) -> None:
        """The engine went, or could not even start."""
        self._source = None
        self._lost = True
        self._there.clear()
        self._away.set()
        self.down.emit(loss)

    def give_up(self, text: str) -> None:
        """The engine will not come back by itself."""
        self._source = None
        self._lost = True
        self._there.clear()
        self._away.set()
        self.givenUp.emit(text)

    async def wait_up(self) -> Source:
        while self._source is None:
            await self._there.wait()
        return self._source

    async def wait_gone(self, source: Source) -> None:
        """Wait until this source is not the one to ask any more."""
        while self._source is source:
            await self._away.wait()
