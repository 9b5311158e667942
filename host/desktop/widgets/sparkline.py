"""A small curve of the last minutes, with its newest value in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from host.desktop.theme.look import Look
from host.desktop.theme.painting import painting
from host.desktop.widgets.labels import Plain


class Sparkline(QWidget):
    """The curve itself; it starts at zero and its top is the largest value shown."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._values: Sequence[float] = ()
        self._room = 60
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(120, 36)

    def show_values(self, values: Sequence[float], room: int) -> None:
        """Draw values, newest last, in a width that has room for so many."""
        self._values, self._room = values, room
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            area = QRectF(self.rect()).adjusted(0.5, 3, -0.5, -1.5)
            painter.setPen(QPen(QColor(self._look.colours.line), 1))
            painter.drawLine(area.bottomLeft(), area.bottomRight())
            if len(self._values) < 2:
                return
            curve = self._curve(area)
            accent = QColor(self._look.colours.accent)
            ground = QPolygonF([*curve, area.bottomRight(), QPointF(curve[0].x(), area.bottom())])
            shade = QColor(accent)
            shade.setAlphaF(0.14)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shade)
            painter.drawPolygon(ground)
            painter.setPen(QPen(accent, 1.6))
            painter.drawPolyline(QPolygonF(curve))

    def _curve(self, area: QRectF) -> list[QPointF]:
        top = max(*self._values, 1e-9)
        step = area.width() / max(self._room - 1, 1)
        left = area.right() - step * (len(self._values) - 1)
        return [
            QPointF(left + at * step, area.bottom() - value / top * area.height())
            for at, value in enumerate(self._values)
        ]


class Gauge(QFrame):
    """A title, the newest value, and the curve that led to it."""

    def __init__(self, name: str, title: str, look: Look, spell: Callable[[float], str]) -> None:
        super().__init__()
        self._spell = spell
        self._title = title
        self.setObjectName(name)
        caption = Plain(title, role="caption")
        self._number = Plain(role="number")
        self._line = Sparkline(look)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(caption)
        column.addWidget(self._number)
        column.addWidget(self._line)

    def show_values(self, values: Sequence[float], room: int) -> None:
        text = self._spell(values[-1]) if values else "\u2013"
        self._number.setText(text)
        self.setAccessibleName(f"{self._title}: {text}")
        self._line.show_values(values, room)
