"""A page that scrolls where there is no room for it, and is as high as it needs where there is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget


class Scrolled(QScrollArea):
    """Holds one page of text that wraps; never scrolls sideways."""

    def __init__(self, name: str, page: QWidget) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(page.accessibleName())
        self.setProperty("ground", "none")
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._page = page
        self.setWidget(page)
        page.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()  # Qt lets the page scroll, and asks nobody for more room
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        width = max(self.viewport().width(), 1)
        return QSize(
            super().sizeHint().width(), max(self._page.heightForWidth(width), self._page.minimumSizeHint().height())
        )

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 3 * self.fontMetrics().lineSpacing())
