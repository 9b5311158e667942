"""The tree of a state."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView

from host.desktop.models.state import StateTree
from host.desktop.theme.look import Look
from host.desktop.widgets.delegates import RowDelegate


class StateView(QTreeView):
    """Shows a tree, and tells it what is opened and closed."""

    def __init__(self, tree: StateTree, look: Look) -> None:
        super().__init__()
        self.setObjectName("state.tree")
        self.setAccessibleName(self.tr("State"))
        self.setModel(tree)
        self.setItemDelegate(RowDelegate(look, self))
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setIndentation(16)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.expanded.connect(tree.opened)
        self.collapsed.connect(tree.closed)
        look.changed.connect(self._measure)
        self._measure()

    @property
    def editing(self) -> bool:
        """Whether somebody types into a cell."""
        return self.state() is QAbstractItemView.State.EditingState

    @Slot()
    def _measure(self) -> None:
        character = self.fontMetrics().averageCharWidth()
        for column, width in ((0, 26), (2, 12), (3, 12)):
            self.setColumnWidth(column, width * character)
