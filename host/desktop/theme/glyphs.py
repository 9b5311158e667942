"""States as shapes: told apart without colour, drawn at any size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from host.vocabulary.states import Status

Draw = Callable[[QPainter, QRectF, QColor], None]

TONES: Final = {
    Status.FOUND: "idle",
    Status.LOADING: "busy",
    Status.ACTIVE: "good",
    Status.PAUSED: "warn",
    Status.SWAPPING: "busy",
    Status.FAILED: "bad",
    Status.QUARANTINED: "warn",
    Status.UNLOADED: "idle",
    "error": "bad",
    "warning": "warn",
    "info": "busy",
    "debug": "idle",
    "isolated": "idle",
    "locked": "busy",
    "degraded": "warn",
    "unhealthy": "bad",
    "watched": "idle",
    "unwatched": "warn",
}
"""The tone (a field of the colours) of each state, level and severity."""


def paint_glyph(painter: QPainter, kind: str, area: QRectF, colour: QColor) -> None:
    """Draw the shape of one state into a square area; an unknown kind is a small dot."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    side = min(area.width(), area.height())
    square = QRectF(0, 0, side, side)
    square.moveCenter(area.center())
    _SHAPES.get(kind, _dot)(painter, square, colour)
    painter.restore()


def _line(painter: QPainter, square: QRectF, colour: QColor) -> None:
    pen = QPen(colour, max(1.4, square.width() / 7))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _fill(painter: QPainter, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)


def _inner(square: QRectF, part: float) -> QRectF:
    inset = square.width() * (1 - part) / 2
    return square.adjusted(inset, inset, -inset, -inset)


def _disc(painter: QPainter, square: QRectF, colour: QColor) -> None:
    _fill(painter, colour)
    painter.drawEllipse(_inner(square, 0.74))


def _ring(painter: QPainter, square: QRectF, colour: QColor) -> None:
    _line(painter, square, colour)
    painter.drawEllipse(_inner(square, 0.68))


def _dot(painter: QPainter, square: QRectF, colour: QColor) -> None:
    _fill(painter, colour)
    painter.drawEllipse(_inner(square, 0.36))


def _dash(painter: QPainter, square: QRectF, colour: QColor) -> None:
    _line(painter, square, colour)
    middle = square.center()
    reach = square.width() * 0.3
    painter.drawLine(QPointF(middle.x() - reach, middle.y()), QPointF(middle.x() + reach, middle.y()))


def _bars(painter: QPainter, square: QRectF, colour: QColor) -> None:
    _fill(painter, colour)
    width, height = square.width() * 0.22, square.height() * 0.72
    top = square.center().y() - height / 2
    for left in (square.center().x() - width * 1.4, square.center().x() + width * 0.4):
        painter.drawRoundedRect(QRectF(left, top, width, height), 1, 1)


def _arc(painter: QPainter, square: QRectF, colour: QColor) -> None:
    _line(painter, square, colour)
    painter.drawArc(_inner(square, 0.7), 30 * 16, 250 * 16)


def _halves(painter: QPainter, square: QRectF, colour: QColor) -> None:
    inner = _inner(square, 0.7)
    _line(painter, square, colour)
    painter.drawEllipse(inner)
    _fill(painter, colour)
    painter.drawPie(inner, 90 * 16, 180 * 16)


def _cross(painter: QPainter, square: QRectF, colour: QColor) -> None:
    _line(painter, square, colour)
    inner = _inner(square, 0.58)
    painter.drawLine(inner.topLeft(), inner.bottomRight())
    painter.drawLine(inner.topRight(), inner.bottomLeft())


def _triangle(painter: QPainter, square: QRectF, colour: QColor) -> None:
    _line(painter, square, colour)
    inner = _inner(square, 0.76)
    top = QPointF(inner.center().x(), inner.top())
    painter.drawPolygon(QPolygonF([top, inner.bottomRight(), inner.bottomLeft()]))


def _padlock(painter: QPainter, square: QRectF, colour: QColor) -> None:
    _line(painter, square, colour)
    side = square.width()
    shackle = QRectF(square.left() + side * 0.28, square.top() + side * 0.08, side * 0.44, side * 0.7)
    painter.drawArc(shackle, 0, 180 * 16)
    _fill(painter, colour)
    painter.drawRect(QRectF(square.left() + side * 0.15, square.top() + side * 0.45, side * 0.7, side * 0.47))


def _box(painter: QPainter, square: QRectF, colour: QColor) -> None:
    _line(painter, square, colour)
    painter.drawRect(_inner(square, 0.62))
    _dot(painter, square, colour)


def _diamond(painter: QPainter, square: QRectF, colour: QColor) -> None:
    _line(painter, square, colour)
    painter.drawPolygon(_corners(_inner(square, 0.76)))


def _filled_diamond(painter: QPainter, square: QRectF, colour: QColor) -> None:
    _fill(painter, colour)
    painter.drawPolygon(_corners(_inner(square, 0.9)))


def _corners(inner: QRectF) -> QPolygonF:
    middle = inner.center()
    return QPolygonF([
        QPointF(middle.x(), inner.top()),
        QPointF(inner.right(), middle.y()),
        QPointF(middle.x(), inner.bottom()),
        QPointF(inner.left(), middle.y()),
    ])  # fmt: skip


def _eye(painter: QPainter, square: QRectF, colour: QColor) -> None:
    _line(painter, square, colour)
    inner = _inner(square, 0.86)
    reach = inner.height() * 0.62
    lid = QPainterPath(QPointF(inner.left(), inner.center().y()))
    lid.quadTo(QPointF(inner.center().x(), inner.center().y() - reach), QPointF(inner.right(), inner.center().y()))
    lid.quadTo(QPointF(inner.center().x(), inner.center().y() + reach), QPointF(inner.left(), inner.center().y()))
    painter.drawPath(lid)
    _fill(painter, colour)
    painter.drawEllipse(_inner(square, 0.24))


def _struck_eye(painter: QPainter, square: QRectF, colour: QColor) -> None:
    _eye(painter, square, colour)
    _line(painter, square, colour)
    inner = _inner(square, 0.8)
    painter.drawLine(inner.bottomLeft(), inner.topRight())


_SHAPES: Final[dict[str, Draw]] = {
    Status.FOUND: _ring,
    Status.LOADING: _arc,
    Status.ACTIVE: _disc,
    Status.PAUSED: _bars,
    Status.SWAPPING: _halves,
    Status.FAILED: _cross,
    Status.QUARANTINED: _triangle,
    Status.UNLOADED: _dash,
    "error": _cross,
    "warning": _triangle,
    "info": _dot,
    "debug": _dash,
    "isolated": _box,
    "locked": _padlock,
    "degraded": _diamond,
    "unhealthy": _filled_diamond,
    "watched": _eye,
    "unwatched": _struck_eye,
}
