"""What a model told its views."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex


class Told:
    """Collects the row signals of a model as words."""

    def __init__(self, model: QAbstractItemModel) -> None:
        self.said: list[str] = []
        model.rowsInserted.connect(self._inserted)
        model.rowsRemoved.connect(self._removed)
        model.rowsMoved.connect(self._moved)
        model.dataChanged.connect(self._changed)
        model.modelReset.connect(self._reset)

    def _inserted(self, parent: QModelIndex, first: int, last: int) -> None:
        self.said.append(f"in {_place(parent)}{first}-{last}")

    def _removed(self, parent: QModelIndex, first: int, last: int) -> None:
        self.said.append(f"out {_place(parent)}{first}-{last}")

    def _moved(self, parent: QModelIndex, first: int, last: int, target: QModelIndex, row: int) -> None:
        self.said.append(f"move {_place(parent)}{first}-{last} {_place(target)}{row}")

    def _changed(self, first: QModelIndex, last: QModelIndex) -> None:
        self.said.append(f"changed {_place(first.parent())}{first.row()}-{last.row()}")

    def _reset(self) -> None:
        self.said.append("reset")


def _place(parent: QModelIndex) -> str:
    return f"{_place(parent.parent())}{parent.row()}/" if parent.isValid() else ""
