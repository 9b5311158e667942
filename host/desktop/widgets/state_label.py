"""A state as glyph and word."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from host.desktop.theme.glyphs import TONES, paint_glyph
from host.desktop.theme.look import Look
from host.desktop.theme.painting import painting


class StateLabel(QWidget):
    """The same glyph and word as in the list of modules."""

    def __init__(self, name: str, look: Look) -> None:
        super().__init__()
        self._look = look
        self._kind = ""
        self._word = ""
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        look.changed.connect(self.updateGeometry)

    def show_state(self, kind: str, word: str) -> None:
        self._kind, self._word = kind, word
        self.setAccessibleName(word)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.height() + metrics.horizontalAdvance(self._word) + 4, metrics.height() + 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        colour = QColor(getattr(self._look.colours, TONES.get(self._kind, "idle")))
        side = self.fontMetrics().height() * 0.72
        with painting(self) as painter:
            paint_glyph(painter, self._kind, QRectF(0, (self.height() - side) / 2, side, side), colour)
            painter.setPen(colour)
            painter.drawText(
                self.rect().adjusted(round(side) + 6, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), self._word
            )
