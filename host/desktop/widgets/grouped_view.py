"""Rows under titles that fold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, QModelIndex, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView

from host.desktop.theme.look import Look
from host.desktop.widgets.delegates import RowDelegate

_LEAST_FIRST: Final = 40
"""Characters."""


class GroupedView(QTreeView):
    """Shows two levels, of which the first are titles; ``widths`` are in characters, the first column has the rest.

    A title that is new stands open; one that somebody folded stays so.
    """

    def __init__(self, name: str, title: str, model: QAbstractItemModel, look: Look, widths: Mapping[int, int]) -> None:
        super().__init__()
        self._widths = widths
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setModel(model)
        self.setItemDelegate(RowDelegate(look, self))
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setIndentation(16)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.header().setStretchLastSection(False)
        self.header().setMinimumSectionSize(32)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        model.rowsInserted.connect(self._came)
        model.rowsMoved.connect(self._moved)
        look.changed.connect(self._measure)
        self._measure()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The first column keeps some room: others go, the last one first. The event is the viewport's."""
        super().resizeEvent(event)
        room = event.size().width() - _LEAST_FIRST * self.fontMetrics().averageCharWidth()
        for column in sorted(self._widths):
            room -= self.columnWidth(column) or self._wanted(column)
            self.setColumnHidden(column, room < 0)

    def _wanted(self, column: int) -> int:
        character = self.fontMetrics().averageCharWidth()
        return max(self._widths[column] * character + 16, self.header().sectionSizeHint(column))

    def first(self) -> QModelIndex:
        """The current row, else the first one under a title."""
        current = self.currentIndex()
        return current if current.isValid() else self.model().index(0, 0, self.model().index(0, 0))

    def choose(self, index: QModelIndex) -> None:
        """Make it the one that is chosen, and bring it into sight."""
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(index, flags)
        self.scrollTo(index)

    @Slot(QModelIndex, int, int)
    def _came(self, parent: QModelIndex, first: int, last: int) -> None:
        if not parent.isValid():
            for row in range(first, last + 1):
                self.setFirstColumnSpanned(row, parent, True)
                self.expand(self.model().index(row, 0))

    @Slot()
    def _moved(self) -> None:
        for row in range(self.model().rowCount()):
            self.setFirstColumnSpanned(row, QModelIndex(), True)

    @Slot()
    def _measure(self) -> None:
        for column in self._widths:
            self.setColumnWidth(column, self._wanted(column))
