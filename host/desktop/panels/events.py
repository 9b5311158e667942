"""Every act of the engine, newest last."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QWidget

from host.desktop.models.filtered_events import FilteredEvents
from host.desktop.models.ring import Ring
from host.desktop.theme.look import Look
from host.desktop.widgets.flowing import flowing_bar, gap
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import ListView, Placeholder, stack_in
from host.desktop.widgets.module_box import ModuleBox
from host.desktop.wording import grouped
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
        self._shown = FilteredEvents(ring, self)
        self._level = QComboBox()
        self._level.setObjectName("events.level")
        self._level.setAccessibleName(self.tr("Lowest level shown"))
        for text, rank in ((self.tr("All events"), 0), (self.tr("Warnings and errors"), 1), (self.tr("Errors"), 2)):
            self._level.addItem(text, rank)
        self._module = ModuleBox("events.module")
        for box in (self._level, self._module):
            box.currentIndexChanged.connect(self._filter)
        self._count = Plain(tone="muted")
        self._count.setObjectName("events.count")
        self._view = ListView("events.list", self.tr("Events"), self._shown, look, {0: 11, 1: 20, 2: 24, 3: 9})
        self._none = Placeholder(self._view, self.tr("Acts appear here."))
        self._message = Plain(tone="warn", wrap=True)
        self._message.setObjectName("events.message")
        self._message.setContentsMargins(16, 8, 16, 8)
        self._message.hide()
        bar = flowing_bar(self._level, self._module, gap(), self._count)
        stack_in(self, self._message, bar, self._view, grows=self._view)
        self._view.activated.connect(self._inspect)
        self._shown.rowsAboutToBeInserted.connect(self._before)
        self._shown.rowsInserted.connect(self._after)
        for signal in (ring.rowsInserted, ring.rowsRemoved):
            signal.connect(self._tell_count)
        self._tell_count()

    @Slot(bool)
    def freeze(self, frozen: bool) -> None:  # noqa: FBT001 - a signal's argument
        """Keep what is shown as it is; the events that come meanwhile wait, and are shown when it is let go."""
        self._ring.hold(on=frozen)
        self._message.setText(self.tr("Frozen at {0}; F8 lets it go on.").format(clock(time.time())))
        self._message.setVisible(frozen)

    @Slot()
    def focus_list(self) -> None:
        self._view.setFocus()

    def offer_modules(self, names: list[str]) -> None:
        """Modules that may be filtered by."""
        self._module.offer(names)

    @Slot()
    def _filter(self) -> None:
        self._shown.restrict(self._module.module, self._level.currentData())
        self._tell_count()
        self._view.scrollToBottom()

    @Slot()
    def _tell_count(self) -> None:
        shown, total = self._shown.rowCount(), self._ring.rowCount()
        words = self.tr("{0} of {1} events").format(grouped(shown), grouped(total))
        self._count.setText(words if shown != total else self.tr("{0} events").format(grouped(total)))
        hidden = self.tr("No event is like that; another filter may show some.")
        self._none.setText(hidden if total else self.tr("Acts appear here."))

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
        event = self._shown.event_at(self._view.currentIndex())
        if event is not None and event.module:
            self.chosen.emit(event.module)
