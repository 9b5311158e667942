"""How a graph is drawn: on the screen, and by the same strokes into a file."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from host.desktop.theme.colours import Colours
from host.desktop.theme.glyphs import paint_glyph
from host.vocabulary.graph import Graph, GraphArrow, GraphNode, Spot, Tie

_MARGIN: Final = 20.0
_HEAD: Final = 5.0
_RADIUS: Final = 5.0


class Drawing:
    """One graph in one font and one set of colours; all places are in pixels."""

    def __init__(self, graph: Graph, font: QFont, colours: Colours) -> None:
        self.graph: Final = graph
        self._font: Final = font
        self._colours: Final = colours
        metrics = QFontMetricsF(font)
        self._line: Final = metrics.height()
        self._character: Final = metrics.averageCharWidth() * 1.1
        self._height: Final = self._line * 2 + 12
        self._step: Final = self._height + self._line * 2.6

    @property
    def size(self) -> QSize:
        """The room that all of it takes."""
        lowest = max((node.spot[1] for node in self.graph.nodes), default=0)
        across = self.graph.width * self._character + 2 * _MARGIN
        return QSize(round(across), round(lowest * self._step + self._height + 2 * _MARGIN))

    def box(self, node: GraphNode) -> QRectF:
        area = QRectF(0, 0, node.width * self._character, self._height)
        area.moveCenter(self._point(node.spot))
        return area

    def paint(self, painter: QPainter, chosen: str) -> None:
        """Paint everything; ``chosen`` is the module that it is about."""
        self.paint_arrows(painter)
        for node in self.graph.nodes:
            self.paint_node(painter, node, self.box(node), chosen=node.name == chosen)

    def paint_arrows(self, painter: QPainter) -> None:
        """Paint what is between the boxes, what is wrong last and so on top."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for arrow in sorted(self.graph.arrows, key=lambda arrow: arrow.broken or arrow.in_cycle):
            self._paint_arrow(painter, arrow)

    def paint_node(
        self, painter: QPainter, node: GraphNode, area: QRectF, *, chosen: bool = False, focused: bool = False
    ) -> None:
        """Paint one box: name above, version and tier below; a fault has a mark of its own beside its colour."""
        colours = self._colours
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = colours.bad if node.fault else colours.accent if chosen or focused else colours.frame
        pen = QPen(QColor(frame), 2.0 if node.fault or chosen or focused else 1.0)
        pen.setStyle(Qt.PenStyle.SolidLine if node.running or node.fault or chosen else Qt.PenStyle.DashLine)
        painter.setPen(pen)
        ground = colours.bad_tint if node.fault else colours.warn_tint if node.affected else colours.raised
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), _RADIUS, _RADIUS)
        if focused:
            painter.setPen(QPen(QColor(colours.text), 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(4, 4, -4, -4), _RADIUS - 2, _RADIUS - 2)
        self._paint_words(painter, node, area.adjusted(12, 6, -8, -6))

    def _paint_words(self, painter: QPainter, node: GraphNode, area: QRectF) -> None:
        if node.fault:
            mark = QRectF(area.right() - self._line * 0.8, area.top(), self._line * 0.8, self._line * 0.8)
            paint_glyph(painter, "error", mark, QColor(self._colours.bad))
        bold = QFont(self._font)
        bold.setWeight(QFont.Weight.DemiBold)
        below = f"{node.version} \u00b7 {node.tier}" if node.version else "not there"
        for at, (font, colour, text) in enumerate(
            ((bold, self._colours.text, node.name), (self._font, self._colours.muted, below))
        ):
            painter.setFont(font)
            painter.setPen(QColor(colour))
            row = QRectF(area.left(), area.top() + at * self._line, area.width(), self._line)
            shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, row.width())
            painter.drawText(row, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)

    def _paint_arrow(self, painter: QPainter, arrow: GraphArrow) -> None:
        colours = self._colours
        colour = QColor(colours.bad if arrow.broken else colours.warn if arrow.in_cycle else colours.muted)
        pen = QPen(colour, 2.0 if arrow.broken or arrow.in_cycle else 1.3)
        pen.setStyle(
            {Tie.NEEDS: Qt.PenStyle.SolidLine, Tie.USES: Qt.PenStyle.DashLine, Tie.CONFLICTS: Qt.PenStyle.DotLine}[
                arrow.tie
            ]
        )
        path, down = self._path(arrow)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        painter.setPen(QPen(colour, 2.0))
        if arrow.broken:
            _paint_cross(painter, path.pointAtPercent(0.5))
        elif arrow.in_cycle:
            painter.setBrush(QColor(colours.canvas))
            painter.drawEllipse(path.pointAtPercent(0.5), 4.0, 4.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPath(_head(path.pointAtPercent(1.0), down=down))

    def _path(self, arrow: GraphArrow) -> tuple[QPainterPath, bool]:
        """A curve from box to box, straight through the layers between; and whether it leads down.

        Two in one layer are joined by an arc below them.
        """
        points = [self._point(spot) for spot in arrow.way]
        half = QPointF(0, self._height / 2)
        if arrow.way[0][1] == arrow.way[-1][1]:
            start, end = points[0] + half, points[-1] + half
            dip = QPointF(0, self._line * 1.6)
            path = QPainterPath(start)
            path.cubicTo(start + dip, end + dip, end)
            return path, False
        down = arrow.way[-1][1] > arrow.way[0][1]
        edge = half if down else -half
        path = QPainterPath(points[0] + edge)
        here = points[0] + edge
        for before, after in pairwise(points):
            del before
            enter = after - edge
            bend = QPointF(0, (enter.y() - here.y()) / 2)
            path.cubicTo(here + bend, enter - bend, enter)
            here = enter
            if after is not points[-1]:
                here = after + edge
                path.lineTo(here)
        return path, down

    def _point(self, spot: Spot) -> QPointF:
        middle, layer = spot
        return QPointF(_MARGIN + middle * self._character, _MARGIN + self._height / 2 + layer * self._step)


def _head(tip: QPointF, *, down: bool) -> QPainterPath:
    back = -_HEAD * 1.6 if down else _HEAD * 1.6
    path = QPainterPath(tip)
    path.lineTo(tip + QPointF(-_HEAD, back))
    path.lineTo(tip + QPointF(_HEAD, back))
    path.closeSubpath()
    return path


def _paint_cross(painter: QPainter, middle: QPointF) -> None:
    for slope in (-1, 1):
        arm = QPointF(5, 5 * slope)
        painter.drawLine(middle - arm, middle + arm)
