"""What a panel draws by hand: words, a bar that is full to some part, and a curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from host.desktop.shown.rows import as_tip
from host.desktop.theme.look import Look
from host.desktop.theme.painting import painting

Points = Sequence[float | None]


def part_of(value: float, low: float, high: float) -> float:
    """Which part of the way from ``low`` to ``high`` a number is, from 0 to 1; in halves, as a span may be too large.

    Nothing else may reach a painter: at a place that is no number Qt draws for ever.
    """
    span = high / 2 - low / 2
    return min(max((value / 2 - low / 2) / span, 0.0), 1.0) if span > 0 else 0.0


_GAP: Final = 12


class Head(QWidget):
    """One line: a label on the left, and what it says on the right; what does not fit is in its tip.

    One widget that paints, in place of three that a style sheet looks at: a panel has up to 500 of them. Its height is
    set, since to be asked for it costs more than to paint.
    """

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._label = self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()
        look.changed.connect(self._measure)
        self._measure()

    def say(self, label: str, text: str) -> None:
        """Show these."""
        if (label, text) == (self._label, self._text):
            return
        self._label, self._text = label, text
        words = f"{label}: {text}" if label and text else label or text
        self.setAccessibleName(words)
        self.setToolTip(as_tip(words))
        self.setHidden(not words)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        with painting(self) as painter:
            colours, metrics, room = self._look.colours, self.fontMetrics(), self.rect()
            whole = metrics.horizontalAdvance(self._label), metrics.horizontalAdvance(self._text)
            most = max(room.width() - _GAP - whole[1], room.width() // 2)
            label = metrics.elidedText(self._label, Qt.TextElideMode.ElideRight, most)
            left = metrics.horizontalAdvance(label) + _GAP if label else 0
            text = metrics.elidedText(self._text, Qt.TextElideMode.ElideRight, room.width() - left)
            painter.setPen(QColor(colours.muted))
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, label)
            painter.setPen(QColor(colours.text))
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    @Slot()
    def _measure(self) -> None:
        self.setFixedHeight(self._look.line_height + 2)


class Bar(QWidget):
    """A bar; full at 1.0."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._part = 0.0
        self.setFixedHeight(6)
        look.changed.connect(self.update)

    def fill(self, part: float) -> None:
        """Draw so much of it full; what is below 0 or above 1 is empty or full."""
        part = min(max(part, 0.0), 1.0)
        if part != self._part:
            self._part = part
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            whole = QRectF(self.rect())
            painter.setBrush(QColor(self._look.colours.line))
            painter.drawRoundedRect(whole, 3, 3)
            if self._part > 0:
                painter.setBrush(QColor(self._look.colours.accent))
                painter.drawRoundedRect(
                    QRectF(0, 0, max(whole.width() * self._part, whole.height()), whole.height()), 3, 3
                )


class Curve(QWidget):
    """A curve over points that are one apart, with its bounds beside it; a point that is none leaves a gap."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._points: Points = ()
        self._low, self._high = 0.0, 1.0
        look.changed.connect(self._measure)
        self._measure()

    def show_points(self, points: Points, low: float | None, high: float | None) -> None:
        """Draw points, oldest first; bounds that are absent are those of the points."""
        known = [point for point in points if point is not None]
        self._points = points
        self._low = min(known, default=0.0) if low is None else low
        self._high = max(known, default=1.0) if high is None else high
        if self._high <= self._low:
            self._high = self._low + max(1.0, abs(self._low))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colours = self._look.colours
            words = [f"{bound:.4g}" for bound in (self._high, self._low)]
            wide = max(map(self.fontMetrics().horizontalAdvance, words)) + 8
            area = QRectF(self.rect()).adjusted(0.5, 4, -wide, -4)
            painter.setPen(QPen(QColor(colours.line), 1))
            for y in (area.top(), area.bottom()):
                painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(colours.muted))
            beside = QRectF(area.right() + 6, 0, wide, self.height())
            painter.drawText(beside, Qt.AlignmentFlag.AlignTop, words[0])
            painter.drawText(beside, Qt.AlignmentFlag.AlignBottom, words[1])
            for stretch in self._stretches(area):
                self._draw(painter, stretch, area)

    def _draw(self, painter: QPainter, stretch: list[QPointF], area: QRectF) -> None:
        accent = QColor(self._look.colours.accent)
        if len(stretch) == 1:
            painter.setPen(QPen(accent, 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawPoint(stretch[0])
            return
        shade = QColor(accent)
        shade.setAlphaF(0.14)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade)
        floor = [QPointF(stretch[-1].x(), area.bottom()), QPointF(stretch[0].x(), area.bottom())]
        painter.drawPolygon(QPolygonF([*stretch, *floor]))
        painter.setPen(QPen(accent, 1.6))
        painter.drawPolyline(QPolygonF(stretch))

    def _stretches(self, area: QRectF) -> list[list[QPointF]]:
        """The points on the screen, apart where there is a gap."""
        step = area.width() / max(len(self._points) - 1, 1)
        found: list[list[QPointF]] = [[]]
        for at, point in enumerate(self._points):
            if point is None:
                found.append([])
                continue
            part = part_of(point, self._low, self._high)
            found[-1].append(QPointF(area.left() + at * step, area.bottom() - part * area.height()))
        return [stretch for stretch in found if stretch]

    @Slot()
    def _measure(self) -> None:
        self.setFixedHeight(4 * self._look.line_height)
