"""A sentence that leads somewhere, as long as it needs to be."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent

from host.desktop.widgets.labels import Plain


class Link(Plain):
    """Wraps, unlike a button; ``clicked`` by mouse, Return or Space."""

    clicked = Signal()

    def __init__(self, name: str) -> None:
        super().__init__(role="link", wrap=True)
        self.setObjectName(name)
        self.setContentsMargins(6, 4, 6, 4)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.clicked.emit()
        else:
            super().keyPressEvent(event)
