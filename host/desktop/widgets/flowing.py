"""A bar whose parts go on in a further row where one is too narrow for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QFrame, QLayout, QLayoutItem, QSizePolicy, QWidget

_EDGES: Final = QMargins(12, 6, 8, 6)
_SPACING: Final = 8
_LEAST_SHOWN: Final = 12
"""Characters of a text that may be cut off."""


class Flowing(QLayout):
    """Lays its widgets out in rows; what may expand takes the room that is left in its row.

    Source: Qt's example "Flow Layout" has the same idea; that one gives no room to what may expand.
    """

    def __init__(self, parent: QWidget, *, low: bool = False) -> None:
        """Make one; ``low`` widgets stand on the floor of their row, others in its middle."""
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._low = low
        self.setContentsMargins(_EDGES)
        self.setSpacing(_SPACING)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def insert(self, at: int, widget: QWidget) -> None:
        """Take a widget in, before the one that stands there."""
        self.addWidget(widget)
        self._items.insert(at, self._items.pop())
        self.invalidate()

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._lay(QRect(0, 0, width, 0), move=False)

    def sizeHint(self) -> QSize:
        shown = self._shown()
        edges = self.contentsMargins()
        width = sum(item.sizeHint().width() for item in shown) + self.spacing() * max(len(shown) - 1, 0)
        height = max((item.sizeHint().height() for item in shown), default=0)
        return QSize(width + edges.left() + edges.right(), height + edges.top() + edges.bottom())

    def minimumSize(self) -> QSize:
        edges, size = self.contentsMargins(), QSize()
        for item in self._shown():
            size = size.expandedTo(item.minimumSize())
        return size + QSize(edges.left() + edges.right(), edges.top() + edges.bottom())

    def setGeometry(self, area: QRect) -> None:
        super().setGeometry(area)
        self._lay(area, move=True)

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _rows(self, width: int) -> list[list[QLayoutItem]]:
        rows: list[list[QLayoutItem]] = [[]]
        used = 0
        for item in self._shown():
            wanted = _wanted(item)
            if rows[-1] and used + self.spacing() + wanted > width:
                rows.append([])
            used = wanted if not rows[-1] else used + self.spacing() + wanted
            rows[-1].append(item)
        return rows

    def _lay(self, area: QRect, *, move: bool) -> int:
        """Place all in rows within a width; the height that they take."""
        room = area.marginsRemoved(self.contentsMargins())
        top = room.top()
        for row in self._rows(room.width()):
            sizes = self._sizes(row, room.width())
            height = max((size.height() for size in sizes), default=0)
            left = room.left()
            for item, size in zip(row, sizes, strict=True) if move else ():
                spare = height - size.height()
                item.setGeometry(QRect(QPoint(left, top + (spare if self._low else spare // 2)), size))
                left += size.width() + self.spacing()
            top += height + self.spacing()
        edges = self.contentsMargins()
        return top - self.spacing() - room.top() + edges.top() + edges.bottom()

    def _sizes(self, row: Sequence[QLayoutItem], room: int) -> list[QSize]:
        """How large each is in a row so wide."""
        spare = room - sum(map(_wanted, row)) - self.spacing() * (len(row) - 1)
        greedy = sum(map(_greedy, row))
        widths = [min(_wanted(item) + (spare // greedy if _greedy(item) else 0), room) for item in row]
        return [QSize(width, _height(item, width)) for item, width in zip(row, widths, strict=True)]


def _greedy(item: QLayoutItem) -> bool:
    widget = item.widget()
    policy = widget.sizePolicy().horizontalPolicy() if widget is not None else QSizePolicy.Policy.Fixed
    return policy in {QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored}


def _wanted(item: QLayoutItem) -> int:
    """The width of an item in its row; one that shows what fits, and may expand, has to have some."""
    widget = item.widget()
    if widget is not None and widget.sizePolicy().horizontalPolicy() is QSizePolicy.Policy.Ignored:
        return min(widget.sizeHint().width(), widget.fontMetrics().averageCharWidth() * _LEAST_SHOWN)
    return max(item.sizeHint().width(), item.minimumSize().width())


def _height(item: QLayoutItem, width: int) -> int:
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()


def gap() -> QWidget:
    """Nothing, as wide as there is room."""
    nothing = QWidget()
    nothing.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return nothing


def flowing_bar(*widgets: QWidget, ground: str = "") -> QFrame:
    """A bar with these in it, in rows as its width allows."""
    bar = QFrame()
    if ground:
        bar.setProperty("ground", ground)
    flow = Flowing(bar)
    for widget in widgets:
        flow.addWidget(widget)
    policy = bar.sizePolicy()
    policy.setHeightForWidth(True)
    policy.setVerticalPolicy(QSizePolicy.Policy.Minimum)
    bar.setSizePolicy(policy)
    return bar
