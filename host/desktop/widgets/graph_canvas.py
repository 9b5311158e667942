"""A graph to look at and walk through: boxes that take the keyboard, arrows between them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QAbstractButton, QScrollArea, QWidget

from host.desktop.theme.look import Look
from host.desktop.theme.painting import painting
from host.desktop.widgets.graph_drawing import Drawing
from host.vocabulary.graph import Graph, GraphNode


class _Box(QAbstractButton):
    """One module; pressed, it is the one to look at."""

    def __init__(self, canvas: GraphCanvas, node: GraphNode) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.node = node
        self.setObjectName(f"graph.node.{node.name}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_node(self, node: GraphNode, chosen: str) -> None:
        self.node = node
        where = self.tr("runs") if node.running else self.tr("does not run")
        needs = self.tr("needs {0}").format(chosen) if node.affected else ""
        words = (f"{node.name} {node.version}".strip(), where, needs, node.fault)
        self.setAccessibleName(", ".join(word for word in words if word))
        self.setToolTip(self.accessibleName())
        self.setGeometry(self._canvas.drawing.box(node).toAlignedRect())
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        with painting(self) as painter:
            self._canvas.drawing.paint_node(
                painter,
                self.node,
                QRectF(self.rect()),
                chosen=self.node.name == self._canvas.chosen,
                focused=self.hasFocus(),
            )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        aim = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }.get(Qt.Key(event.key()))
        if aim is not None:
            self._canvas.walk(self.node, *aim)
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        else:
            super().keyPressEvent(event)


class GraphCanvas(QWidget):
    """The picture; ``picked`` names a module that was pressed."""

    picked = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._boxes: dict[str, _Box] = {}
        self.chosen = ""
        self.setObjectName("graph.canvas")
        self.drawing = Drawing(Graph(), self.font(), look.colours)
        look.changed.connect(self._draw_again)

    def show_graph(self, graph: Graph, chosen: str) -> None:
        """Show another graph; boxes that stay keep the focus."""
        self.chosen = chosen
        self.drawing = Drawing(graph, self.font(), self._look.colours)
        nodes = {node.name: node for node in graph.nodes}
        for name in self._boxes.keys() - nodes.keys():
            box = self._boxes.pop(name)
            box.hide()
            box.setObjectName("")
            box.deleteLater()
        for name, node in nodes.items():
            if name not in self._boxes:
                self._boxes[name] = _Box(self, node)
                self._boxes[name].clicked.connect(self._pick)
                self._boxes[name].show()
            self._boxes[name].show_node(node, chosen)
        self.setFixedSize(self.drawing.size)
        self.update()

    def box(self, name: str) -> QAbstractButton | None:
        return self._boxes.get(name)

    def walk(self, start: GraphNode, across: int, down: int) -> None:
        """Put the keyboard on the nearest box in one direction, where there is one."""
        x, layer = start.spot
        if across:
            beside = [node for node in self._nodes() if node.spot[1] == layer and (node.spot[0] - x) * across > 0]
        else:
            beside = [node for node in self._nodes() if (node.spot[1] - layer) * down > 0]
        nearest = min(beside, key=lambda node: (abs(node.spot[1] - layer), abs(node.spot[0] - x)), default=None)
        if nearest is not None:
            box = self._boxes[nearest.name]
            box.setFocus(Qt.FocusReason.OtherFocusReason)
            self._reveal(box)

    def save(self, file: Path) -> None:
        """Write the picture as SVG.

        Raises:
            OSError: it cannot be written.
        """
        file.touch()
        writer = QSvgGenerator()
        writer.setFileName(str(file))
        writer.setSize(self.drawing.size)
        writer.setViewBox(self.rect())
        writer.setTitle(self.tr("Modules and what they need"))
        painter = QPainter(writer)
        painter.fillRect(self.rect(), QColor(self._look.colours.canvas))
        self.drawing.paint(painter, self.chosen)
        painter.end()

    def sizeHint(self) -> QSize:
        return self.drawing.size

    def paintEvent(self, _event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.fillRect(self.rect(), QColor(self._look.colours.canvas))
            self.drawing.paint_arrows(painter)

    def _nodes(self) -> tuple[GraphNode, ...]:
        return self.drawing.graph.nodes

    def _reveal(self, box: QWidget) -> None:
        viewport = self.parentWidget()
        area = viewport.parentWidget() if viewport else None
        if isinstance(area, QScrollArea):
            area.ensureWidgetVisible(box)

    @Slot()
    def _pick(self) -> None:
        box = self.sender()
        if isinstance(box, _Box):
            self.picked.emit(box.node.name)

    @Slot()
    def _draw_again(self) -> None:
        self.show_graph(self.drawing.graph, self.chosen)
