"""Asking again and again, while somebody looks and not a moment longer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from host.desktop.errands import Errands
from host.vocabulary.errors import HostError

_SOON_S: Final = 1.0
"""After a refusal, as by an engine that is only starting."""
_LEISURE: Final = 10
"""The next question waits this many times as long as the answer took, at least: a large state costs the engine some."""


class Reading(QObject):
    """Calls ``read`` while ``panel`` is seen; a refusal is told through ``failed`` and asked again later."""

    failed = Signal(str)

    def __init__(
        self, panel: QWidget, errands: Errands, read: Callable[[], Awaitable[None]], period_s: float = 1.0
    ) -> None:
        super().__init__(panel)
        self._panel = panel
        self._errands = errands
        self._read = read
        self._period = period_s
        self._task: asyncio.Task[None] | None = None
        self._seen = False
        self._held = False
        self._turn = 0
        self._now = asyncio.Event()
        panel.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Show:
            self._begin()
        elif event.type() is QEvent.Type.Hide:
            self._end()
        return super().eventFilter(watched, event)

    def hold(self, *, on: bool) -> None:
        """Ask for nothing more until it is let go."""
        self._held = on
        self.again()

    @Slot()
    def again(self) -> None:
        """Read now, and not only when the period is over."""
        self._now.set()

    def _begin(self) -> None:
        if not self._seen:
            self._seen = True
            self._turn += 1
            self._task = self._errands.run(self._keep_reading(self._turn), f"read {self._panel.objectName()}")

    def _end(self) -> None:
        self._seen = False
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _keep_reading(self, turn: int) -> None:
        while self._seen and turn == self._turn:
            self._now.clear()
            began = time.monotonic()
            answered = True
            if not self._held and not self._panel.window().isMinimized():
                answered = await self._answered(self._read())
            rest = max(self._period if answered else _SOON_S, _LEISURE * (time.monotonic() - began))
            try:
                await asyncio.wait_for(self._now.wait(), rest)
            except TimeoutError:
                continue

    async def attempt(self, reading: Awaitable[object]) -> None:
        """Wait for one answer; a refusal is told through ``failed``."""
        await self._answered(reading)

    async def _answered(self, reading: Awaitable[object]) -> bool:
        try:
            await reading
        except HostError as refusal:
            self.failed.emit(str(refusal))
            return False
        return True
