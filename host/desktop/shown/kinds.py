"""All kinds of widgets that a panel may have, rows and columns among them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from host.desktop.shown.controls import ButtonPiece, CheckPiece, ChoicePiece, FieldPiece
from host.desktop.shown.pieces import LabelPiece, MeterPiece, Piece, PlotPiece, TextPiece, ValuePiece
from host.desktop.shown.stretch import Stretch
from host.desktop.shown.table import TablePiece
from host.desktop.theme.look import Look
from host.desktop.widgets.flowing import Flowing


class HolderPiece(Piece):
    """A column; its children are put in by whoever made them."""

    def __init__(self, key: str, name: str, look: Look, parent: QWidget) -> None:
        super().__init__(key, name, look, parent)
        self._layout = self._laid_out()
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)

    def _laid_out(self) -> QVBoxLayout | Flowing:
        return QVBoxLayout(self)

    def draw(self, changed: Collection[str]) -> None:
        """Nothing: it has no look of its own."""

    def place(self, children: Sequence[Piece], stretch: Stretch) -> Iterator[None]:
        """Lay these out, and after them hide what else stands here; gives way to others where a stretch is over.

        What stands already as it should stays untouched, with the focus in it. While one is put in the layout rests:
        it would be laid out anew for each.
        """
        at = 0
        if [self._standing(at) for at in range(self._layout.count())] == children:
            return
        while at < max(len(children), self._layout.count()):
            self._layout.setEnabled(False)
            while at < len(children) and not stretch.over:
                if self._standing(at) is not children[at]:
                    self._insert(at, children[at])
                at += 1
            while at >= len(children) and not stretch.over and (gone := self._standing(at)) is not None:
                self._layout.removeWidget(gone)
                gone.hide()
            self._layout.setEnabled(True)
            self._layout.activate()
            if stretch.over:
                yield
                stretch.begin()

    def _standing(self, at: int) -> QWidget | None:
        item = self._layout.itemAt(at)
        return item.widget() if item is not None else None

    def _insert(self, at: int, child: Piece) -> None:
        focused = QApplication.focusWidget()
        loses = focused is not None and child.parentWidget() is not self and child.isAncestorOf(focused)
        self._put_in(at, child)
        child.placed = True
        child.setVisible(child.wanted)
        if loses and focused is not None:
            focused.setFocus()

    def _put_in(self, at: int, child: Piece) -> None:
        if isinstance(self._layout, Flowing):
            self._layout.insert(at, child)
        else:
            self._layout.insertWidget(at, child)


class RowPiece(HolderPiece):
    """A row: its children stand beside each other, and below each other where it is too narrow for them."""

    def __init__(self, key: str, name: str, look: Look, parent: QWidget) -> None:
        super().__init__(key, name, look, parent)
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def _laid_out(self) -> QVBoxLayout | Flowing:
        return Flowing(self, low=True)


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
