"""A flame view: who called whom, each as wide as its part of the samples; the outermost functions are on top.

Source: Brendan Gregg, "Flame graphs", https://www.brendangregg.com/flamegraphs.html, in its hanging form.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from host.desktop.theme.look import Look
from host.desktop.theme.painting import painting
from host.desktop.wording import grouped

if TYPE_CHECKING:
    from host.vocabulary.views import FlameNode

_PADDING: Final = 8
_LEAST_WIDTH: Final = 1.0
_LEAST_FOR_TEXT: Final = 24.0
_TINTS: Final = ("warn_tint", "bad_tint", "busy_tint", "good_tint")


@dataclass(frozen=True, slots=True)
class Bar:
    """A node where it stands: its edges as parts of the whole width, its depth, and the number of the bar above it."""

    left: float
    right: float
    depth: int
    node: FlameNode
    above: int = -1


def bars(roots: Sequence[FlameNode]) -> list[Bar]:
    """All nodes where they stand, each below the one that called it."""
    whole = sum(root.samples for root in roots) or 1
    laid: list[Bar] = []

    def lay(nodes: Sequence[FlameNode], left: float, depth: int, above: int) -> None:
        for node in nodes:
            right = left + node.samples / whole
            laid.append(Bar(left, right, depth, node, above))
            lay(node.children, left, depth + 1, len(laid) - 1)
            left = right

    lay(roots, 0.0, 0, -1)
    return laid


def title(node: FlameNode) -> str:
    """What a bar is called: a function by its name, a line by its number."""
    return node.name or f"line {node.line}"


def place(node: FlameNode) -> str:
    return f"{node.file}:{node.line}" if node.file else ""


class FlameView(QWidget):
    """The bars; ``chosen`` names the file and the line of one that was clicked, or chosen by arrows and Return."""

    chosen = Signal(str, int)

    def __init__(self, name: str, described: str, look: Look) -> None:
        super().__init__()
        self._look = look
        self._title = described
        self._bars: list[Bar] = []
        self._current = -1
        self.setObjectName(name)
        self.setAccessibleName(described)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self._measure)

    def sizeHint(self) -> QSize:
        rows = max((bar.depth for bar in self._bars), default=0) + 1
        return QSize(200, rows * self._row + 2)

    @property
    def shown(self) -> Sequence[Bar]:
        """All bars, those too narrow to be seen as well."""
        return self._bars

    @property
    def current(self) -> FlameNode | None:
        """The one that is pointed at, or was reached by arrows."""
        return self._bars[self._current].node if self._current >= 0 else None

    def show_nodes(self, roots: Sequence[FlameNode]) -> None:
        self._bars = bars(roots)
        self._point(-1)
        self._measure()

    def at(self, position: QPointF) -> int:
        """The number of the bar at a place; -1 where there is none."""
        depth, part = int(position.y() // self._row), position.x() / max(self.width(), 1)
        found = (at for at, bar in enumerate(self._bars) if bar.depth == depth and bar.left <= part < bar.right)
        return next(found, -1)

    def area(self, at: int) -> QRectF:
        """Where a bar is drawn."""
        bar = self._bars[at]
        left, right = bar.left * self.width(), bar.right * self.width()
        return QRectF(left, bar.depth * self._row + 1, right - left, self._row - 1)

    def words(self, at: int) -> str:
        """What is said of a bar."""
        node = self._bars[at].node
        whole = sum(bar.node.samples for bar in self._bars if bar.depth == 0)
        share = f"{node.samples / whole:.1%}"
        parts = (title(node), share, self.tr("{0} samples").format(grouped(node.samples)), place(node))
        return ", ".join(filter(None, parts))

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setClipRect(event.rect())
            colours = self._look.colours
            for at, bar in enumerate(self._bars):
                area = self.area(at)
                if area.width() < _LEAST_WIDTH or not area.intersects(QRectF(event.rect())):
                    continue
                tint = "hover" if not bar.node.name else _TINTS[bar.depth % len(_TINTS)]
                painter.fillRect(area.adjusted(0, 0, -1, 0), QColor(getattr(colours, tint)))
                painter.setPen(QPen(QColor(colours.accent if at == self._current else colours.line), 1))
                painter.drawRect(area.adjusted(0.5, 0, -1.5, -0.5))
                if area.width() >= _LEAST_FOR_TEXT:
                    room = area.adjusted(5, 0, -5, 0)
                    painter.setPen(QColor(colours.text))
                    words = f"{title(bar.node)}  {place(bar.node)}" if bar.node.name else title(bar.node)
                    words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()))
                    painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), words)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self.at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._point(self.at(event.position()))
        self._choose()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            at = self.at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.words(at) if at >= 0 else "", self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._choose()
            return
        goal = next(iter(self._beyond(event.key())), None)
        if goal is None:
            super().keyPressEvent(event)
        else:
            self._point(goal)

    def _beyond(self, key: int) -> Iterator[int]:
        """Where an arrow leads to, the nearest first."""
        if self._current < 0:
            yield from range(min(1, len(self._bars)))
            return
        here = self._bars[self._current]
        match key:
            case Qt.Key.Key_Up if here.above >= 0:
                yield here.above
            case Qt.Key.Key_Down:
                yield from (at for at, bar in enumerate(self._bars) if bar.above == self._current)
            case Qt.Key.Key_Left:
                yield from (at for at in range(self._current - 1, -1, -1) if self._bars[at].depth == here.depth)
            case Qt.Key.Key_Right:
                later = range(self._current + 1, len(self._bars))
                yield from (at for at in later if self._bars[at].depth == here.depth)

    def _point(self, at: int) -> None:
        if at != self._current:
            self._current = at
            self.setAccessibleDescription(self.words(at) if at >= 0 else "")
            self.update()

    def _choose(self) -> None:
        node = self.current
        if node is not None and node.file:
            self.chosen.emit(node.file, node.line)

    @property
    def _row(self) -> int:
        return self._look.line_height + _PADDING

    @Slot()
    def _measure(self) -> None:
        self.updateGeometry()
        self.setFixedHeight(self.sizeHint().height())
        self.update()
