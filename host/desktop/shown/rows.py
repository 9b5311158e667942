"""The rows of a table that a module shows."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from host.desktop.models.table import LEFT, RIGHT

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class Rows(QAbstractTableModel):
    """Cells as text; numbers stand right. Rows that stay keep their selection and place."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._columns: list[str] = []
        self._rows: list[list[tuple[str, bool]]] = []
        self._wide = 0

    def show(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Take over what is to be shown: rows that went at the top or at the end go, new ones come at the end."""
        wide = max([len(columns), *map(len, rows)])
        new = [[(worded(value), is_number(value)) for value in row] for row in rows]
        if list(columns) != self._columns or wide != self._wide:
            self.beginResetModel()
            self._columns, self._wide, self._rows = list(columns), wide, new
            self.endResetModel()
            return
        self._drop(0, _moved_up(self._rows, new))
        self._drop(len(new), len(self._rows) - len(new))
        changed = [at for at, (old, row) in enumerate(zip(self._rows, new, strict=False)) if old != row]
        for at in changed:
            self._rows[at] = new[at]
        if changed and wide:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], wide - 1))
        if len(new) > len(self._rows):
            self.beginInsertRows(_NOWHERE, len(self._rows), len(new) - 1)
            self._rows = new
            self.endInsertRows()

    def _drop(self, first: int, count: int) -> None:
        if count > 0:
            self.beginRemoveRows(_NOWHERE, first, first + count - 1)
            del self._rows[first : first + count]
            self.endRemoveRows()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else self._wide

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - as Qt has it
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        text, number = row[index.column()] if index.column() < len(row) else ("", False)
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(text)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if number else LEFT
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - as Qt has it
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        return self._columns[section] if section < len(self._columns) else ""


def _moved_up(old: Sequence[object], new: Sequence[object]) -> int:
    """How many rows went at the top, where the rest moved up for them; 0 where it did not."""
    for gone in range(1, len(old)):
        if old[gone:] == new[: len(old) - gone]:
            return gone if old != new[: len(old)] else 0
    return 0


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def worded(value: object) -> str:
    """A text, a number or a truth as people read it."""
    match value:
        case None:
            return "\u2013"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:,.6g}".replace(",", "\u202f")
        case int():
            return f"{value:,}".replace(",", "\u202f") if abs(value) >= 10_000 else str(value)
    return str(value)


def as_tip(text: str) -> str:
    """A text as a tip, which Qt would else take for markup where it looks like that."""
    return f"<span>{html.escape(text)}</span>" if text else ""
