"""Keeping the end of something in sight, as long as it was."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QAbstractScrollArea
from shiboken6 import isValid


class Following(QObject):
    """Scrolls to the end when more comes, unless somebody scrolled away from it.

    Attributes:
        on: whether it does.
    """

    def __init__(self, area: QAbstractScrollArea) -> None:
        super().__init__(area)
        self.on = False
        self._at_end = True
        self._bar = area.verticalScrollBar()
        self._bar.valueChanged.connect(self._scrolled)
        self._bar.rangeChanged.connect(self._grown)

    @Slot()
    def _scrolled(self) -> None:
        self._at_end = self._bar.value() >= self._bar.maximum()

    @Slot()
    def _grown(self) -> None:
        if self.on and self._at_end and isValid(self._bar):  # an area that goes tells once more of its range
            self._bar.setValue(self._bar.maximum())
