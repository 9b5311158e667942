"""The real program, which also tells on its stdout, for each line on its stdin, what of it is seen and where.

Run as ``python -m tests.desktop.seen --data DIR --modules DIR``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from host.desktop.app import be_visited
from host.desktop.session import Session


def seen(window: QWidget) -> dict[str, list[object]]:
    """Text and centre of every named widget that is shown, and of the rows of lists as ``list/first cells``."""
    found: dict[str, list[object]] = {}
    for widget in window.findChildren(QWidget):
        if widget.objectName() and widget.isVisible() and not widget.visibleRegion().isEmpty():
            found[widget.objectName()] = [_text(widget), *_place(widget, widget.rect().center()), widget.isEnabled()]
            if isinstance(widget, QAbstractItemView):
                found |= _rows(widget)
    focused = QApplication.focusWidget()
    found["focus"] = [focused.objectName() if focused else "", 0, 0, True]
    return found


def _text(widget: QWidget) -> str:
    if isinstance(widget, QLabel | QAbstractButton | QLineEdit):
        return widget.text()
    return widget.toPlainText() if isinstance(widget, QPlainTextEdit) else widget.windowTitle()


def _place(widget: QWidget, at: QPoint) -> tuple[int, int]:
    place = widget.mapToGlobal(at) * widget.devicePixelRatio()
    return place.x(), place.y()


def _rows(view: QAbstractItemView) -> dict[str, list[object]]:
    rows: dict[str, list[object]] = {}
    index = view.indexAt(view.viewport().rect().topLeft())
    while index.isValid() and len(rows) < 200:
        cells = [
            str(index.siblingAtColumn(column).data()) for column in range(view.model().columnCount(index.parent()))
        ]
        middle = view.visualRect(index).center()
        rows[f"{view.objectName()}/{' | '.join(cells)}"] = ["", *_place(view.viewport(), middle), True]
        index = view.indexAt(view.visualRect(index).bottomLeft() + QPoint(0, 1))
    return rows


async def tell(session: Session) -> None:
    """Answer each line on stdin, until it ends; the loop must never wait for one."""
    asked = asyncio.Event()
    os.set_blocking(0, False)
    asyncio.get_running_loop().add_reader(0, asked.set)
    while True:
        await asked.wait()
        asked.clear()
        try:
            line = os.read(0, 4096)
        except BlockingIOError:  # told twice of one line
            continue
        if not line:
            break
        sys.stdout.write(f"{json.dumps(seen(session.window))}\n")
        sys.stdout.flush()
    asyncio.get_running_loop().remove_reader(0)


def main() -> int:
    data = Path(sys.argv[sys.argv.index("--data") + 1])
    command = [sys.executable, "-m", "host", "engine", *sys.argv[1:]]
    return be_visited(engine_command=command, data=data, visit=tell)


if __name__ == "__main__":
    sys.exit(main())
