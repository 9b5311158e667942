"""How a cell is painted: a glyph before its word, a tone for its text, room above and below."""

from __future__ import annotations

from typing import Final

from PySide6 import QtWidgets
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QStyledItemDelegate

from host.desktop.models.roles import Role
from host.desktop.theme.glyphs import TONES, paint_glyph
from host.desktop.theme.look import Look

GLYPH: Final = 13
GAP: Final = 7
PADDING: Final = 8
EDGE: Final = 4
BAR: Final = 160
NEARLY: Final = 0.9


class RowDelegate(QStyledItemDelegate):
    """Paints the cells of all lists and trees."""

    def __init__(self, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look

    def sizeHint(self, option: QtWidgets.QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        hint = super().sizeHint(option, index)
        glyphs = len((index.data(Role.GLYPH) or "").split()) * (self._glyph_side() + GAP)
        return QSize(hint.width() + glyphs + 2 * EDGE, option.fontMetrics.height() + PADDING)

    def initStyleOption(
        self, option: QtWidgets.QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        option.state &= ~QtWidgets.QStyle.StateFlag.State_HasFocus
        tone = index.data(Role.TONE)
        if tone:
            colour = QColor(getattr(self._look.colours, tone))
            option.palette.setColor(QPalette.ColorRole.Text, colour)

    def paint(
        self, painter: QPainter, option: QtWidgets.QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        self._ground(painter, option)
        words = QtWidgets.QStyleOptionViewItem(option)
        words.rect = option.rect.adjusted(EDGE, 0, -EDGE, 0)
        side = self._glyph_side()
        for kind in (index.data(Role.GLYPH) or "").split():
            square = QRectF(words.rect.left() + 3, words.rect.center().y() - side / 2 + 0.5, side, side)
            paint_glyph(painter, kind, square, QColor(getattr(self._look.colours, TONES.get(kind, "idle"))))
            words.rect = words.rect.adjusted(side + GAP, 0, 0, 0)
        super().paint(painter, words, index)
        part = index.data(Role.PART)
        if part is not None:
            self._bar(painter, words, part)

    def _bar(self, painter: QPainter, words: QtWidgets.QStyleOptionViewItem, part: float) -> None:
        """How much is used, beside a text of four characters; in another colour from nine tenths on."""
        metrics = words.fontMetrics
        left = words.rect.left() + metrics.horizontalAdvance("100%") + 4 * EDGE
        area = QRectF(left, words.rect.center().y() - 2.5, min(words.rect.right() - left - EDGE, BAR), 6)
        if area.width() <= 0:
            return
        colours = self._look.colours
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(colours.line))
        painter.drawRoundedRect(area, 3, 3)
        painter.setBrush(QColor(colours.warn if part >= NEARLY else colours.accent))
        area.setWidth(area.width() * min(max(part, 0.0), 1.0))
        painter.drawRoundedRect(area, 3, 3)
        painter.restore()

    def _ground(self, painter: QPainter, option: QtWidgets.QStyleOptionViewItem) -> None:
        """The selection has to reach under the margin and the glyph as well."""
        if option.state & QtWidgets.QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, QColor(self._look.colours.selection))

    def _glyph_side(self) -> int:
        return max(GLYPH, round(self._look.line_height * 0.72))
