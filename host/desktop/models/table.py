"""A flat table of frozen rows, each known by a key."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from host.desktop.models.roles import NOWHERE, Index, Role
from host.desktop.models.rows import Insertion, Move, Removal, runs, steps

Row = TypeVar("Row")

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column: how a row's cell reads.

    Attributes:
        number: set right-aligned.
        glyph: the shapes drawn before the text, by the names of ``theme.glyphs``, with blanks between.
        part: how much of a bar beside the text is filled, 0.0 to 1.0; ``None`` for no bar.
        spoken: what is said of a cell that shows no words, and stands in its tip.
        tone: the colour of the text, a field of the colours; empty for the usual one.
    """

    title: str
    text: Callable[[Row], str]
    number: bool = False
    glyph: Callable[[Row], str] | None = None
    tone: Callable[[Row], str] | None = None
    spoken: Callable[[Row], str] | None = None
    part: Callable[[Row], float | None] | None = None


def cell(column: Column[Row], row: Row, role: int) -> Any:  # noqa: ANN401 - whatever Qt's roles hold
    """What one cell answers for one role."""
    if role == Qt.ItemDataRole.DisplayRole:
        return column.text(row)
    if role == Qt.ItemDataRole.TextAlignmentRole:
        return RIGHT if column.number else LEFT
    if role == Role.ROW:
        return row
    if role in {Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.AccessibleDescriptionRole}:
        return (column.spoken or column.text)(row)
    told: dict[int, Callable[[Row], object] | None] = {
        Role.GLYPH: column.glyph,
        Role.TONE: column.tone,
        Role.PART: column.part,
        Qt.ItemDataRole.ToolTipRole: column.spoken,
    }
    ask = told.get(role)
    return ask(row) if ask is not None else None


def header(columns: Sequence[Column[Row]], section: int, orientation: Qt.Orientation, role: int) -> Any:  # noqa: ANN401 - as Qt has it
    """What one column's head answers for one role."""
    if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(columns):
        return None
    if role == Qt.ItemDataRole.DisplayRole:
        return columns[section].title
    if role == Qt.ItemDataRole.TextAlignmentRole:
        return RIGHT if columns[section].number else LEFT
    return None


class Table(QAbstractTableModel, Generic[Row]):
    """Rows in the order in which ``show`` gave them; a change is told as the rows it concerns."""

    def __init__(
        self, columns: Sequence[Column[Row]], key: Callable[[Row], Hashable], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self.key: Final = key
        self._rows: list[Row] = []

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    def show(self, rows: Sequence[Row]) -> None:
        """Become these rows. Keys have to be unique; of equal keys the first row stays."""
        fresh = {self.key(row): row for row in reversed(rows)}
        order = list(dict.fromkeys(self.key(row) for row in rows))
        for step in steps([self.key(row) for row in self._rows], order):
            match step:
                case Removal(first, last):
                    self.beginRemoveRows(NOWHERE, first, last)
                    del self._rows[first : last + 1]
                    self.endRemoveRows()
                case Insertion(first, count):
                    self.beginInsertRows(NOWHERE, first, first + count - 1)
                    self._rows[first:first] = [fresh[key] for key in order[first : first + count]]
                    self.endInsertRows()
                case Move(origin, target):
                    self.beginMoveRows(NOWHERE, origin, origin, NOWHERE, target)
                    self._rows.insert(target, self._rows.pop(origin))
                    self.endMoveRows()
        changed = [at for at, key in enumerate(order) if self._rows[at] != fresh[key]]
        self._rows = [fresh[key] for key in order]
        for first, last in runs(changed):
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self._columns) - 1))

    def row(self, index: Index) -> Row | None:
        return self._rows[index.row()] if index.isValid() else None

    def answer(self, row: Row, column: int, role: int) -> Any:  # noqa: ANN401 - whatever Qt's roles hold
        """What a cell of such a row answers for one role."""
        return cell(self._columns[column], row, role)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - as Qt has it
        if not index.isValid():
            return None
        return self.answer(self._rows[index.row()], index.column(), role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - as Qt has it
        return header(self._columns, section, orientation, role)
