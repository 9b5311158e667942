"""The rows of a flat table under titles, as a tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Final, Generic, TypeVar

from PySide6.QtCore import QAbstractItemModel, QObject, Qt, Slot

from host.desktop.models.roles import NOWHERE, Index, Role
from host.desktop.models.rows import Insertion, Move, Removal, runs, steps
from host.desktop.models.table import Table

Row = TypeVar("Row")


class _Group(Generic[Row]):
    """A title and its rows; ``id`` is what Qt keeps in an index of such a row, and never changes."""

    def __init__(self, number: int, title: str) -> None:
        self.id: Final = number
        self.title: Final = title
        self.rows: list[Row] = []


class Grouped(QAbstractItemModel, Generic[Row]):
    """Follows a table; groups stand in the order of their first rows, and a change is told as the rows it concerns."""

    def __init__(
        self,
        table: Table[Row],
        group: Callable[[Row], str],
        titled: Callable[[str, Sequence[Row]], str],
        parent: QObject | None = None,
    ) -> None:
        """Follow a table.

        Args:
            table: gives columns, keys and rows.
            group: what a row is put together by.
            titled: the words of a group: given what its rows have in common, and the rows.
            parent: owns it.
        """
        super().__init__(parent)
        self._table = table
        self._group = group
        self._titled = titled
        self._groups: list[_Group[Row]] = []
        self._by_id: dict[int, _Group[Row]] = {}
        self._numbers = count(1)
        for signal in (table.rowsInserted, table.rowsRemoved, table.rowsMoved, table.dataChanged, table.modelReset):
            signal.connect(self._follow)
        self._follow()

    def rows(self, index: Index) -> Sequence[Row]:
        """The row of an index, or all of a group."""
        if not index.isValid():
            return ()
        held = self._by_id.get(index.internalId())
        return [held.rows[index.row()]] if held is not None else list(self._groups[index.row()].rows)

    def index(self, row: int, column: int, parent: Index = NOWHERE) -> Any:  # noqa: ANN401 - a QModelIndex; PySide wants it loose
        if not 0 <= row < self.rowCount(parent) or not 0 <= column < self.columnCount():
            return NOWHERE
        return self.createIndex(row, column, self._groups[parent.row()].id if parent.isValid() else 0)

    def parent(self, index: Index = NOWHERE) -> Any:  # noqa: ANN401 - QObject.parent() is the other overload
        held = self._by_id.get(index.internalId()) if index.isValid() else None
        return self.createIndex(self._groups.index(held), 0, 0) if held is not None else NOWHERE

    def rowCount(self, parent: Index = NOWHERE) -> int:
        if not parent.isValid():
            return len(self._groups)
        return len(self._groups[parent.row()].rows) if not parent.internalId() and not parent.column() else 0

    def columnCount(self, _parent: Index = NOWHERE) -> int:
        return self._table.columnCount()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - as Qt has it
        if not index.isValid():
            return None
        held = self._by_id.get(index.internalId())
        if held is not None:
            return self._table.answer(held.rows[index.row()], index.column(), role)
        group = self._groups[index.row()]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return self._titled(group.title, group.rows) if index.column() == 0 else ""
        if role == Role.GLYPH and index.column() == 0:
            return self._table.answer(group.rows[0], 0, role)
        return "muted" if role == Role.TONE else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - as Qt has it
        return self._table.headerData(section, orientation, role)

    @Slot()
    def _follow(self) -> None:
        """Become what the table is."""
        fresh: dict[str, list[Row]] = {}
        for row in self._table.rows:
            fresh.setdefault(self._group(row), []).append(row)
        for step in steps([group.title for group in self._groups], list(fresh)):
            match step:
                case Removal(first, last):
                    self.beginRemoveRows(NOWHERE, first, last)
                    for group in self._groups[first : last + 1]:
                        del self._by_id[group.id]
                    del self._groups[first : last + 1]
                    self.endRemoveRows()
                case Insertion(first, number):
                    titles = list(fresh)[first : first + number]
                    self.beginInsertRows(NOWHERE, first, first + number - 1)
                    made = [_Group[Row](next(self._numbers), title) for title in titles]
                    for group in made:
                        group.rows = fresh[group.title]
                        self._by_id[group.id] = group
                    self._groups[first:first] = made
                    self.endInsertRows()
                case Move(origin, target):
                    self.beginMoveRows(NOWHERE, origin, origin, NOWHERE, target)
                    self._groups.insert(target, self._groups.pop(origin))
                    self.endMoveRows()
        for at, group in enumerate(self._groups):
            self._become(self.createIndex(at, 0, 0), group, fresh[group.title])

    def _become(self, place: Index, group: _Group[Row], fresh: list[Row]) -> None:
        if fresh is group.rows:
            return
        before = len(group.rows)
        keys = [self._table.key(row) for row in fresh]
        for step in steps([self._table.key(row) for row in group.rows], keys):
            match step:
                case Removal(first, last):
                    self.beginRemoveRows(place, first, last)
                    del group.rows[first : last + 1]
                    self.endRemoveRows()
                case Insertion(first, number):
                    self.beginInsertRows(place, first, first + number - 1)
                    group.rows[first:first] = fresh[first : first + number]
                    self.endInsertRows()
                case Move(origin, target):
                    self.beginMoveRows(place, origin, origin, place, target)
                    group.rows.insert(target, group.rows.pop(origin))
                    self.endMoveRows()
        changed = [at for at, row in enumerate(fresh) if group.rows[at] != row]
        group.rows = fresh
        for first, last in runs(changed):
            self.dataChanged.emit(self.index(first, 0, place), self.index(last, self.columnCount() - 1, place))
        if changed or len(fresh) != before:
            self.dataChanged.emit(place, place)
