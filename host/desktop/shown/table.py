"""The table of a panel."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from PySide6.QtCore import QModelIndex, Qt, Slot
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView, QWidget

from host.desktop.shown.following import Following
from host.desktop.shown.painted import Head
from host.desktop.shown.pieces import Piece
from host.desktop.shown.rows import Rows
from host.desktop.theme.look import Look

_FIRST_LINES: Final = 8
_FEWEST_LINES: Final = 3


class TablePiece(Piece):
    """Rows of cells; with ``follow`` its end stays in sight."""

    def __init__(self, key: str, name: str, look: Look, parent: QWidget) -> None:
        super().__init__(key, name, look, parent)
        self._head = Head(look, self)
        self._rows = Rows(self)
        self._view = view = QTableView(self)
        view.setModel(self._rows)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        view.verticalHeader().hide()
        view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        view.verticalHeader().setMinimumSectionSize(8)
        view.horizontalHeader().setStretchLastSection(True)
        view.horizontalHeader().setHighlightSections(False)
        view.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        view.horizontalHeader().setResizeContentsPrecision(_FIRST_LINES)
        view.clicked.connect(self._clicked)
        view.activated.connect(self._clicked)
        look.changed.connect(self._measure)
        self._following = Following(view)
        self._sized = False
        self.column(self._head, view)

    def draw(self, changed: Collection[str]) -> None:
        self._head.say(self.has.get("label", ""), "")
        self.name_for(self._view)
        columns = self.has.get("columns", [])
        self._view.horizontalHeader().setVisible(bool(columns))
        self._following.on = bool(self.has.get("follow"))
        if "rows" in changed or "columns" in changed:
            self._rows.show(columns, self.has.get("rows", []))
            if not self._sized and self._rows.rowCount():
                self._sized = True
                self._view.resizeColumnsToContents()
            self._measure()

    @Slot()
    def _measure(self) -> None:
        line = self.look.line_height + 6
        self._view.verticalHeader().setDefaultSectionSize(line)
        header = self._view.horizontalHeader().sizeHint().height() if self.has.get("columns") else 0
        lines = min(max(self._rows.rowCount(), _FEWEST_LINES), _FIRST_LINES)
        self._view.setFixedHeight(header + lines * line + 2 * self._view.frameWidth() + 2)

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        if self.has.get("onClick"):
            self.act("onClick", index.row() + 1)
