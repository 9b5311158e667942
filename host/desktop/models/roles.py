"""What a cell tells beyond its text."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
NOWHERE: Final = QModelIndex()


class Role(IntEnum):
    """Roles of our own; all cells of a row answer ``ROW`` with the view they show."""

    GLYPH = Qt.ItemDataRole.UserRole + 1
    ROW = Qt.ItemDataRole.UserRole + 2
    SORT = Qt.ItemDataRole.UserRole + 3
    TONE = Qt.ItemDataRole.UserRole + 4
    PART = Qt.ItemDataRole.UserRole + 5
