"""The newest lines of something that never ends, behind a filter."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from host.desktop.models.roles import NOWHERE, Index
from host.desktop.models.table import Column, cell, header

Line = TypeVar("Line")

CAPACITY: Final = 10_000


def _everything(_line: object) -> bool:
    return True


class Ring(QAbstractTableModel, Generic[Line]):
    """At most ``capacity`` lines, oldest first; ``append`` takes a batch and tells it as one change.

    The filter sits in here and not in a proxy: each line is then asked once, when it comes.
    """

    def __init__(
        self, columns: Sequence[Column[Line]], parent: QObject | None = None, capacity: int = CAPACITY
    ) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._capacity = capacity
        self._lines: deque[tuple[Line, bool]] = deque()
        self._shown: list[Line] = []
        self._accepts: Callable[[Line], bool] = _everything
        self._waiting: deque[Line] | None = None

    @property
    def total(self) -> int:
        """How many lines are held, shown or not."""
        return len(self._lines)

    @property
    def waiting(self) -> int:
        """How many lines came while it is held."""
        return len(self._waiting or ())

    @property
    def shown(self) -> Sequence[Line]:
        return self._shown

    def append(self, lines: Sequence[Line]) -> None:
        """Add lines at the end; the oldest go where there are too many. While it is held they wait."""
        if self._waiting is not None:
            self._waiting.extend(lines)
            return
        lines = lines[-self._capacity :]
        self._drop(len(self._lines) + len(lines) - self._capacity)
        marked = [(line, self._accepts(line)) for line in lines]
        self._lines.extend(marked)
        self._show_more([line for line, accepted in marked if accepted])

    def hold(self, *, on: bool) -> None:
        """Show no more lines, or all that waited."""
        waiting, self._waiting = self._waiting, deque(maxlen=self._capacity) if on else None
        if waiting:
            self.append(tuple(waiting))

    def keep(self, accepts: Callable[[Line], bool]) -> None:
        """Show only the lines that ``accepts`` says yes to, now and from now on."""
        self._accepts = accepts
        self._lines = deque((line, accepts(line)) for line, _ in self._lines)
        self._hide(len(self._shown))
        self._show_more([line for line, accepted in self._lines if accepted])

    def clear(self) -> None:
        self._drop(len(self._lines))

    def line(self, index: Index) -> Line | None:
        return self._shown[index.row()] if index.isValid() else None

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - as Qt has it
        if not index.isValid():
            return None
        return cell(self._columns[index.column()], self._shown[index.row()], role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - as Qt has it
        return header(self._columns, section, orientation, role)

    def _drop(self, count: int) -> None:
        hidden = sum(self._lines.popleft()[1] for _ in range(max(count, 0)))
        self._hide(hidden)

    def _hide(self, count: int) -> None:
        if count:
            self.beginRemoveRows(NOWHERE, 0, count - 1)
            del self._shown[:count]
            self.endRemoveRows()

    def _show_more(self, lines: Sequence[Line]) -> None:
        if lines:
            self.beginInsertRows(NOWHERE, len(self._shown), len(self._shown) + len(lines) - 1)
            self._shown.extend(lines)
            self.endInsertRows()
