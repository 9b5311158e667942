"""The one door in: pulls what changed and tells it to the models, no faster than anybody looks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from enum import Enum
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from host.desktop.link import Link
from host.protocol.refusal import Stopping
from host.vocabulary.errors import HostError, HostUnreachable

if TYPE_CHECKING:
    from host.protocol.messages import Source
    from host.vocabulary.views import Changes, EngineView

_ENDS: Final = frozenset({HostUnreachable.code, Stopping.code})
WAIT_S: Final = 1.0
"""How long one question may stay open; each answer brings the engine's own figures, changed or not."""
SILENT_S: Final = 4.0
"""After which an engine that owes an answer counts as silent."""


class Attention(Enum):
    """How closely somebody looks; the value is the shortest time between two pictures, in seconds."""

    FOCUSED = 1 / 30
    UNFOCUSED = 1 / 10
    HIDDEN = float("inf")


class Mirror(QObject):
    """Follows the engine; ``changed`` carries each answer, always of the engine that runs now.

    The first answer of an engine is complete, so what the models held of the one before goes by itself.
    """

    changed = Signal(object)
    engineChanged = Signal(object)
    silent = Signal(float)
    """For how many seconds an engine that is there did not answer; told each second until it does."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self._link = link
        self._attention = Attention.FOCUSED
        self._looking = asyncio.Event()
        self._looking.set()
        self._engine: EngineView | None = None

    @property
    def engine(self) -> EngineView | None:
        """The engine's own figures, as they were last heard."""
        return self._engine

    def attend(self, attention: Attention) -> None:
        """Look more or less closely from now on."""
        self._attention = attention
        if attention is Attention.HIDDEN:
            self._looking.clear()
        else:
            self._looking.set()

    async def run(self) -> None:
        """Follow one engine after the other, until cancelled."""
        while True:
            source = await self._link.wait_up()
            try:
                await self._follow(source)
            except HostError as end:
                if end.code not in _ENDS:
                    raise
                await self._link.wait_gone(source)

    async def _follow(self, source: Source) -> None:
        revision = 0
        while True:
            await self._looking.wait()
            started = time.monotonic()
            changes = await self._answered(source.changes(revision, WAIT_S))
            if self._link.connected and self._link.source is not source:
                return
            revision = changes.revision
            self._tell(changes)
            await self._rest(started)

    async def _answered(self, question: Awaitable[Changes]) -> Changes:
        """Wait for an answer, and say so where it is long in coming."""
        asked, started, patience = asyncio.ensure_future(question), time.monotonic(), SILENT_S
        try:
            while not (await asyncio.wait({asked}, timeout=patience))[0]:
                self.silent.emit(time.monotonic() - started)
                patience = WAIT_S
            return asked.result()
        finally:
            asked.cancel()

    def _tell(self, changes: Changes) -> None:
        self._engine = changes.engine
        self.changed.emit(changes)
        self.engineChanged.emit(changes.engine)

    async def _rest(self, started: float) -> None:
        if self._attention is not Attention.HIDDEN:
            await asyncio.sleep(max(0.0, self._attention.value - (time.monotonic() - started)))
