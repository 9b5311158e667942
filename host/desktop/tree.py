"""What the window shows, as data: the tree that assistive technology sees, as far as it is in sight."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAbstractItemView, QDockWidget, QWidget

Node = dict[str, Any]
"""``name`` (the objectName), ``role``, ``text``, ``enabled``, ``children``; ``value``, ``checked`` where there are."""


def visible_tree(window: QWidget) -> Node:
    """The window with all in it that is shown; of lists only the rows that are in sight."""
    return _node(QAccessible.queryAccessibleInterface(window))


def _node(seen: QAccessibleInterface) -> Node:
    widget: QObject | None = seen.object()  # PySide's stubs leave out that it may be none
    state = seen.state()
    node: Node = {
        "name": widget.objectName() if widget else "",
        "role": re.sub(r"(?<=[a-z])(?=[A-Z])", " ", seen.role().name).lower(),
        "text": seen.text(QAccessible.Text.Name),
        "enabled": not state.disabled,
    }
    if value := seen.text(QAccessible.Text.Value):
        node["value"] = value
    if state.checkable:
        node["checked"] = bool(state.checked)
    if isinstance(widget, QAbstractItemView):
        node["children"] = _rows(widget)
    else:
        children: Iterator[QAccessibleInterface | None] = map(seen.child, range(seen.childCount()))
        node["children"] = [_node(child) for child in children if child and _in_sight(child)]
    return node


def _in_sight(seen: QAccessibleInterface) -> bool:
    widget = seen.object()
    if isinstance(widget, QDockWidget) and widget.visibleRegion().isEmpty():  # behind another of its tabs
        return False
    return not seen.state().invisible


def _rows(view: QAbstractItemView) -> list[Node]:
    """The rows in sight, the texts of their cells joined by tabs: a list may have ten thousand."""
    rows: list[Node] = []
    index = view.indexAt(view.viewport().rect().topLeft())
    while index.isValid() and view.viewport().rect().intersects(view.visualRect(index)):
        cells = (index.siblingAtColumn(column).data() for column in range(view.model().columnCount(index.parent())))
        text = "\t".join(str(cell) for cell in cells if cell is not None)
        rows.append({"name": "", "role": "row", "text": text, "enabled": True, "children": []})
        index = view.indexAt(view.visualRect(index).bottomLeft() + QPoint(0, 1))
    return rows
