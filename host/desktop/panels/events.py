"""Every act of the engine, newest last."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from host.desktop.models.ring import Ring
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import ListView, Placeholder, stack_in
from host.vocabulary.clock import clock

if TYPE_CHECKING:
    from host.vocabulary.events import Event


class EventsPanel(QWidget):
    """The list of events; it follows while its end is in sight."""

    chosen = Signal(str)

    def __init__(self, ring: Ring[Event], look: Look) -> None:
        super().__init__()
        self._ring = ring
        self._at_end = True
        self.setObjectName("events.panel")
        self._view = ListView("events.list", self.tr("Events"), ring, look, {0: 11, 1: 20, 2: 24, 3: 9})
        Placeholder(self._view, self.tr("Acts appear here."))
        self._message = Plain(tone="warn", wrap=True)
        self._message.setObjectName("events.message")
        self._message.setContentsMargins(16, 8, 16, 8)
        self._message.hide()
        stack_in(self, self._message, self._view, grows=self._view)
        self._view.activated.connect(self._inspect)
        ring.rowsAboutToBeInserted.connect(self._before)
        ring.rowsInserted.connect(self._after)

    @Slot(bool)
    def freeze(self, frozen: bool) -> None:  # noqa: FBT001 - a signal's argument
        """Keep what is shown as it is; the events that come meanwhile wait, and are shown when it is let go."""
        self._ring.hold(on=frozen)
        self._message.setText(self.tr("Frozen at {0}; F8 lets it go on.").format(clock(time.time())))
        self._message.setVisible(frozen)

    @Slot()
    def focus_list(self) -> None:
        self._view.setFocus()

    @Slot()
    def _before(self) -> None:
        bar = self._view.verticalScrollBar()
        self._at_end = bar.value() >= bar.maximum()

    @Slot()
    def _after(self) -> None:
        if self._at_end:
            self._view.scrollToBottom()

    @Slot()
    def _inspect(self) -> None:
        event = self._ring.line(self._view.currentIndex())
        if event is not None and event.module:
            self.chosen.emit(event.module)
