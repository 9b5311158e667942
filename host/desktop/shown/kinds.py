"""All kinds of widgets that a panel may have, rows and columns among them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QWidget

from host.desktop.shown.controls import ButtonPiece, CheckPiece, ChoicePiece, FieldPiece
from host.desktop.shown.pieces import LabelPiece, MeterPiece, Piece, PlotPiece, TextPiece, ValuePiece
from host.desktop.shown.table import TablePiece
from host.desktop.theme.look import Look


class HolderPiece(Piece):
    """A row or a column; its children are put in by whoever made them."""

    _direction = QBoxLayout.Direction.TopToBottom

    def __init__(self, key: str, name: str, look: Look, parent: QWidget) -> None:
        super().__init__(key, name, look, parent)
        self._layout = QBoxLayout(self._direction, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._children: list[Piece] = []

    def draw(self, changed: Collection[str]) -> None:
        """Nothing: it has no look of its own."""

    def hold(self, children: list[Piece]) -> None:
        """Lay these out; those that stand already as they should stay untouched, with the focus in them."""
        if children == self._children:
            return
        for child in self._children:
            self._layout.removeWidget(child)
        for child in children:
            self._layout.addWidget(child, *self._placed(child))
            child.setVisible(child.wanted)
        self._children = children

    def _placed(self, _child: Piece) -> tuple[()] | tuple[int, Qt.AlignmentFlag]:
        return ()


class RowPiece(HolderPiece):
    """Its children stand beside each other; buttons and boxes take no more room than they need."""

    _direction = QBoxLayout.Direction.LeftToRight

    def _placed(self, child: Piece) -> tuple[int, Qt.AlignmentFlag]:
        small = isinstance(child, ButtonPiece | CheckPiece)
        return (0 if small else 1), Qt.AlignmentFlag.AlignBottom if small else Qt.AlignmentFlag(0)


KINDS: Final[Mapping[str, type[Piece]]] = {
    "label": LabelPiece,
    "value": ValuePiece,
    "meter": MeterPiece,
    "table": TablePiece,
    "button": ButtonPiece,
    "field": FieldPiece,
    "checkbox": CheckPiece,
    "choice": ChoicePiece,
    "plot": PlotPiece,
    "text": TextPiece,
    "row": RowPiece,
    "column": HolderPiece,
}
