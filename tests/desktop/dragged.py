"""A window of another program, from which a file or folder is dragged; says on stdout when it is there.

Run as ``python -m tests.desktop.dragged PATH X Y``: it stands at that place, above all others.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QLabel

SIDE = 60


class Held(QLabel):
    """What a file manager shows of a file."""

    def __init__(self, path: str) -> None:
        super().__init__("drag me")
        self._path = path
        above = Qt.WindowType.WindowStaysOnTopHint | Qt.WindowType.BypassWindowManagerHint
        self.setWindowFlags(Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint | above)
        self.setFixedSize(SIDE, SIDE)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - as Qt has it
        super().showEvent(event)
        sys.stdout.write("shown\n")
        sys.stdout.flush()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - as Qt has it
        if event.buttons() & Qt.MouseButton.LeftButton:
            drag, data = QDrag(self), QMimeData()
            data.setUrls([QUrl.fromLocalFile(self._path)])
            drag.setMimeData(data)
            sys.stdout.write(f"{drag.exec(Qt.DropAction.CopyAction).name}\n")
            sys.stdout.flush()


def main() -> int:
    path, x, y = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    application = QApplication(sys.argv[:1])
    held = Held(path)
    held.move(x, y)
    held.show()
    held.raise_()
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
